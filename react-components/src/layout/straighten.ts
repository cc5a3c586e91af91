/**
 * Straight lanes: the bends of a node's long edges get one height for as many ranks as the cells around them leave room for,
 * as near as can be to the height of the node.
 */
import type { Cells } from "./cells";
import type { Layers } from "./layers";
import { apart } from "./pools";

/** Twice: a lane may have to wait for the one beside it. */
const ROUNDS = 2;

export function straighten({ nodes, size, bends, rank }: Layers, cells: Cells, line: Float64Array): void {
  if (bends === undefined) return;
  const above = (cell: number, r: number) => (cell === cells.start[r] ? -Infinity : line[cell - 1]! + apart(cells, cell));
  const below = (cell: number, r: number) => (cell + 1 === cells.start[r + 1] ? Infinity : line[cell + 1]! - apart(cells, cell + 1));
  for (let round = 0; round < ROUNDS; round++) {
    for (let node = 0; node < nodes; node++) {
      const end = bends[node + 1] ?? size;
      let wish = line[cells.of[node]!]!;
      for (let first = bends[node]!; first < end; ) {
        let [low, high] = [-Infinity, Infinity];
        let next = first;
        for (; next < end; next++) {
          const cell = cells.of[next]!;
          const [least, most] = [above(cell, rank[next]!), below(cell, rank[next]!)];
          if (next > first && Math.max(low, least) > Math.min(high, most)) break;
          [low, high] = [Math.max(low, least), Math.min(high, most)];
        }
        wish = Math.max(low, Math.min(high, wish));
        for (; first < next; first++) line[cells.of[first]!] = wish;
      }
    }
  }
}

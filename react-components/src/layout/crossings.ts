/** How many pairs of edges cross, given the order within the ranks: inversions, counted with a Fenwick tree. */
import type { Layers } from "./layers";
import { placesOf, type Rows } from "./rows";

export function crossingsOf(layers: Layers, ranks: Rows): number {
  const at = placesOf(ranks);
  const tree = new Int32Array(layers.size + 1);
  let crossings = 0;
  for (let r = 0; r + 1 < layers.ranks; r++) crossings += between(layers.right, ranks, r, at, tree);
  return crossings;
}

function between(right: Rows, { start, items }: Rows, r: number, at: Int32Array, tree: Int32Array): number {
  const [first, end, size] = [start[r]!, start[r + 1]!, start[r + 2]! - start[r + 1]!];
  let [crossings, seen] = [0, 0];
  tree.fill(0, 0, size + 1);
  for (let k = first; k < end; k++) {
    const [begin, stop] = [right.start[items[k]!]!, right.start[items[k]! + 1]!];
    for (let e = begin; e < stop; e++) {
      let before = 0;
      for (let i = at[right.items[e]!]! + 1; i > 0; i -= i & -i) before += tree[i]!;
      crossings += seen - before;
    }
    for (let e = begin; e < stop; e++) for (let i = at[right.items[e]!]! + 1; i <= size; i += i & -i) tree[i]!++;
    seen += stop - begin;
  }
  return crossings;
}

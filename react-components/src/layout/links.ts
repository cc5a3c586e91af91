/** Links: segments between cells, and how much each pulls. */
import type { Cells } from "./cells";
import type { Layers } from "./layers";

/** In compressed rows by cell, one side of it. */
export interface Links {
  readonly start: Int32Array;
  readonly items: Int32Array;
  /** While cells spread: a lane is to be straight, and tasks in a row in line. */
  readonly pull: Float64Array;
  /** While cells follow: tasks lead, bends only where there are none. */
  readonly lead: Float64Array;
  /** How many links of a cell lead. */
  readonly main: Int32Array;
}

/** Between two nodes, a node and a bend, two bends. */
const PULL = [4, 1, 8] as const;
/** What a bend weighs beside a task, while cells follow: it makes way. */
const YIELDING = 1e-4;

export function linksOf(layers: Layers, cells: Cells): { left: Links; right: Links } {
  const from = new Int32Array(layers.right.items.length);
  const to = new Int32Array(layers.right.items.length);
  for (let element = 0; element < layers.size; element++) {
    for (let i = layers.right.start[element]!; i < layers.right.start[element + 1]!; i++) {
      from[i] = cells.of[element]!;
      to[i] = cells.of[layers.right.items[i]!]!;
    }
  }
  return { right: rowsOf(cells, from, to), left: rowsOf(cells, to, from) };
}

function rowsOf({ above, bend }: Cells, from: Int32Array, to: Int32Array): Links {
  const size = above.length;
  const start = new Int32Array(size + 1);
  const main = new Int32Array(size);
  for (let i = 0; i < from.length; i++) {
    start[from[i]! + 1]!++;
    if (!bend[to[i]!]) main[from[i]!]!++;
  }
  for (let i = 0; i < size; i++) start[i + 1]! += start[i]!;
  const free = start.slice();
  const items = new Int32Array(from.length);
  const pull = new Float64Array(from.length);
  const lead = new Float64Array(from.length);
  for (let i = 0; i < from.length; i++) {
    const [cell, other] = [from[i]!, to[i]!];
    const at = free[cell]!++;
    items[at] = other;
    pull[at] = PULL[bend[cell]! + bend[other]!]!;
    lead[at] = bend[cell] ? YIELDING : main[cell] === 0 || !bend[other] ? 1 : 0;
  }
  for (let cell = 0; cell < size; cell++) if (main[cell] === 0) main[cell] = start[cell + 1]! - start[cell]!;
  return { start, items, pull, lead, main };
}

/** Swaps neighbours of a rank for as long as that leaves fewer crossings (the transpose step of Gansner and others, 1993). */
import type { Layers } from "./layers";
import { placesOf, type Rows } from "./rows";

const ROUNDS = 6;

/** Changes `ranks`; calls `moved` for each rank that it changed. */
export function swapNeighbours(layers: Layers, ranks: Rows, moved: (r: number) => void): void {
  const at = placesOf(ranks);
  for (let round = 0; round < ROUNDS; round++) {
    let better = false;
    for (let r = 0; r < layers.ranks; r++) {
      if (!swapIn(layers, ranks, r, at)) continue;
      moved(r);
      better = true;
    }
    if (!better) return;
  }
}

function swapIn({ left, right }: Layers, { start, items }: Rows, r: number, at: Int32Array): boolean {
  let swapped = false;
  for (let i = start[r]!; i + 1 < start[r + 1]!; i++) {
    const [a, b] = [items[i]!, items[i + 1]!];
    if (inverted(left, a, b, at) + inverted(right, a, b, at) <= 0) continue;
    items[i] = b;
    items[i + 1] = a;
    at[b]!--;
    at[a]!++;
    swapped = true;
  }
  return swapped;
}

/** Crossings of the edges of `a` and `b` on one side with `a` above `b`, less those with `b` above. */
function inverted(side: Rows, a: number, b: number, at: Int32Array): number {
  let balance = 0;
  for (let i = side.start[a]!; i < side.start[a + 1]!; i++) {
    for (let j = side.start[b]!; j < side.start[b + 1]!; j++) {
      balance += Math.sign(at[side.items[i]!]! - at[side.items[j]!]!);
    }
  }
  return balance;
}

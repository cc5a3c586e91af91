/** Swaps neighbours of a rank for as long as that leaves fewer crossings (the transpose step of Gansner and others, 1993). */
import type { Layers } from "./layers";
import type { Rows } from "./rows";

const ROUNDS = 6;

/** Changes `ranks`; calls `moved` for each rank that it changed. */
export function swapNeighbours(layers: Layers, ranks: readonly Int32Array[], moved: (rank: Int32Array) => void): void {
  const at = new Int32Array(layers.size);
  for (const rank of ranks) rank.forEach((element, i) => (at[element] = i));
  for (let round = 0; round < ROUNDS; round++) {
    let better = false;
    for (const rank of ranks) {
      if (!swapIn(layers, rank, at)) continue;
      moved(rank);
      better = true;
    }
    if (!better) return;
  }
}

function swapIn({ left, right }: Layers, rank: Int32Array, at: Int32Array): boolean {
  let swapped = false;
  for (let i = 0; i + 1 < rank.length; i++) {
    const [a, b] = [rank[i]!, rank[i + 1]!];
    const gain = inverted(left, a, b, at) + inverted(right, a, b, at);
    if (gain <= 0) continue;
    rank[i] = b;
    rank[i + 1] = a;
    at[b] = i;
    at[a] = i + 1;
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

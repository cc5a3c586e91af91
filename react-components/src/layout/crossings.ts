/** How many pairs of edges cross, given the order within the ranks: inversions, counted with a Fenwick tree. */
import type { Layers } from "./layers";

export function crossingsOf(layers: Layers, ranks: readonly Int32Array[]): number {
  const at = new Int32Array(layers.size);
  for (const rank of ranks) rank.forEach((element, i) => (at[element] = i));
  let crossings = 0;
  for (let r = 0; r + 1 < ranks.length; r++) crossings += between(layers, ranks[r]!, ranks[r + 1]!.length, at);
  return crossings;
}

function between({ right }: Layers, rank: Int32Array, size: number, at: Int32Array): number {
  const tree = new Int32Array(size + 1);
  let [crossings, seen] = [0, 0];
  for (const element of rank) {
    const ends = Array.from(right.items.subarray(right.start[element], right.start[element + 1]), (end) => at[end]!);
    for (const end of ends) {
      let before = 0;
      for (let i = end + 1; i > 0; i -= i & -i) before += tree[i]!;
      crossings += seen - before;
    }
    for (const end of ends) for (let i = end + 1; i <= size; i += i & -i) tree[i]!++;
    seen += ends.length;
  }
  return crossings;
}

/**
 * The order within each rank, with few crossings: a walk from the sources puts what belongs together side by side, then
 * barycentre sweeps (Sugiyama) and, in a graph that a person can take in, swaps of neighbours. Ties keep the order of
 * the input, so that equal tasks stay in the order in which they were declared and a new one moves few others.
 */
import { crossingsOf } from "./crossings";
import type { Layers } from "./layers";
import type { Rows } from "./rows";
import { swapNeighbours } from "./swap";

const SWEEPS = 12;
/** Above these sizes (elements) fewer sweeps, and no swaps: time matters more than the last crossing. */
const LARGE = 4_000;
const SMALL = 1_500;

/** The elements of each rank, from the top. */
export function orderRanks(layers: Layers): Int32Array[] {
  const ranks = firstOrder(layers);
  const place = new Float64Array(layers.size); // within its rank, from 0 to 1
  for (const rank of ranks) settle(rank, place);
  if (layers.size > LARGE) {
    sweep(ranks, layers.left, place, 1);
    sweep(ranks, layers.right, place, -1);
    sweep(ranks, layers.left, place, 1);
    return ranks;
  }
  let best = ranks.map((rank) => rank.slice());
  let fewest = crossingsOf(layers, best);
  for (let i = 0; i < SWEEPS && fewest > 0; i++) {
    if (i % 2 === 0) sweep(ranks, layers.left, place, 1);
    else sweep(ranks, layers.right, place, -1);
    if (layers.size <= SMALL) swapNeighbours(layers, ranks, (rank) => settle(rank, place));
    const crossings = crossingsOf(layers, ranks);
    if (crossings < fewest) {
      fewest = crossings;
      best = ranks.map((rank) => rank.slice());
    }
  }
  return best;
}

/** Depth first from the sources, in the order of the input: what a node feeds first comes first. */
function firstOrder({ size, rank, ranks, right, left }: Layers): Int32Array[] {
  const count = new Int32Array(ranks);
  for (const each of rank) count[each]!++;
  const found = Array.from(count, (n) => new Int32Array(n));
  count.fill(0);
  const seen = new Uint8Array(size);
  const stack: number[] = [];
  for (let source = 0; source < size; source++) {
    if (left.start[source] !== left.start[source + 1]) continue;
    stack.push(source);
    while (stack.length > 0) {
      const element = stack.pop()!;
      if (seen[element]) continue;
      seen[element] = 1;
      found[rank[element]!]![count[rank[element]!]!++] = element;
      for (let i = right.start[element + 1]! - 1; i >= right.start[element]!; i--) stack.push(right.items[i]!);
    }
  }
  return found;
}

function settle(rank: Int32Array, place: Float64Array): void {
  for (let i = 0; i < rank.length; i++) place[rank[i]!] = (i + 0.5) / rank.length;
}

/** Sorts each rank by the mean place of its neighbours on one side. An element without any keeps its place. */
function sweep(ranks: Int32Array[], side: Rows, place: Float64Array, step: 1 | -1): void {
  for (let r = step > 0 ? 0 : ranks.length - 1; r >= 0 && r < ranks.length; r += step) {
    const rank = ranks[r]!;
    if (rank.length < 2) continue;
    if (sortBy(rank, place, side)) settle(rank, place);
  }
}

function sortBy(rank: Int32Array, place: Float64Array, side: Rows): boolean {
  const key = new Float64Array(rank.length);
  let sorted = true;
  for (let i = 0; i < rank.length; i++) {
    key[i] = meanOf(side, rank[i]!, place);
    if (i > 0 && key[i]! < key[i - 1]!) sorted = false;
  }
  if (sorted) return false;
  const before = rank.slice();
  const by = Uint32Array.from(before, (_, i) => i).sort((a, b) => key[a]! - key[b]! || a - b);
  for (let i = 0; i < rank.length; i++) rank[i] = before[by[i]!]!;
  return true;
}

function meanOf(side: Rows, element: number, place: Float64Array): number {
  const start = side.start[element]!;
  const end = side.start[element + 1]!;
  if (start === end) return place[element]!;
  let sum = 0;
  for (let i = start; i < end; i++) sum += place[side.items[i]!]!;
  return sum / (end - start);
}

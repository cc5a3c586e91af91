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
export function orderRanks(layers: Layers): Rows {
  const ranks = firstOrder(layers);
  const place = new Float64Array(layers.size); // within its rank, from 0 to 1
  for (let r = 0; r < layers.ranks; r++) settle(ranks, r, place);
  if (layers.size > LARGE) {
    sweep(ranks, layers.left, place, 1);
    sweep(ranks, layers.right, place, -1);
    sweep(ranks, layers.left, place, 1);
    return ranks;
  }
  let best = ranks.items.slice();
  let fewest = crossingsOf(layers, ranks);
  for (let i = 0; i < SWEEPS && fewest > 0; i++) {
    if (i % 2 === 0) sweep(ranks, layers.left, place, 1);
    else sweep(ranks, layers.right, place, -1);
    if (layers.size <= SMALL) swapNeighbours(layers, ranks, (r) => settle(ranks, r, place));
    const crossings = crossingsOf(layers, ranks);
    if (crossings < fewest) {
      fewest = crossings;
      best = ranks.items.slice();
    }
  }
  return { start: ranks.start, items: best };
}

/** Depth first from the sources, in the order of the input: what a node feeds first comes first. */
function firstOrder({ size, rank, ranks, right, left }: Layers): Rows {
  const start = new Int32Array(ranks + 1);
  for (const each of rank) start[each + 1]!++;
  for (let r = 0; r < ranks; r++) start[r + 1]! += start[r]!;
  const free = start.slice();
  const items = new Int32Array(size);
  const seen = new Uint8Array(size);
  const stack: number[] = [];
  for (let source = 0; source < size; source++) {
    if (left.start[source] !== left.start[source + 1]) continue;
    stack.push(source);
    while (stack.length > 0) {
      const element = stack.pop()!;
      if (seen[element]) continue;
      seen[element] = 1;
      items[free[rank[element]!]!++] = element;
      for (let i = right.start[element + 1]! - 1; i >= right.start[element]!; i--) stack.push(right.items[i]!);
    }
  }
  return { start, items };
}

function settle({ start, items }: Rows, r: number, place: Float64Array): void {
  const [first, end] = [start[r]!, start[r + 1]!];
  for (let i = first; i < end; i++) place[items[i]!] = (i - first + 0.5) / (end - first);
}

/** Sorts each rank by the mean place of its neighbours on one side. An element without any keeps its place. */
function sweep(ranks: Rows, side: Rows, place: Float64Array, step: 1 | -1): void {
  const count = ranks.start.length - 1;
  const key = new Float64Array(place.length);
  for (let r = step > 0 ? 0 : count - 1; r >= 0 && r < count; r += step) {
    if (sortRank(ranks, r, key, place, side)) settle(ranks, r, place);
  }
}

function sortRank({ start, items }: Rows, r: number, key: Float64Array, place: Float64Array, side: Rows): boolean {
  const [first, end] = [start[r]!, start[r + 1]!];
  if (end - first < 2) return false;
  let sorted = true;
  for (let i = first; i < end; i++) {
    const element = items[i]!;
    key[element] = meanOf(side, element, place);
    if (i > first && key[element] < key[items[i - 1]!]!) sorted = false;
  }
  if (sorted) return false;
  const rank = items.subarray(first, end);
  rank.set(Array.from(rank).sort((a, b) => key[a]! - key[b]!)); // stable
  return true;
}

function meanOf(side: Rows, element: number, place: Float64Array): number {
  const [start, end] = [side.start[element]!, side.start[element + 1]!];
  if (start === end) return place[element]!;
  let sum = 0;
  for (let i = start; i < end; i++) sum += place[side.items[i]!]!;
  return sum / (end - start);
}

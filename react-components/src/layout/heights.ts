/**
 * Heights of cells: each as near as the order allows to the middle of its neighbours. For one rank that is a least squares
 * problem with an order, solved exactly by pooling adjacent violators; sweeps to and fro carry it through the graph.
 */
import type { Cells } from "./cells";
import type { Layers } from "./layers";
import { LANE_GAP, ROW_GAP } from "./measures";

const SWEEPS = 8;
const SWEEPS_OF_LARGE = 4;
const LARGE = 4_000;
/** How much a segment pulls: one between two bends must be straight, one to a node ought to be. */
const PULL = [1, 3, 9] as const;

/** The middle of each cell. */
export function heightsOf(layers: Layers, cells: Cells): Float64Array {
  const links = linksOf(layers, cells);
  const middle = stacked(cells);
  const sweeps = layers.size > LARGE ? SWEEPS_OF_LARGE : SWEEPS;
  const ranks = cells.start.length - 1;
  for (let i = 0; i < sweeps; i++) {
    for (let r = 1; r < ranks; r++) settle(cells, r, middle, [links.left]);
    for (let r = ranks - 2; r >= 0; r--) settle(cells, r, middle, [links.right]);
  }
  for (let r = 0; r < ranks; r++) settle(cells, r, middle, [links.left, links.right]);
  for (let r = 1; r < ranks; r++) settle(cells, r, middle, [links.left]);
  return middle;
}

/** Segments between cells, in compressed rows, with what each pulls. */
interface Links {
  readonly start: Int32Array;
  readonly items: Int32Array;
  readonly pull: Float64Array;
}

function linksOf(layers: Layers, cells: Cells): { left: Links; right: Links } {
  const from: number[] = [];
  const to: number[] = [];
  for (let element = 0; element < layers.size; element++) {
    for (let i = layers.right.start[element]!; i < layers.right.start[element + 1]!; i++) {
      from.push(cells.of[element]!);
      to.push(cells.of[layers.right.items[i]!]!);
    }
  }
  return { right: links(cells, from, to), left: links(cells, to, from) };
}

function links(cells: Cells, from: readonly number[], to: readonly number[]): Links {
  const start = new Int32Array(cells.height.length + 1);
  for (const cell of from) start[cell + 1]!++;
  for (let i = 0; i < cells.height.length; i++) start[i + 1]! += start[i]!;
  const free = start.slice();
  const items = new Int32Array(from.length);
  const pull = new Float64Array(from.length);
  for (let i = 0; i < from.length; i++) {
    const at = free[from[i]!]!++;
    items[at] = to[i]!;
    pull[at] = PULL[cells.bend[from[i]!]! + cells.bend[to[i]!]!]!;
  }
  return { start, items, pull };
}

/** The first heights: each rank one under another, around a middle line. */
function stacked(cells: Cells): Float64Array {
  const middle = new Float64Array(cells.height.length);
  for (let r = 0; r + 1 < cells.start.length; r++) {
    const [first, end] = [cells.start[r]!, cells.start[r + 1]!];
    for (let i = first + 1; i < end; i++) middle[i] = middle[i - 1]! + apart(cells, i);
    const half = (middle[end - 1]! - middle[first]!) / 2;
    for (let i = first; i < end; i++) middle[i]! -= half;
  }
  return middle;
}

/** The least distance between the middles of a cell and the one above it. */
function apart(cells: Cells, cell: number): number {
  const gap = cells.bend[cell] || cells.bend[cell - 1] ? LANE_GAP : ROW_GAP;
  return (cells.height[cell - 1]! + cells.height[cell]!) / 2 + gap;
}

/** Moves the cells of a rank to the least sum of squared distances from where their neighbours pull them. */
function settle(cells: Cells, r: number, middle: Float64Array, sides: readonly Links[]): void {
  const [first, end] = [cells.start[r]!, cells.start[r + 1]!];
  const pools: { sum: number; weight: number; last: number }[] = [];
  let offset = 0;
  const offsets = new Float64Array(end - first);
  for (let cell = first; cell < end; cell++) {
    if (cell > first) offset += apart(cells, cell);
    offsets[cell - first] = offset;
    let [sum, weight] = [0, 0];
    for (const side of sides) {
      for (let i = side.start[cell]!; i < side.start[cell + 1]!; i++) {
        sum += middle[side.items[i]!]! * side.pull[i]!;
        weight += side.pull[i]!;
      }
    }
    if (weight === 0) [sum, weight] = [middle[cell]! * 0.01, 0.01];
    let pool = { sum: sum - offset * weight, weight, last: cell };
    for (let above = pools.at(-1); above && above.sum / above.weight >= pool.sum / pool.weight; above = pools.at(-1)) {
      pool = { sum: above.sum + pool.sum, weight: above.weight + pool.weight, last: cell };
      pools.pop();
    }
    pools.push(pool);
  }
  let cell = first;
  for (const pool of pools) for (; cell <= pool.last; cell++) middle[cell] = pool.sum / pool.weight + offsets[cell - first]!;
}

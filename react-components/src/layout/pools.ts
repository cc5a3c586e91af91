/** The cells of one rank, as near as the order allows to where they are pulled: least squares by pooling adjacent violators. */
import type { Cells } from "./cells";
import type { Links } from "./links";
import { LANE_GAP, ROW_GAP } from "./measures";

/** The least distance between the lines of a cell and the one above it. */
export function apart(cells: Cells, cell: number): number {
  const gap = cells.bend[cell] || cells.bend[cell - 1] ? LANE_GAP : ROW_GAP;
  return cells.below[cell - 1]! + cells.above[cell]! + gap;
}

/** Pools, as a stack: the weighted sum of where its cells want its top to be, its weight, its last cell. Kept from call to call. */
const sums: number[] = [];
const weights: number[] = [];
const lasts: number[] = [];

/** Adds, for a cell, the links of a side, each with its pull. */
export type Pulls = (cell: number, add: (side: Links, cell: number, pull: Float64Array) => void) => void;

/** Moves the cells of rank `r`. One that nothing pulls stays with the weight `still`: where it is light, it makes way. */
export function settle(cells: Cells, r: number, line: Float64Array, pulls: Pulls, still: number): void {
  const [first, end] = [cells.start[r]!, cells.start[r + 1]!];
  let [offset, pools, sum, weight] = [0, 0, 0, 0];
  const add = ({ start, items }: Links, cell: number, pull: Float64Array) => {
    for (let i = start[cell]!; i < start[cell + 1]!; i++) {
      sum += line[items[i]!]! * pull[i]!;
      weight += pull[i]!;
    }
  };
  for (let cell = first; cell < end; cell++) {
    if (cell > first) offset += apart(cells, cell);
    sum = weight = 0;
    pulls(cell, add);
    if (weight === 0) [sum, weight] = [line[cell]! * still, still];
    sum -= offset * weight;
    while (pools > 0 && sums[pools - 1]! * weight >= sum * weights[pools - 1]!) {
      pools--;
      sum += sums[pools]!;
      weight += weights[pools]!;
    }
    sums[pools] = sum;
    weights[pools] = weight;
    lasts[pools++] = cell;
  }
  spread(cells, first, line, pools);
}

function spread(cells: Cells, first: number, line: Float64Array, pools: number): void {
  let [cell, offset] = [first, 0];
  for (let pool = 0; pool < pools; pool++) {
    const top = sums[pool]! / weights[pool]!;
    for (; cell <= lasts[pool]!; cell++) {
      if (cell > first) offset += apart(cells, cell);
      line[cell] = top + offset;
    }
  }
}

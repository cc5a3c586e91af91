/**
 * Heights of cells. In one rank, to be as near to one's neighbours as the order allows is a least squares problem, which pooling adjacent
 * violators solves exactly; sweeps to and fro carry it through the graph. That spreads slopes over whole chains. So the last sweeps let
 * each cell follow one side: a task that many lead to stands in their middle, one in a row is in line with the one before it. Lanes
 * of long edges give way to tasks, and are made straight at the end.
 */
import type { Cells } from "./cells";
import type { Layers } from "./layers";
import { linksOf } from "./links";
import { apart, settle, type Pulls } from "./pools";
import { straighten } from "./straighten";

/** Sweeps to and fro, to spread and then to follow; of graphs with more elements than `LARGE`, too. */
const SPREAD = 6;
const FOLLOW = 3;
const LARGE = 4_000;
const SPREAD_LARGE = 2;
const FOLLOW_LARGE = 1;
/** What cells that nothing pulls weigh: usually they make way, at the end what stands well stays. */
const LIGHT = 1e-3;
const HEAVY = 1e3;

/** The line of each cell: where its edges meet it. */
export function heightsOf(layers: Layers, cells: Cells): Float64Array {
  const { left, right } = linksOf(layers, cells);
  const line = stacked(cells);
  const large = layers.size > LARGE;
  for (let i = 0; i < (large ? SPREAD_LARGE : SPREAD); i++) {
    sweep(cells, line, 1, (cell, add) => add(left, cell, left.pull));
    sweep(cells, line, -1, (cell, add) => add(right, cell, right.pull));
  }
  const follow = (step: 1 | -1) =>
    sweep(cells, line, step, (cell, add) => {
      const lean = cells.bend[cell] ? 0 : left.main[cell]! - right.main[cell]!;
      const tie = left.main[cell] === 1 || right.main[cell] === 0 || cells.bend[cell] ? step : 0;
      if (lean > 0 || (lean === 0 && tie >= 0)) add(left, cell, left.lead);
      if (lean < 0 || (lean === 0 && tie <= 0)) add(right, cell, right.lead);
    });
  for (let i = 0; i < (large ? FOLLOW_LARGE : FOLLOW); i++) {
    follow(1);
    follow(-1);
  }
  follow(1);
  sweep(cells, line, -1, (cell, add) => (cells.bend[cell] || left.main[cell]! >= right.main[cell]! ? undefined : add(right, cell, right.lead)), HEAVY);
  straighten(layers, cells, line);
  return line;
}

function sweep(cells: Cells, line: Float64Array, step: 1 | -1, pulls: Pulls, still = LIGHT): void {
  const ranks = cells.start.length - 1;
  for (let r = step > 0 ? 0 : ranks - 1; r >= 0 && r < ranks; r += step) settle(cells, r, line, pulls, still);
}

/** The first heights: each rank one under another, around a middle line. */
function stacked(cells: Cells): Float64Array {
  const line = new Float64Array(cells.above.length);
  for (let r = 0; r + 1 < cells.start.length; r++) {
    const [first, end] = [cells.start[r]!, cells.start[r + 1]!];
    for (let i = first + 1; i < end; i++) line[i] = line[i - 1]! + apart(cells, i);
    const half = (line[end - 1]! - line[first]!) / 2;
    for (let i = first; i < end; i++) line[i]! -= half;
  }
  return line;
}

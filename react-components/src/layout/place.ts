/** Coordinates of a connected graph whose ranks are in order: a column for each rank, and heights by `heights.ts`. */
import { cellsOf, type Cells } from "./cells";
import { heightsOf } from "./heights";
import type { Layers } from "./layers";
import { COLUMN_GAP, RANK_GAP, RANK_GAP_MOST, ROW_GAP } from "./measures";
import type { Arranged, Flat, Rows } from "./rows";
import { waysOf } from "./ways";
import type { Block } from "./wrap";

export function place(layers: Layers, ranks: Rows, flat: Flat): Arranged {
  const cells = cellsOf(layers, ranks, flat);
  const line = heightsOf(layers, cells);
  const bottom = moveUp(cells, line);
  const left = leftOf(layers, ranks, cells, line);
  const x = new Float64Array(layers.nodes);
  const y = new Float64Array(layers.nodes);
  for (let r = 0; r < layers.ranks; r++) {
    const block = cells.blocks.get(r);
    if (block !== undefined) placeBlock(cells, r, block, left[r]!, line, flat, x, y);
    else {
      for (let i = cells.members.start[r]!; i < cells.members.start[r + 1]!; i++) {
        const node = cells.members.items[i]!;
        x[node] = left[r]!;
        y[node] = line[cells.of[node]!]! - flat.port[node]!;
      }
    }
  }
  const last = layers.ranks - 1;
  return { x, y, ways: waysOf(layers, cells, flat, left, line), width: left[last]! + cells.width[last]!, height: bottom };
}

function placeBlock(
  { members, of }: Cells,
  r: number,
  block: Block,
  left: number,
  line: Float64Array,
  flat: Flat,
  x: Float64Array,
  y: Float64Array,
): void {
  let [column, columnLeft, top] = [-1, left, 0];
  for (let i = members.start[r]!; i < members.start[r + 1]!; i++) {
    const node = members.items[i]!;
    if (i - members.start[r]! === block.starts[column + 1]) {
      if (column >= 0) columnLeft += block.widths[column]! + COLUMN_GAP;
      column++;
      top = line[of[node]!]! - block.height / 2;
    }
    x[node] = columnLeft;
    y[node] = top;
    top += flat.height[node]! + ROW_GAP;
  }
}

/** Moves everything so that the highest cell is at the top, lines on whole pixels, so that they are sharp. Returns where the lowest one ends. */
function moveUp(cells: Cells, line: Float64Array): number {
  let [top, bottom] = [Infinity, 0];
  const count = cells.start[cells.start.length - 1]!;
  for (let i = 0; i < count; i++) {
    line[i] = Math.round(line[i]!);
    top = Math.min(top, line[i]! - cells.above[i]!);
  }
  for (let i = 0; i < count; i++) {
    line[i]! -= Math.floor(top);
    bottom = Math.max(bottom, line[i]! + cells.below[i]!);
  }
  return Math.ceil(bottom);
}

/** Where each rank begins. Steep edges get more room, so that one can see which is which. */
function leftOf(layers: Layers, ranks: Rows, cells: Cells, line: Float64Array): Float64Array {
  const left = new Float64Array(layers.ranks);
  for (let r = 0; r + 1 < layers.ranks; r++) {
    let steepest = 0;
    for (let k = ranks.start[r]!; k < ranks.start[r + 1]!; k++) {
      const element = ranks.items[k]!;
      for (let i = layers.right.start[element]!; i < layers.right.start[element + 1]!; i++) {
        const climb = Math.abs(line[cells.of[element]!]! - line[cells.of[layers.right.items[i]!]!]!);
        steepest = Math.max(steepest, climb);
      }
    }
    const gap = Math.min(RANK_GAP_MOST, RANK_GAP + Math.floor(steepest / 100) * 8);
    left[r + 1] = left[r]! + cells.width[r]! + gap;
  }
  return left;
}

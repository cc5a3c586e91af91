/** Coordinates of a connected graph whose ranks are in order: a column for each rank, and heights by `heights.ts`. */
import { cellsOf, type Cells } from "./cells";
import { heightsOf } from "./heights";
import type { Layers } from "./layers";
import { COLUMN_GAP, RANK_GAP, RANK_GAP_MOST, ROW_GAP } from "./measures";
import type { Arranged, Flat } from "./rows";
import { waysOf } from "./ways";

export function place(layers: Layers, ranks: readonly Int32Array[], flat: Flat): Arranged {
  const cells = cellsOf(layers, ranks, flat);
  const line = heightsOf(layers, cells);
  const bottom = moveUp(cells, line);
  const left = leftOf(layers, ranks, cells, line);
  const x = new Float64Array(layers.nodes);
  const y = new Float64Array(layers.nodes);
  ranks.forEach((_, r) => {
    if (cells.blocks[r] !== undefined) return placeBlock(cells, r, left[r]!, line, flat, x, y);
    for (const node of cells.members[r]!) {
      x[node] = left[r]!;
      y[node] = line[cells.of[node]!]! - flat.port[node]!;
    }
  });
  const last = ranks.length - 1;
  return { x, y, ways: waysOf(layers, cells, flat, left, line), width: left[last]! + cells.width[last]!, height: bottom };
}

function placeBlock(cells: Cells, r: number, left: number, line: Float64Array, flat: Flat, x: Float64Array, y: Float64Array): void {
  const block = cells.blocks[r]!;
  let [column, columnLeft, top] = [-1, left, 0];
  cells.members[r]!.forEach((node, i) => {
    if (i === block.starts[column + 1]) {
      if (column >= 0) columnLeft += block.widths[column]! + COLUMN_GAP;
      column++;
      top = line[cells.of[node]!]! - block.height / 2;
    }
    x[node] = columnLeft;
    y[node] = top;
    top += flat.height[node]! + ROW_GAP;
  });
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
function leftOf(layers: Layers, ranks: readonly Int32Array[], cells: Cells, line: Float64Array): Float64Array {
  const left = new Float64Array(ranks.length);
  for (let r = 0; r + 1 < ranks.length; r++) {
    let steepest = 0;
    for (const element of ranks[r]!) {
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

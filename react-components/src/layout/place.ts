/** Coordinates of a connected graph whose ranks are in order: a column for each rank, and heights by `heights.ts`. */
import { cellsOf, type Cells } from "./cells";
import { heightsOf } from "./heights";
import type { Layers } from "./layers";
import { COLUMN_GAP, RANK_GAP, RANK_GAP_MOST, ROW_GAP } from "./measures";
import type { Arranged } from "./rows";

export function place(layers: Layers, ranks: readonly Int32Array[], width: ArrayLike<number>, height: ArrayLike<number>): Arranged {
  const cells = cellsOf(layers, ranks, width, height);
  const middle = heightsOf(layers, cells);
  const left = leftOf(layers, ranks, cells, middle);
  const x = new Float64Array(layers.nodes);
  const y = new Float64Array(layers.nodes);
  cells.members.forEach((nodes, r) => {
    const block = cells.blocks[r];
    if (block === undefined) {
      for (const node of nodes) {
        x[node] = left[r]!;
        y[node] = middle[cells.of[node]!]! - height[node]! / 2;
      }
      return;
    }
    let [column, columnLeft, top] = [-1, left[r]! - COLUMN_GAP, 0];
    nodes.forEach((node, i) => {
      if (i === block.starts[column + 1]) {
        columnLeft += column < 0 ? COLUMN_GAP : block.widths[column]! + COLUMN_GAP;
        column++;
        top = middle[cells.of[node]!]! - block.height / 2;
      }
      x[node] = columnLeft;
      y[node] = top;
      top += height[node]! + ROW_GAP;
    });
  });
  return moved(x, y, left[ranks.length - 1]! + cells.width[ranks.length - 1]!, height);
}

/** Puts the highest node at the top. */
function moved(x: Float64Array, y: Float64Array, width: number, height: ArrayLike<number>): Arranged {
  let [top, bottom] = [Infinity, -Infinity];
  for (let i = 0; i < y.length; i++) {
    top = Math.min(top, y[i]!);
    bottom = Math.max(bottom, y[i]! + height[i]!);
  }
  for (let i = 0; i < y.length; i++) y[i] = Math.round(y[i]! - top);
  return { x, y, width, height: Math.round(bottom - top) };
}

/** Where each rank begins. Steep edges get more room, so that one can see which is which. */
function leftOf(layers: Layers, ranks: readonly Int32Array[], cells: Cells, middle: Float64Array): Float64Array {
  const left = new Float64Array(ranks.length);
  for (let r = 0; r + 1 < ranks.length; r++) {
    let steepest = 0;
    for (const element of ranks[r]!) {
      for (let i = layers.right.start[element]!; i < layers.right.start[element + 1]!; i++) {
        const climb = Math.abs(middle[cells.of[element]!]! - middle[cells.of[layers.right.items[i]!]!]!);
        steepest = Math.max(steepest, climb);
      }
    }
    const gap = Math.min(RANK_GAP_MOST, RANK_GAP + Math.floor(steepest / 100) * 8);
    left[r + 1] = left[r]! + cells.width[r]! + gap;
  }
  return left;
}

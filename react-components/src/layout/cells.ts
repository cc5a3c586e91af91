/**
 * Cells: what takes up height in a rank, once it is known which ranks are wrapped. A node is a cell, so is a bend of a long edge;
 * a wrapped rank is one cell, as high as its block.
 */
import type { Layers } from "./layers";
import { COLUMN_GAP, RANK_GAP, ROW_GAP } from "./measures";
import { columnsOf, heightLimit, type Block } from "./wrap";

export interface Cells {
  /** Of each element. */
  readonly of: Int32Array;
  readonly height: Float64Array;
  readonly bend: Uint8Array;
  /** Cells of each rank, from the top: from `start[r]` up to `start[r + 1]`. */
  readonly start: Int32Array;
  /** Width of each rank, and its block if it is wrapped. */
  readonly width: Float64Array;
  readonly blocks: readonly (Block | undefined)[];
  /** The nodes of each rank, from the top. */
  readonly members: readonly Int32Array[];
}

export function cellsOf(layers: Layers, ranks: readonly Int32Array[], width: ArrayLike<number>, height: ArrayLike<number>): Cells {
  const members = ranks.map((rank) => rank.filter((element) => element < layers.nodes));
  const runs = members.map((nodes) => ({
    width: Float64Array.from(nodes, (node) => width[node]!),
    height: Float64Array.from(nodes, (node) => height[node]!),
  }));
  const most = heightLimit(runs, RANK_GAP * (ranks.length - 1), ROW_GAP, COLUMN_GAP);
  const columns = runs.map((run) => columnsOf(run, most, ROW_GAP, COLUMN_GAP));
  const of = new Int32Array(layers.size);
  const start = new Int32Array(ranks.length + 1);
  const heights: number[] = [];
  const bend: number[] = [];
  ranks.forEach((rank, r) => {
    const block = columns[r]!;
    if (block.starts.length > 1) {
      for (const element of rank) of[element] = heights.length;
      heights.push(block.height);
      bend.push(0);
    } else {
      for (const element of rank) {
        of[element] = heights.length;
        const node = element < layers.nodes;
        heights.push(node ? height[element]! : 0);
        bend.push(node ? 0 : 1);
      }
    }
    start[r + 1] = heights.length;
  });
  return {
    of,
    height: Float64Array.from(heights),
    bend: Uint8Array.from(bend),
    start,
    width: Float64Array.from(columns, (block) => block.width),
    blocks: columns.map((block) => (block.starts.length > 1 ? block : undefined)),
    members,
  };
}

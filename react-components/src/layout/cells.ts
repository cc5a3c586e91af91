/**
 * Cells: what takes up height in a rank, once it is known which ranks are wrapped. A node is a cell, and so is a bend of a long edge.
 * The nodes of a wrapped rank are one cell, as high as their block; the bends of that rank go above it or below it.
 */
import type { Layers } from "./layers";
import { COLUMN_GAP, RANK_GAP, ROW_GAP } from "./measures";
import type { Flat } from "./rows";
import { columnsOf, heightLimit, type Block } from "./wrap";

export interface Cells {
  /** Of each element. */
  readonly of: Int32Array;
  /** What a cell needs above and below the line that its edges are on. */
  readonly above: Float64Array;
  readonly below: Float64Array;
  readonly bend: Uint8Array;
  /** Cells of each rank, from the top: from `start[r]` up to `start[r + 1]`. */
  readonly start: Int32Array;
  /** Width of each rank, and its block if it is wrapped. */
  readonly width: Float64Array;
  readonly blocks: readonly (Block | undefined)[];
  /** The nodes of each rank, from the top. */
  readonly members: readonly Int32Array[];
}

export function cellsOf(layers: Layers, ranks: readonly Int32Array[], flat: Flat): Cells {
  const members = ranks.map((rank) => rank.filter((element) => element < layers.nodes));
  const runs = members.map((nodes) => ({ width: pick(flat.width, nodes), height: pick(flat.height, nodes) }));
  const most = heightLimit(runs, RANK_GAP * (ranks.length - 1), ROW_GAP, COLUMN_GAP);
  const of = new Int32Array(layers.size);
  const start = new Int32Array(ranks.length + 1);
  const above = new Float64Array(layers.size);
  const below = new Float64Array(layers.size);
  const bend = new Uint8Array(layers.size);
  const width = new Float64Array(ranks.length);
  let count = 0;
  const blocks = ranks.map((rank, r) => {
    const run = runs[r]!;
    const block = columnsOf(run, most, ROW_GAP, COLUMN_GAP);
    width[r] = block.width;
    const wrapped = block.starts.length > 1;
    const half = run.height.length / 2;
    let [passed, own] = [0, -1];
    for (const element of rank) {
      const node = element < layers.nodes;
      if (node) passed++;
      if (wrapped && own < 0 && passed >= half) {
        own = count++;
        above[own] = below[own] = block.height / 2;
      }
      if (wrapped && node) continue;
      const cell = (of[element] = count++);
      above[cell] = node ? flat.port[element]! : 0;
      below[cell] = node ? flat.height[element]! - flat.port[element]! : 0;
      bend[cell] = node ? 0 : 1;
    }
    if (wrapped) for (const node of members[r]!) of[node] = own;
    start[r + 1] = count;
    return wrapped ? block : undefined;
  });
  return { of, above, below, bend, start, width, blocks, members };
}

function pick(sizes: ArrayLike<number>, nodes: Int32Array): Float64Array {
  const picked = new Float64Array(nodes.length);
  for (let i = 0; i < nodes.length; i++) picked[i] = sizes[nodes[i]!]!;
  return picked;
}

/**
 * Cells: what takes up height in a rank, once it is known which ranks are wrapped. A node is a cell, and so is a bend of a long edge.
 * The nodes of a wrapped rank are one cell, as high as their block; the bends of that rank go above it or below it.
 */
import type { Layers } from "./layers";
import { RANK_GAP, ROW_GAP } from "./measures";
import type { Flat, Rows } from "./rows";
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
  /** Width of each rank. */
  readonly width: Float64Array;
  /** The ranks that are wrapped. */
  readonly blocks: ReadonlyMap<number, Block>;
  /** The nodes of each rank, from the top. */
  readonly members: Rows;
}

export function cellsOf(layers: Layers, ranks: Rows, flat: Flat): Cells {
  const members = nodesOf(layers, ranks);
  const width = new Float64Array(layers.ranks);
  const blocks = wrapped(layers, members, flat, width);
  const of = new Int32Array(layers.size);
  const start = new Int32Array(layers.ranks + 1);
  const above = new Float64Array(layers.size);
  const below = new Float64Array(layers.size);
  const bend = new Uint8Array(layers.size);
  let count = 0;
  for (let r = 0; r < layers.ranks; r++) {
    const block = blocks.get(r);
    const half = (members.start[r + 1]! - members.start[r]!) / 2;
    let [passed, own] = [0, -1];
    for (let i = ranks.start[r]!; i < ranks.start[r + 1]!; i++) {
      const element = ranks.items[i]!;
      const node = element < layers.nodes;
      if (node) passed++;
      if (block !== undefined && own < 0 && passed >= half) {
        own = count++;
        above[own] = below[own] = block.height / 2;
      }
      if (block !== undefined && node) continue;
      const cell = (of[element] = count++);
      above[cell] = node ? flat.port[element]! : 0;
      below[cell] = node ? flat.height[element]! - flat.port[element]! : 0;
      bend[cell] = node ? 0 : 1;
    }
    if (block !== undefined) for (let i = members.start[r]!; i < members.start[r + 1]!; i++) of[members.items[i]!] = own;
    start[r + 1] = count;
  }
  return { of, above, below, bend, start, width, blocks, members };
}

function nodesOf({ nodes, ranks: count }: Layers, ranks: Rows): Rows {
  const start = new Int32Array(count + 1);
  const items = new Int32Array(nodes);
  let end = 0;
  for (let r = 0; r < count; r++) {
    for (let i = ranks.start[r]!; i < ranks.start[r + 1]!; i++) if (ranks.items[i]! < nodes) items[end++] = ranks.items[i]!;
    start[r + 1] = end;
  }
  return { start, items };
}

/** The blocks of the ranks that are too high, and into `width` the width of every rank. */
function wrapped({ ranks }: Layers, { start, items }: Rows, flat: Flat, width: Float64Array): Map<number, Block> {
  const height = new Float64Array(ranks).fill(-ROW_GAP);
  for (let r = 0; r < ranks; r++) {
    for (let i = start[r]!; i < start[r + 1]!; i++) {
      width[r] = Math.max(width[r]!, flat.width[items[i]!]!);
      height[r]! += flat.height[items[i]!]! + ROW_GAP;
    }
  }
  const most = heightLimit({ width, height }, RANK_GAP * (ranks - 1));
  const blocks = new Map<number, Block>();
  for (let r = 0; r < ranks; r++) {
    if (height[r]! <= most) continue;
    const nodes = items.subarray(start[r], start[r + 1]);
    const block = columnsOf({ width: pick(flat.width, nodes), height: pick(flat.height, nodes) }, most, ROW_GAP);
    if (block.starts.length < 2) continue;
    blocks.set(r, block);
    width[r] = block.width;
  }
  return blocks;
}

function pick(sizes: ArrayLike<number>, nodes: Int32Array): number[] {
  return Array.from(nodes, (node) => sizes[node]!);
}

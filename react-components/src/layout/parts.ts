/** A scope that falls into parts which are not connected: each is laid out on its own, then they are packed under each other. */
import { layersOf } from "./layers";
import { COLUMN_GAP, FITS, PART_GAP, ROW_GAP } from "./measures";
import { orderRanks } from "./order";
import { place } from "./place";
import { rankNodes } from "./rank";
import type { Arranged, Flat, Way } from "./rows";
import { columnsOf, heightLimit, type Block, type Run } from "./wrap";

export function arrange(flat: Flat): Arranged {
  const parts = partsOf(flat);
  const only = parts[0];
  if (only !== undefined && parts.length === 1 && only.length > 1) return arrangePart(flat);
  const x = new Float64Array(flat.width.length);
  const y = new Float64Array(flat.width.length);
  const ways: Way[] = [];
  const cuts = cut(flat, parts);
  const inside = remembering(arrangePart);
  const connected = parts.flatMap((part, i) => (part.length > 1 ? [{ part, edges: cuts[i]!.edges, inside: inside(cuts[i]!) }] : []));
  const loose = parts.filter((part) => part.length === 1).map((part) => part[0]!);
  const sizes: Run = {
    width: connected.map(({ inside }) => inside.width),
    height: connected.map(({ inside }) => inside.height),
  };
  const above = pack(sizes, PART_GAP, limitOf(sizes, PART_GAP), (i, left, top) => {
    const { part, edges, inside } = connected[i]!;
    part.forEach((node, k) => {
      x[node] = left + inside.x[k]!;
      y[node] = top + inside.y[k]!;
    });
    for (const { edge, points } of inside.ways) {
      ways.push({ edge: edges[edge]!, points: points.map((each, k) => each + (k % 2 === 0 ? left : top)) });
    }
  });
  const top = connected.length === 0 || loose.length === 0 ? above.height : above.height + PART_GAP;
  const run: Run = { width: loose.map((node) => flat.width[node]!), height: loose.map((node) => flat.height[node]!) };
  const below = pack(run, ROW_GAP, looseLimit(run, above.width), (i, left, down) => {
    x[loose[i]!] = left;
    y[loose[i]!] = top + down;
  });
  return { x, y, ways, width: Math.max(above.width, below.width), height: top + below.height };
}

function arrangePart(flat: Flat): Arranged {
  const n = flat.width.length;
  const layers = layersOf(n, rankNodes(n, flat.from, flat.to));
  return place(layers, orderRanks(layers), flat);
}

/** Up to this many nodes, parts are often alike: thousands of pairs, say. They are laid out once. */
const OFTEN_ALIKE = 12;

function remembering(arrange: (flat: Flat) => Arranged): (flat: Flat) => Arranged {
  const known = new Map<string, Arranged>();
  return (flat) => {
    if (flat.width.length > OFTEN_ALIKE) return arrange(flat);
    const key = JSON.stringify([flat.width, flat.height, flat.port, flat.from, flat.to]);
    const found = known.get(key) ?? arrange(flat);
    known.set(key, found);
    return found;
  };
}

/** Puts boxes under each other, in columns that are no higher than `most`. */
function pack(run: Run, gap: number, most: number, put: (i: number, left: number, top: number) => void): Block {
  const block = columnsOf(run, most, gap);
  let left = 0;
  block.starts.forEach((start, column) => {
    let top = 0;
    const end = block.starts[column + 1] ?? run.height.length;
    for (let i = start; i < end; i++) {
      put(i, left, top);
      top += run.height[i]! + gap;
    }
    left += block.widths[column]! + COLUMN_GAP;
  });
  return block;
}

function limitOf(run: Run, gap: number): number {
  let [width, height] = [0, -gap];
  for (let i = 0; i < run.height.length; i++) {
    width = Math.max(width, run.width[i]!);
    height += run.height[i]! + gap;
  }
  return heightLimit({ width: [width], height: [height] }, 0);
}

/** How high tasks that are linked to nothing may be stacked: low enough to use the room that there is under the others. */
function looseLimit(run: Run, room: number): number {
  const most = limitOf(run, ROW_GAP);
  let area = 0;
  for (let i = 0; i < run.height.length; i++) area += (run.width[i]! + COLUMN_GAP) * (run.height[i]! + ROW_GAP);
  return room === 0 ? most : Math.min(most, Math.max(FITS / 4, area / room));
}

/** The nodes of each connected part, parts and nodes in the order of the input. */
function partsOf({ width, from, to }: Flat): number[][] {
  const parent = Int32Array.from(width, (_, i) => i);
  const find = (node: number): number => {
    while (parent[node] !== node) node = parent[node] = parent[parent[node]!]!;
    return node;
  };
  for (let i = 0; i < from.length; i++) {
    const [a, b] = [find(from[i]!), find(to[i]!)];
    parent[Math.max(a, b)] = Math.min(a, b);
  }
  const parts = new Map<number, number[]>();
  for (let i = 0; i < parent.length; i++) {
    const root = find(i);
    const part = parts.get(root);
    if (part === undefined) parts.set(root, [i]);
    else part.push(i);
  }
  return [...parts.values()];
}

/** Each connected part as a graph of its own, in one walk over all edges. `edges`: the number of each edge in the whole. */
function cut(flat: Flat, parts: readonly (readonly number[])[]): (Flat & { edges: number[] })[] {
  const part = new Int32Array(flat.width.length);
  const number = new Int32Array(flat.width.length);
  const cuts = parts.map((nodes, p) => {
    nodes.forEach((node, i) => {
      part[node] = p;
      number[node] = i;
    });
    const of = (sizes: ArrayLike<number>) => nodes.map((node) => sizes[node]!);
    return { width: of(flat.width), height: of(flat.height), port: of(flat.port), from: [] as number[], to: [] as number[], edges: [] as number[] };
  });
  for (let i = 0; i < flat.from.length; i++) {
    const into = cuts[part[flat.from[i]!]!]!;
    into.from.push(number[flat.from[i]!]!);
    into.to.push(number[flat.to[i]!]!);
    into.edges.push(i);
  }
  return cuts;
}

/**
 * Layers: the nodes of each rank, with a bend for each rank that a long edge passes, so that every segment joins
 * neighbouring ranks (Sugiyama's proper hierarchy). Long edges of one node share their bends up to where they part.
 */
import { rowsOf, type Rows } from "./rows";
import type { Ranked } from "./rank";

/** More bends than this cost more than they show: the edges of such a graph then go as the crow flies. */
const MOST_BENDS = 12_000;

export interface Layers {
  /** Elements: nodes first (0..nodes-1), then bends. */
  readonly nodes: number;
  readonly size: number;
  readonly rank: Int32Array;
  readonly ranks: number;
  /** Segments by their left end, and by their right end. */
  readonly right: Rows;
  readonly left: Rows;
  /** The first bend of each node's long edges; the next ones follow it. Without, long edges have no bends. */
  readonly bends?: Int32Array;
}

export function layersOf(n: number, ranked: Ranked): Layers {
  const { rank, ranks, from, to } = ranked;
  const far = new Int32Array(n);
  for (let i = 0; i < from.length; i++) far[from[i]!] = Math.max(far[from[i]!]!, rank[to[i]!]!);
  const bends = new Int32Array(n); // the first bend of each node's long edges
  let size = n;
  for (let i = 0; i < n; i++) {
    bends[i] = size;
    size += Math.max(0, far[i]! - rank[i]! - 1);
  }
  if (size - n > MOST_BENDS) return direct(n, ranked);
  const all = new Int32Array(size);
  all.set(rank);
  const a: number[] = [];
  const b: number[] = [];
  for (let i = 0; i < n; i++) {
    const count = far[i]! - rank[i]! - 1;
    for (let k = 0; k < count; k++) {
      all[bends[i]! + k] = rank[i]! + 1 + k;
      a.push(k === 0 ? i : bends[i]! + k - 1);
      b.push(bends[i]! + k);
    }
  }
  for (let i = 0; i < from.length; i++) {
    const source = from[i]!;
    const span = rank[to[i]!]! - rank[source]!;
    a.push(span === 1 ? source : bends[source]! + span - 2);
    b.push(to[i]!);
  }
  return { nodes: n, size, rank: all, ranks, right: rowsOf(size, a, b), left: rowsOf(size, b, a), bends };
}

function direct(n: number, { rank, ranks, from, to }: Ranked): Layers {
  return { nodes: n, size: n, rank, ranks, right: rowsOf(n, from, to), left: rowsOf(n, to, from) };
}

/**
 * Ranks: the column of each node, so that every edge leads to a higher one. Longest path, then whatever feeds more than
 * it uses is drawn close to what it feeds. An edge that closes a circle is turned round, for the layout only.
 */
import { countOf, rowsOf, type Rows } from "./rows";

export interface Ranked {
  readonly rank: Int32Array;
  readonly ranks: number;
  /** The edges, the turned ones turned. */
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
}

export function rankNodes(n: number, from: ArrayLike<number>, to: ArrayLike<number>): Ranked {
  let out = rowsOf(n, from, to);
  let order = inOrder(n, out);
  if (order.length < n) {
    [from, to] = turned(n, out);
    out = rowsOf(n, from, to);
    order = inOrder(n, out);
  }
  const rank = longest(n, out, order);
  tighten(rank, out, order, rowsOf(n, to, from));
  let ranks = 0;
  for (const each of rank) ranks = Math.max(ranks, each + 1);
  return { rank, ranks, from, to };
}

/** The length of the longest way to each node; of a graph with circles, once they are cut. */
export function depthsOf(n: number, from: ArrayLike<number>, to: ArrayLike<number>): Int32Array {
  let out = rowsOf(n, from, to);
  let order = inOrder(n, out);
  if (order.length < n) {
    out = rowsOf(n, ...turned(n, out));
    order = inOrder(n, out);
  }
  return longest(n, out, order);
}

/** Nodes, causes first. Those on a circle, and what they lead to, are missing. */
function inOrder(n: number, out: Rows): Int32Array {
  const waiting = new Int32Array(n);
  for (const to of out.items) waiting[to]!++;
  const order = new Int32Array(n);
  let end = 0;
  for (let i = 0; i < n; i++) if (waiting[i] === 0) order[end++] = i;
  for (let at = 0; at < end; at++) {
    const node = order[at]!;
    for (let i = out.start[node]!; i < out.start[node + 1]!; i++) {
      const next = out.items[i]!;
      if (--waiting[next]! === 0) order[end++] = next;
    }
  }
  return order.subarray(0, end);
}

/** The edges without circles: one that leads back to where a walk came from is turned. */
function turned(n: number, out: Rows): [number[], number[]] {
  const from: number[] = [];
  const to: number[] = [];
  const next = out.start.slice(0, n);
  const NEW = 0, ENTERED = 1, LEFT = 2;
  const state = new Uint8Array(n);
  const path: number[] = [];
  for (let root = 0; root < n; root++) {
    if (state[root] !== NEW) continue;
    state[root] = ENTERED;
    path.push(root);
    while (path.length > 0) {
      const node = path[path.length - 1]!;
      if (next[node]! === out.start[node + 1]!) {
        state[node] = LEFT;
        path.pop();
        continue;
      }
      const other = out.items[next[node]!++]!;
      const back = state[other] === ENTERED;
      from.push(back ? other : node);
      to.push(back ? node : other);
      if (state[other] === NEW) {
        state[other] = ENTERED;
        path.push(other);
      }
    }
  }
  return [from, to];
}

function longest(n: number, out: Rows, order: Int32Array): Int32Array {
  const rank = new Int32Array(n);
  for (const node of order) {
    for (let i = out.start[node]!; i < out.start[node + 1]!; i++) {
      const next = out.items[i]!;
      rank[next] = Math.max(rank[next]!, rank[node]! + 1);
    }
  }
  return rank;
}

/** Moves nodes to the right where that makes more edges shorter than longer. No rank becomes empty: a longest path stays. */
function tighten(rank: Int32Array, out: Rows, order: Int32Array, back: Rows): void {
  for (let at = order.length - 1; at >= 0; at--) {
    const node = order[at]!;
    if (countOf(out, node) <= countOf(back, node)) continue;
    let nearest = Infinity;
    for (let i = out.start[node]!; i < out.start[node + 1]!; i++) nearest = Math.min(nearest, rank[out.items[i]!]!);
    rank[node] = nearest - 1;
  }
}

/**
 * Graphs of numbers 0..n-1 in compressed rows: the items of row `i` are `items[start[i]]` up to `items[start[i + 1]]`.
 * Two typed arrays instead of ten thousand small ones are what keeps a large layout quick.
 */
export interface Rows {
  readonly start: Int32Array;
  readonly items: Int32Array;
}

/** Rows of `to` by `from`, each in the order of the pairs. */
export function rowsOf(n: number, from: ArrayLike<number>, to: ArrayLike<number>): Rows {
  const start = new Int32Array(n + 1);
  for (let i = 0; i < from.length; i++) start[from[i]! + 1]!++;
  for (let i = 0; i < n; i++) start[i + 1]! += start[i]!;
  const free = start.slice(0, n);
  const items = new Int32Array(from.length);
  for (let i = 0; i < from.length; i++) items[free[from[i]!]!++] = to[i]!;
  return { start, items };
}

/** Where each item stands in its row, of rows in which each item is once. */
export function placesOf({ start, items }: Rows): Int32Array {
  const places = new Int32Array(items.length);
  for (let r = 0; r + 1 < start.length; r++) for (let i = start[r]!; i < start[r + 1]!; i++) places[items[i]!] = i - start[r]!;
  return places;
}

/** Number of items in row `i`. */
export function countOf(rows: Rows, i: number): number {
  return rows.start[i + 1]! - rows.start[i]!;
}

/** Boxes and the arrows between them, by number: one scope, or a connected part of one. */
export interface Flat {
  readonly width: ArrayLike<number>;
  readonly height: ArrayLike<number>;
  /** Where edges meet a box: so far below its upper edge. */
  readonly port: ArrayLike<number>;
  readonly from: ArrayLike<number>;
  readonly to: ArrayLike<number>;
}

/** The way of edge `edge`, as x and y in turn, from border to border. */
export interface Way {
  readonly edge: number;
  readonly points: number[];
}

/** Corners of the boxes, the ways of edges that cannot go straight from box to box, and the size of all. */
export interface Arranged {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly ways: readonly Way[];
  readonly width: number;
  readonly height: number;
}

/** What a layout is asked for, and what it answers. Plain data, so that it can be sent to a worker and back. */

/** A box of this size. With `children` it is an open group: it becomes as large as they need, if that is larger. */
export interface LayoutNode {
  id: string;
  width: number;
  height: number;
  children?: LayoutNode[];
}

/** An arrow between two nodes of one scope. One with an unknown end, or between scopes, is left out. */
export interface LayoutEdge {
  from: string;
  to: string;
}

export interface LayoutInput {
  nodes: LayoutNode[];
  edges: LayoutEdge[];
}

/** Where a node is: its left upper corner, relative to that of its parent group. */
export interface Placed {
  id: string;
  x: number;
  y: number;
  width: number;
  height: number;
  parent?: string;
  /** Of an open group: edges meet its border so far below its upper edge, level with what is in it. Of others: half the height. */
  port?: number;
}

/** The way of an edge round what is between its ends: from the right border of one to the left border of the other. */
export interface Route {
  from: string;
  to: string;
  /** Relative to the parent group of both. Draw it with `pathOf`. */
  points: Point[];
}

export interface Point {
  x: number;
  y: number;
}

/** All nodes, groups before what is in them, and the size of the whole drawing, which begins at 0, 0. */
export interface LayoutResult {
  placed: Placed[];
  /** Of the edges that cannot go straight from box to box without running over another. */
  routes: Route[];
  width: number;
  height: number;
}

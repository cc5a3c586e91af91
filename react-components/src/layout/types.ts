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
}

/** All nodes, groups before what is in them, and the size of the whole drawing, which begins at 0, 0. */
export interface LayoutResult {
  placed: Placed[];
  width: number;
  height: number;
}

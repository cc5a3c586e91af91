/** The distances of a drawing, in pixels. */

/** Height of the title of an open group. */
export const HEADER = 36;
/** Between the border of an open group, or its title, and its children. */
export const PADDING = 16;
/** Between two nodes above each other. */
export const ROW_GAP = 20;
/** Between a node and a long edge that passes it, and between two such edges. */
export const LANE_GAP = 14;
/** Between two columns of a rank that was wrapped. */
export const COLUMN_GAP = 24;
/** Between two ranks: the least and the most; steep edges need more room than flat ones. */
export const RANK_GAP = 56;
export const RANK_GAP_MOST = 144;
/** Between parts of a drawing that are not connected. */
export const PART_GAP = 32;
/** Width to height that blocks aim at: that of most screens. */
export const ASPECT = 1.6;
/** Up to this height nothing is wrapped: it fits on a screen. */
export const FITS = 720;

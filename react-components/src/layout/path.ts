/** The line of an edge: level past boxes, and a curve where it climbs. */
import type { Point } from "./types";

/** The `d` of an SVG path through these points, which lead to the right. */
export function pathOf(points: readonly Point[]): string {
  let path = "";
  points.forEach(({ x, y }, i) => {
    const last = points[i - 1];
    if (last === undefined) path = `M${x},${y}`;
    else if (last.y === y) path += `L${x},${y}`;
    else {
      const middle = (last.x + x) / 2;
      path += `C${middle},${last.y} ${middle},${y} ${x},${y}`;
    }
  });
  return path;
}

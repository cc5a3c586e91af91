/**
 * Ways: where an edge runs that cannot go straight from box to box. It passes a rank in the lane of its bend, and leaves the rank of a narrow
 * box level, so that it does not run over a wide one beside it. Between two ranks there is nothing but edges.
 */
import type { Cells } from "./cells";
import type { Layers } from "./layers";
import type { Flat, Way } from "./rows";

export function waysOf(layers: Layers, cells: Cells, flat: Flat, left: Float64Array, line: Float64Array): Way[] {
  const { rank, bends } = layers;
  const ways: Way[] = [];
  for (let edge = 0; edge < flat.from.length; edge++) {
    const [from, to] = [flat.from[edge]!, flat.to[edge]!];
    const [first, last] = [rank[from]!, rank[to]!];
    if (bends === undefined || last <= first || cells.blocks.has(first) || cells.blocks.has(last)) continue;
    const begin = left[first]! + flat.width[from]!;
    const points = [begin, line[cells.of[from]!]!];
    const side = left[first]! + cells.width[first]!;
    if (side > begin) add(points, side, line[cells.of[from]!]!);
    for (let r = first + 1; r < last; r++) {
      const lane = line[cells.of[bends[from]! + r - first - 1]!]!;
      add(points, left[r]!, lane);
      add(points, left[r]! + cells.width[r]!, lane);
    }
    add(points, left[last]!, line[cells.of[to]!]!);
    if (points.length > 4) ways.push({ edge, points });
  }
  return ways;
}

/** Adds a point; one that is level with the last two takes the place of the last. */
function add(points: number[], x: number, y: number): void {
  const n = points.length;
  if (n >= 4 && points[n - 1] === y && points[n - 3] === y) points[n - 2] = x;
  else points.push(x, y);
}

/** Builders and measures for the tests of the layout: drawings in few words, and what is seen in them. */
import { layout } from "../../src/layout/layout";
import { HEADER, PADDING } from "../../src/layout/measures";
import type { LayoutEdge, LayoutInput, LayoutNode, LayoutResult, Placed } from "../../src/layout/types";

export function box(id: string, children?: LayoutNode[]): LayoutNode {
  return children === undefined ? { id, width: 200, height: 56 } : { id, width: 200, height: 56, children };
}

export function boxes(...ids: string[]): LayoutNode[] {
  return ids.map((id) => box(id));
}

/** `edges("a b", "b c")`: from the first to the second. */
export function edges(...pairs: string[]): LayoutEdge[] {
  return pairs.map((pair) => {
    const [from, to] = pair.split(" ");
    return { from: from!, to: to! };
  });
}

/** A drawing of these edges, with a box for each name. */
export function graph(...pairs: string[]): LayoutInput {
  const ids = new Set(pairs.flatMap((pair) => pair.split(" ")));
  return { nodes: boxes(...ids), edges: edges(...pairs) };
}

export function many(n: number, prefix = "n"): string[] {
  return Array.from({ length: n }, (_, i) => `${prefix}${i}`);
}

export function placedBy(input: LayoutInput): Map<string, Placed> {
  return new Map(layout(input).placed.map((each) => [each.id, each]));
}

export function middle(placed: Placed): number {
  return placed.y + placed.height / 2;
}

/** Pairs of siblings that overlap. */
export function overlaps({ placed }: LayoutResult): string[] {
  const found: string[] = [];
  for (const parent of new Set(placed.map((each) => each.parent))) {
    const sorted = placed.filter((each) => each.parent === parent).sort((a, b) => a.x - b.x);
    sorted.forEach((a, i) => {
      for (let k = i + 1; k < sorted.length && sorted[k]!.x < a.x + a.width; k++) {
        const b = sorted[k]!;
        if (a.y < b.y + b.height && b.y < a.y + a.height) found.push(`${a.id} ${b.id}`);
      }
    });
  }
  return found;
}

/** Nodes that are not within the frame of their group, or of the drawing. */
export function outside(result: LayoutResult): string[] {
  const by = new Map(result.placed.map((each) => [each.id, each]));
  return result.placed
    .filter(({ x, y, width, height, parent }) => {
      if (parent === undefined) return x < 0 || y < 0 || x + width > result.width || y + height > result.height;
      const group = by.get(parent)!;
      return x < PADDING || y < HEADER + PADDING || x + width > group.width - PADDING || y + height > group.height - PADDING;
    })
    .map(({ id }) => id);
}

/** Routes that touch a box: a level piece is a line, one that climbs fills the space between its ends. */
export function runsOver({ placed, routes }: LayoutResult): string[] {
  const by = new Map(placed.map((each) => [each.id, each]));
  return routes.flatMap(({ from, to, points }) => {
    const beside = placed.filter(({ id, parent }) => parent === by.get(from)!.parent && id !== from && id !== to);
    const touched = beside.filter((box) =>
      points.some((end, i) => {
        const begin = points[i - 1] ?? end;
        const [top, bottom] = [Math.min(begin.y, end.y), Math.max(begin.y, end.y)];
        return begin.x < box.x + box.width && box.x < end.x && top < box.y + box.height && box.y < bottom;
      }),
    );
    return touched.map(({ id }) => `${from} ${to} over ${id}`);
  });
}

/** Edges, as straight lines from right border to left border, that cross. */
export function crossings(input: LayoutInput): number {
  const by = placedBy(input);
  const lines = input.edges.map(({ from, to }) => {
    const [a, b] = [by.get(from)!, by.get(to)!];
    return { x1: a.x + a.width, y1: middle(a), x2: b.x, y2: middle(b) };
  });
  let count = 0;
  lines.forEach((a, i) => {
    for (const b of lines.slice(i + 1)) {
      const x1 = Math.max(a.x1, b.x1);
      const x2 = Math.min(a.x2, b.x2);
      if (x1 < x2 && (at(a, x1) - at(b, x1)) * (at(a, x2) - at(b, x2)) < -1e-6) count++;
    }
  });
  return count;
}

function at(line: { x1: number; y1: number; x2: number; y2: number }, x: number): number {
  return line.y1 + ((line.y2 - line.y1) * (x - line.x1)) / (line.x2 - line.x1);
}

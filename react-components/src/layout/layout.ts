/** Places tasks from left to right: by rank, in an order with few crossings, groups around what is in them. Pure, and the same each time. */
import { HEADER, PADDING } from "./measures";
import { around, portOf, treeOf, type Scope, type Tree } from "./nest";
import { arrange } from "./parts";
import type { Way } from "./rows";
import type { LayoutInput, LayoutResult, Placed, Route } from "./types";

export type { LayoutEdge, LayoutInput, LayoutNode, LayoutResult, Placed, Route } from "./types";

/**
 * Where everything goes. Siblings never overlap, children are inside their group, and every edge that is not part of a circle
 * leads to the right. Unknown ends, circles and ids that come twice do no harm.
 */
export function layout(input: LayoutInput): LayoutResult {
  const tree = treeOf(input);
  const placed: Placed[] = tree.nodes.map(({ id, width, height }, i) => {
    const parent = tree.parent[i]!;
    const box: Placed = { id, x: 0, y: 0, width, height };
    if (parent >= 0) box.parent = tree.nodes[parent]!.id;
    return box;
  });
  const result: LayoutResult = { placed, routes: [], width: 0, height: 0 };
  for (let s = tree.scopes.length - 1; s >= 0; s--) {
    const scope = tree.scopes[s]!;
    const boxes = scope.members.map((i) => placed[i]!);
    const port = boxes.map((box) => box.port ?? box.height / 2);
    const inside = arrange({ width: boxes.map((box) => box.width), height: boxes.map((box) => box.height), port, from: scope.from, to: scope.to });
    const [left, top] = scope.group < 0 ? [0, 0] : [PADDING, HEADER + PADDING];
    boxes.forEach((box, i) => {
      box.x = left + inside.x[i]!;
      box.y = top + inside.y[i]!;
    });
    for (const way of inside.ways) result.routes.push(routeOf(tree, scope, way, left, top));
    if (scope.group < 0) Object.assign(result, { width: inside.width, height: inside.height });
    else {
      const size = around(tree.nodes[scope.group]!, inside.width, inside.height);
      Object.assign(placed[scope.group]!, size, { port: portOf(scope, boxes) ?? size.height / 2 });
    }
  }
  return result;
}

function routeOf({ nodes }: Tree, { members, from, to }: Scope, { edge, points }: Way, left: number, top: number): Route {
  const route: Route = { from: nodes[members[from[edge]!]!]!.id, to: nodes[members[to[edge]!]!]!.id, points: [] };
  for (let i = 0; i < points.length; i += 2) route.points.push({ x: left + points[i]!, y: top + points[i + 1]! });
  return route;
}

/** Places tasks from left to right: by rank, in an order with few crossings, groups around what is in them. Pure, and the same each time. */
import { HEADER, PADDING } from "./measures";
import { around, treeOf } from "./nest";
import { arrange } from "./parts";
import type { LayoutInput, LayoutResult, Placed } from "./types";

export type { LayoutEdge, LayoutInput, LayoutNode, LayoutResult, Placed } from "./types";

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
  let [width, height] = [0, 0];
  for (let s = tree.scopes.length - 1; s >= 0; s--) {
    const { group, members, from, to } = tree.scopes[s]!;
    const boxes = members.map((i) => placed[i]!);
    const inside = arrange({ width: boxes.map((box) => box.width), height: boxes.map((box) => box.height), from, to });
    const [left, top] = group < 0 ? [0, 0] : [PADDING, HEADER + PADDING];
    boxes.forEach((box, i) => {
      box.x = left + inside.x[i]!;
      box.y = top + inside.y[i]!;
    });
    if (group < 0) [width, height] = [inside.width, inside.height];
    else Object.assign(placed[group]!, around(tree.nodes[group]!, inside.width, inside.height));
  }
  return { placed, width, height };
}

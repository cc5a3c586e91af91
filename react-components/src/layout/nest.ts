/**
 * Nesting: scopes from the innermost outwards, so that a group's size is known before it is placed. The input is walked with a
 * list, not by recursion: a thousand open groups within each other are one more chain of frames than a stack may hold.
 */
import { HEADER, PADDING } from "./measures";
import type { LayoutEdge, LayoutInput, LayoutNode, Placed } from "./types";

/** The nodes of the whole drawing, parents before children. An id that comes again is left out, a circle with it. */
export interface Tree {
  readonly nodes: readonly LayoutNode[];
  readonly number: ReadonlyMap<string, number>;
  /** The number of each node's group, or -1. */
  readonly parent: Int32Array;
  readonly scopes: readonly Scope[];
}

/** The nodes of one group, or of the top, and the edges between them. Innermost scopes come last. */
export interface Scope {
  readonly group: number;
  readonly members: number[];
  readonly from: number[];
  readonly to: number[];
}

export function treeOf(input: LayoutInput): Tree {
  const nodes: LayoutNode[] = [];
  const number = new Map<string, number>();
  const parents: number[] = [];
  const place: number[] = []; // within its scope
  const scopes: Scope[] = [];
  const within: Scope[] = [];
  const waiting: { children: readonly LayoutNode[]; group: number }[] = [{ children: input.nodes, group: -1 }];
  for (const { children, group } of waiting) { // grows while it is walked
    const scope: Scope = { group, members: [], from: [], to: [] };
    scopes.push(scope);
    for (const node of children) {
      if (number.has(node.id)) continue;
      const i = nodes.push(node) - 1;
      number.set(node.id, i);
      parents.push(group);
      place.push(scope.members.push(i) - 1);
      within.push(scope);
      if (node.children !== undefined) waiting.push({ children: node.children, group: i });
    }
  }
  for (const edge of input.edges) join(edge, number, within, place);
  return { nodes, number, parent: Int32Array.from(parents), scopes };
}

function join(edge: LayoutEdge, number: ReadonlyMap<string, number>, within: readonly Scope[], place: readonly number[]): void {
  const from = number.get(edge.from);
  const to = number.get(edge.to);
  if (from === undefined || to === undefined || from === to || within[from] !== within[to]) return;
  within[from]!.from.push(place[from]!);
  within[from]!.to.push(place[to]!);
}

/** Where edges meet an open group: level with what they lead to in it, which is what uses nothing and what is used by nothing. */
export function portOf({ from, to }: Scope, boxes: readonly Placed[]): number | undefined {
  const [used, using] = [new Set(from), new Set(to)];
  const ends = [boxes.filter((_, i) => !using.has(i)), boxes.filter((_, i) => !used.has(i))];
  let [sum, count] = [0, 0];
  for (const side of ends) {
    if (side.length === 0) continue;
    sum += side.reduce((lines, box) => lines + box.y + (box.port ?? box.height / 2), 0) / side.length;
    count++;
  }
  return count === 0 ? undefined : Math.round(sum / count);
}

/** How large an open group is around what is in it. */
export function around(node: LayoutNode, width: number, height: number): { width: number; height: number } {
  return { width: Math.max(node.width, width + 2 * PADDING), height: Math.max(node.height, HEADER + height + 2 * PADDING) };
}

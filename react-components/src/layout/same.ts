/** Whether two models are drawn alike. While a run goes on most of what it declares is inside of what is closed, and changes no drawing. */
import type { GraphEdge } from "./edges";
import type { GraphModel, GraphNode } from "./model";

export function isSameModel(one: GraphModel, other: GraphModel): boolean {
  if (one.nodes.size !== other.nodes.size || one.edges.length !== other.edges.length) return false;
  const others = other.nodes.values(); // in the order in which they are laid out
  for (const node of one.nodes.values()) if (!isSameNode(node, others.next().value!)) return false;
  return one.edges.every((edge, i) => isSameEdge(edge, other.edges[i]!));
}

/** Totals are not compared: whoever draws them looks them up. */
function isSameNode(one: GraphNode, other: GraphNode): boolean {
  const fields = ["id", "kind", "label", "taskId", "parent", "open", "result"] as const;
  return fields.every((field) => one[field] === other[field]) && areSame(one.members ?? [], other.members ?? []);
}

function isSameEdge(one: GraphEdge, other: GraphEdge): boolean {
  return one.id === other.id && one.from === other.from && one.to === other.to && one.kind === other.kind && one.count === other.count;
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id, i) => id === other[i]);
}

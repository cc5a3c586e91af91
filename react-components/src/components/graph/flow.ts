/** The laid out graph in React Flow's words. Statuses are not in it: nodes look them up, so that a live run changes no node here. */
import { MarkerType, Position, type Edge, type Node } from "@xyflow/react";
import type { GraphModel, GraphNode } from "../../layout/model";
import type { Placed } from "../../layout/types";
import { isNear, type Near } from "./near";

/** A graph and where its nodes are. */
export interface Drawing {
  model: GraphModel;
  placed: Placed[];
}

export type FlowNode = Node<{ node: GraphNode }, "task" | "frame" | "fan" | "given">;

// "group" and "input" are types of React Flow's own, with looks of their own
const TYPES = { task: "task", group: "task", fan: "fan", input: "given" } as const;

export function flowNodes({ model, placed }: Drawing): FlowNode[] {
  return placed.flatMap((place): FlowNode[] => {
    const node = model.nodes.get(place.id);
    if (!node) return [];
    return [
      {
        id: place.id,
        type: node.open === true ? "frame" : TYPES[node.kind],
        position: { x: place.x, y: place.y },
        width: place.width,
        height: place.height,
        initialWidth: place.width,
        initialHeight: place.height,
        handles: [
          { type: "target", position: Position.Left, x: 0, y: place.height / 2, width: 1, height: 1 },
          { type: "source", position: Position.Right, x: place.width, y: place.height / 2, width: 1, height: 1 },
        ],
        ...(place.parent !== undefined && { parentId: place.parent }),
        zIndex: node.open === true ? -1 : 0,
        data: { node },
      },
    ];
  });
}

/** Above this number of edges arrow heads cost more than they tell. */
const ARROWS = 1500;

export function flowEdges({ model }: Drawing, near: Near | undefined): Edge[] {
  const arrows = model.edges.length <= ARROWS;
  return model.edges.flatMap((edge): Edge[] => {
    if (edge.kind === "result") return []; // told on the node: an arrow back to the frame around it would cross everything
    return [
      {
        id: edge.id,
        source: edge.from,
        target: edge.to,
        className: near ? (isNearEdge(model, near, edge.from, edge.to) ? "ltg-edge-near" : "ltg-edge-aside") : "",
        ...(edge.count > 1 && { label: `×${edge.count.toLocaleString("en")}` }),
        ...(arrows && { markerEnd: { type: MarkerType.Arrow, width: 14, height: 14 } }),
      },
    ];
  });
}

function isNearEdge(model: GraphModel, near: Near, from: string, to: string): boolean {
  const [a, b] = [tasksOf(model, from), tasksOf(model, to)];
  const inside = (set: ReadonlySet<string>) => a.some((id) => set.has(id) || id === near.selected) && b.some((id) => set.has(id) || id === near.selected);
  return inside(near.upstream) || inside(near.downstream);
}

/** The tasks that a node stands for. */
export function tasksOf(model: GraphModel, id: string): readonly string[] {
  const node = model.nodes.get(id);
  return node?.kind === "fan" ? (node.members ?? []) : node?.taskId !== undefined && node.kind !== "input" ? [node.taskId] : [];
}

export function isNearNode(near: Near, node: GraphNode): boolean {
  if (node.kind === "fan") return (node.members ?? []).some((id) => isNear(near, id));
  return node.kind !== "input" && node.taskId !== undefined && isNear(near, node.taskId);
}

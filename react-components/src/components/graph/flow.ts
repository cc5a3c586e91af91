/** The laid out graph in React Flow's words. Statuses, and what is near the selected task, are not in it: nodes and edges look them up, so that neither a live run nor a click changes anything here. */
import { MarkerType, Position, type Edge, type Node } from "@xyflow/react";
import type { GraphModel, GraphNode } from "../../layout/model";
import { pathOf } from "../../layout/path";
import type { Placed, Point, Route } from "../../layout/types";
import { isNear, type Near } from "./near";

/** A graph and where its nodes are. */
export interface Drawing {
  model: GraphModel;
  placed: Placed[];
  routes: Route[];
}

/** An edge, and for one that is led round what is between its ends its way. */
export type FlowEdge = Edge<{ from: GraphNode; to: GraphNode; way?: { path: string; x: number; y: number } }, "link">;

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
          { type: "target", position: Position.Left, x: 0, y: place.port ?? place.height / 2, width: 1, height: 1 },
          { type: "source", position: Position.Right, x: place.width, y: place.port ?? place.height / 2, width: 1, height: 1 },
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

export function flowEdges({ model, placed, routes }: Drawing): FlowEdge[] {
  const arrows = model.edges.length <= ARROWS;
  const corners = cornersOf(placed);
  const ways = new Map(routes.map((route) => [JSON.stringify([route.from, route.to]), route.points]));
  return model.edges.flatMap((edge): FlowEdge[] => {
    if (edge.kind === "result") return []; // told on the node: an arrow back to the frame around it would cross everything
    const [from, to] = [model.nodes.get(edge.from), model.nodes.get(edge.to)];
    if (!from || !to) return [];
    const points = ways.get(JSON.stringify([edge.from, edge.to]));
    const way = points && wayOf(points, from.parent === undefined ? undefined : corners.get(from.parent));
    return [
      {
        type: "link",
        data: { from, to, ...(way && { way }) },
        id: edge.id,
        source: edge.from,
        target: edge.to,
        ...(edge.count > 1 && { label: `×${edge.count.toLocaleString("en")}` }),
        ...(arrows && { markerEnd: { type: MarkerType.Arrow, width: 14, height: 14 } }),
      },
    ];
  });
}

function wayOf(points: readonly Point[], corner: Point = { x: 0, y: 0 }) {
  const moved = points.map(({ x, y }) => ({ x: x + corner.x, y: y + corner.y }));
  const middle = moved[Math.floor(moved.length / 2)]!;
  return { path: pathOf(moved), ...middle };
}

/** Where the nodes are in the whole drawing. */
export function cornersOf(placed: readonly Placed[]): ReadonlyMap<string, Point> {
  const corners = new Map<string, Point>();
  for (const { id, x, y, parent } of placed) {
    const around = parent === undefined ? undefined : corners.get(parent);
    corners.set(id, { x: x + (around?.x ?? 0), y: y + (around?.y ?? 0) });
  }
  return corners;
}

export function isNearEdge(near: Near, from: GraphNode, to: GraphNode): boolean {
  const [a, b] = [tasksOf(from), tasksOf(to)];
  const inside = (set: ReadonlySet<string>) => a.some((id) => set.has(id) || id === near.selected) && b.some((id) => set.has(id) || id === near.selected);
  return inside(near.upstream) || inside(near.downstream);
}

/** The tasks that a node stands for. */
function tasksOf(node: GraphNode): readonly string[] {
  return node.kind === "fan" ? (node.members ?? []) : node.taskId !== undefined && node.kind !== "input" ? [node.taskId] : [];
}

export function isNearNode(near: Near, node: GraphNode): boolean {
  if (node.kind === "fan") return (node.members ?? []).some((id) => isNear(near, id));
  return node.kind !== "input" && node.taskId !== undefined && isNear(near, node.taskId);
}

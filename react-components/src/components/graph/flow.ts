/** The laid out graph in React Flow's words. Statuses are not in it: nodes look them up, so that a live run changes no node here. */
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

/** An edge that is led round what is between its ends. */
export type RoutedEdge = Edge<{ path: string; x: number; y: number }, "routed">;

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

export function flowEdges({ model, placed, routes }: Drawing, near: Near | undefined): Edge[] {
  const arrows = model.edges.length <= ARROWS;
  const corners = cornersOf(placed);
  const ways = new Map(routes.map((route) => [JSON.stringify([route.from, route.to]), route.points]));
  return model.edges.flatMap((edge): Edge[] => {
    if (edge.kind === "result") return []; // told on the node: an arrow back to the frame around it would cross everything
    const points = ways.get(JSON.stringify([edge.from, edge.to]));
    const parent = model.nodes.get(edge.from)?.parent;
    return [
      {
        ...(points && routed(points, parent === undefined ? undefined : corners.get(parent))),
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

function routed(points: readonly Point[], corner: Point = { x: 0, y: 0 }): Pick<RoutedEdge, "type" | "data"> {
  const moved = points.map(({ x, y }) => ({ x: x + corner.x, y: y + corner.y }));
  const middle = moved[Math.floor(moved.length / 2)]!;
  return { type: "routed", data: { path: pathOf(moved), ...middle } };
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

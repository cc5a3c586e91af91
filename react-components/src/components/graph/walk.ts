/** Arrow keys in the graph: along an edge to the right or left, to the nearest neighbour up or down. */
import { cornersOf, type Drawing } from "./flow";

interface Box {
  task: string;
  x: number;
  y: number;
}

/** The task to go to; undefined where the key means nothing, or there is nothing that way. */
export function walk({ model, placed }: Drawing, selected: string | undefined, key: string): string | undefined {
  const direction = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
  if (!direction) return undefined;
  const boxes = new Map<string, Box>();
  const corners = cornersOf(placed);
  for (const place of placed) {
    const corner = corners.get(place.id)!;
    const node = model.nodes.get(place.id);
    const task = node?.kind === "fan" ? node.members?.[0] : node?.taskId;
    if (node && task !== undefined && node.kind !== "input" && !(node.kind === "fan" && node.open)) boxes.set(place.id, { task, x: corner.x + place.width / 2, y: corner.y + place.height / 2 });
  }
  const from = [...boxes].find(([id, box]) => id === selected || box.task === selected || model.nodes.get(id)?.members?.includes(selected ?? ""));
  if (!from) return [...boxes.values()].sort((a, b) => a.x - b.x || a.y - b.y)[0]?.task;
  const [id, here] = from;
  const joined = new Set(model.edges.flatMap((edge) => (edge.kind === "result" ? [] : edge.from === id && direction[0] === 1 ? [edge.to] : edge.to === id && direction[0] === -1 ? [edge.from] : [])));
  const ahead = [...boxes].filter(([other, box]) => other !== id && (box.x - here.x) * direction[0]! + (box.y - here.y) * direction[1]! > 1);
  const choice = ahead.filter(([other]) => joined.has(other));
  const far = ([, box]: [string, Box]) => {
    const along = Math.abs(direction[0] ? box.x - here.x : box.y - here.y);
    const across = Math.abs(direction[0] ? box.y - here.y : box.x - here.x);
    return along + 3 * across;
  };
  return (choice.length > 0 ? choice : ahead).sort((a, b) => far(a) - far(b))[0]?.[1].task;
}

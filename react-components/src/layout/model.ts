/**
 * The graph that is drawn of a run: which tasks, groups and fans are to be seen, and the edges between what stands for each.
 * The tasks that the root declared are the top level. What is inside of something closed costs nothing.
 */
import type { Arg, Task } from "../trace/types";
import { drawnEdges, type GraphEdge } from "./edges";
import { siblingsOf, type Fan, type Siblings } from "./fans";
import { refsOf } from "./refs";
import { SIZES } from "./sizes";
import { sumOf, type GraphTotals } from "./totals";
import type { LayoutEdge, LayoutInput, LayoutNode } from "./types";

export type { EdgeKind, GraphEdge } from "./edges";
export type { GraphTotals } from "./totals";

/** What a model is made from: a part of a run's view. */
export interface GraphSource {
  readonly root: Task | undefined;
  task(id: string): Task | undefined;
  /** The tasks that a graph task declared; of another one, none. */
  children(id: string): readonly Task[];
  /** Where a graph task's output comes from. */
  result(id: string): Arg | undefined;
  /** Of a task and everything below it. */
  totals(id?: string): GraphTotals;
}

export interface GraphNode {
  /** `group`: a graph task, open or closed. `input`: the arguments of the root. */
  kind: "task" | "group" | "fan" | "input";
  /** A task's own id, `fan:SCOPE/FUNCTION` or `input:ROOT`. */
  id: string;
  /** What is on it: `judge[style]`, `fix ×40`. Text of the trace: hostile. */
  label: string;
  /** The task, unless it is a fan; the root for the input. */
  taskId?: string;
  /** The group or open fan that it is drawn in. */
  parent?: string;
  /** Of a group or a fan: are its members drawn? */
  open?: boolean;
  /** Of a fan: ids of its tasks, in order. */
  members?: string[];
  /** Of a group or a fan. */
  totals?: GraphTotals;
  /** Its output is, or is part of, what its graph gives back. */
  result?: boolean;
}

export interface GraphModel {
  input: LayoutInput;
  /** By id, parents before children. */
  nodes: Map<string, GraphNode>;
  edges: GraphEdge[];
}

/**
 * The graph of a run.
 *
 * @param open ids of the graph tasks that are open.
 * @param openFans ids of the fans that are open.
 */
export function graphModel(source: GraphSource, open: ReadonlySet<string>, openFans: ReadonlySet<string>): GraphModel {
  const model: GraphModel = { input: { nodes: [], edges: [] }, nodes: new Map(), edges: [] };
  const { root } = source;
  if (root === undefined) return model;
  const draw = new Drawing(source, open, openFans, model);
  if (source.children(root.id).length === 0) draw.alone(root);
  else draw.all(root);
  return model;
}

/** A graph whose inside is to be drawn, and the list that its nodes go into. */
interface Inside {
  graph: Task;
  into: LayoutNode[];
  parent?: string;
}

class Drawing {
  private readonly waiting: Inside[] = [];

  constructor(
    private readonly source: GraphSource,
    private readonly open: ReadonlySet<string>,
    private readonly openFans: ReadonlySet<string>,
    private readonly model: GraphModel,
  ) {}

  /** A root that declared nothing (yet). */
  alone(root: Task): void {
    this.task(root, { graph: root, into: this.model.input.nodes });
  }

  all(root: Task): void {
    this.waiting.push({ graph: root, into: this.model.input.nodes });
    for (const inside of this.waiting) this.inside(inside); // grows while it is walked
  }

  private inside(inside: Inside): void {
    const { graph, parent } = inside;
    const siblings = siblingsOf(graph.id, this.source.children(graph.id));
    const { fans, tasks, number, from, to } = siblings;
    const inputs = parent === undefined && hasArguments(graph) ? this.graphInput(graph, inside, siblings) : [];
    for (const task of tasks) {
      const fan = fans.get(task.id);
      if (fan === undefined) this.task(task, inside);
      else if (fan.members[0] === task) this.fan(fan, inside);
    }
    const links = from.map((used, i): [string, string] => [tasks[used]!.id, tasks[to[i]!]!.id]);
    const results = refsOf([this.source.result(graph.id) ?? {}]).filter((ref) => number.has(ref));
    const output = drawnEdges(results.map((ref): [string, string] => [ref, graph.id]), "result", fans, this.openFans);
    for (const { from } of output) this.model.nodes.get(from)!.result = true;
    this.join(drawnEdges(inputs, "input", fans, this.openFans), fans);
    this.join(drawnEdges(links, "data", fans, this.openFans), fans);
    if (parent !== undefined) this.model.edges.push(...output);
  }

  /** The node of the graph's input; it leads to what uses nothing else. */
  private graphInput(graph: Task, { into }: Inside, { tasks, to }: Siblings): [string, string][] {
    const id = `input:${graph.id}`;
    into.push({ id, ...SIZES.input });
    this.model.nodes.set(id, { kind: "input", id, label: "input", taskId: graph.id });
    const using = new Set(to);
    return tasks.flatMap((task, i): [string, string][] => (using.has(i) ? [] : [[id, task.id]]));
  }

  private task(task: Task, { into, parent, graph }: Inside): void {
    if (this.model.nodes.has(task.id)) return;
    const kind = task.type === "graph" ? "group" : "task";
    const node: GraphNode = { kind, id: task.id, label: labelOf(task, graph), taskId: task.id };
    if (parent !== undefined) node.parent = parent;
    const box: LayoutNode = { id: task.id, ...SIZES[kind] };
    if (kind === "group") {
      node.open = this.open.has(task.id) && this.source.children(task.id).length > 0;
      node.totals = this.source.totals(task.id);
      if (node.open) {
        box.children = [];
        this.waiting.push({ graph: task, into: box.children, parent: task.id });
      }
    }
    this.model.nodes.set(task.id, node);
    into.push(box);
  }

  private fan(fan: Fan, inside: Inside): void {
    const members = fan.members.map((task) => task.id);
    const label = `${fan.function} ×${members.length}`;
    const open = this.openFans.has(fan.id);
    const node: GraphNode = { kind: "fan", id: fan.id, label, open, members, totals: sumOf(members.map((id) => this.source.totals(id))) };
    if (inside.parent !== undefined) node.parent = inside.parent;
    this.model.nodes.set(fan.id, node);
    const box: LayoutNode = { id: fan.id, ...SIZES.fan };
    inside.into.push(box);
    if (!open) return;
    box.children = [];
    for (const task of fan.members) this.task(task, { graph: inside.graph, into: box.children, parent: fan.id });
  }

  /** Draws edges, and tells the layout of them: there, an open fan is one node among its siblings. */
  private join(edges: readonly GraphEdge[], fans: ReadonlyMap<string, Fan>): void {
    const told = new Map<string, LayoutEdge>();
    for (const edge of edges) {
      this.model.edges.push(edge);
      const [from, to] = [fans.get(edge.from)?.id ?? edge.from, fans.get(edge.to)?.id ?? edge.to];
      told.set(JSON.stringify([from, to]), { from, to });
    }
    for (const edge of told.values()) this.model.input.edges.push(edge);
  }
}

function hasArguments(task: Task): boolean {
  return (task.args ?? []).length > 0 || Object.keys(task.kwargs ?? {}).length > 0;
}

/** The last part of an id, `judge[style]`: what is before it is where it stands. */
function labelOf(task: Task, graph: Task): string {
  const prefix = `${graph.id}/`;
  return task.id.startsWith(prefix) ? task.id.slice(prefix.length) : task.id;
}

/** Programs in few words, as a model's source: `{ main: ["a", "b a", "g: a"] }` declares a, b which uses a, and a graph g. */
import type { GraphSource, GraphTotals } from "../../src/layout/model";
import type { Arg, Task } from "../../src/trace/types";

export interface Program {
  /** Children of each graph by its id: `id dependency dependency`; a graph ends in `:`. Ids are relative to the graph. */
  graphs: Record<string, string[]>;
  /** What a graph's output comes from. */
  results?: Record<string, string[]>;
  /** Arguments of the root. */
  inputs?: string[];
}

export function program({ graphs, results = {}, inputs = [] }: Program): GraphSource {
  const tasks = new Map<string, Task>();
  const children = new Map<string, Task[]>();
  const declare = (id: string, scope: string | null, type: Task["type"], args: Arg[]): Task => {
    const name = id.split("/").at(-1)!.replace(/\[.*/, "");
    const task: Task = { type, id, number: tasks.size + 1, function: name, scope, args };
    tasks.set(id, task);
    return task;
  };
  const root = declare("main", null, "graph", []);
  root.kwargs = Object.fromEntries(inputs.map((name) => [name, { size: 1 }]));
  for (const [graph, declared] of Object.entries(graphs)) {
    const made = declared.map((text) => {
      const [name, ...uses] = text.split(" ");
      const args = uses.map((use) => ({ list: [{ ref: `${graph}/${use}` }] }));
      return declare(`${graph}/${name!.replace(":", "")}`, graph, name!.endsWith(":") ? "graph" : "llm", args);
    });
    children.set(graph, made);
  }
  const below = (id: string): number => (children.get(id) ?? []).reduce((sum, task) => sum + 1 + below(task.id), 0);
  return {
    root,
    task: (id) => tasks.get(id),
    children: (id) => children.get(id) ?? [],
    result: (id) => (results[id] === undefined ? undefined : { list: results[id].map((name) => ({ ref: `${id}/${name}` })) }),
    totals: (id = "main") => totals(below(id) + (children.has(id) ? 0 : 1)),
  };
}

/** Totals of this many tasks that each cost a cent. */
export function totals(tasks: number): GraphTotals {
  return { tasks, byStatus: { succeeded: tasks }, inputTokens: 10 * tasks, outputTokens: tasks, cost: tasks, unpriced: 0, seconds: tasks, executed: tasks };
}

export function names(n: number, name: string, ...uses: string[]): string[] {
  return Array.from({ length: n }, (_, i) => [`${name}[${i}]`, ...uses.map((use) => use.replace("#", String(i)))].join(" "));
}

/**
 * A run as it is seen: which tasks it has, who declared whom, and the task run that stands for each, its own or one taken over from the
 * run that it resumed. What is computed is kept until something that it depends on changes.
 */
import { decodeChildren } from "./decode";
import { Links } from "./links";
import { entriesOf } from "./record";
import type { TraceStore } from "./store";
import { ofTaskRun, plus, type Totals } from "./totals";
import type { Arg, Children, Edit, RawJson, Run, Stage, Task, TaskRun } from "./types";

export type { Totals } from "./totals";

export type Status = NonNullable<TaskRun["status"]>;

/** A task as seen in a run. */
export interface Row {
  task: Task;
  /** How many graphs it is inside of. */
  depth: number;
  seen: TaskRun | undefined;
  status: Status;
  /** `edited` if a person edited a stage, `executed` if anything ran for it in this run, else `reused`; undefined before it has run. */
  origin: Stage["origin"] | undefined;
  /** Stages and settings that are edited in this run. */
  edited: string[];
  /** Stages and settings that are edited and not yet run. */
  pending: string[];
}

interface Inside {
  tasks: readonly Task[];
  result: Arg;
}

const STAGES = ["prompt", "response", "children", "output"] as const;

export class RunView {
  /** What causes what in it. */
  readonly links: Links;

  #structure = -1;
  #ids: string[] = [];
  #tasks = new Map<string, Task>();
  #depths = new Map<string, number>();
  #children = new Map<string, Inside>();
  readonly #totals = new Map<string, Totals>();
  /** Declarations, which are JSON in the trace. */
  readonly #declared = new WeakMap<Stage, { found: Children | undefined }>();
  /** Tasks whose task runs changed since it was walked. */
  readonly #late = new Set<string>();
  #lineage: Run[] = [];
  #spent: { version: number; totals: Totals } | undefined;
  #edits = -1;
  #pending: ReadonlyMap<string, string[]> = new Map();
  #inForce: ReadonlyMap<string, string[]> = new Map();

  constructor(
    private readonly store: TraceStore,
    private readonly id: number,
  ) {
    this.links = new Links(this);
  }

  get run(): Run {
    return this.store.runs.get(this.id)!;
  }

  get root(): Task | undefined {
    const run = this.store.runs.get(this.id);
    return run && this.store.tasks.get(run.root);
  }

  /** Ids of its tasks: the root, then what each task declared, depth first, in order. */
  get ids(): readonly string[] {
    this.#walked();
    return this.#ids;
  }

  has(id: string): boolean {
    this.#walked();
    return this.#tasks.has(id);
  }

  task(id: string): Task | undefined {
    this.#walked();
    const task = this.#tasks.get(id);
    return task && (this.store.tasks.get(task.number) ?? task); // it may have been filled
  }

  /** The tasks that a task declared. */
  children(id: string): readonly Task[] {
    this.#walked();
    return this.#children.get(id)?.tasks ?? [];
  }

  /** The task that declared a task. */
  parentOf(id: string): string | undefined {
    return this.task(id)?.scope ?? undefined;
  }

  /** Where the output of a task that declared others comes from. */
  result(id: string): Arg | undefined {
    this.#walked();
    return this.#children.get(id)?.result;
  }

  /** The task run that stands for a task: its own, or the one it took over from its parent. */
  seen(id: string): TaskRun | undefined {
    this.#walked();
    for (const run of this.#lineage) {
      const found = this.store.own(run.id, id);
      if (found !== undefined) return found;
      if (this.store.isOpen(run.id, id)) return undefined;
    }
    return undefined;
  }

  status(id: string): Status {
    const seen = this.seen(id);
    if (seen !== undefined) return seen.status ?? "running";
    if (this.run.status !== undefined && this.run.status !== "running") return "waiting";
    const used = this.links.dependencies(id);
    return used.every((each) => this.seen(each)?.status === "succeeded") ? "ready" : "waiting";
  }

  /** Throws where the run has no such task: ask `has` first. */
  row(id: string): Row {
    const task = this.task(id);
    if (task === undefined) throw new Error(`run ${this.id} has no task ${id}`);
    this.#lookAtEdits();
    const seen = this.seen(id);
    const row: Row = {
      task,
      depth: this.#depths.get(id) ?? 0,
      seen,
      status: this.status(id),
      origin: undefined,
      edited: [],
      pending: this.#pending.get(id) ?? [],
    };
    if (seen !== undefined) {
      const stages = STAGES.filter((name) => seen[name]?.origin === "edited");
      row.edited = [...new Set([...stages, ...(this.#inForce.get(id) ?? [])])].sort();
      row.origin = row.edited.length > 0 ? "edited" : seen.run === this.id && wasExecuted(seen) ? "executed" : "reused";
    }
    return row;
  }

  /** Of a task and all that is inside of it; of the whole run without an id. */
  totals(id: string | undefined = this.root?.id): Totals {
    const known = id === undefined ? undefined : this.#totals.get(id);
    if (known !== undefined && this.#structure === this.store.structureVersion) return known;
    this.#walked();
    if (id === undefined || !this.#tasks.has(id)) return ofTaskRun(undefined, "waiting", this.id);
    // those inside first, without recursion: graphs nest as deep as a program likes
    const stack = [id];
    while (stack.length > 0) {
      const at = stack[stack.length - 1]!;
      const inside = this.children(at);
      const missing = inside.filter((child) => !this.#totals.has(child.id) && this.#tasks.get(child.id)?.scope === at);
      if (missing.length > 0) {
        for (const child of missing) stack.push(child.id);
        continue;
      }
      stack.pop();
      if (this.#totals.has(at)) continue;
      const seen = this.seen(at);
      const total = ofTaskRun(seen, this.status(at), this.id);
      for (const child of inside) plus(total, this.#totals.get(child.id));
      this.#totals.set(at, total);
    }
    return this.#totals.get(id)!;
  }

  /** What the run itself took: what it reused is not counted again. */
  spent(): Totals {
    if (this.#spent?.version === this.store.version) return this.#spent.totals;
    const totals = ofTaskRun(undefined, "waiting", this.id);
    for (const seen of this.store.ownOf(this.id)) plus(totals, ofTaskRun(seen, seen.status ?? "running", this.id));
    this.#spent = { version: this.store.version, totals };
    return totals;
  }

  /** The input of the graph: arguments of the root by name; undefined where a value is not here. */
  inputs(): ReadonlyMap<string, RawJson | undefined> {
    const root = this.root;
    const positional = (root?.args ?? []).map((arg, i): [string, RawJson | undefined] => [`argument ${i + 1}`, arg.value]);
    return new Map([...positional, ...entriesOf(root?.kwargs).map(([name, arg]): [string, RawJson | undefined] => [name, arg.value])]);
  }

  /** For the store: the task run of a task changed, in a run. */
  changed(run: number, task: string): void {
    if (this.#structure !== this.store.structureVersion) this.#late.add(task); // after it was walked, who uses it is known
    else if (this.#lineage.some((each) => each.id === run)) this.#forgetTask(task);
  }

  #forgetTask(task: string): void {
    if (!this.#tasks.has(task)) return this.forget(); // nobody declared it, so who uses it is not known
    for (let at: string | undefined = task; at !== undefined; at = this.#tasks.get(at)?.scope ?? undefined) {
      if (!this.#totals.delete(at) && at !== task) break; // what is above is not known any more either
    }
    for (const user of this.links.users(task)) this.#forgetWaiting(user);
  }

  /** For the store: the run itself changed. */
  forget(): void {
    this.#totals.clear();
  }

  /** A task that had no task run may have become ready. */
  #forgetWaiting(task: string): void {
    if (this.seen(task) !== undefined) return;
    this.#forgetTotals(task);
  }

  /** Of a task, and of all that it is inside of. */
  #forgetTotals(task: string): void {
    for (let at: string | undefined = task; at !== undefined; at = this.#tasks.get(at)?.scope ?? undefined) this.#totals.delete(at);
  }

  #walked(): void {
    const structure = this.store.structureVersion;
    if (this.#structure === structure) return;
    this.#structure = structure;
    const [lineage, tasks, children] = [this.#lineage, this.#tasks, this.#children];
    this.#lineage = this.store.lineage(this.id);
    this.#ids = [];
    this.#tasks = new Map();
    this.#depths = new Map();
    this.#children = new Map();
    this.#walk();
    const root = this.root;
    if (root === undefined || tasks.get(root.id) !== root || ids(lineage) !== ids(this.#lineage)) {
      this.#totals.clear();
      this.links.forget();
    } else this.#forgetWhatChanged(tasks, children);
    this.#late.clear();
  }

  /** Most of a large run stays as it was when tasks are declared somewhere in it. */
  #forgetWhatChanged(tasks: ReadonlyMap<string, Task>, children: ReadonlyMap<string, Inside>): void {
    for (const [id, task] of tasks) {
      if (this.#tasks.get(id) === task) continue;
      this.#totals.delete(id);
      this.links.forgetTask(id);
    }
    for (const id of new Set([...children.keys(), ...this.#children.keys()])) {
      if (isSame(children.get(id), this.#children.get(id))) continue;
      this.links.forgetInside(id);
      this.#forgetTotals(id);
    }
    for (const task of this.#late) this.#forgetTask(task);
  }

  #walk(): void {
    const root = this.root;
    const stack: [Task, number][] = root ? [[root, 0]] : [];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const [task, depth] = next;
      if (this.#tasks.has(task.id)) continue; // only in a damaged trace
      this.#tasks.set(task.id, task);
      this.#depths.set(task.id, depth);
      this.#ids.push(task.id);
      const declared = this.#declaredBy(task);
      if (declared === undefined) continue;
      const children = declared.tasks.flatMap((number) => this.store.tasks.get(number) ?? []).filter((child) => child.scope === task.id);
      this.#children.set(task.id, { tasks: children, result: declared.result });
      for (const child of children.toReversed()) stack.push([child, depth + 1]);
    }
  }

  #declaredBy(task: Task): Children | undefined {
    if (task.type === "llm") return undefined;
    if (task.children != null && task.result != null) return { tasks: task.children, result: task.result };
    for (const run of this.#lineage) {
      // a graph that is open has, until it is settled, the children it had before
      const found = this.store.own(run.id, task.id);
      if (found?.children != null) return this.#childrenIn(found.children);
      if (found !== undefined && found.status !== "blocked") return undefined;
    }
    return undefined;
  }

  /** The value of a `children` stage. A reused one stands only with the task run it is from. */
  #childrenIn(stage: Stage): Children | undefined {
    const source = stage.from == null ? undefined : this.store.taskRuns.get(stage.from)?.children;
    const of = source != null && source.from == null ? source : stage;
    let known = this.#declared.get(of);
    if (known === undefined) this.#declared.set(of, (known = { found: of.value === undefined ? undefined : decodeChildren(of.value) }));
    return known.found;
  }

  #lookAtEdits(): void {
    if (this.#edits === this.store.editVersion) return;
    this.#edits = this.store.editVersion;
    this.#pending = byTask(this.store.pendingEdits(this.id));
    this.#inForce = byTask(this.store.editsInForce(this.id));
  }
}

function ids(runs: readonly Run[]): string {
  return runs.map((run) => run.id).join();
}

function isSame(one: Inside | undefined, other: Inside | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.result === other.result && one.tasks.length === other.tasks.length && one.tasks.every((task, i) => task === other.tasks[i]);
}

function byTask(edits: readonly Edit[]): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { task, stage } of edits) {
    const stages = found.get(task) ?? [];
    if (!stages.includes(stage)) found.set(task, [...stages, stage]);
  }
  return found;
}

function wasExecuted(seen: TaskRun): boolean {
  const stages = STAGES.flatMap((name) => seen[name] ?? []);
  return stages.length === 0 || (seen.attempts ?? []).length > 0 || stages.some((stage) => stage.origin === "executed");
}

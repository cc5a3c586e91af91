/**
 * The elements of a trace in maps. Elements are replaced, never changed, and nothing is folded here: what happened becomes state in
 * Python only, and a page is told how elements stand now.
 */
import type { Change, StreamPiece } from "./messages";
import { entriesOf } from "./record";
import type { Document, Edit, FunctionFacts, Run, Task, TaskRun } from "./types";
import { RunView } from "./view";

export type { Change, StreamPiece } from "./messages";

/** Text of an answer that is arriving. */
export interface Streaming {
  text: string;
  reasoning: string;
}

/** The name of an edit among those of a run: of one stage of one task there is at most one in force. */
export function editKey(task: string, stage: Edit["stage"]): string {
  return `${stage} ${task}`;
}

/** A trace, kept up to date by whoever has news of it. */
export class TraceStore {
  readonly tasks: ReadonlyMap<number, Task>;
  readonly runs: ReadonlyMap<number, Run>;
  readonly taskRuns: ReadonlyMap<number, TaskRun>;
  readonly edits: ReadonlyMap<number, Edit>;
  /** What is known of the functions, by name. */
  readonly functions: ReadonlyMap<string, FunctionFacts>;

  readonly #tasks = new Map<number, Task>();
  readonly #runs = new Map<number, Run>();
  readonly #taskRuns = new Map<number, TaskRun>();
  readonly #edits = new Map<number, Edit>();
  readonly #functions = new Map<string, FunctionFacts>();
  readonly #byRun = new Map<number, Map<string, TaskRun>>();
  readonly #open = new Map<number, Set<string>>();
  readonly #streaming = new Map<number, Streaming>();
  readonly #views = new Map<number, RunView>();
  readonly #listeners = new Set<() => void>();
  /** Ids of tasks that ever declared others: when such a one starts anew, its children of before are no longer there. */
  readonly #declaring = new Set<string>();
  #sequence: number;
  #version = 0;
  #structureVersion = 0;
  #editVersion = 0;

  /** @param document as it was opened; what comes later is not put into it. */
  constructor(readonly document: Document) {
    this.tasks = this.#tasks;
    this.runs = this.#runs;
    this.taskRuns = this.#taskRuns;
    this.edits = this.#edits;
    this.functions = this.#functions;
    this.#sequence = document.sequence ?? 0;
    this.#take(document);
  }

  /** Number of the last event that it knows of. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Rises with every change. */
  get version(): number {
    return this.#version;
  }

  /** Rises when tasks, their children or the runs change: what a tree or a layout depends on. */
  get structureVersion(): number {
    return this.#structureVersion;
  }

  /** Rises when edits or runs change. */
  get editVersion(): number {
    return this.#editVersion;
  }

  /** What is known of a task's function; with another parser it is told of apart. */
  factsOf(task: Task): FunctionFacts | undefined {
    return this.#functions.get(task.parser == null ? (task.function ?? "") : `${task.function} > ${task.parser}`);
  }

  streaming(taskRun: number): Streaming | undefined {
    return this.#streaming.get(taskRun);
  }

  /** Takes in elements as they are now, and tells whoever subscribed, once. */
  apply(change: Change): void {
    this.#take(change);
    if (change.sequence !== undefined) this.#sequence = change.sequence;
    this.#tell();
  }

  /** Puts in the whole of an element of which a part was left out. */
  fill(element: { taskRun?: TaskRun; task?: Task }): void {
    const { taskRun, task } = element;
    // what came meanwhile is newer than the answer
    const known = taskRun && this.#taskRuns.get(taskRun.id);
    if (taskRun && known && (known.status ?? "running") === (taskRun.status ?? "running")) this.#putTaskRun(withDigests(taskRun, known));
    if (task && this.#tasks.has(task.number)) this.#tasks.set(task.number, task);
    this.#tell();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** A run as it is seen; the same object as long as the store lives. */
  view(run: number): RunView {
    let view = this.#views.get(run);
    if (view === undefined) this.#views.set(run, (view = new RunView(this, run)));
    return view;
  }

  newestRun(): Run | undefined {
    let newest: Run | undefined;
    for (const run of this.#runs.values()) if (newest === undefined || run.id > newest.id) newest = run;
    return newest;
  }

  /** The run, its parent, and so on to the first. */
  lineage(run: number): Run[] {
    const found: Run[] = [];
    const met = new Set<number>();
    for (let at = this.#runs.get(run); at !== undefined && !met.has(at.id); at = at.parent == null ? undefined : this.#runs.get(at.parent)) {
      met.add(at.id);
      found.push(at);
    }
    return found;
  }

  /** The task run that a run itself stored for a task. */
  own(run: number, task: string): TaskRun | undefined {
    return this.#byRun.get(run)?.get(task);
  }

  /** All task runs that a run itself stored. */
  ownOf(run: number): Iterable<TaskRun> {
    return this.#byRun.get(run)?.values() ?? [];
  }

  /** Whether a run means to settle the task anew, and has not. */
  isOpen(run: number, task: string): boolean {
    return this.#open.get(run)?.has(task) ?? false;
  }

  /** Edits and reverts made on a run that no resumed run has taken up yet, oldest first. */
  pendingEdits(run: number): Edit[] {
    let takenUp = 0;
    for (const child of this.#runs.values()) if (child.parent === run) takenUp = Math.max(takenUp, child.last_edit ?? 0);
    return [...this.#edits.values()].filter((edit) => edit.run === run && edit.id > takenUp).sort((a, b) => a.id - b.id);
  }

  /** The edits that a run was made with. */
  editsInForce(run: number): Edit[] {
    return (this.#runs.get(run)?.edits ?? []).flatMap((id) => this.#edits.get(id) ?? []);
  }

  /** The edits that resuming a run will apply, by `editKey`: those it was made with, and the pending ones over them. */
  editsToApply(run: number): ReadonlyMap<string, Edit> {
    const found = new Map(this.editsInForce(run).map((edit) => [editKey(edit.task, edit.stage), edit]));
    for (const edit of this.pendingEdits(run)) {
      const key = editKey(edit.task, edit.stage);
      if (edit.value === undefined) found.delete(key);
      else found.set(key, edit);
    }
    return found;
  }

  /** What a resume of the run would take up that it was not made with: one edit for a stage, and none where it was taken back since. */
  editsNotRun(run: number): Edit[] {
    const before = new Map(this.editsInForce(run).map((edit) => [editKey(edit.task, edit.stage), edit]));
    const after = this.editsToApply(run);
    const last = new Map(this.pendingEdits(run).map((edit) => [editKey(edit.task, edit.stage), edit]));
    return [...last].flatMap(([key, edit]) => (before.get(key)?.value === after.get(key)?.value ? [] : [edit]));
  }

  #take(change: Change | Document): void {
    for (const task of change.tasks ?? []) this.#putTask(task);
    for (const run of change.runs ?? []) this.#putRun(run);
    for (const taskRun of change.task_runs ?? []) this.#putTaskRun(taskRun);
    for (const edit of change.edits ?? []) {
      this.#edits.set(edit.id, edit);
      this.#editVersion++;
    }
    for (const [name, facts] of entriesOf(change.functions)) this.#functions.set(name, facts);
    if ("kept" in change) for (const [run, task] of change.kept ?? []) this.#keep(run, task);
    if ("streaming" in change) for (const piece of change.streaming ?? []) this.#stream(piece);
  }

  #putTask(task: Task): void {
    this.#tasks.set(task.number, task);
    if (task.children != null) this.#declaring.add(task.id);
    this.#structureVersion++;
  }

  #putRun(run: Run): void {
    const known = this.#runs.get(run.id);
    this.#runs.set(run.id, run);
    if (!this.#byRun.has(run.id)) this.#byRun.set(run.id, new Map());
    this.#open.set(run.id, new Set(run.open ?? []));
    this.#editVersion++;
    if (known?.root !== run.root || known.parent !== run.parent) this.#structureVersion++;
    for (const view of this.#views.values()) view.forget();
  }

  #putTaskRun(taskRun: TaskRun): void {
    const { id, run, task, children } = taskRun;
    const known = this.#taskRuns.get(id);
    this.#taskRuns.set(id, taskRun);
    let own = this.#byRun.get(run);
    if (own === undefined) this.#byRun.set(run, (own = new Map<string, TaskRun>()));
    if ((own.get(task)?.id ?? id) <= id) own.set(task, taskRun); // the one that began last stands for the task, whichever is told of last
    this.#open.get(run)?.delete(task);
    if ((taskRun.status ?? "running") !== "running") this.#streaming.delete(id);
    const declares = children != null || this.#declaring.has(task);
    if (children != null) this.#declaring.add(task);
    if (declares && (known === undefined || known.children?.value !== children?.value || known.children?.from !== children?.from || known.status === "blocked")) this.#structureVersion++;
    this.#changed(run, task);
  }

  #keep(run: number, task: string): void {
    if (this.#open.get(run)?.delete(task)) this.#changed(run, task);
  }

  #stream({ task_run, text, reasoning }: StreamPiece): void {
    const known = this.#streaming.get(task_run) ?? { text: "", reasoning: "" };
    const now = { text: spliced(known.text, text), reasoning: spliced(known.reasoning, reasoning) };
    if (now.text || now.reasoning) this.#streaming.set(task_run, now);
    else this.#streaming.delete(task_run); // an attempt has ended: nothing is arriving
  }

  #changed(run: number, task: string): void {
    for (const view of this.#views.values()) view.changed(run, task);
  }

  #tell(): void {
    this.#version++;
    for (const listener of [...this.#listeners]) listener();
  }
}

/** What tells left out values apart still tells apart those that are here. */
function withDigests(whole: TaskRun, known: TaskRun): TaskRun {
  const made = { ...whole };
  for (const name of ["prompt", "response", "output"] as const) {
    const [stage, left] = [whole[name], known[name]];
    if (stage != null && left?.digest !== undefined) made[name] = { ...stage, digest: left.digest };
  }
  return made;
}

function spliced(known: string, [offset, piece]: [number, string]): string {
  return offset === known.length ? known + piece : known.slice(0, offset) + piece;
}

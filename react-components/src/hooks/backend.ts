/** What stands behind a trace: nothing but the document, or a server. Edits, plans and runs go through it. */
import type { Edit, TaskRun, Task } from "../trace/types";
import { makeAgain, makeEdit, makeRevert } from "../trace/edits";
import { mayRunAgain } from "../trace/offline";
import type { Pattern } from "../trace/pattern";
import type { SearchAnswer, SearchOptions } from "../trace/search";
import type { Plan, PlanAnswer, ProcessInfo, ServerSource } from "../trace/source";
import type { TraceStore } from "../trace/store";

export type Marks = ReadonlyMap<string, "run" | "maybe">;

/** What the components ask for. Every promise may be rejected with an Error whose message is one line for people. */
export interface TraceBackend {
  /** Whether stages can be edited; else why not. */
  readonly canEdit: boolean;
  readonly whyNot?: string;
  /** Gets what was left out of a task run or a task, where something was. */
  load?(element: { taskRun?: TaskRun; task?: Task }): Promise<void>;
  edit(run: number, task: Task, stage: Edit["stage"], text: string): Promise<Edit>;
  revert(run: number, task: Task, stage: Edit["stage"]): Promise<Edit>;
  again(run: number, task: Task): Promise<Edit>;
  /** The tasks of a run that hold a text. Without it the values that are here are searched. */
  search?(run: number, pattern: Pattern, options: SearchOptions): Promise<SearchAnswer>;
  /** The tasks that a resume of the run would or might run. */
  marks(run: number): Promise<Marks>;
  /** Only with a server: what a resume would do, and how it is started and stopped. */
  plan?(run: number): Promise<PlanAnswer>;
  /** The plan with the code as it is now. */
  planWithCode?(run: number): Promise<Plan>;
  resume?(run: number, consent: boolean): Promise<ProcessInfo>;
  stop?(): Promise<void>;
  log?(): Promise<ProcessInfo>;
}

/** Edits stay in the store, to be downloaded; what may run again is told from the dependencies alone. */
export function localBackend(store: TraceStore, now: () => number = () => Date.now() / 1000): TraceBackend {
  const added = (edit: Edit) => {
    store.apply({ edits: [edit] });
    return edit;
  };
  return {
    canEdit: true,
    edit: async (run, task, stage, text) => added(await attempt(() => makeEdit(store, run, task, stage, text, now()))),
    revert: async (run, task, stage) => added(await attempt(() => makeRevert(store, run, task, stage, now()))),
    again: async (run, task) => added(await attempt(() => makeAgain(store, run, task, now()))),
    marks: (run) => attempt(() => mayRunAgain(store, run)),
  };
}

/** Everything is asked of the server; what it answers reaches the store by the events it sends. */
export function serverBackend(store: TraceStore, source: ServerSource, can: { edit: boolean; why?: string }): TraceBackend {
  const added = (edit: Edit) => {
    store.apply({ edits: [edit] }); // shown at once; the event that follows says the same
    return edit;
  };
  return {
    canEdit: can.edit,
    whyNot: can.why,
    load: async ({ taskRun, task }) => {
      if (taskRun) store.fill({ taskRun: await source.taskRun(taskRun.id) });
      if (task) store.fill({ task: await source.task(task.number) });
    },
    edit: async (run, task, stage, text) => added(await source.edit(run, task.id, stage, text)),
    revert: async (run, task, stage) => added(await source.revert(run, task.id, stage)),
    again: async (run, task) => added(await source.again(run, task.id)),
    marks: async (run) => {
      const { plan } = await source.plan(run);
      return new Map(plan.tasks.flatMap((each) => (each.action === "kept" ? [] : [[each.task, each.action] as const])));
    },
    search: (run, pattern, { signal }) => source.search(run, pattern, signal),
    plan: (run) => source.plan(run),
    ...(can.edit && {
      planWithCode: (run: number) => source.planWithCode(run),
      resume: (run: number, consent: boolean) => source.resume(run, consent),
      stop: async () => void (await source.stop()),
    }),
    log: () => source.log(),
  };
}

function attempt<T>(make: () => T): Promise<T> {
  return new Promise((resolve) => resolve(make()));
}

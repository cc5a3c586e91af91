/** What a trace says, as `src/trace` computes it, in the form in which Python writes it to `tests/golden/rows`. */
import { readFileSync } from "node:fs";
import { compareRuns, whyOf, type Comparison, type Spent } from "../../src/trace/compare";
import { mayRunAgain } from "../../src/trace/offline";
import { modelOf } from "../../src/trace/reason";
import { TraceStore } from "../../src/trace/store";
import type { Totals } from "../../src/trace/totals";
import type { Edit, TaskRun } from "../../src/trace/types";
import type { RunView } from "../../src/trace/view";

const GOLDEN = new URL("../../../tests/golden/", import.meta.url);

export function golden(name: string): string {
  return readFileSync(new URL(name, GOLDEN), "utf8");
}

/** What a resume of a run would do with each task that it does not keep. */
export type Plan = Record<string, "run" | "maybe">;

/** Rows, as far as tests look into them. */
export interface Rows {
  runs: { id: number; status: string; plan?: Plan; pending?: number[]; to_apply?: number[]; tasks: { pending?: string[] }[] }[];
}

/** A file of rows that Python has written. */
export function written<T = Rows>(name: string): T {
  return JSON.parse(golden(`rows/${name}.json`)) as T;
}

export function rowsOf(store: TraceStore): Rows {
  const runs = [...store.runs.keys()].sort((a, b) => a - b);
  const pairs = runs.flatMap((old, at) => runs.slice(at + 1).map((now): [number, number] => [old, now]));
  return {
    id: store.document.id,
    runs: runs.map((run) => slim(runRow(store, run))),
    task_runs: sorted(store.taskRuns).map((each) => slim(taskRunRow(each))),
    edits: sorted(store.edits).map((each) => slim(editRow(each))),
    comparisons: pairs.map(([old, now]) => slim(comparisonRow(compareRuns(store, old, now), old, now))),
  } as unknown as Rows;
}

function sorted<T extends { id: number }>(elements: ReadonlyMap<number, T>): T[] {
  return [...elements.values()].sort((a, b) => a.id - b.id);
}

/** Without what is null or empty, like Python's. */
function slim(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(slim);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, each]) => !isNothing(each)).map(([name, each]) => [name, slim(each)]));
}

function isNothing(value: unknown): boolean {
  return value == null || (typeof value === "object" && Object.keys(value).length === 0);
}

function runRow(store: TraceStore, id: number) {
  const view = store.view(id);
  const run = view.run;
  const spent = view.spent();
  return {
    id,
    parent: run.parent,
    status: run.status ?? "running",
    started: run.started,
    ended: run.ended,
    app: run.app,
    model: run.model,
    scripted: run.scripted,
    error: run.error,
    input_tokens: spent.inputTokens,
    output_tokens: spent.outputTokens,
    cost: money(spent.cost),
    unpriced: spent.unpriced,
    lineage: store.lineage(id).map((each) => each.id),
    open: (run.open ?? []).filter((task) => store.isOpen(id, task)),
    edits: store.editsInForce(id).map((edit) => edit.id),
    pending: store.pendingEdits(id).map((edit) => edit.id),
    to_apply: [...store.editsToApply(id).values()].map((edit) => edit.id),
    input: [...view.inputs()],
    total: totalRow(view.totals()),
    executed: view.totals().executed,
    tasks: view.ids.map((task) => taskRow(view, task)),
  };
}

function taskRow(view: RunView, id: string) {
  const places = new Map(view.ids.map((each, place) => [each, place]));
  const placesOf = (ids: Iterable<string>) => [...ids].map((each) => places.get(each));
  const { task, depth, seen, status, origin, edited, pending } = view.row(id);
  const attempts = seen?.attempts ?? [];
  const costs = attempts.flatMap((attempt) => attempt.cost ?? []);
  const children = view.children(id);
  const { upstream, downstream, causes, effects } = { upstream: view.links.upstream(id), downstream: view.links.downstream(id), causes: view.links.causes(id), effects: view.links.effects(id) };
  return {
    id,
    type: task.type,
    function: task.function,
    scope: view.parentOf(id),
    status,
    origin,
    edited,
    pending,
    run: seen?.run,
    task_run: seen?.id,
    started: seen?.started,
    ended: seen?.ended,
    model: modelOf(seen) ?? task.model,
    attempts: attempts.length,
    input_tokens: sum(attempts.map((attempt) => attempt.usage?.input_tokens ?? 0)),
    output_tokens: sum(attempts.map((attempt) => attempt.usage?.output_tokens ?? 0)),
    cost: costs.length > 0 ? money(sum(costs)) : null,
    unpriced: attempts.filter((attempt) => attempt.usage != null && attempt.cost == null).length,
    number: task.number,
    depth,
    seconds: view.totals(id).seconds,
    children: placesOf(children.map((child) => child.id)),
    dependencies: placesOf(view.links.dependencies(id)),
    causes: causes.map(({ task, through }) => [places.get(task), through]),
    effects: effects.map(({ task, through }) => [places.get(task), through]),
    upstream: placesOf(upstream),
    downstream: placesOf(downstream),
    total: children.length > 0 ? totalRow(view.totals(id)) : null,
  };
}

function totalRow({ tasks, byStatus, inputTokens, outputTokens, unpriced, cost }: Totals) {
  const { running, succeeded, failed, blocked, cancelled } = byStatus;
  return { tasks, running, succeeded, failed, blocked, cancelled, tokens: inputTokens + outputTokens || null, unpriced: unpriced || null, cost: money(cost) };
}

function taskRunRow(taskRun: TaskRun) {
  const { id, run, task, status, started, ended, inputs, attempts, error, logs } = taskRun;
  const stages: Record<string, object> = {};
  for (const name of ["prompt", "response", "children", "output"] as const) {
    const stage = taskRun[name];
    if (stage) stages[name] = { text: stage.value, key: stage.key, origin: stage.origin, from: stage.from };
  }
  return { id, run, task, status: status ?? "running", started, ended, inputs, stages, attempts, error, logs };
}

function editRow({ id, run, task, stage, at, value }: Edit) {
  return { id, run, task, stage, at, value };
}

function comparisonRow(found: Comparison, old: number, now: number) {
  const first = found.pairs[found.first];
  return {
    old,
    new: now,
    first: found.first,
    told: first ? `first difference: ${first.id}${first.stage ? ` ${first.stage}` : ""}: ${whyOf(found, found.first)}` : "no task differs",
    counts: found.counts,
    spent: [spentRow(found.spent.before), spentRow(found.spent.after)],
    pairs: found.pairs.map((pair, place) => [pair.mark, pair.old?.id ?? null, pair.now?.id ?? null, pair.depth, pair.parent, pair.inside, pair.stage, whyOf(found, place)]),
  };
}

function spentRow({ seconds, tokens, cost }: Spent) {
  return { seconds, tokens, cost: money(cost) };
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}

/** Sums of floats depend on the order of adding up; nobody sees the twelfth digit. */
function money(cost: number | undefined): number | undefined {
  return cost === undefined ? undefined : Math.floor(cost * 1e9 + 0.5) / 1e9;
}

/** What a store shows, with what Python does not count: the tasks that wait. */
export function shown(store: TraceStore): object {
  const waiting = [...store.runs.keys()].map((run) => {
    const view = store.view(run);
    return view.ids.map((id) => view.totals(id).byStatus);
  });
  return { ...rowsOf(store), waiting };
}

/** A store of the same elements that was never another. */
export function fresh(store: TraceStore): TraceStore {
  const { format, id } = store.document;
  const made = new TraceStore({ format, id, tasks: [...store.tasks.values()], runs: [...store.runs.values()], task_runs: [...store.taskRuns.values()], edits: [...store.edits.values()] });
  const kept = [...store.runs.values()].flatMap(({ id, open = [] }) => open.filter((task) => !store.isOpen(id, task)).map((task): [number, string] => [id, task]));
  made.apply({ kept });
  return made;
}

/** Rows without the plans, which need more than the page has. */
export function withoutPlans(rows: Rows): Rows {
  return { ...rows, runs: rows.runs.map(({ plan: _, ...run }) => run) };
}

/** The tasks that a plan names and the page does not mark. */
export function unmarked(store: TraceStore, runs: { id: number; plan?: Plan | null }[]): string[] {
  return runs.flatMap(({ id, plan }) => {
    const marks = mayRunAgain(store, id);
    return Object.entries(plan ?? {}).flatMap(([task, action]) => (marks.has(task) ? [] : [`run ${id}: ${task} (${action})`]));
  });
}

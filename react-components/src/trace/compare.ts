/**
 * Two runs beside each other: which tasks are the same, which differ, and where it began; as `ltg-tui` tells it.
 */
import { aligned, firstKey, nameOf, type Partners } from "./align";
import { argumentsOf, dependenciesOf } from "./links";
import { reasonOf, type Runs } from "./reason";
import { isSame, isSameArg, statusOf } from "./same";
import type { TraceStore } from "./store";
import type { Task, TaskRun } from "./types";
import type { RunView } from "./view";

/** A task in both runs, or in one of them. */
export interface Pair {
  /** Of the task in the newer run, where it is there. */
  id: string;
  task: Task;
  old?: Task;
  now?: Task;
  before?: TaskRun;
  after?: TaskRun;
  depth: number;
  /** Place of the pair of the graph that it belongs to; -1 for the root. */
  parent: number;
  /** The same, different, only in the newer run, only in the older one. */
  mark: "=" | "~" | "+" | "−";
  /** The first stage that differs. */
  stage: string;
  /** Why, where it is not because another task differs. */
  cause: string;
  /** Place of the pair that it differs because of; -1 for none. */
  because: number;
  /** How many tasks below it differ. */
  inside: number;
}

/** What a run took by itself. */
export interface Spent {
  seconds?: number;
  tokens: number;
  cost?: number;
}

export interface Comparison {
  /** Depth first, in the order of the newer run; tasks that are gone stand where they stood. */
  pairs: Pair[];
  counts: Record<Pair["mark"], number>;
  /** Place of the pair where it began to differ; -1 when nothing differs. */
  first: number;
  spent: { before: Spent; after: Spent };
}

export function compareRuns(store: TraceStore, before: number, after: number): Comparison {
  const [old, now] = [store.view(before), store.view(after)];
  const pairs = aligning(old, now);
  for (const pair of pairs) mark(pair);
  explain(pairs, { store, before, after });
  const counts = { "=": 0, "~": 0, "+": 0, "−": 0 };
  for (const pair of pairs.toReversed()) {
    counts[pair.mark]++;
    const parent = pairs[pair.parent];
    if (parent) parent.inside += pair.inside + (pair.mark === "=" ? 0 : 1);
  }
  const caused = pairs.findIndex((pair) => pair.mark !== "=" && pair.cause !== "");
  const first = caused >= 0 ? caused : pairs.findIndex((pair) => pair.mark !== "=");
  return { pairs, counts, first, spent: { before: spentIn(old), after: spentIn(now) } };
}

/** Why a pair differs, in a few words. */
export function whyOf({ pairs }: Comparison, place: number): string {
  const pair = pairs[place]!;
  const other = pairs[pair.because];
  if (pair.cause !== "" || other === undefined) return pair.cause;
  const near = other.parent === pair.parent || other.parent === place || pair.because === pair.parent;
  return `because of ${near ? nameOf(other.task) : other.id}`;
}

// Which task goes with which

function aligning(old: RunView, now: RunView): Pair[] {
  const pairs: Pair[] = [];
  const met = new Set<string>();
  const stack: { partners: Partners; depth: number; parent: number }[] = [{ partners: [old.root, now.root], depth: 0, parent: -1 }];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { partners, depth, parent } = next;
    const [before, after] = partners;
    const task = after ?? before;
    const numbers = `${before?.number} ${after?.number}`;
    if (task === undefined || met.has(numbers)) continue; // only in a damaged trace
    met.add(numbers);
    const place = pairs.length;
    pairs.push({
      id: task.id,
      task,
      ...(before && { old: before, before: old.seen(before.id) }),
      ...(after && { now: after, after: now.seen(after.id) }),
      depth,
      parent,
      mark: "=",
      stage: "",
      cause: "",
      because: -1,
      inside: 0,
    });
    for (const each of inside(old, now, partners).toReversed()) stack.push({ partners: each, depth: depth + 1, parent: place });
  }
  return pairs;
}

function inside(old: RunView, now: RunView, [before, after]: Partners): Partners[] {
  const olds = before ? old.children(before.id) : [];
  const news = after ? now.children(after.id) : [];
  if (olds.length === news.length && olds.every((task, at) => task.number === news[at]!.number)) return olds.map((task, at) => [task, news[at]]);
  const keys = (view: RunView, tasks: readonly Task[]) => tasks.map((task) => firstKey(task, view.seen(task.id)));
  return aligned(olds, news, keys(old, olds), keys(now, news));
}

// What differs

function mark(pair: Pair): void {
  if (pair.old === undefined || pair.now === undefined) pair.mark = pair.old === undefined ? "+" : "−";
  else if (pair.before !== pair.after) {
    pair.stage = stageOf(pair.before, pair.after);
    pair.mark = pair.stage === "" ? "=" : "~";
  }
}

/** The first stage that differs; empty when none does. */
function stageOf(old: TaskRun | undefined, now: TaskRun | undefined): string {
  for (const name of ["prompt", "response"] as const) if (!isSame(old?.[name], now?.[name])) return name;
  const [was, is] = [statusOf(old), statusOf(now)];
  if (was !== is && (was === "failed" || is === "failed")) return "status";
  if (!isSame(old?.output, now?.output)) return "output";
  if (was !== is) return "status";
  return old?.error && now?.error && (old.error.type !== now.error.type || old.error.message !== now.error.message) ? "error" : "";
}

/** Whether dependents get another value. */
function givesOtherwise(pair: Pair): boolean {
  return pair.mark === "+" || pair.mark === "−" || (pair.before !== pair.after && !isSame(pair.before?.output, pair.after?.output));
}

function isDeclaredOtherwise({ old, now }: Pair): boolean {
  if (!old || !now || old.number === now.number) return false;
  const [was, is] = [argumentsOf(old), argumentsOf(now)];
  const byName = new Map(is);
  return was.length !== is.length || was.some(([name, arg]) => !isSameArg(arg, byName.get(name)));
}

// Why

function explain(pairs: Pair[], runs: Runs): void {
  const places = new Map<string, number>();
  for (const [at, { old, now }] of pairs.entries()) if (old && !now && !places.has(old.id)) places.set(old.id, at);
  for (const [at, { now }] of pairs.entries()) if (now) places.set(now.id, at);
  const givenOtherwise: boolean[] = [];
  for (const [at, pair] of pairs.entries()) {
    const parent = pairs[pair.parent];
    const isAlone = pair.mark === "+" || pair.mark === "−";
    const declaredOtherwise = isDeclaredOtherwise(pair);
    let other = -1;
    for (const ref of dependenciesOf(pair.task)) {
      const place = places.get(ref);
      if (other < 0 && place !== undefined && givesOtherwise(pairs[place]!)) other = place;
    }
    if (other < 0 && parent && givenOtherwise[pair.parent] && (declaredOtherwise || isAlone)) other = pair.parent;
    givenOtherwise[at] = other >= 0 || declaredOtherwise;
    if (pair.mark !== "=") Object.assign(pair, reasonOf(pairs, at, other, declaredOtherwise, runs));
  }
}

// Sums

function spentIn(view: RunView): Spent {
  const { inputTokens, outputTokens, cost } = view.spent();
  const { started, ended } = view.run;
  return { ...(ended != null && { seconds: ended - started }), tokens: inputTokens + outputTokens, ...(cost !== undefined && { cost }) };
}

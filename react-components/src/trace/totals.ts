/**
 * What tasks add up to in a run. Tokens and cost are what the run itself spent: what it took over is not counted again. What is not known
 * of any task is undefined, never 0.
 */
import type { Status } from "./view";
import type { TaskRun } from "./types";

export interface Totals {
  tasks: number;
  /** Graphs that failed only since a task in them did are not counted. */
  byStatus: Partial<Record<Status, number>>;
  inputTokens: number;
  outputTokens: number;
  /** US dollars. */
  cost: number | undefined;
  /** Answers that have no price. */
  unpriced: number;
  /** How long the task itself took, what is inside of it included; undefined while it runs. */
  seconds: number | undefined;
  /** Tasks that this run settled itself, and did not only take over. */
  executed: number;
}

/** The totals of one task alone. */
export function ofTaskRun(seen: TaskRun | undefined, status: Status, run: number): Totals {
  const own = seen?.run === run;
  const total: Totals = {
    tasks: 1,
    byStatus: isBecauseOfAChild(seen) ? {} : { [status]: 1 },
    inputTokens: 0,
    outputTokens: 0,
    cost: undefined,
    unpriced: 0,
    seconds: seen?.started != null && seen.ended != null ? seen.ended - seen.started : undefined,
    executed: own && status !== "blocked" && seen.output?.origin !== "reused" ? 1 : 0,
  };
  for (const { usage, cost } of (own && seen.attempts) || []) {
    total.inputTokens += usage?.input_tokens ?? 0;
    total.outputTokens += usage?.output_tokens ?? 0;
    if (cost != null) total.cost = (total.cost ?? 0) + cost;
    else if (usage != null) total.unpriced++;
  }
  return total;
}

/** Whether a graph failed only since a task in it did. */
export function isBecauseOfAChild(seen: TaskRun | undefined): boolean {
  return seen?.status === "failed" && seen.error?.type === "ChildFailed";
}

/** Adds what is inside of a task to it. */
export function plus(total: Totals, inside: Totals | undefined): void {
  if (inside === undefined) return;
  total.tasks += inside.tasks;
  for (const status in inside.byStatus) total.byStatus[status as Status] = (total.byStatus[status as Status] ?? 0) + inside.byStatus[status as Status]!;
  total.inputTokens += inside.inputTokens;
  total.outputTokens += inside.outputTokens;
  if (inside.cost !== undefined) total.cost = (total.cost ?? 0) + inside.cost;
  total.unpriced += inside.unpriced;
  total.executed += inside.executed;
}

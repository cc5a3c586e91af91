/** What tasks took, added up. What is not known of any of them is undefined, never 0. */
import type { Status } from "./view";
import type { TaskRun } from "./types";

export interface Totals {
  tasks: number;
  byStatus: Partial<Record<Status, number>>;
  inputTokens: number;
  outputTokens: number;
  /** US dollars. */
  cost: number | undefined;
  /** Answers that have no price. */
  unpriced: number;
  /** How long the task itself took, what is inside of it included; undefined while it runs. */
  seconds: number | undefined;
  /** Tasks that this run executed. */
  executed: number;
}

/** The totals of one task alone. */
export function ofTaskRun(seen: TaskRun | undefined, status: Status, run: number): Totals {
  const total: Totals = {
    tasks: 1,
    byStatus: { [status]: 1 },
    inputTokens: 0,
    outputTokens: 0,
    cost: undefined,
    unpriced: 0,
    seconds: seen?.started != null && seen.ended != null ? seen.ended - seen.started : undefined,
    executed: seen?.run === run && (seen.attempts?.length ?? 0) > 0 ? 1 : 0,
  };
  for (const { usage, cost } of seen?.attempts ?? []) {
    total.inputTokens += usage?.input_tokens ?? 0;
    total.outputTokens += usage?.output_tokens ?? 0;
    if (cost != null) total.cost = (total.cost ?? 0) + cost;
    else if (usage != null) total.unpriced++;
  }
  return total;
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

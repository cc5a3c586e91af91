/** Totals of several tasks. What is unknown of all of them stays unknown; it is never 0. */

/** The same as the totals of a run's view. */
export interface GraphTotals {
  tasks: number;
  byStatus: Partial<Record<"waiting" | "ready" | "running" | "succeeded" | "failed" | "blocked" | "cancelled", number>>;
  inputTokens: number;
  outputTokens: number;
  cost: number | undefined;
  unpriced: number;
  seconds: number | undefined;
  executed: number;
}

export function sumOf(all: Iterable<GraphTotals>): GraphTotals {
  const sum: GraphTotals = { tasks: 0, byStatus: {}, inputTokens: 0, outputTokens: 0, cost: undefined, unpriced: 0, seconds: undefined, executed: 0 };
  for (const each of all) {
    sum.tasks += each.tasks;
    for (const [status, count] of Object.entries(each.byStatus) as [keyof GraphTotals["byStatus"], number][]) {
      sum.byStatus[status] = (sum.byStatus[status] ?? 0) + count;
    }
    sum.inputTokens += each.inputTokens;
    sum.outputTokens += each.outputTokens;
    sum.unpriced += each.unpriced;
    sum.executed += each.executed;
    if (each.cost !== undefined) sum.cost = (sum.cost ?? 0) + each.cost;
    if (each.seconds !== undefined) sum.seconds = (sum.seconds ?? 0) + each.seconds;
  }
  return sum;
}

/** One task in the run that is looked at, with what was left out of it asked for. */
import { useEffect, useState } from "react";
import type { Arg, Stage, Task, TaskRun } from "../trace/types";
import type { Row, Totals } from "../trace/view";
import { argumentsOf } from "../trace/links";
import { useTrace } from "./TraceProvider";

export interface TaskInView extends Row {
  totals: Totals;
  /** Whether a resume would, or might, run it again. */
  mark: "run" | "maybe" | undefined;
  /** Text of an answer that is arriving. */
  streaming: { text: string; reasoning: string } | undefined;
  /** What was left out is on its way, or why it could not be had. */
  loading: boolean;
  problem: string | undefined;
}

/** The task of that id, or undefined where the run has none. */
export function useTask(id: string | undefined): TaskInView | undefined {
  const { view, store, marks, backend } = useTrace();
  const row = id !== undefined && view?.has(id) ? view.row(id) : undefined;
  const taskRun = row?.seen && isPartial(row.seen) ? row.seen : undefined;
  const task = row && isPartialTask(row.task) ? row.task : undefined;
  const [problem, setProblem] = useState<{ of: string; text: string }>();
  const of = `${taskRun?.id ?? ""} ${task?.number ?? ""}`;
  useEffect(() => {
    if (!backend.load || (!taskRun && !task)) return;
    let gone = false;
    backend.load({ taskRun, task }).catch((error: unknown) => {
      if (!gone) setProblem({ of, text: error instanceof Error ? error.message : String(error) });
    });
    return () => {
      gone = true;
    };
  }, [backend, taskRun, task, of]);
  if (!row || !view || id === undefined) return undefined;
  const failed = problem?.of === of ? problem.text : undefined;
  return {
    ...row,
    totals: view.totals(id),
    mark: marks.get(id),
    streaming: row.seen ? store.streaming(row.seen.id) : undefined,
    loading: (taskRun !== undefined || task !== undefined) && failed === undefined,
    problem: failed,
  };
}

function isPartial(run: TaskRun): boolean {
  return [run.prompt, run.response, run.output].some((stage) => stage != null && isLeftOut(stage));
}

function isPartialTask(task: Task): boolean {
  const stack: Arg[] = argumentsOf(task).map(([, arg]) => arg);
  for (let arg = stack.pop(); arg; arg = stack.pop()) {
    if (isLeftOut(arg)) return true;
    stack.push(...(arg.list ?? []), ...Object.values(arg.dict ?? {}));
  }
  return false;
}

/** Whether a server kept the value back, to send it when somebody looks. */
export function isLeftOut(holder: Stage | Arg): boolean {
  return holder.value === undefined && holder.size !== undefined;
}

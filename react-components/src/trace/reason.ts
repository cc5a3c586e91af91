/** Why a task differs between two runs: because another one does, because a person edited it, or by itself. */
import type { Pair } from "./compare";
import { isSame, statusOf } from "./same";
import { editKey, type TraceStore } from "./store";
import { isBecauseOfAChild } from "./totals";
import type { Edit, TaskRun } from "./types";

/** The two runs. */
export interface Runs {
  store: TraceStore;
  before: number;
  after: number;
}

type Reason = Partial<Pick<Pair, "cause" | "because" | "stage">>;

/**
 * @param at place of the pair.
 * @param other place of a pair that gives it another value, or that declares it; -1 for none.
 * @param declaredOtherwise whether its arguments are written down otherwise.
 */
export function reasonOf(pairs: readonly Pair[], at: number, other: number, declaredOtherwise: boolean, runs: Runs): Reason {
  const pair = pairs[at]!;
  const edited = editedReason(pair, runs);
  if (edited !== undefined) return edited;
  const parent = pairs[pair.parent];
  if (pair.mark === "+" || pair.mark === "−") {
    if (parent?.mark === pair.mark) return { because: pair.parent };
    return other >= 0 ? { because: other } : { cause: `only in run ${pair.mark === "+" ? runs.after : runs.before}` };
  }
  if ((pair.stage === "response" || pair.stage === "error") && pair.before?.prompt != null) return { cause: ownCause(pair, runs) };
  if (other >= 0 && !(pair.task.type === "llm" && pair.stage === "output")) return { because: other };
  if (declaredOtherwise) return parent ? { cause: `${parent.id} gave it other arguments` } : { cause: "the input is another", stage: "input" };
  const inside = pair.task.type === "graph" ? differingInside(pairs, at) : -1;
  return inside >= 0 ? { because: inside } : { cause: ownCause(pair, runs) };
}

function differingInside(pairs: readonly Pair[], at: number): number {
  for (let below = at + 1; below < pairs.length && pairs[below]!.depth > pairs[at]!.depth; below++) if (pairs[below]!.mark !== "=") return below;
  return -1;
}

const SETTINGS = { model: "model", params: "parameters", sample: "sample" } as const;

/** Whether a person made the difference. */
function editedReason(pair: Pair, runs: Runs): Reason | undefined {
  const { id, before, after } = pair;
  for (const name of ["prompt", "response", "output"] as const) {
    const [was, is] = [before?.[name], after?.[name]];
    if ((was?.origin !== "edited" && is?.origin !== "edited") || isSame(was, is)) continue;
    const cause = is?.origin === "edited" ? "edited by you" : notAnyMore("edit", runs);
    return { cause, stage: pair.stage === "status" ? name : pair.stage };
  }
  if (!["response", "output", "status"].includes(pair.stage)) return undefined;
  for (const setting of ["model", "params", "sample"] as const) {
    const [was, is] = [runs.before, runs.after].map((run) => isInForce(runs.store, run, id, setting));
    if (is && !was) return { cause: setting === "sample" ? "a new sample" : `its ${SETTINGS[setting]} was edited by you` };
    if (was && !is) return { cause: notAnyMore(`edit of its ${SETTINGS[setting]}`, runs) };
  }
  return undefined;
}

function isInForce(store: TraceStore, run: number, task: string, stage: Edit["stage"]): boolean {
  return store.editsInForce(run).some((edit) => editKey(edit.task, edit.stage) === editKey(task, stage));
}

function notAnyMore(edit: string, { store, before, after }: Runs): string {
  return store.lineage(after).some((run) => run.id === before) ? `the ${edit} was taken back` : `only run ${before} has the ${edit}`;
}

/** Why a task differs that was given the same. */
function ownCause({ task, stage, before, after }: Pair, runs: Runs): string {
  const [was, is] = [statusOf(before), statusOf(after)];
  if (stage === "status" || stage === "error" || was !== is || before === undefined || after === undefined) {
    const error = isBecauseOfAChild(after) ? undefined : after?.error;
    return `${was} → ${is}${error ? `, ${error.type}: ${error.message}` : ""}`;
  }
  if (stage === "prompt") return "its prompt function was changed";
  if (stage === "response") return otherAnswer(before, after, runs);
  if (before.output && after.output && before.output.key === after.output.key) return "another result of the same code";
  return task.type === "llm" ? "its parser was changed" : "its code was changed";
}

function otherAnswer(before: TaskRun, after: TaskRun, { store, ...runs }: Runs): string {
  const [was, is] = [modelOf(before), modelOf(after)];
  if (was && is && was !== is) return `another model: ${was} → ${is}`;
  const [wasScripted, isScripted] = [runs.before, runs.after].map((run) => Boolean(store.runs.get(run)?.scripted));
  return wasScripted !== isScripted ? "answered by a script in one of the runs" : "another answer to the same prompt";
}

/** The model that answered. */
export function modelOf(taskRun: TaskRun | undefined): string | undefined {
  return taskRun?.attempts?.findLast((attempt) => attempt.model)?.model ?? undefined;
}

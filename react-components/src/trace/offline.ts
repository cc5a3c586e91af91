/** What can be told, and kept, without a server: which tasks an edit may reach, and the trace with the edits in it. */
import { Reader } from "./json";
import type { TraceStore } from "./store";
import { isBecauseOfAChild } from "./totals";
import type { Edit, TaskRun } from "./types";
import { editJson } from "./write";

const CALLED = new Set<Edit["stage"]>(["sample", "input"]);

/**
 * The tasks that may run again on a resume: what did not succeed, what is edited, and all that these can reach. A server's plan knows
 * more: it compares values.
 */
export function mayRunAgain(store: TraceStore, run: number): ReadonlyMap<string, "run" | "maybe"> {
  const view = store.view(run);
  const marks = new Map<string, "run" | "maybe">();
  if (store.runs.get(run)?.status === "running") return marks;
  const pending = store.pendingEdits(run).filter((edit) => view.has(edit.task));
  const pinned = new Set([...store.editsToApply(run).values()].filter((edit) => edit.stage === "output").map((edit) => edit.task));
  const starts = new Map<string, "run" | "maybe">();
  for (const id of view.ids) {
    const seen = view.seen(id);
    if (seen?.status !== "succeeded" && !pinned.has(id)) starts.set(id, ranByItself(seen) ? "run" : "maybe");
  }
  for (const { task, stage } of pending) if (stage !== "output") starts.set(task, "run");
  for (const [id, mark] of starts) marks.set(id, mark);
  const reach = (ids: ReadonlySet<string>) => {
    for (const id of ids) if (!marks.has(id) && !pinned.has(id)) marks.set(id, "maybe");
  };
  for (const id of starts.keys()) reach(view.links.affected(id));
  for (const { task, stage } of pending) reach(CALLED.has(stage) || view.task(task)?.type !== "llm" ? below(view, task, stage) : view.links.affected(task));
  for (const { task, stage, value } of pending) if (stage === "output" && value === undefined) marks.set(task, "run");
  return marks;
}

function below(view: ReturnType<TraceStore["view"]>, task: string, stage: Edit["stage"]): ReadonlySet<string> {
  return stage === "output" ? view.links.affected(task) : view.links.downstream(task);
}

function ranByItself(seen: TaskRun | undefined): boolean {
  return (seen?.status === "failed" && !isBecauseOfAChild(seen)) || seen?.status === "cancelled";
}

/**
 * The text of a trace with these edits at the end of its list and its `sequence` raised by their number. All else stays as it is, byte
 * for byte.
 */
export function withEdits(original: string, edits: readonly Edit[]): string {
  if (edits.length === 0) return original;
  const { places, end } = topLevel(original);
  const lines = edits.map(editJson).join(",\n");
  const changes: [from: number, to: number, text: string][] = [];
  const list = places.get("edits");
  if (list === undefined) changes.push([end, end, `${places.size > 0 ? "," : ""}\n"edits":[\n${lines}\n]`]);
  else if (/^\[\s*\]$/.test(original.slice(...list))) changes.push([...list, `[\n${lines}\n]`]);
  else {
    const last = list[0] + original.slice(...list).replace(/\s*\]$/, "").length;
    changes.push([last, last, `,\n${lines}`]);
  }
  const sequence = places.get("sequence");
  if (sequence !== undefined) changes.push([...sequence, String(Number(original.slice(...sequence)) + edits.length)]);
  let text = original;
  for (const [from, to, piece] of changes.sort((a, b) => b[0] - a[0])) text = text.slice(0, from) + piece + text.slice(to);
  return text;
}

/** Where the values of the outermost dict stand, and its closing bracket. */
function topLevel(text: string): { places: Map<string, [number, number]>; end: number } {
  const reader = new Reader(text);
  const places = new Map<string, [number, number]>();
  reader.expect(0x7b);
  for (let first = true; reader.more(0x7d, first); first = false) {
    const key = reader.key();
    reader.next();
    const start = reader.at;
    reader.skip();
    places.set(key, [start, reader.at]);
  }
  return { places, end: reader.at - 1 };
}

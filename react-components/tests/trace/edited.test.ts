/** What a person types becomes the edit that Python makes of it, or is refused likewise; and is downloaded as Python would write it. */
import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { decodeTrace } from "../../src/trace/decode";
import { EditRefused, makeAgain, makeEdit, makeRevert } from "../../src/trace/edits";
import { withEdits } from "../../src/trace/offline";
import { TraceStore } from "../../src/trace/store";
import type { Edit } from "../../src/trace/types";
import { golden, rowsOf, unmarked, written, type Plan } from "./rows";

const AT = 1_700_000_000.5;

interface Step {
  run: number;
  task: string;
  stage: Edit["stage"];
  do: "edit" | "revert" | "again";
  text: string;
  id?: number;
  value?: string | null;
  refused?: string;
}

interface Edited {
  steps: Step[];
  written: string;
  runs: { id: number; pending: number[] | null; to_apply: number[] | null; plan: Plan | null }[];
  pending: (string[] | null)[][];
}

describe.each(["finished", "failed", "explicit", "edits", "spaced"])("%s", (name) => {
  const rows = written<Edited>(`${name}.edited`);
  const original = golden(`${name}.json`);
  const store = new TraceStore(decodeTrace(original));
  const made: Edit[] = [];

  test.each(rows.steps)("%#: $do $task $stage", (step) => {
    const edit = attempt(() => doStep(store, step));
    if (typeof edit === "string") {
      expect(step.refused === "" ? "" : edit).toBe(step.refused);
      return;
    }
    expect(step.refused).toBeUndefined();
    expect([edit.id, edit.value ?? null]).toEqual([step.id, step.value]);
    store.apply({ edits: [edit] });
    made.push(edit);
  });

  test("the page shows what is not yet run as Python does", () => {
    const { runs } = rowsOf(store);
    expect(runs.map((run) => run.tasks.map((task) => task.pending ?? null))).toEqual(rows.pending);
    expect(runs.map(({ id, pending, to_apply }) => [id, pending ?? null, to_apply ?? null])).toEqual(rows.runs.map(({ id, pending, to_apply }) => [id, pending, to_apply]));
    expect(unmarked(store, rows.runs)).toEqual([]);
  });

  test("the downloaded trace is the one that Python would write", () => {
    const text = withEdits(original, made);
    if (name !== "spaced") expect(createHash("sha256").update(text).digest("hex")).toBe(rows.written);
    expect(rowsOf(new TraceStore(decodeTrace(text)))).toEqual(rowsOf(store));
  });
});

function doStep(store: TraceStore, step: Step): Edit {
  const task = store.view(step.run).task(step.task)!;
  if (step.do === "revert") return makeRevert(store, step.run, task, step.stage, AT);
  if (step.do === "again") return makeAgain(store, step.run, task, AT);
  return makeEdit(store, step.run, task, step.stage, step.text, AT);
}

/** What was made, or why not, without where the JSON is wrong. */
function attempt(make: () => Edit): Edit | string {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof EditRefused)) throw error;
    expect(error.message).not.toContain("\n");
    return error.message.split(" (")[0]!;
  }
}

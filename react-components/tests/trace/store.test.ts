/** What a store tells whoever looks at it. */
import { expect, test, vi } from "vitest";
import { TraceStore } from "../../src/trace/store";
import type { Document, RawJson } from "../../src/trace/types";

const DOCUMENT: Document = {
  format: "llmtaskgraph/1",
  id: "t",
  tasks: [
    { type: "graph", id: "main", number: 1, children: [2, 3], result: { ref: "main/b" } },
    { type: "python", id: "main/a", number: 2, scope: "main", function: "a" },
    { type: "python", id: "main/b", number: 3, scope: "main", function: "b", args: [{ ref: "main/a" }] },
  ],
  runs: [{ id: 1, root: 1, started: 0 }],
};

test("what was ready in a run that has ended waits", () => {
  const store = new TraceStore(DOCUMENT);
  const view = store.view(1);
  expect(view.totals().byStatus).toEqual({ ready: 2, waiting: 1 });
  store.apply({ runs: [{ id: 1, root: 1, started: 0, ended: 1, status: "cancelled" }] });
  expect(view.totals().byStatus).toEqual({ waiting: 3 });
});

test("what needs another task is ready as soon as that one is done", () => {
  const store = new TraceStore(DOCUMENT);
  const view = store.view(1);
  expect(view.status("main/b")).toBe("waiting");
  store.apply({ task_runs: [{ id: 1, run: 1, task: "main/a", status: "succeeded", output: { value: "1" as RawJson, key: "k", origin: "executed" } }] });
  expect([view.status("main/b"), view.totals().byStatus]).toEqual(["ready", { ready: 2, succeeded: 1 }]);
});

test("whoever listens is told once for each change, and no more after having left", () => {
  const store = new TraceStore(DOCUMENT);
  const told = vi.fn();
  const leave = store.subscribe(told);
  store.apply({ sequence: 5, edits: [{ id: 1, run: 1, task: "main/a", stage: "output", at: 0, value: "1" as RawJson }], kept: [[1, "main/a"]] });
  expect([told.mock.calls.length, store.sequence, store.version]).toEqual([1, 5, 1]);
  leave();
  store.apply({});
  expect([told.mock.calls.length, store.version]).toEqual([1, 2]);
});

test("an edit that takes the place of another is applied in its place, and one that is taken back not at all", () => {
  const store = new TraceStore(DOCUMENT);
  const edit = (id: number, task: string, value?: string) => ({ id, run: 1, task, stage: "output" as const, at: 0, ...(value && { value: value as RawJson }) });
  store.apply({ edits: [edit(1, "main/a", "1"), edit(2, "main/b", "2"), edit(3, "main/a", "3")] });
  expect([...store.editsToApply(1).values()].map(({ id }) => id)).toEqual([3, 2]);
  store.apply({ edits: [edit(4, "main/b")] });
  expect([...store.editsToApply(1).values()].map(({ id }) => id)).toEqual([3]);
  expect(store.pendingEdits(1).map(({ id }) => id)).toEqual([1, 2, 3, 4]);
});

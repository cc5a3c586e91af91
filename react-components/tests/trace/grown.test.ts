/** A store that grew bit by bit, in whatever order and with whatever was looked at meanwhile, shows what one shows that was read whole. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareRuns } from "../../src/trace/compare";
import { decodeOpened, decodeTrace } from "../../src/trace/decode";
import type { Change } from "../../src/trace/messages";
import { TraceStore } from "../../src/trace/store";
import type { Document, TaskRun } from "../../src/trace/types";
import { golden, rowsOf, withoutPlans, written } from "./rows";

describe.each(["nested", "edits", "troubles", "explicit", "resumed"])("%s", (name) => {
  const document = decodeTrace(golden(`${name}.json`));
  const news = newsOf(document);
  const rows = withoutPlans(written(name));

  test("in any order", () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(news, { minLength: news.length }), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }), fc.boolean(), (order, sizes, looks) => {
        const { format, id, functions } = document;
        const store = new TraceStore({ format, id, functions });
        for (let at = 0, batch = 0; at < order.length; batch++) {
          const size = sizes[batch % sizes.length]!;
          store.apply(merged(order.slice(at, at + size)));
          at += size;
          if (looks && batch % 4 === 0) look(store);
        }
        store.apply({ task_runs: document.task_runs! }); // whatever came last, this is how they ended
        expect(rowsOf(store)).toEqual(rows);
      }),
      { numRuns: 15 },
    );
  });
});

/** Each element by itself; task runs as they began, too. */
function newsOf({ tasks = [], runs = [], task_runs = [], edits = [] }: Document): Change[] {
  const began = task_runs.map(({ id, run, task, started }): TaskRun => ({ id, run, task, started, status: "running" }));
  return [
    ...tasks.map((task) => ({ tasks: [task] })),
    ...runs.map((run) => ({ runs: [run] })),
    ...[...began, ...task_runs].map((taskRun) => ({ task_runs: [taskRun] })),
    ...edits.map((edit) => ({ edits: [edit] })),
  ];
}

function merged(changes: Change[]): Change {
  return {
    tasks: changes.flatMap((change) => change.tasks ?? []),
    runs: changes.flatMap((change) => change.runs ?? []),
    task_runs: changes.flatMap((change) => change.task_runs ?? []),
    edits: changes.flatMap((change) => change.edits ?? []),
  };
}

/** All that a page asks of a run that it knows. */
function look(store: TraceStore): void {
  for (const run of store.runs.keys()) {
    const view = store.view(run);
    for (const id of view.ids) view.row(id);
    view.totals();
    view.spent();
  }
}

describe.each(["edits", "explicit", "nested"])("%s without its values", (name) => {
  const [[, text]] = written<{ opened: [[number, string]] }>(`${name}.light`).opened;
  const whole = new TraceStore(decodeTrace(golden(`${name}.json`)));
  const { document } = decodeOpened(text);

  test("has the same tasks, links and differences", () => {
    const store = new TraceStore(document);
    const left = [...store.taskRuns.values()].filter(({ output }) => output && output.value === undefined);
    expect(left.length).toBeGreaterThan(3);
    expect(compared(store)).toEqual(compared(whole));
    for (const run of store.runs.keys()) expect(store.view(run).ids).toEqual(whole.view(run).ids);
  });

  test("has all rows when each value was sent, in any order", () => {
    const fills = [...document.task_runs!.map(({ id }) => ({ taskRun: whole.taskRuns.get(id)! })), ...document.tasks!.map(({ number }) => ({ task: whole.tasks.get(number)! }))];
    fc.assert(
      fc.property(fc.shuffledSubarray(fills, { minLength: fills.length }), (order) => {
        const store = new TraceStore(document);
        compared(store);
        for (const element of order) store.fill(element);
        expect(rowsOf(store)).toEqual(rowsOf(whole));
      }),
      { numRuns: 5 },
    );
  });

  test("shows no answer that is older than what came meanwhile", () => {
    const store = new TraceStore(document);
    const taskRun = document.task_runs!.find(({ status }) => status === "succeeded")!;
    store.fill({ taskRun: { ...taskRun, status: "running" } });
    expect(store.taskRuns.get(taskRun.id)).toBe(taskRun);
  });
});

function compared(store: TraceStore) {
  const runs = [...store.runs.keys()];
  return runs.slice(1).map((run) => compareRuns(store, 1, run).pairs.map(({ id, mark, stage, cause, because }) => [id, mark, stage, cause, because]));
}

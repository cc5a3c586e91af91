/** What a view has computed is kept while a run goes on: it must be what a view that was never asked before computes. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { TraceStore, type Change } from "../../src/trace/store";
import type { Arg, Document, RawJson, Run, Task, TaskRun } from "../../src/trace/types";

const STATUSES = ["running", "succeeded", "failed", "blocked"] as const;
const DOCUMENT: Document = { format: "llmtaskgraph/1", id: "t", tasks: [{ type: "graph", id: "m", number: 1, function: "m" }], runs: [{ id: 1, root: 1, started: 0 }] };

/** Tasks m/0 to m/3, and in each of them m/N/0 to m/N/2; one may come in several versions, that use others. */
const task = fc.record({ in: fc.constantFrom("m", "m/0", "m/1", "m/2"), name: fc.nat(2), uses: fc.nat(3), version: fc.nat(1) }).map((given): Task => {
  const [id, uses] = [`${given.in}/${given.name}`, `${given.in}/${given.uses}`];
  const args: Arg[] = uses === id ? [] : [{ ref: uses }];
  return { type: "graph", id, number: numberOf(id, given.version), function: "f", scope: given.in, args };
});

const ran = fc.record({ again: fc.nat(1), run: fc.constantFrom(1, 2), status: fc.constantFrom(...STATUSES), cost: fc.nat(9) });
const declared = fc.option(fc.uniqueArray(fc.record({ name: fc.nat(2), version: fc.nat(1) }), { selector: ({ name }) => name, maxLength: 3 }), { nil: undefined });
const PLACES = ["m", "m/0", "m/1", "m/2", "m/0/0", "m/0/1", "m/1/2"];
const place = fc.constantFrom(...PLACES);

const taskRun = fc.tuple(ran, place, declared).map(([{ again, run, status, cost }, at, inside]): TaskRun => {
  const id = 1 + PLACES.indexOf(at) * 4 + run * 2 - again; // a task run is of one task in one run for ever; a task may begin anew
  const made: TaskRun = { id, run, task: at, status, attempts: [{ started: 0, status: "succeeded", cost }] };
  if (inside) made.children = { origin: "executed", key: "k", value: JSON.stringify({ tasks: inside.map(({ name, version }) => numberOf(`${at}/${name}`, version)), result: { value: 0 } }) as RawJson };
  return made;
});

const change = fc.oneof(
  { weight: 3, arbitrary: fc.array(taskRun, { minLength: 1, maxLength: 3 }).map((task_runs): Change => ({ task_runs })) },
  { weight: 2, arbitrary: fc.array(task, { minLength: 1, maxLength: 3 }).map((tasks): Change => ({ tasks })) },
  { weight: 1, arbitrary: place.map((at): Change => ({ kept: [[2, at]] })) },
  { weight: 1, arbitrary: fc.constantFrom<Run["status"]>("running", "failed").map((status): Change => ({ runs: [{ id: 1, root: 1, started: 0, status }] })) },
  { weight: 1, arbitrary: fc.tuple(fc.subarray(["m", "m/0", "m/0/1"]), fc.constantFrom(1, null)).map(([open, parent]): Change => ({ runs: [{ id: 2, root: 1, started: 1, parent, open }] })) },
);

function numberOf(id: string, version: number): number {
  return 2 + [...id].reduce((sum, letter) => sum * 7 + "m/0123".indexOf(letter), 0) * 2 + version;
}

/** All that can be asked of the views of the runs. */
function told(store: TraceStore) {
  return [...store.runs.keys()].map((run) => {
    const view = store.view(run);
    return view.ids.map((id) => [id, view.totals(id), view.status(id), view.children(id).map((child) => child.number), view.links.dependencies(id), view.links.users(id), [...view.links.upstream(id)], view.links.effects(id)]);
  });
}

test("what is kept from one change to the next is what would be computed anew", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(change, fc.boolean()), { maxLength: 30 }), (changes) => {
      const store = new TraceStore(DOCUMENT);
      changes.forEach(([each, asked], i) => {
        store.apply(each);
        if (!asked) return; // several changes may come before somebody looks
        const anew = new TraceStore(DOCUMENT);
        for (const [before] of changes.slice(0, i + 1)) anew.apply(before);
        expect(told(store)).toEqual(told(anew));
      });
    }),
    { numRuns: 500 },
  );
});

test("totals of what did not change are kept when tasks are declared elsewhere", () => {
  const tasks: Task[] = [0, 1].map((n) => ({ type: "graph", id: `m/${n}`, number: n + 2, function: "f", scope: "m" }));
  const store = new TraceStore({ ...DOCUMENT, tasks: [...DOCUMENT.tasks!, ...tasks] });
  const children = (...numbers: number[]) => ({ origin: "executed" as const, key: "k", value: JSON.stringify({ tasks: numbers, result: { value: 0 } }) as RawJson });
  store.apply({ task_runs: [{ id: 1, run: 1, task: "m", children: children(2, 3) }] });
  const view = store.view(1);
  const [whole, kept] = [view.totals("m"), view.totals("m/1")];
  store.apply({ tasks: [{ type: "python", id: "m/0/0", number: 4, function: "g", scope: "m/0" }], task_runs: [{ id: 2, run: 1, task: "m/0", children: children(4) }] });
  expect(view.totals("m").tasks).toBe(whole.tasks + 1);
  expect(view.totals("m/1")).toBe(kept);
});

test("of two task runs of a task the one that began last stands for it, whichever is told of last", () => {
  const store = new TraceStore(DOCUMENT);
  const [before, now]: TaskRun[] = [
    { id: 1, run: 1, task: "m", status: "failed", output: { origin: "executed", key: "k", size: 9_000 } },
    { id: 2, run: 1, task: "m" },
  ];
  store.apply({ task_runs: [before!, now!] });
  store.fill({ taskRun: { ...before!, output: { origin: "executed", key: "k", value: '"whole"' as RawJson } } });
  expect(store.view(1).seen("m")).toBe(now);
  expect(store.taskRuns.get(1)?.output?.value).toBe('"whole"');
});

// @vitest-environment jsdom
import "./setup";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { SearchBox, SearchProvider, TaskDetail, localBackend, useTrace, type TraceBackend } from "../../src/index";
import { show, storeOf } from "./shown";

function Selected() {
  return <p data-testid="selected">{useTrace().selected}</p>;
}

const box = () => screen.getByRole("searchbox", { name: "find tasks" });
const type = (text: string) => fireEvent.change(box(), { target: { value: text } });
const enter = (shiftKey = false) => fireEvent.keyDown(box(), { key: "Enter", shiftKey });
const told = (text: string | RegExp) => waitFor(() => expect(screen.getByRole("status").textContent).toMatch(text));
const selected = () => screen.getByTestId("selected").textContent;

const searching = (props: Parameters<typeof show>[1] = {}) =>
  show(
    <SearchProvider>
      <SearchBox />
      <Selected />
      <TaskDetail />
    </SearchProvider>,
    props,
  );

it("counts the tasks whose texts hold it, and goes from match to match by Enter, round and back", async () => {
  searching();
  type("judge the");
  await told(/^2 tasks$/);
  enter();
  await told(/^task 1 of 2, match 1 of 1$/);
  expect(selected()).toBe("main/judge[style]");
  enter();
  await told(/^task 2 of 2, match 1 of 1$/);
  expect(selected()).toBe("main/judge[facts]");
  enter();
  await told(/^task 1 of 2, match 1 of 1$/);
  enter(true);
  await told(/^task 2 of 2, match 1 of 1$/);
});

it("goes through the matches in one task before the next task, and round in the only one", async () => {
  const { store } = searching();
  const output = { value: "fine, fine, fine", key: "o", origin: "executed" };
  store.apply({ task_runs: [{ ...store.taskRuns.get(2)!, output: { ...output, value: JSON.stringify(output.value) as never, origin: "executed" } }] });
  type("fine");
  await told(/^1 task$/);
  enter();
  await told(/match 1 of 4$/); // the response says it once
  for (const at of [2, 3, 4, 1]) {
    enter();
    await told(new RegExp(`match ${at} of 4$`));
  }
  enter(true);
  await told(/match 4 of 4$/);
});

it("opens what is closed around a match", async () => {
  searching();
  type("facts");
  await told(/tasks$/);
  const arguments_ = () => screen.queryByText("arguments")?.closest("details");
  for (let i = 0; i < 8 && !arguments_()?.open; i++) {
    enter();
    await told(/match/);
  }
  expect(arguments_()?.open).toBe(true);
});

it("shows the whole of a text whose match stands behind the part that is shown", async () => {
  const value = `${"x".repeat(30_000)} needle`;
  const store = storeOf();
  store.apply({ task_runs: [{ ...store.taskRuns.get(2)!, output: { value: JSON.stringify(value) as never, key: "o", origin: "executed" } }] });
  searching({ trace: store });
  type("needle");
  await told(/^1 task$/);
  enter();
  await told(/match 1 of 1$/);
  expect(screen.queryByRole("button", { name: /show all/ })).toBeNull();
});

it("does not search what the page says itself, and says when there is nothing", async () => {
  searching({ defaultSelected: "main/judge[style]" });
  type("run again");
  await told(/^none$/);
  type("/(/");
  await told(/^not a regular expression/);
  fireEvent.keyDown(box(), { key: "Escape" });
  await told(/^$/);
});

it("asks whoever stands behind the trace, ends a question that is out of date, and tells what went wrong", async () => {
  const store = storeOf();
  const signals: AbortSignal[] = [];
  const search = vi.fn<NonNullable<TraceBackend["search"]>>((_run, pattern, { signal }) => {
    signals.push(signal!);
    if (pattern.words === "slow") return new Promise<never>(() => undefined);
    if (pattern.words === "bad") return Promise.reject(new Error("the server does not answer"));
    return Promise.resolve({ tasks: ["main/join"], complete: false });
  });
  searching({ trace: store, backend: { ...localBackend(store), search } });
  type("slow");
  await waitFor(() => expect(search).toHaveBeenCalledTimes(1));
  await told(/^searching/);
  type("/quick/");
  await told(/^1 task; not all could be searched$/);
  expect(signals[0]!.aborted).toBe(true);
  expect(search.mock.calls[1]!.slice(0, 1)).toEqual([1]);
  expect(search.mock.calls[1]![1]).toMatchObject({ words: "quick", regex: true });
  type("bad");
  await told("the server does not answer");
});

it("searches a run again that has changed", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  try {
    const { store } = searching();
    type("brand new");
    await told(/^none$/);
    act(() => store.apply({ task_runs: [{ id: 4, run: 1, task: "main/join", status: "succeeded", output: { value: '"brand new"' as never, key: "k", origin: "executed" } }] }));
    await act(() => vi.advanceTimersByTimeAsync(2500));
    await told(/^1 task$/);
  } finally {
    vi.useRealTimers();
  }
});

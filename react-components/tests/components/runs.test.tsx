// @vitest-environment jsdom
import "./setup";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { PlanView, RunComparison, RunTree, Timeline, useSelection, useTrace, type Plan, type PlanAnswer } from "../../src/index";
import { backendWith, show, storeOf } from "./shown";

function resumed() {
  const store = storeOf();
  store.apply({
    edits: [{ id: 1, run: 1, task: "main/judge[facts]", stage: "output", at: 5, value: "9" as never }],
    runs: [{ id: 2, root: 1, started: 1020, ended: 1021, status: "succeeded", parent: 1, edits: [1], last_edit: 1 }],
    task_runs: [
      { id: 5, run: 2, task: "main/judge[facts]", status: "succeeded", started: 1020, ended: 1020, output: { value: "9" as never, key: "edited", origin: "edited" } },
      { id: 6, run: 2, task: "main/join", status: "succeeded", started: 1020, ended: 1021, inputs: [2, 5], output: { value: '"both"' as never, key: "j", origin: "executed" }, attempts: [{ started: 1020, ended: 1021, status: "succeeded" }] },
    ],
  });
  return store;
}

it("lists runs as forks with what each edited, and shows the one that is chosen", () => {
  const onRunChange = vi.fn();
  show(<RunTree />, { trace: resumed(), onRunChange });
  const [first, second] = screen.getAllByRole("listitem");
  expect(second!.textContent).toContain("✎ main/judge[facts] output");
  expect(second!.getAttribute("aria-current")).toBe("true"); // the newest is looked at
  fireEvent.click(first!.querySelector("button")!);
  expect(onRunChange).toHaveBeenCalledWith(1);
});

it("compares two runs: what differs, and where that began", () => {
  show(<RunComparison before={1} after={2} />, { trace: resumed() });
  expect(screen.getByText(/The first that differs/).textContent).toContain("main/judge[facts]");
  expect(screen.getByRole("list").textContent).toContain("main/join");
  expect(screen.getByRole("list").textContent).not.toContain("judge[style]");
});

it("shows when tasks ran, of this run only", () => {
  show(<Timeline />, { trace: resumed() });
  expect(screen.getAllByRole("listitem")).toHaveLength(2);
});

it("shows a newer run as it starts, unless an older one was chosen", () => {
  const store = storeOf();
  const Shown = () => <output>{useTrace().run?.id}</output>;
  show(<Shown />, { trace: store });
  act(() => store.apply({ runs: [{ id: 2, root: 1, started: 1, parent: 1 }] }));
  expect(screen.getByRole("status").textContent).toBe("2");
});

it("goes back and forward through selections", () => {
  function Trail() {
    const { selected, select, back, forward } = useSelection();
    return (
      <>
        <output>{selected}</output>
        <button onClick={() => select("main/join")}>join</button>
        <button disabled={!back} onClick={back}>back</button>
        <button disabled={!forward} onClick={forward}>forward</button>
      </>
    );
  }
  show(<Trail />, { defaultSelected: "main" });
  const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));
  press("join");
  press("back");
  expect(screen.getByRole("status").textContent).toBe("main");
  press("forward");
  expect(screen.getByRole("status").textContent).toBe("main/join");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "forward" }).disabled).toBe(true);
});

it("shows a plan, wants consent to code that was never run, and starts once it is given", async () => {
  const answer: PlanAnswer = {
    plan: { run: 1, kept: 2, code_checked: false, tasks: [{ task: "main/join", action: "run", reason: "it was blocked", stage: "output" }] },
    program: "review.py:main",
    path: "/somewhere/review.py",
    trusted: false,
    problem: "",
    scripted: null,
  };
  const resume = vi.fn(() => Promise.resolve({ doing: "", running: true, code: null, printed: "" }));
  const backend = backendWith({ plan: () => Promise.resolve(answer), resume });
  const onStarted = vi.fn();
  show(<PlanView onStarted={onStarted} />, { backend });
  const start = await screen.findByRole<HTMLButtonElement>("button", { name: "start" });
  expect(screen.getByText(/1 will run · 0 may run · 2 kept · 0 calls/)).toBeTruthy();
  expect(start.disabled).toBe(true);
  fireEvent.click(screen.getByRole("checkbox"));
  fireEvent.click(start);
  await waitFor(() => expect(onStarted).toHaveBeenCalled());
  expect(resume).toHaveBeenCalledWith(1, true);
});

it("shows what runs by the trace at once, and by the code as it is now as soon as that is known", async () => {
  const plan = { run: 1, kept: 3, code_checked: false, tasks: [] };
  const answer: PlanAnswer = { plan, program: "review.py:main", path: "/somewhere/review.py", trusted: true, problem: "", scripted: null };
  let tell: { plan(found: Plan): void; error(error: Error): void };
  const backend = backendWith({
    plan: () => Promise.resolve(answer),
    planWithCode: () => new Promise((resolve, reject) => (tell = { plan: resolve, error: reject })),
    resume: () => Promise.reject(new Error("no")),
  });
  const { unmount } = show(<PlanView />, { backend });
  const start = await screen.findByRole<HTMLButtonElement>("button", { name: "start" });
  expect(screen.getByText(/0 will run · 0 may run · 3 kept/)).toBeTruthy();
  expect(screen.getByText(/the code is being looked at/)).toBeTruthy();
  expect(start.disabled).toBe(false); // the code may have changed: then it is not so that nothing runs
  await act(() => Promise.resolve(tell.plan({ ...plan, kept: 2, code_checked: true, tasks: [{ task: "main/join", action: "run", reason: "its code changed", stage: "output" }] })));
  expect(screen.getByText(/1 will run · 0 may run · 2 kept/)).toBeTruthy();
  expect(screen.getByText("its code changed")).toBeTruthy();
  expect(screen.queryByText(/looked at/)).toBeNull();
  expect(start.disabled).toBe(false);
  unmount();

  const second = show(<PlanView />, { backend });
  await screen.findByText(/the code is being looked at/);
  await act(() => Promise.resolve(tell.plan({ ...plan, code_checked: true })));
  expect(screen.getByText(/nothing has to run again/)).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "start" }).disabled).toBe(true);
  second.unmount();

  show(<PlanView />, { backend });
  await screen.findByText(/the code is being looked at/);
  await act(() => Promise.resolve(tell.error(new Error("review.py:1: invalid syntax"))));
  expect(screen.getByText("By the trace alone: review.py:1: invalid syntax")).toBeTruthy();
});

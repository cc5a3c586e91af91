// @vitest-environment jsdom
/** What a person types is lost only where they say so. */
import "./setup";
import { act, fireEvent, screen, waitFor } from "@testing-library/react";
import { useState } from "react";
import { expect, it } from "vitest";
import { EditList, localBackend, RunHeader, TaskDetail, TaskTree, useTrace, type Edit, type TraceBackend, type TraceStore } from "../../src/index";
import { backendWith, editor, show, storeOf } from "./shown";

const STYLE = "main/judge[style]";

function Page() {
  const { run, selected } = useTrace();
  return (
    <>
      <output aria-label="where">{`${run?.id} ${selected ?? ""}`}</output>
      <TaskTree />
      <TaskDetail />
    </>
  );
}

function opened(more: { trace?: TraceStore; backend?: TraceBackend } = {}) {
  const typed = editor();
  const shown = show(<Page />, { defaultSelected: STYLE, loadEditor: () => Promise.resolve(typed.module), ...more });
  return { ...typed, ...shown, open: opening };
}

const opening = async (stage: string) => {
  fireEvent.click(screen.getByRole("button", { name: `edit ${stage}` }));
  await ready();
};

const ready = async () => {
  await act(() => Promise.resolve());
  await act(() => Promise.resolve());
};
const where = () => screen.getByLabelText("where").textContent;
const go = (name: string) => fireEvent.click(screen.getByTitle(name));
const press = (name: string) => fireEvent.click(screen.getByRole("button", { name }));

it("keeps the texts of two stages apart", async () => {
  const page = opened();
  await page.open("prompt");
  page.type("another prompt");
  await page.open("response");
  expect(page.text()).toBe("fine");
  page.type("another response");
  page.apply();
  await waitFor(() => expect([...page.store.edits.values()].map(({ stage, value }) => [stage, value])).toEqual([["response", '{"role":"assistant","parts":[{"type":"text","content":"another response"}]}']]));
  expect(screen.getByText("… prompt typed, not applied")).toBeTruthy();
  press("go on");
  await ready();
  expect(page.text()).toBe("another prompt");
});

it("keeps what was typed when another task is looked at, until it is dropped", async () => {
  const page = opened();
  await page.open("response");
  page.type("not ready");
  go("main/join");
  expect(screen.queryByText(/not applied/)).toBeNull();
  go(STYLE);
  expect(screen.queryByText(/not applied/) ?? screen.queryByRole("group", { name: /edit the response/ })).toBeTruthy();
  fireEvent.click(screen.queryByRole("button", { name: "go on" }) ?? document.body);
  await ready();
  expect(page.text()).toBe("not ready");
  go("main/join");
  go(STYLE);
  press("drop");
  await page.open("response");
  expect(page.text()).toBe("fine");
  expect(page.store.edits.size).toBe(0);
});

it("stays with the run that something was typed for, and goes with a newer one else", async () => {
  const page = opened();
  await page.open("response");
  page.type("not ready");
  act(() => page.store.apply({ runs: [{ id: 2, root: 1, started: 1020, parent: 1 }] }));
  expect(where()).toBe(`1 ${STYLE}`);
  expect(screen.getByText(/Run 2 has begun meanwhile; this is of run 1/)).toBeTruthy();
  page.apply();
  await waitFor(() => expect(page.store.edits.get(1)).toMatchObject({ run: 1, stage: "response" }));
  expect(where()).toBe(`2 ${STYLE}`);
});

it("applies again what could not be applied", async () => {
  let times = 0;
  const store = storeOf();
  const made: Edit = { id: 1, run: 1, task: STYLE, stage: "response", at: 1 };
  const edit = () => (++times === 1 ? Promise.reject(new Error("the server does not answer")) : Promise.resolve(made));
  const page = opened({ trace: store, backend: backendWith({ edit }) });
  await page.open("response");
  page.type("better");
  page.apply();
  expect((await screen.findByRole("alert")).textContent).toContain("the server does not answer");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "apply" }).disabled).toBe(false);
  page.apply();
  await waitFor(() => expect(screen.queryByRole("group", { name: /edit the response/ })).toBeNull());
  expect(times).toBe(2);
});

it("asks before it takes the place of what somebody else made of the stage meanwhile", async () => {
  const page = opened();
  await page.open("response");
  page.type("mine");
  act(() => page.store.apply({ edits: [{ id: 1, run: 1, task: STYLE, stage: "response", at: 1, value: '{"role":"assistant","parts":[{"type":"text","content":"theirs"}]}' as never }] }));
  page.apply();
  expect(screen.getByRole("alert").textContent).toContain("the response was edited elsewhere meanwhile");
  expect(page.store.edits.size).toBe(1);
  page.apply();
  await waitFor(() => expect(page.store.edits.get(2)?.value).toContain("mine"));
});

it("warns before the page closes, as long as something is not applied", async () => {
  const leaves = () => !window.dispatchEvent(new Event("beforeunload", { cancelable: true }));
  const page = opened();
  expect(leaves()).toBe(false);
  await page.open("response");
  page.type("not ready");
  go("main/join");
  expect(leaves()).toBe(true);
  go(STYLE);
  press("drop");
  expect(leaves()).toBe(false);
});

it("counts what a resume would take up: not what was taken back", () => {
  const store = storeOf();
  show(<RunHeader />, { trace: store });
  const value = '"x"' as never;
  const told = () => screen.queryByText(/not yet run/)?.textContent;
  act(() => store.apply({ edits: [{ id: 1, run: 1, task: STYLE, stage: "output", at: 1, value }, { id: 2, run: 1, task: STYLE, stage: "output", at: 2, value }] }));
  expect(told()).toBe("✎ 1 not yet run");
  act(() => store.apply({ edits: [{ id: 3, run: 1, task: STYLE, stage: "output", at: 3 }] }));
  expect(told()).toBeUndefined();
  act(() => store.apply({ edits: [{ id: 4, run: 1, task: "main/join", stage: "output", at: 4, value }], runs: [{ id: 2, root: 1, started: 1, status: "failed", parent: 1, edits: [4], last_edit: 4 }] }));
  expect(told()).toBeUndefined(); // run 2 was made with it
  act(() => store.apply({ edits: [{ id: 5, run: 2, task: "main/join", stage: "output", at: 5 }] }));
  expect(told()).toBe("✎ 1 not yet run"); // that it is taken back is not yet run
});

it("takes back the edit of a task that the run does not have any more", async () => {
  const store = storeOf();
  store.apply({
    edits: [{ id: 1, run: 1, task: "main/join", stage: "output", at: 1, value: '"x"' as never }],
    runs: [{ id: 2, root: 1, started: 1, status: "failed", parent: 1, edits: [1], last_edit: 1 }],
    task_runs: [{ id: 9, run: 2, task: "main", status: "failed", children: { value: '{"tasks":[2],"result":{"value":0}}' as never, key: "c", origin: "executed" } }],
  });
  show(<EditList />, { trace: store });
  expect(store.view(2).has("main/join")).toBe(false);
  press("take back");
  await waitFor(() => expect(store.edits.get(2)).toMatchObject({ run: 2, task: "main/join", stage: "output" }));
});

it("forgets a refusal when what it was about is another", async () => {
  const store = storeOf();
  show(<TaskDetail task={STYLE} />, { trace: store });
  act(() => store.apply({ edits: [{ id: 1, run: 1, task: STYLE, stage: "output", at: 1, value: '"x"' as never }] }));
  press("run again");
  expect((await screen.findByRole("alert")).textContent).toContain("take it back first");
  press("take back");
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
});

it("gives the focus back as an editor closes, so that the next key does what it says", async () => {
  const page = opened();
  const tree = screen.getByRole("tree");
  tree.focus();
  await page.open("response");
  expect(document.activeElement?.localName).toBe("input");
  page.cancel();
  expect(document.activeElement).toBe(tree); // at once: a key may come next
  await page.open("response");
  await page.open("prompt"); // one editor goes, another comes
  expect(document.activeElement?.localName).toBe("input");
  page.cancel();
  expect(document.activeElement).toBe(tree);
  await page.open("response");
  const elsewhere = screen.getByRole("button", { name: "edit prompt" });
  elsewhere.focus();
  page.cancel();
  expect(document.activeElement).toBe(elsewhere);
});

it("takes keys that come before the page has drawn what was typed", async () => {
  const page = opened();
  await page.open("params");
  page.type("[1]"); // no value for it
  act(() => {
    page.type('{"seed":1}');
    page.apply();
    page.apply(); // and a key that is pressed twice applies it once
  });
  await waitFor(() => expect(page.store.edits.get(1)).toMatchObject({ stage: "params", value: '{"seed":1}' }));
  expect(page.store.edits.size).toBe(1);
  await page.open("prompt");
  page.type("half a thought");
  act(() => {
    page.cancel();
    page.cancel();
  });
  expect(screen.queryByRole("group", { name: /edit the prompt/ })).toBeNull();
});

it("does not close the editor that was opened while an edit was applied in another", async () => {
  let done: (() => void) | undefined;
  const trace = storeOf();
  const local = localBackend(trace);
  const backend: TraceBackend = { ...local, edit: (...what) => new Promise((resolve) => (done = () => resolve(local.edit(...what)))) };
  const Kept = () => {
    const [editing, setEditing] = useState<Edit["stage"]>(); // whoever holds this outlives the editors
    return (
      <>
        <TaskTree />
        <TaskDetail editing={editing ?? null} onEditing={setEditing} />
      </>
    );
  };
  const typed = editor();
  show(<Kept />, { defaultSelected: STYLE, loadEditor: () => Promise.resolve(typed.module), trace, backend });
  const page = { ...typed, open: opening };
  await page.open("response");
  page.type("first");
  page.apply();
  go("main/join");
  await page.open("output");
  page.type("[1]");
  await act(() => Promise.resolve(done!()));
  await ready();
  expect(trace.edits.size).toBe(1);
  expect(screen.getByRole("group", { name: "edit the output of main/join" })).toBeTruthy();
  expect(page.text()).toBe("[1]");
  go(STYLE);
  expect(screen.queryByText(/not applied/)).toBeNull(); // it was
});

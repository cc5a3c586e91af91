// @vitest-environment jsdom
import "./setup";
import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { EditList, TaskDetail, TaskTree } from "../../src/index";
import { backendWith, editor, show, storeOf } from "./shown";

it("shows prompt, response, error with frames, and what causes what", () => {
  show(<TaskDetail task="main/judge[facts]" />);
  expect(screen.getByRole("region", { name: "prompt" }).textContent).toContain("Judge the facts.");
  const error = screen.getByRole("region", { name: "error" });
  expect(error.textContent).toContain("OutputError");
  expect(error.textContent).toContain("review.py:7");
  expect(screen.getByRole("region", { name: "effects" }).textContent).toContain("main/joinargument 1[1]".replace("main/join", "main/join "));
});

it("shows markup as text", () => {
  const { container } = show(<TaskDetail task="main/judge[facts]" />);
  expect(container.querySelector("b")).toBeNull();
  expect(screen.getByRole("region", { name: "response" }).textContent).toContain("<b>bold</b>");
});

it("edits a response: loads the editor then, saves on apply, and marks what may run again", async () => {
  const typed = editor();
  const loadEditor = vi.fn(() => Promise.resolve(typed.module));
  const { store } = show(
    <>
      <TaskTree />
      <TaskDetail task="main/judge[style]" />
    </>,
    { loadEditor },
  );
  expect(loadEditor).not.toHaveBeenCalled();
  fireEvent.click(screen.getByRole("button", { name: "edit response" }));
  await screen.findByText("Ctrl+S applies, Esc closes.");
  await waitFor(() => expect(loadEditor).toHaveBeenCalled());
  await act(() => Promise.resolve());
  typed.type("better");
  typed.apply();
  await waitFor(() => expect(store.edits.size).toBe(1));
  expect(store.edits.get(1)).toMatchObject({ run: 1, task: "main/judge[style]", stage: "response", value: '{"role":"assistant","parts":[{"type":"text","content":"better"}]}' });
  const marked = await screen.findAllByRole("img", { name: /run again/ });
  expect(marked.length).toBeGreaterThanOrEqual(3); // itself, what uses it, the graph
});

it("makes no edit of a text that was not changed", async () => {
  const typed = editor();
  const { store } = show(<TaskDetail task="main/judge[style]" />, { loadEditor: () => Promise.resolve(typed.module) });
  fireEvent.click(screen.getByRole("button", { name: "edit response" }));
  await act(() => Promise.resolve());
  await act(() => Promise.resolve());
  typed.apply();
  expect(store.edits.size).toBe(0);
  expect(screen.queryByRole("group", { name: /edit the response/ })).toBeNull();
});

it("says what is wrong with JSON while it is typed, and does not apply it", async () => {
  const typed = editor();
  show(<TaskDetail task="main/judge[style]" />, { loadEditor: () => Promise.resolve(typed.module) });
  fireEvent.click(screen.getByRole("button", { name: "edit params" }));
  await act(() => Promise.resolve());
  await act(() => Promise.resolve());
  typed.type("{");
  expect(screen.getByRole("alert").textContent).toContain("is JSON, and this is not");
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "apply" }).disabled).toBe(true);
});

it("takes an edit back, from the task and from the list of all", async () => {
  const { store } = show(
    <>
      <TaskDetail task="main/judge[style]" />
      <EditList />
    </>,
  );
  act(() => store.apply({ edits: [{ id: 1, run: 1, task: "main/judge[style]", stage: "response", at: 1, value: '{"role":"assistant","parts":[]}' as never }] }));
  expect(screen.getByText("✎ edited, and not yet run")).toBeTruthy();
  const list = screen.getByRole("list", { name: "edits" });
  fireEvent.click(within(list).getByRole("button", { name: "take back" }));
  await waitFor(() => expect(store.edits.get(2)).toMatchObject({ stage: "response", run: 1 }));
  expect(store.edits.get(2)!.value).toBeUndefined();
  expect(screen.queryByText("✎ edited, and not yet run")).toBeNull();
});

it("shows text that is arriving", () => {
  const { store } = show(<TaskDetail task="main/join" />);
  act(() => store.apply({ task_runs: [{ id: 3, run: 1, task: "main/judge[facts]", status: "running", started: 1 }], streaming: [{ task_run: 3, text: [0, "so far"], reasoning: [0, ""] }] }));
  show(<TaskDetail task="main/judge[facts]" />, { trace: store });
  expect(screen.getByText("so far")).toBeTruthy();
});

it("shows a response as soon as it is whole, though its task goes on", () => {
  const { store } = show(<TaskDetail task="main/judge[style]" />);
  const { output: _, ended: __, ...goesOn } = store.taskRuns.get(2)!;
  act(() => store.apply({ task_runs: [{ ...goesOn, status: "running" }], streaming: [{ task_run: 2, text: [0, "fi"], reasoning: [0, ""] }] }));
  const response = screen.getByRole("region", { name: "response" });
  expect(response.textContent).toContain("arriving");
  act(() => store.apply({ streaming: [{ task_run: 2, text: [0, ""], reasoning: [0, ""] }] })); // as a server tells of the end of an attempt
  expect(screen.getByRole("region", { name: "response" }).textContent).toContain("fine");
  expect(screen.queryByText(/arriving/)).toBeNull();
});

it("offers no edit where a backend allows none", () => {
  show(<TaskDetail task="main/judge[style]" />, { backend: backendWith({ canEdit: false }) });
  expect(screen.queryByRole("button", { name: /edit|run again|take back/ })).toBeNull();
});

it("asks for what a server left out, and shows it when it comes", async () => {
  const { store } = show(<p />);
  act(() => store.apply({ task_runs: [{ ...store.taskRuns.get(2)!, output: { key: "o", origin: "executed", size: 5000, digest: "d" } }] }));
  let answer: () => void = () => {};
  const backend = backendWith({
    canEdit: false,
    load: ({ taskRun }) => new Promise((done) => (answer = () => (store.fill({ taskRun: { ...taskRun!, output: { key: "o", origin: "executed", value: '"long"' as never } } }), done()))),
  });
  show(<TaskDetail task="main/judge[style]" />, { trace: store, backend });
  expect(screen.getByText("loading 5,000 bytes …")).toBeTruthy();
  act(() => answer());
  await waitFor(() => expect(screen.getByRole("region", { name: "output" }).textContent).toContain("long"));
});

const scored = (schema?: string) => ({ functions: { judge: { type: "llm", code: "c", output: { type: "object", properties: { score: { type: "integer" } }, required: ["score"] }, ...(schema && { schema }) } } });
const doubts = () => screen.queryAllByRole("status").map((each) => each.textContent);

it("takes an output for a task that gave none, and says as one types where it is not what the task expects", async () => {
  const typed = editor();
  const { store } = show(<TaskDetail task="main/judge[facts]" />, { trace: storeOf(scored()), loadEditor: () => Promise.resolve(typed.module) });
  fireEvent.click(screen.getByRole("button", { name: "edit output" }));
  await screen.findByText("Ctrl+S applies, Esc closes.");
  await act(() => Promise.resolve());
  typed.type('{"score": "high"}');
  expect(doubts()).toEqual([expect.stringContaining("score: ")]);
  typed.type('{"score": 3}');
  expect(doubts()).toEqual([]);
  typed.type("{");
  expect(doubts()).toEqual([]); // no JSON: another line says that
  expect(screen.getByRole("alert").textContent).toContain("JSON");
  typed.type('{"score": "high"}');
  typed.apply(); // the code may have changed since: a doubt is no refusal
  await waitFor(() => expect([...store.edits.values()].map((edit) => edit.value)).toEqual(['{"score":"high"}']));
});

it("checks a response where the task asked for a structured answer, and there only", async () => {
  const opened = async (schema?: string) => {
    const typed = editor();
    const shown = show(<TaskDetail task="main/judge[style]" />, { trace: storeOf(scored(schema)), loadEditor: () => Promise.resolve(typed.module) });
    fireEvent.click(screen.getByRole("button", { name: "edit response" }));
    await screen.findByText("Ctrl+S applies, Esc closes.");
    await act(() => Promise.resolve());
    return { ...typed, ...shown };
  };
  const structured = await opened("digest");
  expect(doubts()).toEqual([expect.stringContaining("reads JSON from its response")]);
  structured.type('```json\n{"score": 3}\n```');
  expect(doubts()).toEqual([]);
  structured.type('{"score": null}');
  expect(doubts()).toEqual([expect.stringContaining("score: ")]);
  structured.type('{"value": {"score": 3}}');
  expect(doubts()).toEqual([]);
  structured.unmount();
  const free = await opened();
  free.type("anything");
  expect(doubts()).toEqual([]);
});

it.each(["list", "dict"])("shows a long %s in parts", (kind) => {
  const items = Array.from({ length: 150 }, (_, n) => ({ value: String(n) }));
  const store = storeOf();
  act(() => store.apply({ tasks: [{ ...store.tasks.get(4)!, args: [kind === "list" ? { list: items } : { dict: Object.fromEntries(items.map((item, n) => [`k${n}`, item])) }] as never }] }));
  show(<TaskDetail task="main/join" />, { trace: store });
  expect(document.querySelector(".ltg-args")!.children.length).toBe(101);
  fireEvent.click(screen.getByRole("button", { name: "50 more" }));
  expect(document.querySelector(".ltg-args")!.children.length).toBe(150);
  expect(screen.queryByRole("button", { name: /more/ })).toBeNull();
});

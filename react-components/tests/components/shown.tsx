/** Small traces, and the components that show them. */
import { act, render } from "@testing-library/react";
import type { ReactNode } from "react";
import { misfit } from "../../src/editor/schema";
import { TraceProvider, TraceStore, decodeTrace, type EditorModule, type EditorOptions, type TraceBackend, type TraceProviderProps } from "../../src/index";

const said = (text: string) => ({ value: { role: "assistant", parts: [{ type: "text", content: text }] }, key: "r", origin: "executed" });
const asked = (text: string) => ({ value: [{ role: "user", parts: [{ type: "text", content: text }] }], key: "p", origin: "executed" });

/** A graph that judges twice and joins; the second judge failed. `more` is put over the document. */
export function traceText(more: object = {}): string {
  return JSON.stringify({
    format: "llmtaskgraph/1",
    id: "t",
    sequence: 9,
    functions: {},
    tasks: [
      { type: "graph", id: "main", number: 1, function: "main", kwargs: { text: { value: "a text" } } },
      { type: "llm", id: "main/judge[style]", number: 2, function: "judge", scope: "main", args: [{ value: "style" }], model: "lab:small" },
      { type: "llm", id: "main/judge[facts]", number: 3, function: "judge", scope: "main", args: [{ value: "facts" }], model: "lab:small" },
      { type: "python", id: "main/join", number: 4, function: "join", scope: "main", args: [{ list: [{ ref: "main/judge[style]" }, { ref: "main/judge[facts]" }] }] },
    ],
    runs: [{ id: 1, root: 1, started: 1000, ended: 1010, status: "failed", app: "review.py:main" }],
    task_runs: [
      {
        id: 1,
        run: 1,
        task: "main",
        status: "failed",
        started: 1000,
        ended: 1010,
        children: { value: { tasks: [2, 3, 4], result: { ref: "main/join" } }, key: "c", origin: "executed" },
        attempts: [{ started: 1000, ended: 1010, status: "failed" }],
        error: { type: "ChildFailed", message: "main/judge[facts] failed" },
      },
      {
        id: 2,
        run: 1,
        task: "main/judge[style]",
        status: "succeeded",
        started: 1001,
        ended: 1002,
        prompt: asked("Judge the style."),
        response: said("fine"),
        output: { value: "fine", key: "o", origin: "executed" },
        attempts: [{ started: 1001, ended: 1002, status: "succeeded", model: "small", usage: { input_tokens: 5, output_tokens: 1 }, cost: 0.01 }],
      },
      {
        id: 3,
        run: 1,
        task: "main/judge[facts]",
        status: "failed",
        started: 1001,
        ended: 1003,
        prompt: asked("Judge the facts."),
        response: said("<b>bold</b>"),
        attempts: [{ started: 1001, ended: 1003, status: "succeeded", model: "small" }],
        error: { type: "OutputError", message: "no number", stage: "output", frames: [{ file: "review.py", line: 7, function: "parse", code: "int(text)" }] },
      },
      { id: 4, run: 1, task: "main/join", status: "blocked", inputs: [3] },
    ],
    edits: [],
    ...more,
  });
}

export function storeOf(more: object = {}): TraceStore {
  return new TraceStore(decodeTrace(traceText(more)));
}

/** Shows components around a trace. */
export function show(children: ReactNode, props: Partial<TraceProviderProps> = {}) {
  const trace = props.trace ?? storeOf();
  const shown = render(
    <TraceProvider {...props} trace={trace}>
      {children}
    </TraceProvider>,
  );
  return { ...shown, store: trace as TraceStore };
}

/** What stands behind a trace where nothing can be done but what is given. */
export function backendWith(given: Partial<TraceBackend> = {}): TraceBackend {
  const refused = () => Promise.reject(new Error("no"));
  return { canEdit: true, edit: refused, revert: refused, again: refused, marks: () => Promise.resolve(new Map()), ...given };
}

/** An editor without a screen: what is typed is put in by hand. */
export function editor(): { module: EditorModule; text(): string; type(text: string): void; apply(): void; cancel(): void } {
  let options: EditorOptions | undefined;
  let text = "";
  const module: EditorModule = {
    misfit,
    mountEditor(parent, given) {
      options = given;
      text = given.text;
      const field = parent.appendChild(document.createElement("input"));
      return { text: () => text, focus: () => field.focus(), destroy: () => field.remove() };
    },
  };
  return {
    module,
    text: () => text,
    type(typed) {
      text = typed;
      act(() => options!.onChange(typed));
    },
    apply: () => act(() => options!.onApply()),
    cancel: () => act(() => options!.onCancel()),
  };
}

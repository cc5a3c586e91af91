import { jsonText, parseJson, prettyJson } from "./decode";
import { editKey, type TraceStore } from "./store";
import type { Edit, RawJson, Task } from "./types";
export class EditRefused extends Error {}
export function editable(task: Task): Edit["stage"][] { const s: Edit["stage"][] = task.type === "llm" ? ["prompt", "response", "output", "model", "params", "sample"] : ["output", "sample"]; return task.scope == null ? [...s, "input"] : s; }
export function makeEdit(store: TraceStore, run: number, task: Task, stage: Edit["stage"], text: string, at: number): Edit {
  let value: string;
  if (stage === "response") value = text.trimStart().startsWith('{"role"') ? text : JSON.stringify({ role: "assistant", parts: [{ type: "text", content: text }] });
  else if (stage === "prompt") value = JSON.stringify([{ role: "user", parts: [{ type: "text", content: text }] }]);
  else if (stage === "model") value = JSON.stringify(text.trim());
  else { try { value = parseJson(text); } catch (e) { throw new EditRefused((e as Error).message); } }
  return { id: Math.max(0, ...store.edits.keys()) + 1, run, task: task.id, stage, at, value: value as RawJson };
}
export function makeRevert(store: TraceStore, run: number, task: Task, stage: Edit["stage"], at: number): Edit { return { id: Math.max(0, ...store.edits.keys()) + 1, run, task: task.id, stage, at }; }
export function makeAgain(store: TraceStore, run: number, task: Task, at: number): Edit { return { id: Math.max(0, ...store.edits.keys()) + 1, run, task: task.id, stage: "sample", at, value: "1" as RawJson }; }
export function editorText(store: TraceStore, run: number, task: Task, stage: Edit["stage"]): { text: string; language: "text" | "json" } | undefined {
  const seen = store.view(run).seen(task.id);
  const raw = store.editsToApply(run).get(editKey(task.id, stage))?.value ?? (stage === "model" ? (JSON.stringify(task.model ?? "") as RawJson) : stage === "params" ? (task.params ?? ("{}" as RawJson)) : stage === "response" || stage === "prompt" || stage === "output" ? seen?.[stage]?.value : undefined);
  if (raw === undefined) return undefined;
  if (stage === "response" || stage === "prompt") { const m = JSON.parse(raw) as { parts: { content: string }[] } | { parts: { content: string }[] }[]; const one = Array.isArray(m) ? m[0]! : m; return { text: one.parts[0]!.content, language: "text" }; }
  const t = jsonText(raw);
  return t !== undefined ? { text: t, language: "text" } : { text: prettyJson(raw), language: "json" };
}
export function mayRunAgain(store: TraceStore, run: number): ReadonlyMap<string, "run" | "maybe"> { const m = new Map<string, "run" | "maybe">(); const v = store.view(run); for (const e of store.pendingEdits(run)) for (const id of v.links.downstream(e.task)) if (id !== e.task) m.set(id, "maybe"); return m; }
export function withEdits(original: string, _edits: Edit[]): string { return original; }

/** Edits as data: what of a task can be edited, what an editor opens with, and how what a person typed becomes a value. Nothing runs. */
import { canonical } from "./canonical";
import { decodeMessage, decodeMessages, jsonText, prettyJson } from "./decode";
import { quoted } from "./quoted";
import { entriesOf } from "./record";
import { editKey, type TraceStore } from "./store";
import type { Arg, Edit, Message, RawJson, Task } from "./types";
import { messageJson, messagesJson, textMessage } from "./write";

/** What was typed is no value for that stage. The message is one line. */
export class EditRefused extends Error {
  override name = "EditRefused";
}

const EDITABLE: Record<Task["type"], Edit["stage"][]> = {
  llm: ["prompt", "response", "output", "model", "params", "sample"],
  python: ["output", "sample"],
  graph: ["output", "sample"],
};

/** What of a task can be edited. `input` can be edited at the root only. */
export function editable(task: Task): Edit["stage"][] {
  return task.scope == null ? [...EDITABLE[task.type], "input"] : EDITABLE[task.type];
}

/**
 * An edit from what a person typed, as Python makes it: for `prompt` and `response` the text, or messages as JSON; for the others JSON;
 * plain text for an `output` that was text before is taken as it is.
 *
 * @throws EditRefused the task has no such stage, or the text is no value for it.
 */
export function makeEdit(store: TraceStore, run: number, task: Task, stage: Edit["stage"], text: string, at: number): Edit {
  const allowed = editable(task);
  if (!allowed.includes(stage)) throw new EditRefused(`${task.id} has no ${stage} to edit; it has ${allowed.join(", ")}`);
  return { id: nextId(store), run, task: task.id, stage, at, value: valueOf(store, run, task, stage, text.toWellFormed()) };
}

/** The taking back of an edit. Throws EditRefused where that stage is not edited. */
export function makeRevert(store: TraceStore, run: number, task: Task, stage: Edit["stage"], at: number): Edit {
  if (!store.editsToApply(run).has(editKey(task.id, stage))) throw new EditRefused(`the ${stage} of ${task.id} is not edited in run ${run}`);
  return { id: nextId(store), run, task: task.id, stage, at };
}

/** The edit that asks for a new sample: its number is one that no task had before. Throws EditRefused where another edit would win. */
export function makeAgain(store: TraceStore, run: number, task: Task, at: number): Edit {
  const applied = store.editsToApply(run);
  const held = (["output", "response"] as const).find((stage) => applied.has(editKey(task.id, stage)));
  if (held) throw new EditRefused(`the ${held} of ${task.id} is edited, and that edit would win; take it back first`);
  let number = 0n;
  for (const { stage, value } of store.edits.values()) {
    if (stage === "sample" && value !== undefined && /^\d+$/.test(value) && BigInt(value) > number) number = BigInt(value);
  }
  return { id: nextId(store), run, task: task.id, stage: "sample", at, value: String(number + 1n) as RawJson };
}

function nextId(store: TraceStore): number {
  let last = 0;
  for (const id of store.edits.keys()) last = Math.max(last, id);
  return last + 1;
}

/** A text to edit. `plain`: it stands for itself; else it is JSON. */
export interface Draft {
  stage: Edit["stage"];
  text: string;
  plain: boolean;
}

/** What an editor opens with: the value that a resume would take, nothing for an output that never was. Undefined where it is not here yet. */
export function draftOf(store: TraceStore, run: number, task: Task, stage: Edit["stage"]): Draft | undefined {
  const raw = store.editsToApply(run).get(editKey(task.id, stage))?.value ?? recorded(store, run, task, stage);
  if (raw === "left out") return undefined;
  if (raw === undefined) return { stage, text: "", plain: isText(store, run, task) };
  const text = stage === "prompt" ? promptText(raw) : stage === "response" ? responseText(raw) : stage === "params" || stage === "input" ? undefined : jsonText(raw);
  return text === undefined ? { stage, text: prettyJson(raw), plain: false } : { stage, text, plain: true };
}

/** What is applied for a draft that became this text: never ambiguous, so that text that looks like JSON stays text. */
export function applied({ stage, plain }: Draft, text: string): string {
  if (!plain || stage === "model") return text;
  const part = { type: "text", content: text };
  if (stage === "prompt") return JSON.stringify([{ role: "user", parts: [part] }]);
  if (stage === "response") return JSON.stringify({ role: "assistant", parts: [part] });
  return JSON.stringify(text);
}

function recorded(store: TraceStore, run: number, task: Task, stage: Edit["stage"]): RawJson | "left out" | undefined {
  switch (stage) {
    case "model":
      return JSON.stringify(store.runs.get(run)?.model ?? task.model ?? "") as RawJson;
    case "params":
      return task.params ?? ("{}" as RawJson);
    case "sample":
      return "0" as RawJson;
    case "input":
      return inputOf(task);
    default: {
      const found = store.view(run).seen(task.id)?.[stage];
      if (found == null) return stage === "output" ? undefined : (EMPTY[stage] as RawJson);
      return found.value ?? "left out";
    }
  }
}

const EMPTY = {
  prompt: '[{"role":"user","parts":[{"type":"text","content":""}]}]',
  response: '{"role":"assistant","parts":[{"type":"text","content":""}]}',
};

/** The arguments of the root by name, or its one argument: they draw on no other task. */
function inputOf(task: Task): RawJson | "left out" {
  const [first] = task.args ?? [];
  const made = task.function == null && first ? composed(first) : composed({ dict: task.kwargs ?? {} });
  return made === undefined ? "left out" : (made as RawJson);
}

function composed(arg: Arg): string | undefined {
  if (arg.list !== undefined) {
    const items = arg.list.map(composed);
    return items.includes(undefined) ? undefined : `[${items.join(",")}]`;
  }
  if (arg.dict === undefined) return arg.value;
  const entries = entriesOf(arg.dict).map(([name, each]) => [JSON.stringify(name), composed(each)] as const);
  return entries.some(([, value]) => value === undefined) ? undefined : `{${entries.map((pair) => pair.join(":")).join(",")}}`;
}

function promptText(raw: RawJson): string | undefined {
  const messages = decodeMessages(raw);
  return messages?.length === 1 && messages[0]!.role === "user" ? onlyText(messages[0]!) : undefined;
}

function responseText(raw: RawJson): string | undefined {
  const message = decodeMessage(raw);
  return message?.role === "assistant" ? onlyText(message) : undefined;
}

/** The text of a message that is one text; reasoning before an answer is not edited. */
function onlyText(message: Message): string | undefined {
  const parts = message.parts.filter((part) => message.role !== "assistant" || part.type !== "reasoning");
  return parts.length === 1 && parts[0]!.type === "text" ? parts[0]!.content : undefined;
}

function valueOf(store: TraceStore, run: number, task: Task, stage: Edit["stage"], text: string): RawJson {
  if (stage === "prompt") return promptOf(text);
  if (stage === "response") return responseOf(text);
  if (stage === "model") return modelOf(text);
  const value = jsonOf(store, run, task, stage, text);
  if ((stage === "params" || stage === "input") && !value.startsWith("{")) throw new EditRefused(`the ${stage} of ${task.id} is a JSON object such as {"name": "value"}`);
  if (stage === "sample" && !/^\d+$/.test(value)) throw new EditRefused("a sample is a number from 0 on");
  return value;
}

function promptOf(text: string): RawJson {
  const messages = text.trimStart().startsWith("[") ? decodeMessages(text as RawJson) : undefined;
  return messagesJson(messages?.length ? messages : [textMessage("user", text)]);
}

function responseOf(text: string): RawJson {
  const message = text.trimStart().startsWith("{") ? decodeMessage(text as RawJson) : undefined;
  return messageJson(message ?? textMessage("assistant", text));
}

function modelOf(text: string): RawJson {
  const name = text.trim().replace(/^"+|"+$/g, "");
  if (!/^[\p{L}\p{N}_.-]+:\S+$/u.test(name)) throw new EditRefused(`${quoted(name)} is not a model; write PROVIDER:MODEL such as openai:gpt-5-mini`);
  return JSON.stringify(name) as RawJson;
}

function jsonOf(store: TraceStore, run: number, task: Task, stage: Edit["stage"], text: string): RawJson {
  const wasText = stage === "output" && isText(store, run, task);
  let value: RawJson;
  try {
    value = canonical(text);
  } catch (error) {
    if (wasText) return JSON.stringify(text) as RawJson;
    throw new EditRefused(`the ${stage} of ${task.id} is JSON, and this is not (${(error as Error).message}); text needs quotes`);
  }
  if (wasText && !value.startsWith('"')) return JSON.stringify(text) as RawJson;
  if (depthOf(value) > MOST_DEPTH) throw new EditRefused(`the ${stage} of ${task.id} nests more than ${MOST_DEPTH} deep, which cannot be recorded`);
  return value;
}

/** Deepest nesting that Python records. */
const MOST_DEPTH = 200;

/** How many lists and dicts the innermost value stands in. */
function depthOf(value: RawJson): number {
  let [depth, deepest, quoted] = [0, 0, false];
  for (let at = 0; at < value.length; at++) {
    const letter = value[at]!;
    if (letter === "\\") at++;
    else if (letter === '"') quoted = !quoted;
    else if (quoted || letter === "," || letter === ":") continue;
    else if (letter === "]" || letter === "}") depth--;
    if (depth > deepest) deepest = depth;
    if (!quoted && (letter === "[" || letter === "{")) depth++;
  }
  return deepest;
}

/** Whether the output of a task was a text, or is declared to be one. */
function isText(store: TraceStore, run: number, task: Task): boolean {
  const output = store.view(run).seen(task.id)?.output;
  if (output?.value !== undefined) return output.value.startsWith('"');
  const schema = schemaOf(store, task);
  return schema !== undefined && (JSON.parse(schema) as { type?: unknown } | null)?.type === "string";
}

/** The JSON Schema of a task's output, where the trace tells it. */
export function schemaOf(store: TraceStore, task: Task): RawJson | undefined {
  return store.factsOf(task)?.output;
}

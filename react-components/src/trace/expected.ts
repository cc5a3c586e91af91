/** What a task expects of an edited value, as far as the trace tells: the code may expect something else by now. Nothing runs. */
import { decodeMessage } from "./decode";
import { applied, schemaOf, type Draft } from "./edits";
import type { TraceStore } from "./store";
import type { RawJson, Task } from "./types";

/** A JSON text to be checked, and the schemas of which one has to fit. */
export interface Expectation {
  json: string;
  schemas: RawJson[];
}

/** What is to be checked of a draft that became this text; a string says what is wrong; undefined where anything goes. */
export function expectation(store: TraceStore, task: Task, draft: Draft, text: string): Expectation | string | undefined {
  const schema = schemaOf(store, task);
  if (schema === undefined) return undefined;
  if (draft.stage === "output") return { json: applied(draft, text), schemas: [schema] };
  // a free answer is any text; only of a structured one is it known what the task reads
  if (draft.stage !== "response" || store.factsOf(task)?.schema == null) return undefined;
  const message = decodeMessage(applied(draft, text) as RawJson);
  if (message === undefined || message.parts.some((part) => part.type === "tool_call")) return undefined;
  const said = withoutFence(message.parts.map((part) => (part.type === "text" ? part.content : "")).join(""));
  try {
    JSON.parse(said);
  } catch (error) {
    return `the task reads JSON from its response, and this is not: ${(error as Error).message}`;
  }
  return { json: said, schemas: [schema, wrapped(schema)] };
}

/** What stands in a block of Markdown code, where a text is one. */
function withoutFence(text: string): string {
  return /^```[^\n]*\n(.*)```$/s.exec(text.trim())?.[1] ?? text.trim();
}

/** The schema of `{"value": …}`, in which an answer that is no object is asked for. */
function wrapped(schema: RawJson): RawJson {
  const { $defs, ...root } = JSON.parse(schema) as Record<string, unknown>;
  return JSON.stringify({ type: "object", properties: { value: root }, required: ["value"], additionalProperties: false, ...($defs === undefined ? {} : { $defs }) }) as RawJson;
}

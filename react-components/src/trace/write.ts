/** Messages and edits as JSON, as Python writes them: fields in the order of the format, without those that say nothing. */
import { canonical, float } from "./canonical";
import type { Edit, Message, RawJson } from "./types";

type Part = Message["parts"][number];

export function messagesJson(messages: readonly Message[]): RawJson {
  return `[${messages.map(messageJson).join(",")}]` as RawJson;
}

export function messageJson({ role, parts, finish_reason }: Message): RawJson {
  const end = finish_reason == null ? "" : `,"finish_reason":${JSON.stringify(finish_reason)}`;
  return `{"role":"${role}","parts":[${parts.map(partJson).join(",")}]${end}}` as RawJson;
}

/** A message of nothing but a text. */
export function textMessage(role: Message["role"], content: string): Message {
  return { role, parts: [{ type: "text", content }] };
}

function partJson(part: Part): string {
  switch (part.type) {
    case "text":
    case "reasoning":
      return JSON.stringify({ type: part.type, content: part.content });
    case "blob": {
      const { type, modality, mime_type, content, name } = part;
      return JSON.stringify({ type, modality, mime_type, content, ...(name != null && { name }) });
    }
    case "uri": {
      const { type, modality, uri, mime_type } = part;
      return JSON.stringify({ type, modality, uri, ...(mime_type != null && { mime_type }) });
    }
    case "tool_call":
      return withValue({ type: part.type, id: part.id, name: part.name }, "arguments", part.arguments);
    case "tool_call_response":
      return withValue({ type: part.type, id: part.id }, "response", part.response);
  }
}

export function editJson({ id, run, task, stage, at, value }: Edit): string {
  const made = withJson({ id, run, task, stage }, "at", float(at));
  return value === undefined ? made : `${made.slice(0, -1)},"value":${value}}`;
}

function withValue(head: object, name: string, value: RawJson | undefined): string {
  return withJson(head, name, value === undefined ? "null" : canonical(value));
}

function withJson(head: object, name: string, json: string): string {
  return `${JSON.stringify(head).slice(0, -1)},"${name}":${json}}`;
}

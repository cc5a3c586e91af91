/**
 * A trace document, read by its schema: what belongs to the format becomes objects, what belongs to users stays JSON text.
 *
 * Keys of users (`kwargs`, `dict`, names of functions) are data; see `record.ts`.
 */
import { CANONICAL, EXACT, message, messages } from "./elements";
import { CLOSE_DICT, JsonError, OPEN_DICT, Reader } from "./json";
import type { Change, ServerInfo, StreamPiece } from "./messages";
import type { Shape } from "./shapes";
import type { Children, Document, Edit, Message, RawJson, Task, TaskRun } from "./types";

export { jsonText, prettyJson } from "./pretty";
export { entriesOf } from "./record";

const MAJOR = 1;
const ADVICE = "`ltg check` tells what is readable";

/** What cannot be opened. The message is one line: what, and what to do. */
export class TraceError extends Error {
  override name = "TraceError";
}

/**
 * Reads a trace document.
 *
 * @param data its text or its bytes, which have to be UTF-8.
 * @throws TraceError it is empty, not JSON, not a trace, of a newer major format, or damaged.
 */
export function decodeTrace(data: string | Uint8Array): Document {
  const text = typeof data === "string" ? data : utf8(data);
  if (!/\S/.test(text)) throw new TraceError("the file is empty: choose a trace.json");
  const ours = /^\{"format":"[^"]*",\n?"id":"/.test(text);
  try {
    checkFormat(text);
    const reader = new Reader(text);
    const found = (ours ? EXACT : CANONICAL).document(reader);
    reader.end();
    checkNumbers(found);
    return found;
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    if (!text.slice(0, 200).replace(/\s/g, "").includes('"format":"llmtaskgraph/'))
      throw new TraceError("this is not a trace (not JSON of ours): choose a trace.json");
    throw damaged(error.message);
  }
}

function damaged(problem: string): TraceError {
  return new TraceError(`the trace is damaged (${problem}): ${ADVICE}`);
}

function utf8(data: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    throw new TraceError(
      data.length > 500_000_000 ? "the file is too large for a browser: use ltg-tui" : "this is not a trace (not UTF-8): choose a trace.json",
    );
  }
}

/** Ours has its format in front; elsewhere it is looked for. */
function checkFormat(text: string): void {
  const reader = new Reader(text);
  let format = "";
  if (reader.next() !== OPEN_DICT) throw new TraceError("this JSON is not a trace: choose a trace.json");
  reader.expect(OPEN_DICT);
  for (let first = true; format === "" && reader.more(CLOSE_DICT, first); first = false) {
    if (reader.key() !== "format") reader.skip();
    else format = reader.string();
  }
  const major = /^llmtaskgraph\/(\d+)(?:\.|$)/.exec(format)?.[1];
  if (major === undefined || Number(major) < 1)
    throw new TraceError(`this JSON is not a trace (no format llmtaskgraph/${MAJOR}): choose a trace.json`);
  if (Number(major) > MAJOR)
    throw new TraceError("a newer llmtaskgraph wrote this trace: open it with the viewer of that version (`ltg web`)");
}

function checkNumbers(found: Document): void {
  checkEach("tasks", found.tasks ?? [], (task) => task.number);
  for (const name of ["runs", "task_runs", "edits"] as const) {
    const elements: readonly { id: number }[] = found[name] ?? [];
    checkEach(name, elements, (element) => element.id);
  }
}

function checkEach<T>(name: string, elements: readonly T[], number: (element: T) => number): void {
  const known = new Set<number>();
  for (const [position, element] of elements.entries()) {
    const own = number(element);
    if (known.has(own)) throw damaged(`${name}[${position}]: there is a number ${own} already`);
    known.add(own);
  }
}

/** The messages of a prompt; undefined when it is not a list of messages. */
export function decodeMessages(raw: RawJson): Message[] | undefined {
  return decoded(raw, messages);
}

/** A message; undefined when it is none. */
export function decodeMessage(raw: RawJson): Message | undefined {
  return decoded(raw, message);
}

/** What a graph declared: the value of a `children` stage; undefined when it cannot be read. */
export function decodeChildren(raw: RawJson): Children | undefined {
  return decoded(raw, EXACT.children);
}

function decoded<T>(raw: string, shape: Shape<T>): T | undefined {
  try {
    return strictly(raw, shape);
  } catch (error) {
    if (error instanceof JsonError) return undefined;
    throw error;
  }
}

function strictly<T>(text: string, shape: Shape<T>): T {
  const reader = new Reader(text);
  const found = shape(reader);
  reader.end();
  return found;
}

// What a server sends. Each throws a SyntaxError for what does not fit.

export function decodeChange(text: string): Change {
  return strictly(text, EXACT.change);
}

/** The answer to `/api/trace`; its document is checked like a file. */
export function decodeOpened(text: string): { server: ServerInfo; document: Document; streaming: StreamPiece[] } {
  const found = strictly(text, EXACT.opened);
  const major = /^llmtaskgraph\/(\d+)(?:\.|$)/.exec(found.document.format)?.[1];
  if (Number(major) !== MAJOR) throw new TraceError("a newer llmtaskgraph wrote this trace: open it with the viewer of that version");
  checkNumbers(found.document);
  return { server: found.server, document: found.document, streaming: found.streaming ?? [] };
}

export function decodeTaskRun(text: string): TaskRun {
  return strictly(text, EXACT.taskRun);
}

export function decodeTask(text: string): Task {
  return strictly(text, EXACT.task);
}

export function decodeEdit(text: string): Edit {
  return strictly(text, EXACT.answer).edit;
}

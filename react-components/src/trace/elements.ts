/** The shapes of the elements of a trace: `types.ts` as parsers. Values of users are raw, and never searched for anything. */
import { canonicalAt } from "./canonical";
import { CLOSE_DICT, CLOSE_LIST, OPEN_DICT, OPEN_LIST, type Reader } from "./json";
import { record } from "./record";
import { dict, integer, list, nullable, number, pair, raw, type Shape, struct, text, truth, word } from "./shapes";
import type { Change, ServerInfo, StreamPiece } from "./messages";
import type * as t from "./types";

/** The shapes; `value` is how values of users are read. */
export function shapes(value: Shape<t.RawJson>) {
  const arg: Shape<t.Arg> = (reader) => readArg(reader, value);

  const status = word<NonNullable<t.TaskRun["status"]>>("waiting", "ready", "running", "succeeded", "failed", "blocked", "cancelled");
  const stageName = word<"prompt" | "response" | "output" | "children">("prompt", "response", "output", "children");

  const task = struct<t.Task>(
    "a task",
    {
      type: word("llm", "python", "graph"),
      id: text,
      number: integer,
      function: nullable(text),
      scope: nullable(text),
      added_by: nullable(integer),
      args: list(arg),
      kwargs: dict(arg),
      parser: nullable(text),
      model: nullable(text),
      params: value,
      retries: nullable(integer),
      timeout: nullable(number),
      idle_timeout: nullable(number),
      effect: nullable(word("once")),
      children: nullable(list(integer)),
      result: nullable(arg),
    },
    "type",
    "id",
    "number",
  );

  const run = struct<t.Run>(
    "a run",
    {
      id: integer,
      root: integer,
      started: number,
      parent: nullable(integer),
      status,
      ended: nullable(number),
      edits: list(integer),
      last_edit: integer,
      open: list(text),
      app: nullable(text),
      model: nullable(text),
      scripted: nullable(text),
      error: nullable(text),
    },
    "id",
    "root",
    "started",
  );

  const stage = struct<t.Stage>(
    "a stage",
    {
      value,
      key: text,
      origin: word("executed", "reused", "edited"),
      from: nullable(integer),
      size: integer,
      digest: text,
    },
    "key",
    "origin",
  );

  const frame = struct<t.Frame>("a frame", { file: text, line: integer, function: text, code: text }, "file", "line", "function");
  const failure = struct<t.Failure>(
    "an error",
    { type: text, message: text, stage: nullable(stageName), fault: nullable(text), frames: list(frame) },
    "type",
    "message",
  );
  const usage = struct<t.Usage>("a usage", {
    input_tokens: nullable(integer),
    output_tokens: nullable(integer),
    cached_input_tokens: nullable(integer),
    reasoning_tokens: nullable(integer),
  });
  const attempt = struct<t.Attempt>(
    "an attempt",
    {
      started: number,
      ended: nullable(number),
      status,
      model: nullable(text),
      finish_reason: nullable(text),
      usage: nullable(usage),
      cost: nullable(number),
      error: nullable(failure),
      partial: nullable(text),
      wait: nullable(number),
    },
    "started",
  );
  const log = struct<t.Log>("a log line", { at: number, text, level: text }, "at", "text");

  const taskRun = struct<t.TaskRun>(
    "a task run",
    {
      id: integer,
      run: integer,
      task: text,
      status,
      started: nullable(number),
      ended: nullable(number),
      inputs: list(integer),
      prompt: nullable(stage),
      response: nullable(stage),
      children: nullable(stage),
      output: nullable(stage),
      attempts: list(attempt),
      error: nullable(failure),
      logs: list(log),
    },
    "id",
    "run",
    "task",
  );

  const edit = struct<t.Edit>(
    "an edit",
    {
      id: integer,
      run: integer,
      task: text,
      stage: word("prompt", "response", "output", "model", "params", "input", "sample"),
      at: number,
      value,
    },
    "id",
    "run",
    "task",
    "stage",
    "at",
  );

  const functions = dict(
    struct<t.FunctionFacts>(
      "a function",
      {
        type: word("llm", "python", "graph"),
        code: text,
        parser: nullable(text),
        schema: nullable(text),
        tools: nullable(text),
        output: value,
        doc: nullable(text),
      },
      "type",
      "code",
    ),
  );

  const children = struct<t.Children>("a declaration", { tasks: list(integer), result: arg }, "tasks", "result");

  const document = struct<t.Document>(
    "the trace",
    {
      format: text,
      id: text,
      sequence: integer,
      app: nullable(text),
      functions,
      tasks: list(task),
      runs: list(run),
      task_runs: list(taskRun),
      edits: list(edit),
    },
    "format",
    "id",
  );

  const piece = pair(integer, text);
  const stream = struct<StreamPiece>("a stream", { task_run: integer, text: piece, reasoning: piece }, "task_run", "text", "reasoning");
  const change = struct<Change>("a change", {
    sequence: integer,
    tasks: list(task),
    runs: list(run),
    task_runs: list(taskRun),
    edits: list(edit),
    functions,
    kept: list(pair(integer, text)),
    streaming: list(stream),
  });
  const server = struct<ServerInfo>(
    "the server",
    { name: text, version: text, can_edit: truth, read_only: text, epoch: integer },
    "name",
    "version",
    "can_edit",
    "read_only",
    "epoch",
  );
  const opened = struct<{ server: ServerInfo; document: t.Document; streaming?: StreamPiece[] }>(
    "the answer",
    { server, document, streaming: list(stream) },
    "server",
    "document",
  );

  return { task, taskRun, edit, children, document, change, opened, answer: struct<{ edit: t.Edit }>("the answer", { edit }, "edit") };
}

/** Values exactly as they stand. */
export const EXACT = shapes(raw);

/** Values as Python would have written them: what another formatter did to them would be a difference between equal values. */
export const CANONICAL = shapes(canonicalAt);

const MODALITY = word("image", "file");
const PARTS: ReadonlyMap<string, Shape<t.Message["parts"][number]>> = new Map<string, Shape<t.Message["parts"][number]>>([
  ["text", struct<t.TextPart>("a part", { type: word("text"), content: text }, "type", "content")],
  ["reasoning", struct<t.ReasoningPart>("a part", { type: word("reasoning"), content: text }, "type", "content")],
  [
    "blob",
    struct<t.BlobPart>(
      "a part",
      { type: word("blob"), modality: MODALITY, mime_type: text, content: text, name: nullable(text) },
      "type",
      "modality",
      "mime_type",
      "content",
    ),
  ],
  [
    "uri",
    struct<t.UriPart>("a part", { type: word("uri"), modality: MODALITY, uri: text, mime_type: nullable(text) }, "type", "modality", "uri"),
  ],
  ["tool_call", struct<t.ToolCall>("a part", { type: word("tool_call"), id: text, name: text, arguments: raw }, "type", "id", "name")],
  ["tool_call_response", struct<t.ToolResult>("a part", { type: word("tool_call_response"), id: text, response: raw }, "type", "id")],
]);

const tag = struct<{ type: string }>("a part", { type: text }, "type");

const part: Shape<t.Message["parts"][number]> = (reader) => {
  reader.next();
  const start = reader.at;
  const kind = tag(reader).type;
  const shape = PARTS.get(kind);
  if (shape === undefined) return reader.fail(`${JSON.stringify(kind.slice(0, 40))} is no kind of part`, start);
  reader.at = start;
  return shape(reader);
};

/** A message of a chat. */
export const message = struct<t.Message>(
  "a message",
  { role: word("system", "user", "assistant", "tool"), parts: list(part), finish_reason: nullable(text) },
  "role",
  "parts",
);

/** A prompt. */
export const messages = list(message);

interface OpenArg {
  arg: t.Arg;
  first: boolean;
  list?: t.Arg[];
  dict?: Map<string, t.Arg>;
  firstInside: boolean;
}

/** Arguments nest as deep as a program likes, so those that are open are a list. */
function readArg(reader: Reader, value: Shape<t.RawJson>): t.Arg {
  const open: OpenArg[] = [enter(reader)];
  for (;;) {
    const top = open[open.length - 1] as OpenArg;
    if (top.list !== undefined || top.dict !== undefined) {
      const child = nextInside(reader, top);
      if (child !== undefined) open.push(child);
    } else if (reader.more(CLOSE_DICT, top.first)) {
      top.first = false;
      readField(reader, top, value);
    } else {
      if (!isOne(top.arg)) reader.fail("an argument that is none: it has no value, ref, list or dict");
      open.pop();
      if (open.length === 0) return top.arg;
    }
  }
}

function enter(reader: Reader): OpenArg {
  reader.expect(OPEN_DICT);
  return { arg: {}, first: true, firstInside: true };
}

/** The next element of the list or dict in an argument; at its end it is closed. */
function nextInside(reader: Reader, top: OpenArg): OpenArg | undefined {
  if (!reader.more(top.list !== undefined ? CLOSE_LIST : CLOSE_DICT, top.firstInside)) {
    if (top.dict !== undefined) top.arg.dict = record(top.dict);
    top.list = top.dict = undefined;
    return undefined;
  }
  top.firstInside = false;
  const key = top.dict !== undefined ? reader.key() : "";
  const child = enter(reader);
  top.list?.push(child.arg);
  top.dict?.set(key, child.arg);
  return child;
}

function readField(reader: Reader, top: OpenArg, value: Shape<t.RawJson>): void {
  switch (reader.key()) {
    case "value":
      top.arg.value = value(reader);
      break;
    case "ref":
      top.arg.ref = reader.string();
      break;
    case "list":
      reader.expect(OPEN_LIST);
      top.arg.list = top.list = [];
      top.firstInside = true;
      break;
    case "dict":
      reader.expect(OPEN_DICT);
      top.dict = new Map();
      top.firstInside = true;
      break;
    case "size":
      top.arg.size = integer(reader);
      break;
    case "digest":
      top.arg.digest = reader.string();
      break;
    default:
      reader.skip();
  }
}

function isOne(arg: t.Arg): boolean {
  return arg.value !== undefined || arg.ref !== undefined || arg.list !== undefined || arg.dict !== undefined || arg.digest !== undefined;
}

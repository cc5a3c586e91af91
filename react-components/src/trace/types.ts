// Made from llmtaskgraph/trace.schema.json by `npm run types`. Do not edit.

/** The text of a JSON value, exactly as it stands in the trace. */
export type RawJson = string & { readonly __json: unique symbol };

/**
 * Where an argument comes from: exactly one of the four.
 */
export interface Arg {
  /**
   * a JSON value, known when the graph was built.
   */
  value?: RawJson;
  /**
   * id of the task whose output it is.
   */
  ref?: string;
  /**
   * a list of such arguments (`list` in JSON).
   */
  list?: Arg[];
  /**
   * a dict of such arguments (`dict` in JSON).
   */
  dict?: {
    [k: string]: Arg;
  };
  /**
   * bytes of a value that is not here (yet): a server leaves large ones out.
   */
  size?: number;
  /**
   * tells such values apart: equal digests, equal values.
   */
  digest?: string;
}
/**
 * One send to a provider, or one call of a function. Without `ended` it was under way when the process ended.
 */
export interface Attempt {
  /**
   * seconds since the epoch.
   */
  started: number;
  /**
   * seconds since the epoch.
   */
  ended?: number | null;
  /**
   * running, succeeded, failed or cancelled.
   */
  status?: "blocked" | "cancelled" | "failed" | "ready" | "running" | "succeeded" | "waiting";
  /**
   * what the provider says it used, else what was asked for; None for a function.
   */
  model?: string | null;
  /**
   * `stop`, `length`, `tool_call`, ...
   */
  finish_reason?: string | null;
  /**
   * tokens.
   */
  usage?: Usage | null;
  /**
   * US dollars; None when unpriced.
   */
  cost?: number | null;
  /**
   * why it failed.
   */
  error?: Failure | null;
  /**
   * text that arrived before it failed or was cut off.
   */
  partial?: string | null;
  /**
   * seconds until the next attempt, when there was to be one.
   */
  wait?: number | null;
}
/**
 * Tokens that a provider counted. `None` is unknown, never 0. `input_tokens` includes `cached_input_tokens`; `output_tokens` includes `reasoning_tokens`.
 */
export interface Usage {
  input_tokens?: number | null;
  output_tokens?: number | null;
  cached_input_tokens?: number | null;
  reasoning_tokens?: number | null;
}
/**
 * Why an attempt or a task failed.
 */
export interface Failure {
  /**
   * name of the exception's type.
   */
  type: string;
  /**
   * its text.
   */
  message: string;
  /**
   * the stage that could not be made, when it is known.
   */
  stage?: ("children" | "output" | "prompt" | "response") | null;
  /**
   * kind of a provider's failure (`rate_limit`, `timeout`, ...).
   */
  fault?: string | null;
  /**
   * the user's own frames, outermost first.
   */
  frames?: Frame[];
}
/**
 * A line of a traceback, in the user's code. `code` is the source line, empty when it is not known.
 */
export interface Frame {
  file: string;
  line: number;
  function: string;
  code?: string;
}
/**
 * An image or another file, inline. `content` is base64; `name` is a file name, for files.
 */
export interface BlobPart {
  type: "blob";
  modality: "file" | "image";
  mime_type: string;
  content: string;
  name?: string | null;
}
/**
 * What a graph function gave back: numbers of the tasks it declared, and where its output comes from.
 */
export interface Children {
  tasks: number[];
  result: Arg;
}
/**
 * The shape of `trace.json`; its JSON Schema ships as `llmtaskgraph/trace.schema.json`.
 */
export interface Document {
  /**
   * `llmtaskgraph/` and the major version.
   */
  format: string;
  /**
   * of the trace; it never changes.
   */
  id: string;
  /**
   * number of the last event that is folded in; a journal continues after it.
   */
  sequence?: number;
  /**
   * the program of the newest run.
   */
  app?: string | null;
  /**
   * what is known of the functions that tasks name.
   */
  functions?: {
    [k: string]: FunctionFacts;
  };
  /**
   * all declarations.
   */
  tasks?: Task[];
  /**
   * all runs.
   */
  runs?: Run[];
  /**
   * all task runs that a run executed, edited or took from elsewhere.
   */
  task_runs?: TaskRun[];
  /**
   * all edits and reverts.
   */
  edits?: Edit[];
}
/**
 * What a trace tells of a registered function: enough to plan and to check an edit without its code.
 */
export interface FunctionFacts {
  /**
   * of the tasks it makes.
   */
  type: "graph" | "llm" | "python";
  /**
   * fingerprint; of the prompt function, for `llm`.
   */
  code: string;
  /**
   * fingerprint of what turns a response into the output, for `llm`.
   */
  parser?: string | null;
  /**
   * digest of the JSON Schema sent with a request, for `llm`.
   */
  schema?: string | null;
  /**
   * digest of the tools sent with a request, for `llm`.
   */
  tools?: string | null;
  /**
   * JSON Schema of the output, where it is declared.
   */
  output?: RawJson;
  /**
   * first line of the docstring.
   */
  doc?: string | null;
}
/**
 * A declared unit of work.
 */
export interface Task {
  /**
   * `llm`, `python` or `graph`.
   */
  type: "graph" | "llm" | "python";
  /**
   * path of scope, function and name or ordinal, such as `main/judge[style]`; the same from run to run.
   */
  id: string;
  /**
   * of this declaration, unique in the trace.
   */
  number: number;
  /**
   * name in the registry; None for a graph that is written out (`children`, `result`).
   */
  function?: string | null;
  /**
   * id of the graph task that it belongs to; None for the root.
   */
  scope?: string | null;
  /**
   * the task run that declared it; None when it was known before the run.
   */
  added_by?: number | null;
  /**
   * positional arguments.
   */
  args?: Arg[];
  /**
   * keyword arguments.
   */
  kwargs?: {
    [k: string]: Arg;
  };
  /**
   * for `llm` tasks of the explicit layer: name of the parser, or of the output type, in the registry.
   */
  parser?: string | null;
  /**
   * `PROVIDER:MODEL`, for `llm`.
   */
  model?: string | null;
  /**
   * passed to the provider as they are, for `llm`.
   */
  params?: RawJson;
  /**
   * further attempts after a failed one; None for the default (4 for `llm`, else 0).
   */
  retries?: number | null;
  /**
   * seconds that one attempt may take in all; None for the default (600 for `llm`, else no limit).
   */
  timeout?: number | null;
  /**
   * seconds without new content after which a streamed attempt is given up; None for 120.
   */
  idle_timeout?: number | null;
  /**
   * `once` when a repetition would do harm (mail, money): such a task never runs again by itself.
   */
  effect?: "once" | null;
  /**
   * numbers of the tasks of a graph that is written out.
   */
  children?: number[] | null;
  /**
   * what a graph that is written out gives as its output.
   */
  result?: Arg | null;
}
/**
 * One execution of a graph.
 */
export interface Run {
  /**
   * counted from 1.
   */
  id: number;
  /**
   * number of the root task.
   */
  root: number;
  /**
   * seconds since the epoch.
   */
  started: number;
  /**
   * the run that it resumed, or None.
   */
  parent?: number | null;
  /**
   * running, succeeded, failed or cancelled.
   */
  status?: "blocked" | "cancelled" | "failed" | "ready" | "running" | "succeeded" | "waiting";
  /**
   * seconds since the epoch.
   */
  ended?: number | null;
  /**
   * ids of the edits in force.
   */
  edits?: number[];
  /**
   * the newest edit of the trace when the run began; edits of the parent up to it have been taken up.
   */
  last_edit?: number;
  /**
   * ids of tasks that had to be settled anew and are not yet; the others are seen through the parent.
   */
  open?: string[];
  /**
   * the program, as `file.py:name`.
   */
  app?: string | null;
  /**
   * the model that replaced every task's own, if one was given for the run.
   */
  model?: string | null;
  /**
   * the script that answered instead of the providers, if one did.
   */
  scripted?: string | null;
  /**
   * why it ended, when no task tells.
   */
  error?: string | null;
}
/**
 * One task in one run.
 */
export interface TaskRun {
  /**
   * unique in the trace.
   */
  id: number;
  /**
   * id of the run that it was executed in.
   */
  run: number;
  /**
   * id of the task.
   */
  task: string;
  /**
   * running, succeeded, failed, blocked or cancelled.
   */
  status?: "blocked" | "cancelled" | "failed" | "ready" | "running" | "succeeded" | "waiting";
  /**
   * seconds since the epoch; None when it never started.
   */
  started?: number | null;
  /**
   * seconds since the epoch.
   */
  ended?: number | null;
  /**
   * the task runs whose outputs it used, in the order of `Task.dependencies`; for a blocked one, the failed one.
   */
  inputs?: number[];
  /**
   * for `llm`: list of messages.
   */
  prompt?: Stage | null;
  /**
   * for `llm`: the message that the model answered.
   */
  response?: Stage | null;
  /**
   * for what declared tasks: which, and where its output comes from.
   */
  children?: Stage | null;
  /**
   * the value that dependents use.
   */
  output?: Stage | null;
  /**
   * sends, or calls of the function.
   */
  attempts?: Attempt[];
  /**
   * why it failed.
   */
  error?: Failure | null;
  /**
   * lines that the function logged.
   */
  logs?: Log[];
}
/**
 * A stage of a task run: its value, the key it was computed under, and where it is from.
 */
export interface Stage {
  /**
   * `prompt`: list of messages; `response`: a message; `output`: a JSON value; `children`: see `Children`.
   */
  value?: RawJson;
  /**
   * digest of all that the value was computed from.
   */
  key: string;
  /**
   * executed in this run, reused from a recorded one, or edited by a person.
   */
  origin: "edited" | "executed" | "reused";
  /**
   * the task run that executed it, when it is reused.
   */
  from?: number | null;
  /**
   * bytes of a value that is not here (yet): a server leaves large ones out.
   */
  size?: number;
  /**
   * tells such values apart: equal digests, equal values.
   */
  digest?: string;
}
/**
 * A line that a function logged through its context.
 */
export interface Log {
  at: number;
  text: string;
  level?: string;
}
/**
 * A value that a person put into a stage of a task; without a value, the taking back of one.
 */
export interface Edit {
  /**
   * counted from 1.
   */
  id: number;
  /**
   * the run that was on screen; resuming that run applies the edit.
   */
  run: number;
  /**
   * id of the task; the root's for `input`.
   */
  task: string;
  /**
   * `prompt`, `response`, `output`; or a setting: `model`, `params`, `input` (the root's arguments by name), `sample` (a number: other than before, it asks for a new sample).
   */
  stage: "input" | "model" | "output" | "params" | "prompt" | "response" | "sample";
  /**
   * seconds since the epoch.
   */
  at: number;
  /**
   * JSON; absent in a revert.
   */
  value?: RawJson;
}
/**
 * One turn of a chat. `finish_reason` stands only on what a model answered.
 */
export interface Message {
  role: "assistant" | "system" | "tool" | "user";
  parts: (TextPart | ReasoningPart | BlobPart | UriPart | ToolCall | ToolResult)[];
  finish_reason?: string | null;
}
/**
 * Text that a person or a model wrote.
 */
export interface TextPart {
  type: "text";
  content: string;
}
/**
 * What a model says it thought before it answered. It is recorded, and not sent back.
 */
export interface ReasoningPart {
  type: "reasoning";
  content: string;
}
/**
 * An image or another file by its address.
 */
export interface UriPart {
  type: "uri";
  modality: "file" | "image";
  uri: string;
  mime_type?: string | null;
}
/**
 * A model asks for a tool. `arguments` is the JSON value it gave, or its text where that is not JSON.
 */
export interface ToolCall {
  type: "tool_call";
  id: string;
  name: string;
  arguments?: RawJson;
}
/**
 * What a tool answered to the call `id`.
 */
export interface ToolResult {
  type: "tool_call_response";
  id: string;
  response?: RawJson;
}

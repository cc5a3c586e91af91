/**
 * Which tasks of a run hold a text: in their id, arguments, parameters, prompt, response, output, errors, partial answers or log.
 * It is looked for in slices, so that a page with a large trace never stands still, and ends when it is told to.
 */
import { argumentsOf } from "./links";
import { Matcher, TooSlow } from "./matcher";
import type { Pattern } from "./pattern";
import { entriesOf } from "./record";
import type { TraceStore } from "./store";
import type { Arg, RawJson, Task, TaskRun } from "./types";

export interface SearchAnswer {
  /** Ids of the tasks that hold it, in the order of the tree. */
  tasks: string[];
  /** Whether every task was looked at, in full. */
  complete: boolean;
}

export interface SearchOptions {
  signal?: AbortSignal;
  /** Told now and then while it goes on. */
  onFound?: (tasks: string[]) => void;
  /** Another one in tests. */
  matcher?: Matcher;
}

/** Milliseconds of work between two chances for others. */
const SLICE = 8;
/** About so many letters are tried at once. */
const BATCH = 200_000;
const MOST_SLOW = 4;

/** @throws DOMException `AbortError`: the signal said so. */
export async function searchStore(store: TraceStore, run: number, pattern: Pattern, options: SearchOptions = {}): Promise<SearchAnswer> {
  const { signal, onFound, matcher = new Matcher(pattern) } = options;
  const view = store.view(run);
  const tasks: string[] = [];
  let [complete, slow, since, told] = [true, 0, performance.now(), 0];
  let batch: { id: string; texts: string[] }[] = [];
  let letters = 0;
  const tryBatch = async () => {
    const given = batch;
    [batch, letters] = [[], 0];
    for (const [index, found] of (await each(matcher, given.map(({ texts }) => texts))).entries()) {
      if (found === undefined) [complete, slow] = [false, slow + 1];
      else if (found) tasks.push(given[index]!.id);
    }
    if (tasks.length > told) onFound?.([...tasks]);
    told = tasks.length;
  };
  try {
    for (const id of view.ids) {
      const task = view.task(id);
      if (task === undefined) continue; // gone meanwhile
      const texts = [...textsOf(task, view.seen(id), pattern)];
      batch.push({ id, texts });
      letters += texts.reduce((sum, text) => sum + text.length, 0);
      if (performance.now() - since < SLICE && letters < BATCH) continue;
      await tryBatch();
      if (slow >= MOST_SLOW) return { tasks, complete: false };
      await breath();
      signal?.throwIfAborted();
      since = performance.now();
    }
    await tryBatch();
    signal?.throwIfAborted();
    return { tasks, complete };
  } finally {
    matcher.close();
  }
}

/** Whether each holds it; undefined where that takes too long. */
async function each(matcher: Matcher, all: string[][]): Promise<(boolean | undefined)[]> {
  try {
    const found = await matcher.spans(all.flat(), 1);
    let at = 0;
    return all.map((texts) => found.slice(at, (at += texts.length)).some((spans) => spans.length > 0));
  } catch (error) {
    if (!(error instanceof TooSlow)) throw error;
    if (all.length <= 1) return all.map(() => undefined);
    const half = Math.ceil(all.length / 2); // find the one that is slow
    return [...(await each(matcher, all.slice(0, half))), ...(await each(matcher, all.slice(half)))];
  }
}

/** Lets the page do what waits. A timer would wait too long, and stands still in a tab behind others. */
function breath(): Promise<void> {
  return new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (port1.close(), done());
    port2.postMessage(null);
  });
}

/** All text of a task that might hold the pattern. */
export function* textsOf(task: Task, seen: TaskRun | undefined, pattern: Pattern): Generator<string> {
  const from = function* (raw: RawJson | undefined) {
    if (raw !== undefined && pattern.might(raw)) yield* stringsIn(raw);
  };
  yield task.id;
  for (const [, arg] of argumentsOf(task)) for (const value of valuesIn(arg)) yield* from(value);
  yield* from(task.params);
  if (seen === undefined) return;
  for (const stage of [seen.prompt, seen.response, seen.output]) yield* from(stage?.value);
  for (const error of [seen.error, ...(seen.attempts ?? []).map((attempt) => attempt.error)]) if (error) yield `${error.type}: ${error.message}`;
  for (const attempt of seen.attempts ?? []) if (attempt.partial) yield attempt.partial;
  for (const log of seen.logs ?? []) yield log.text;
}

function* valuesIn(arg: Arg): Generator<RawJson> {
  const stack = [arg];
  for (let next = stack.pop(); next; next = stack.pop()) {
    if (next.value !== undefined) yield next.value;
    stack.push(...(next.list ?? []), ...entriesOf(next.dict).map(([, item]) => item));
  }
}

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|true|false/g;

/** The strings in a JSON value, keys included, and its numbers as they are written. */
export function* stringsIn(raw: RawJson): Generator<string> {
  for (const [token] of raw.matchAll(TOKEN)) {
    if (!token.startsWith('"')) yield token;
    else yield token.includes("\\") ? (JSON.parse(token) as string) : token.slice(1, -1);
  }
}

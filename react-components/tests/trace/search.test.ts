/** What is found in a trace, and that a page stays awake meanwhile. */
import { expect, it, vi } from "vitest";
import { Matcher, type MatchWorker } from "../../src/trace/matcher";
import { BadPattern, Pattern } from "../../src/trace/pattern";
import { searchStore, stringsIn } from "../../src/trace/search";
import { TraceStore } from "../../src/trace/store";
import { decodeTrace } from "../../src/trace/decode";
import { large } from "../e2e/traces";
import type { RawJson } from "../../src/trace/types";
import { storeOf } from "../components/shown";

/** A worker that does the work of the real one in this thread; or it begins, and never answers. */
class Here implements MatchWorker {
  onmessage: MatchWorker["onmessage"] = null;
  onerror: MatchWorker["onerror"] = null;
  ended = false;
  asked = 0;
  constructor(private readonly hangs: (texts: readonly string[]) => boolean = () => false) {}
  postMessage([source, flags, texts, most]: Parameters<MatchWorker["postMessage"]>[0]) {
    this.asked++;
    this.tell(null);
    if (this.hangs(texts)) return;
    const found = texts.map((text) => [...text.matchAll(new RegExp(source, flags))].slice(0, most).map((m): [number, number] => [m.index, m.index + m[0].length]));
    this.tell(found);
  }
  protected tell(data: [number, number][][] | null) {
    queueMicrotask(() => this.onmessage?.({ data } as MessageEvent<[number, number][][] | null>));
  }
  terminate() {
    this.ended = true;
  }
}

const found = async (text: string, more: object = {}) => {
  const pattern = new Pattern(text);
  return (await searchStore(storeOf(more), 1, pattern, { matcher: new Matcher(pattern, () => new Here()) })).tasks;
};

it("finds ids, prompts, responses, outputs, errors, arguments, partial answers and the log", async () => {
  expect(await found("judge[f")).toEqual(["main", "main/judge[facts]"]);
  expect(await found("Judge the style")).toEqual(["main/judge[style]"]);
  expect(await found("<b>bold")).toEqual(["main/judge[facts]"]);
  expect(await found("no number")).toEqual(["main/judge[facts]"]);
  expect(await found("a text")).toEqual(["main"]);
  const task_runs = [{ id: 1, run: 1, task: "main", status: "failed", attempts: [{ started: 1, status: "failed", partial: "half a word" }], logs: [{ at: 1, text: "looked twice", level: "info" }] }];
  expect(await found("half a", { task_runs })).toEqual(["main"]);
  expect(await found("twice", { task_runs })).toEqual(["main"]);
  expect(await found("nowhere")).toEqual([]);
});

it.each([
  ["judge the STYLE", "judge the STYLE", []],
  ["fine", "fine", ["main/judge[style]"]],
  ["FINE", "FINE", []],
  ["/f.ne/", "f.ne", ["main/judge[style]"]],
  ["/F.ne/", "F.ne", []],
  ["/^fine$/", "^fine$", ["main/judge[style]"]],
  ["/\\Wfacts\\W/", "\\Wfacts\\W", ["main", "main/judge[facts]"]],
  ["f.ne", "f.ne", []],
  ["//", "//", []],
])("takes %s as the terminal does", async (typed, words, tasks) => {
  expect(new Pattern(typed).words).toBe(words);
  expect(await found(typed)).toEqual(tasks);
});

it("says in one line what is no search", () => {
  expect(() => new Pattern("/(/")).toThrow(BadPattern);
  expect(() => new Pattern("/(/")).toThrow(/^not a regular expression: .+$/);
  expect(() => new Pattern("x".repeat(1001))).toThrow("up to 1,000 letters");
  expect(new Pattern("/a\\-b/").regex).toBe(true);
});

it("reads the strings of a value: keys, escapes, numbers as they are written", () => {
  const raw = '{"a\\"b":["\\u00e4\\n",1.50,true,null,{"":"\\\\"}]}' as RawJson;
  expect([...stringsIn(raw)]).toEqual(['a"b', "ä\n", "1.50", "true", "", "\\"]);
});

it("finds letters that stand escaped in the file, of either case", async () => {
  const stage = { value: "Ärger \\ \u2028", key: "k", origin: "executed" };
  const text = JSON.stringify({ format: "llmtaskgraph/1", id: "t", tasks: [{ type: "python", id: "main", number: 1 }], runs: [{ id: 1, root: 1, started: 1 }], task_runs: [{ id: 1, run: 1, task: "main", output: stage }] });
  const store = new TraceStore(decodeTrace(text.replace("Ä", "\\u00c4")));
  for (const words of ["ärger", "Ärger", "r \\", "\u2028"]) expect((await searchStore(store, 1, new Pattern(words))).tasks).toEqual(["main"]);
});

it("lets others have their turn on a large trace, and stops when it is told to", async () => {
  const store = new TraceStore(decodeTrace(large(40, 99)));
  let turns = 0;
  let told = 0;
  const count = setInterval(() => turns++, 0);
  const all = await searchStore(store, 1, new Pattern("paragraph 7 of"), { onFound: () => told++ });
  clearInterval(count);
  expect(all.tasks).toHaveLength(40);
  expect(turns).toBeGreaterThan(0);
  expect(told).toBeGreaterThan(1);
  const stop = new AbortController();
  const stopped = searchStore(store, 1, new Pattern("paragraph"), { signal: stop.signal });
  stop.abort();
  await expect(stopped).rejects.toThrow(/abort/i);
});

it("gives up an expression on the task where it takes too long, and searches the others", async () => {
  const pattern = new Pattern("/judge/");
  const workers: Here[] = [];
  const makeWorker = () => {
    workers.push(new Here((texts) => texts.some((text) => text.includes("the facts"))));
    return workers.at(-1)!;
  };
  const { tasks, complete } = await searchStore(storeOf(), 1, pattern, { matcher: new Matcher(pattern, makeWorker, 20) });
  expect(complete).toBe(false);
  expect(tasks).toEqual(["main", "main/judge[style]"]);
  expect(workers.every((worker) => worker.ended)).toBe(true);
});

it("does not count the time that a worker takes to start", async () => {
  class Late extends Here {
    override postMessage(question: Parameters<MatchWorker["postMessage"]>[0]) {
      setTimeout(() => super.postMessage(question), 60);
    }
  }
  expect(await new Matcher(new Pattern("/x/"), () => new Late(), 20).spans(["axa"], 1)).toEqual([[[1, 2]]]);
});

it("says so where no worker can be had", async () => {
  const pattern = new Pattern("/x/");
  const broken = new Here(() => true);
  const asked = new Matcher(pattern, () => broken).spans(["x"], 1);
  await vi.waitFor(() => expect(broken.asked).toBe(1), 20_000);
  broken.onerror?.({} as ErrorEvent);
  await expect(asked).rejects.toThrow("may start no worker");
});

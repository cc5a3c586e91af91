/** The server behind a page: what it is asked, and how it is followed. The token goes in a header, never in a cookie. */
import { decodeChange, decodeEdit, decodeOpened, decodeTask, decodeTaskRun } from "./decode";
import { EventStream, type ServerEvent } from "./events";
import { Frame } from "./frame";
import type { ServerInfo, StreamPiece } from "./messages";
import type { Pattern } from "./pattern";
import type { SearchAnswer } from "./search";
import type { TraceStore } from "./store";
import type { Document, Edit, Task, TaskRun } from "./types";

export type { ServerInfo } from "./messages";

/** The process of a run that was started from the page. */
export interface ProcessInfo {
  doing: string;
  running: boolean;
  code: number | null;
  printed: string;
}

/** What a resume will do with a task; see `Planned` in Python. */
export interface Planned {
  task: string;
  action: "run" | "maybe" | "kept";
  reason: string;
  stage?: string | null;
  calls?: number;
  possible_calls?: number;
  input_tokens?: number | null;
  output_tokens?: number | null;
  cost?: number | null;
  seconds?: number | null;
  warning?: string | null;
}

/** What resuming a run will do. `code_checked`: with the code as it is now, or by the trace alone. */
export interface Plan {
  run: number;
  tasks: Planned[];
  kept: number;
  code_checked: boolean;
}

export interface PlanAnswer {
  plan: Plan;
  program: string | null;
  /** What would be executed. */
  path: string;
  trusted: boolean;
  /** Why it cannot be resumed; empty where it can. */
  problem: string;
  scripted: string | null;
}

export interface Followed {
  change?(): void;
  /** Too much was missed: open it again. */
  reset(): void;
  process(process: ProcessInfo): void;
  problem(message: string): void;
  state(state: "live" | "reconnecting" | "closed"): void;
}

/** The server refused. The message is what it said, in one line. */
export class Refused extends Error {
  override name = "Refused";
  constructor(
    message: string,
    readonly status: number,
  ) {
    super(message);
  }
}

const WAIT = 500;
const LONGEST_WAIT = 5000;
/** A server says something every 10 seconds. */
const SILENCE = 35_000;

export class ServerSource {
  #epoch = 0;

  constructor(
    private readonly base: string,
    private readonly token: string,
  ) {}

  async open(): Promise<{ server: ServerInfo; document: Document; streaming: StreamPiece[] }> {
    const opened = decodeOpened(await this.#text("/api/trace"));
    this.#epoch = opened.server.epoch;
    return opened;
  }

  async taskRun(id: number): Promise<TaskRun> {
    return decodeTaskRun(await this.#text(`/api/task_run/${id}`));
  }

  async task(number: number): Promise<Task> {
    return decodeTask(await this.#text(`/api/task/${number}`));
  }

  async plan(run: number): Promise<PlanAnswer> {
    return (await this.#json(`/api/plan?run=${run}`)) as PlanAnswer;
  }

  /** With the code as it is now: that is imported, so a person has to have said yes to it. */
  async planWithCode(run: number): Promise<Plan> {
    const { plan, problem } = (await this.#json("/api/plan", { run })) as { plan: Plan | null; problem: string };
    if (!plan) throw new Error(problem);
    return plan;
  }

  /** Ids of the tasks of a run in which a text occurs, in their id or any value. */
  async search(run: number, pattern: Pattern, signal?: AbortSignal): Promise<SearchAnswer> {
    const words = new URLSearchParams({ run: String(run), text: pattern.words, regex: pattern.regex ? "1" : "0" });
    return (await (await this.#ask(`/api/search?${words}`, undefined, { signal })).json()) as SearchAnswer;
  }

  async edit(run: number, task: string, stage: Edit["stage"], text: string): Promise<Edit> {
    return decodeEdit(await this.#text("/api/edit", { run, task, stage, text }));
  }

  async revert(run: number, task: string, stage: Edit["stage"]): Promise<Edit> {
    return decodeEdit(await this.#text("/api/revert", { run, task, stage }));
  }

  async again(run: number, task: string): Promise<Edit> {
    return decodeEdit(await this.#text("/api/again", { run, task }));
  }

  async resume(run: number, consent: boolean): Promise<ProcessInfo> {
    return (await this.#json("/api/resume", { run, consent })) as ProcessInfo;
  }

  async stop(): Promise<void> {
    await this.#text("/api/stop", {});
  }

  async log(): Promise<ProcessInfo> {
    return (await this.#json("/api/log")) as ProcessInfo;
  }

  async download(): Promise<Blob> {
    return (await this.#ask("/api/download")).blob();
  }

  /** The program text of the editor. */
  async editorScript(): Promise<string> {
    return this.#text("/editor.js");
  }

  /** Keeps a store up to date until the function that is returned is called. */
  follow(store: TraceStore, on: Followed): () => void {
    const stopped = new AbortController();
    void this.#follow(store, on, stopped.signal);
    return () => stopped.abort();
  }

  async #follow(store: TraceStore, on: Followed, stopped: AbortSignal): Promise<void> {
    let failures = 0;
    while (!stopped.aborted) {
      try {
        await this.#listen(store, on, stopped, () => (failures = 0));
      } catch (error) {
        if (stopped.aborted) return;
        if (error instanceof Refused && error.status < 500 && error.status !== 408 && error.status !== 429) {
          on.problem(error.message);
          on.state("closed"); // another server, or another token: asking again will not help
          return;
        }
      }
      if (stopped.aborted) return;
      failures++;
      on.state(failures > 6 ? "closed" : "reconnecting");
      const wait = Math.min(WAIT * 2 ** Math.min(failures - 1, 6), LONGEST_WAIT);
      await pause(wait * (0.5 + Math.random() / 2), stopped);
    }
  }

  /** One connection, to its end. */
  async #listen(store: TraceStore, on: Followed, stopped: AbortSignal, connected: () => void): Promise<void> {
    const silent = new AbortController();
    const frame = new Frame<ServerEvent>((events) => {
      try {
        for (const { event, data } of events) this.#take(event, data, store, on);
      } catch {
        silent.abort(); // what cannot be read is asked for again
      }
    });
    let timer = setTimeout(() => silent.abort(), SILENCE);
    try {
      const signal = AbortSignal.any([stopped, silent.signal]);
      const answer = await this.#ask("/api/events", undefined, { signal, headers: { "Last-Event-ID": `${store.document.id}:${this.#epoch}:${store.sequence}` } });
      const reader = answer.body!.getReader();
      const decoder = new TextDecoder();
      const events = new EventStream();
      connected();
      on.state("live");
      for (;;) {
        const { value, done } = await reader.read();
        if (done || stopped.aborted) return;
        clearTimeout(timer);
        timer = setTimeout(() => silent.abort(), SILENCE);
        const told = events.push(decoder.decode(value, { stream: true }));
        frame.add(told);
        if (told.some(({ event }) => event === "reset")) {
          frame.flush();
          return void (await pause(LONGEST_WAIT, stopped)); // whoever opens it again stops this one
        }
      }
    } finally {
      clearTimeout(timer);
      if (stopped.aborted) frame.drop();
      else frame.flush(); // the next connection goes on from what was taken in
    }
  }

  #take(event: string, data: string, store: TraceStore, on: Followed): void {
    if (event === "change") {
      store.apply(decodeChange(data));
      on.change?.();
    } else if (event === "reset") on.reset();
    else if (event === "process") on.process(JSON.parse(data) as ProcessInfo);
    else if (event === "problem") on.problem((JSON.parse(data) as { error: string }).error);
  }

  async #text(path: string, body?: object): Promise<string> {
    return (await this.#ask(path, body)).text();
  }

  async #json(path: string, body?: object): Promise<unknown> {
    return (await this.#ask(path, body)).json();
  }

  async #ask(path: string, body?: object, more: RequestInit = {}): Promise<Response> {
    const headers: Record<string, string> = { Authorization: `Bearer ${this.token}`, ...(more.headers as Record<string, string> | undefined) };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const asked: RequestInit = { ...more, headers, cache: "no-store", credentials: "omit", redirect: "error" };
    const request = body === undefined ? asked : { ...asked, method: "POST", body: JSON.stringify(body) };
    let answer: Response;
    try {
      answer = await fetch(this.base + path, request);
    } catch (error) {
      if ((error as Error).name === "AbortError") throw error;
      throw new Error("the server does not answer: is `ltg web` still running?");
    }
    if (!answer.ok) throw new Refused(told(await answer.text(), answer.status), answer.status);
    return answer;
  }
}

function told(text: string, status: number): string {
  try {
    const found = JSON.parse(text) as { error?: unknown };
    if (typeof found.error === "string") return found.error;
  } catch {
    // plain text
  }
  return text.trim().split("\n")[0] || `the server answered ${status}`;
}

function pause(milliseconds: number, stopped: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const timer = setTimeout(done, milliseconds);
    stopped.addEventListener("abort", () => (clearTimeout(timer), done()), { once: true });
  });
}

/**
 * Layouts beside the screen: one is under way, the newest other one waits, and what waited before it is passed over. So a run that
 * grows faster than it can be laid out is still drawn again and again. Where no worker can be had, the main thread does it.
 */
import { layout } from "./layout";
import type { LayoutInput, LayoutResult } from "./types";

export interface Request {
  request: number;
  input: LayoutInput;
}

export interface Answer {
  request: number;
  result?: LayoutResult;
  error?: string;
}

/** The part of a `Worker` that is used. */
export interface WorkerLike {
  postMessage(request: Request): void;
  addEventListener(type: "message", listener: (event: { data: Answer }) => void): void;
  addEventListener(type: "error" | "messageerror", listener: () => void): void;
  terminate(): void;
}

export interface Layouter {
  /** The layout; `undefined` when a newer request took its place before it was begun, or after `close`. */
  layout(input: LayoutInput): Promise<LayoutResult | undefined>;
  /** Ends the worker. */
  close(): void;
}

interface Job extends Request {
  done(result: LayoutResult | undefined): void;
  failed(error: Error): void;
}

/**
 * @param makeWorker makes a worker that runs `worker.ts`. If it throws, or the worker does not start or breaks, the main thread takes over.
 */
export function layoutInWorker(makeWorker: () => WorkerLike): Layouter {
  let worker: WorkerLike | undefined;
  let [count, started, closed] = [0, false, false];
  let current: Job | undefined;
  let next: Job | undefined;

  const start = () => {
    started = true;
    try {
      const made = makeWorker();
      made.addEventListener("message", ({ data }) => settle(data));
      for (const type of ["error", "messageerror"] as const) made.addEventListener(type, () => broken(made));
      worker = made;
    } catch {
      worker = undefined;
    }
  };
  const broken = (which: WorkerLike) => {
    if (worker !== which) return;
    worker = undefined;
    which.terminate();
    if (current !== undefined) begin(current);
  };
  const begin = (job: Job) => {
    current = job;
    if (worker === undefined) setTimeout(() => settle(answer(job)));
    else {
      try {
        worker.postMessage({ request: job.request, input: job.input });
      } catch {
        broken(worker);
      }
    }
  };
  const settle = ({ request, result, error }: Answer) => {
    if (current?.request !== request) return;
    const job = current;
    current = undefined;
    const following = next;
    next = undefined;
    if (following !== undefined) begin(following);
    if (error === undefined) job.done(result);
    else job.failed(new Error(error));
  };

  return {
    layout: (input) =>
      new Promise((done, failed) => {
        if (closed) return done(undefined);
        if (!started) start();
        const job: Job = { request: ++count, input, done, failed };
        next?.done(undefined);
        if (current === undefined) begin(job);
        else next = job;
      }),
    close: () => {
      closed = true;
      worker?.terminate();
      for (const job of [current, next]) job?.done(undefined);
      current = next = undefined;
    },
  };
}

function answer({ request, input }: Request): Answer {
  try {
    return { request, result: layout(input) };
  } catch (error) {
    return { request, error: String(error) };
  }
}

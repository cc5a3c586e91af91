/** Layouts in a worker, and without one. */
import { afterEach, describe, expect, test, vi } from "vitest";
import { layoutInWorker, type Answer, type Request, type WorkerLike } from "../../src/layout/inWorker";
import { layout } from "../../src/layout/layout";
import { graph } from "./drawing";

/** A worker in the hands of the test: it answers when it is told to. */
class Hand implements WorkerLike {
  readonly requests: Request[] = [];
  ended = false;
  private readonly listeners = new Map<string, (event: { data: Answer }) => void>();

  postMessage(request: Request): void {
    this.requests.push(request);
  }
  addEventListener(type: string, listener: (event: { data: Answer }) => void): void {
    this.listeners.set(type, listener);
  }
  terminate(): void {
    this.ended = true;
  }
  answer(i: number): void {
    const { request, input } = this.requests[i]!;
    this.send("message", { request, result: layout(input) });
  }
  send(type: string, data: Answer = { request: 0 }): void {
    this.listeners.get(type)!({ data });
  }
}

const [a, b, c] = [graph("a b"), graph("a b", "b c"), graph("a b", "a c")];

describe("with a worker", () => {
  test("a layout is that of the worker", async () => {
    const hand = new Hand();
    const result = layoutInWorker(() => hand).layout(a);
    hand.answer(0);
    expect(await result).toEqual(layout(a));
  });

  test("what waits is passed over for something newer; what was begun is not", async () => {
    const hand = new Hand();
    const layouter = layoutInWorker(() => hand);
    const [first, second, third] = [layouter.layout(a), layouter.layout(b), layouter.layout(c)];
    expect(await second).toBeUndefined();
    hand.answer(0);
    expect(await first).toEqual(layout(a));
    hand.answer(1);
    expect(await third).toEqual(layout(c));
    expect(hand.requests.map(({ input }) => input)).toEqual([a, c]);
  });

  test("an answer to another request is not taken", async () => {
    const hand = new Hand();
    const result = layoutInWorker(() => hand).layout(a);
    hand.send("message", { request: 99, result: layout(b) });
    hand.answer(0);
    expect(await result).toEqual(layout(a));
  });

  test("an error of the layout is told, and the next request is laid out", async () => {
    const hand = new Hand();
    const layouter = layoutInWorker(() => hand);
    const bad = layouter.layout(a);
    const good = layouter.layout(b);
    hand.send("message", { request: hand.requests[0]!.request, error: "RangeError: no room" });
    await expect(bad).rejects.toThrow("no room");
    hand.answer(1);
    expect(await good).toEqual(layout(b));
  });

  test("closing ends it, and nobody waits any longer", async () => {
    const hand = new Hand();
    const layouter = layoutInWorker(() => hand);
    const waiting = [layouter.layout(a), layouter.layout(b)];
    layouter.close();
    expect(await Promise.all([...waiting, layouter.layout(c)])).toEqual([undefined, undefined, undefined]);
    expect(hand.ended).toBe(true);
  });
});

describe("without a worker", () => {
  test("the main thread does it where none can be made", async () => {
    const layouter = layoutInWorker(() => {
      throw new Error("refused by a content security policy");
    });
    const [first, second, third] = [layouter.layout(a), layouter.layout(b), layouter.layout(c)];
    expect(await Promise.all([first, second, third])).toEqual([layout(a), undefined, layout(c)]);
  });

  test.each(["error", "messageerror"])("the main thread takes over what a worker with an %s left", async (event) => {
    const hand = new Hand();
    const layouter = layoutInWorker(() => hand);
    const [first, second] = [layouter.layout(a), layouter.layout(b)];
    hand.send(event);
    expect(await Promise.all([first, second])).toEqual([layout(a), layout(b)]);
    expect([hand.ended, hand.requests.length]).toEqual([true, 1]);
  });

  test("the main thread takes over when a request cannot be posted", async () => {
    const hand = new Hand();
    hand.postMessage = () => {
      throw new Error("could not be cloned");
    };
    expect(await layoutInWorker(() => hand).layout(a)).toEqual(layout(a));
  });
});

describe("the worker's own file", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  test("answers a request with its number, and an error with its text", async () => {
    const answers: Answer[] = [];
    let ask: ((event: { data: unknown }) => void) | undefined;
    vi.stubGlobal("self", {
      addEventListener: (_: string, listener: typeof ask) => (ask = listener),
      postMessage: (answer: Answer) => answers.push(answer),
    });
    await import("../../src/layout/worker");
    ask!({ data: { request: 7, input: a } });
    ask!({ data: { request: 8, input: null } });
    expect(answers[0]).toEqual({ request: 7, result: layout(a) });
    expect(answers[1]).toMatchObject({ request: 8, error: expect.stringContaining("TypeError") as string });
  });
});

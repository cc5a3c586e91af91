import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Frame } from "../../src/trace/frame";

beforeEach(() => void vi.useFakeTimers({ toFake: ["requestAnimationFrame", "cancelAnimationFrame", "setTimeout", "clearTimeout"] }));
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function taking() {
  const taken: (readonly number[])[] = [];
  return { taken, frame: new Frame<number>((all) => taken.push(all)) };
}

test("what comes in before a frame is taken in together, in its order, once", () => {
  const { taken, frame } = taking();
  frame.add([1, 2]);
  frame.add([3]);
  expect(taken).toEqual([]);
  vi.advanceTimersByTime(1000);
  expect(taken).toEqual([[1, 2, 3]]);
  frame.add([4]);
  vi.advanceTimersByTime(1000);
  expect(taken).toEqual([[1, 2, 3], [4]]);
});

test("a page that draws no frames takes it in all the same", () => {
  vi.stubGlobal("requestAnimationFrame", () => 1);
  vi.stubGlobal("cancelAnimationFrame", () => {});
  const { taken, frame } = taking();
  frame.add([1]);
  vi.advanceTimersByTime(1000);
  expect(taken).toEqual([[1]]);
});

test("where there are no frames at all it is taken in soon", () => {
  vi.stubGlobal("requestAnimationFrame", undefined);
  const { taken, frame } = taking();
  frame.add([1]);
  vi.advanceTimersByTime(1);
  expect(taken).toEqual([[1]]);
});

test("what waits can be taken in at once, or dropped, and is not taken in later", () => {
  const { taken, frame } = taking();
  frame.add([1]);
  frame.flush();
  frame.add([2]);
  frame.drop();
  vi.advanceTimersByTime(1000);
  expect(taken).toEqual([[1]]);
});

/** What a server tells of a trace and its journal leads a page to the rows that Python finds, however it is cut. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeChange, decodeOpened } from "../../src/trace/decode";
import { EventStream } from "../../src/trace/events";
import { TraceStore } from "../../src/trace/store";
import { fresh, rowsOf, shown, withoutPlans, written } from "./rows";

interface Feed {
  first: number;
  last: number;
  /** So many events a page may be behind, unless it knows no more than the first. */
  behind: number;
  opened: [at: number, text: string][];
  /** From a known number to a later one; null is the news that the process is gone. */
  changes: [known: number, to: number | null, told: Record<string, number | number[]>][];
  elements: string[];
}

describe.each(["crashed", "torn"])("%s", (name) => {
  const feed = written<Feed>(`${name}.feed`);
  const live = withoutPlans(written(`${name}.live`));
  const ended = withoutPlans(written(`${name}.ended`));
  const changes = new Map(feed.changes.map(([known, to, told]) => [`${known}-${to}`, changeText(feed, told)]));
  const streaming = stored(feed, feed.last);
  const sending = [...streaming.taskRuns.keys()].filter((id) => streaming.streaming(id));

  test("read whole, it has the rows that Python finds", () => {
    expect(rowsOf(streaming)).toEqual(live);
    expect(sending.length).toBeGreaterThan(0);
  });

  test("told event by event, too, and after each shows nothing of before", () => {
    const store = stored(feed, feed.first);
    for (let known = feed.first; known < feed.last; known++) {
      tell(store, known, known + 1);
      expect(shown(store)).toEqual(shown(fresh(store)));
    }
    expectSame(store);
  });

  test("wherever the batches are cut, and whatever is looked at in between", () => {
    fc.assert(
      fc.property(fc.array(fc.record({ step: fc.integer({ min: 1, max: feed.behind }), back: fc.nat(feed.behind), looks: fc.boolean() }), { minLength: feed.last - feed.first }), (batches) => {
        const store = stored(feed, feed.first);
        let at = feed.first;
        for (const { step, back, looks } of batches) {
          const to = Math.min(at + step, feed.last);
          const known = Math.max(feed.first, at - back, to - feed.behind); // a page that comes back is told again what it knows
          if (to > known) tell(store, known, to);
          at = to;
          if (looks) rowsOf(store);
        }
        expectSame(store);
      }),
      { numRuns: 25 },
    );
  });

  test("a page that comes back after any event is told the rest", () => {
    for (let at = feed.first; at < feed.last; at++) {
      const store = stored(feed, feed.first);
      if (at > feed.first) tell(store, feed.first, at);
      for (let known = at; known < feed.last; known = Math.min(known + feed.behind, feed.last)) tell(store, known, Math.min(known + feed.behind, feed.last));
      expectSame(store);
    }
  });

  test("a page that is told of the end of the process shows the run as it will be recorded", () => {
    const store = stored(feed, feed.last);
    shown(store);
    store.apply(decodeChange(changes.get(`${feed.last}-null`)!));
    expect(rowsOf(store)).toEqual(ended);
    expect(shown(store)).toEqual(shown(fresh(store)));
    for (const id of sending) expect(store.streaming(id)).toBeUndefined();
  });

  test("the events may come in pieces of any size", () => {
    const wire = Array.from({ length: feed.last - feed.first }, (_, i) => changes.get(`${feed.first + i}-${feed.first + i + 1}`)).flatMap((data) => (data ? [`event: change\r\ndata: ${data}\n\n`] : [": hello\n\n"])).join("");
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2000 }), { minLength: 1 }), (sizes) => {
        const store = stored(feed, feed.first);
        const events = new EventStream();
        for (let at = 0, piece = 0; at < wire.length; piece++) {
          const size = sizes[piece % sizes.length]!;
          for (const { event, data } of events.push(wire.slice(at, at + size))) {
            expect(event).toBe("change");
            store.apply(decodeChange(data));
          }
          at += size;
        }
        expectSame(store);
      }),
      { numRuns: 25 },
    );
  });

  function tell(store: TraceStore, known: number, to: number): void {
    const text = changes.get(`${known}-${to}`);
    if (text !== undefined) store.apply(decodeChange(text)); // else nothing that a page is told of happened
  }

  function expectSame(store: TraceStore): void {
    expect(rowsOf(store)).toEqual(live);
    for (const id of sending) expect(store.streaming(id)).toEqual(streaming.streaming(id));
    expect(store.sequence).toBe(feed.last);
  }
});

function stored(feed: Feed, at: number): TraceStore {
  const { document, streaming } = decodeOpened(feed.opened.find(([place]) => place === at)![1]);
  const store = new TraceStore(document);
  store.apply({ streaming });
  return store;
}

function changeText(feed: Feed, told: Feed["changes"][0][2]): string {
  const fields = Object.entries(told).map(([name, places]) => `"${name}":${Array.isArray(places) ? `[${places.map((place) => feed.elements[place]).join(",")}]` : feed.elements[places]}`);
  return `{${fields.join(",")}}`;
}

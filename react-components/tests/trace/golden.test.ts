/** The golden traces say the same to the page as to Python, row by row. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeTrace } from "../../src/trace/decode";
import { TraceStore } from "../../src/trace/store";
import { golden, rowsOf, unmarked, withoutPlans, written } from "./rows";

const NAMES = readdirSync(new URL("../../../tests/golden/", import.meta.url)).filter((name) => name.endsWith(".json")).map((name) => name.slice(0, -5));

test("there are golden traces", () => {
  expect(NAMES.length).toBeGreaterThan(10);
});

describe.each(NAMES)("%s", (name) => {
  const store = new TraceStore(decodeTrace(golden(`${name}.json`)));
  const rows = withoutPlans(written(name));

  test("has the rows that Python finds", () => {
    expect(rowsOf(store)).toEqual(rows);
  });

  test("marks all that Python plans to run, or may", () => {
    expect(unmarked(store, written(name).runs)).toEqual([]);
  });

  test("says the same when it is read from bytes", () => {
    const again = new TraceStore(decodeTrace(new TextEncoder().encode(golden(`${name}.json`))));
    expect(rowsOf(again)).toEqual(rows);
  });
});

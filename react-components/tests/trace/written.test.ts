/** A trace that `ltg export` has put into a page is, letter for letter, what it was. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { asWritten } from "../../viewer/written";
import { golden } from "./rows";

/** As `llmtaskgraph/cli/export.py` does it. */
function inert(text: string): string {
  return text.replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029").replaceAll("<", "\\u003c");
}

test("whatever stands in it", () => {
  const text = fc.string({ unit: fc.constantFrom("<", "\\", "u003c", "u2028", "\u2028", "\u2029", '"', "a", "\n") });
  fc.assert(
    fc.property(fc.dictionary(text, text), (value) => {
      const json = JSON.stringify(value);
      expect(asWritten(inert(json))).toBe(json);
    }),
  );
});

test.each(["values.json", "nested.json", "troubles.json"])("%s", (name) => {
  expect(asWritten(inert(golden(name)))).toBe(golden(name));
});

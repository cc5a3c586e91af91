/** JSON as Python would have written it. What Python makes of each is in the golden rows of edits; here is what holds of all values. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonical, float } from "../../src/trace/canonical";
import { decodeMessages, prettyJson } from "../../src/trace/decode";
import { messagesJson } from "../../src/trace/write";

test("the value stays the same, and once is enough", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 0, max: 4 }), (value, indent) => {
      const made = canonical(JSON.stringify(value, null, indent));
      expect(JSON.parse(made)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonical(made)).toBe(made);
      expect(canonical(prettyJson(made))).toBe(made);
    }),
  );
});

test("a float is what it was, and looks like one", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Object.is(Number(float(value)), value)).toBe(true);
      expect(float(value)).toMatch(/^-?(\d+\.\d+|\d(\.\d+)?e-?\d+)$/);
    }),
  );
});

test("a whole number keeps all its digits", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 60n), max: 10n ** 60n }), (value) => {
      expect(canonical(` ${value} `)).toBe(String(value));
    }),
  );
});

test("keys keep their order, also those that JavaScript would sort", () => {
  expect(canonical('{ "10": 1, "b": 2, "2": 3, "__proto__": {}, "b": 4 }')).toBe('{"10":1,"b":4,"2":3,"__proto__":{}}');
});

test("what is deep or long overflows nothing", () => {
  const deep = "[".repeat(100_000) + "]".repeat(100_000);
  expect(canonical(deep)).toBe(deep);
  const wide = `[${"1.50,".repeat(100_000)}0]`;
  expect(canonical(wide)).toBe(wide.replaceAll("1.50", "1.5"));
});

test.each(["", "1e400", "[1,]", '"\\ud800"', "[1] 2"])("%j is refused", (json) => {
  expect(() => canonical(json)).toThrow(SyntaxError);
});

test("messages are written as they were read", () => {
  const blob = fc.record({ type: fc.constant("blob" as const), modality: fc.constantFrom("image" as const, "file" as const), mime_type: fc.string(), content: fc.string() });
  const part = fc.oneof(
    fc.record({ type: fc.constantFrom("text" as const, "reasoning" as const), content: fc.string({ unit: "grapheme" }) }),
    blob,
    fc.record({ type: fc.constant("tool_call" as const), id: fc.string(), name: fc.string(), arguments: fc.jsonValue().map((value) => canonical(JSON.stringify(value))) }),
  );
  fc.assert(
    fc.property(fc.array(fc.record({ role: fc.constantFrom("user" as const, "assistant" as const), parts: fc.array(part) })), (messages) => {
      const json = messagesJson(messages);
      expect(decodeMessages(json)).toEqual(messages);
      expect(canonical(json)).toBe(json);
    }),
  );
});

/** JSON is read without changing a letter of it, however deep or long, and what is not JSON is refused with its place. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonError, Reader } from "../../src/trace/json";
import { entriesOf } from "../../src/trace/record";
import { dict, integer, list, nullable, number, pair, raw, struct, text, truth, word } from "../../src/trace/shapes";

function read(json: string): string {
  const reader = new Reader(json);
  const found = reader.raw();
  reader.end();
  return found;
}

function refusal(json: string, how: (reader: Reader) => unknown = (reader) => reader.raw()): string {
  const reader = new Reader(json);
  try {
    how(reader);
    reader.end();
  } catch (error) {
    expect(error).toBeInstanceOf(JsonError);
    expect((error as Error).message).not.toContain("\n");
    return (error as Error).message;
  }
  return "";
}

/** White space that JSON allows, in every place. */
const SPACE = fc.string({ unit: fc.constantFrom(" ", "\n", "\r", "\t"), maxLength: 3 });

test("any value is passed over as it stands, whatever white space surrounds it", () => {
  fc.assert(
    fc.property(fc.jsonValue(), SPACE, SPACE, fc.integer({ min: 0, max: 4 }), (value, before, after, indent) => {
      const json = JSON.stringify(value, null, indent);
      expect(read(before + json + after)).toBe(json);
    }),
  );
});

test("what JavaScript refuses is refused, and what it reads is read, but for half letters and endless numbers", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.nat(), fc.constantFrom("", ",", "]", "}", '"', "\\", "0", "-", ".", "e", "\u0000", "nul", "\u00a0", "\ufeff"), fc.nat(3), (value, at, piece, gone) => {
      const json = JSON.stringify(value);
      const place = at % (json.length + 1);
      const changed = json.slice(0, place) + piece + json.slice(place + gone);
      expect(refusal(changed) === "" || /\\u[dD][89a-fA-F]/.test(changed)).toBe(isJson(changed));
    }),
    { numRuns: 2000 },
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

test.each(["9007199254740993", "-0", "0.10", "1e-7", "1E+400", "123456789012345678901234567890.5", '"\\u00e9\\/"', '{"10":1,"9":2,"a":3,"a":4}', "[ 1 , 2 ]"])(
  "%s keeps its form",
  (json) => {
    expect(read(json)).toBe(json);
  },
);

test("a million brackets overflow nothing", () => {
  const deep = `${"[".repeat(500_000)}${"]".repeat(500_000)}`;
  expect(read(deep).length).toBe(1_000_000);
  expect(read('{"a":'.repeat(100_000) + "1" + "}".repeat(100_000)).length).toBe(600_001);
  expect(refusal("[".repeat(500_000))).toContain("the text ends");
});

test("a string of 20 million letters is read", () => {
  const long = `"${"x".repeat(10_000_000)}\\n${"🦔".repeat(5_000_000)}"`;
  expect(read(long)).toBe(long);
  expect(new Reader(long).string().length).toBe(20_000_001);
});

test.each([
  ["", "line 1, column 1: expected a value, and the text ends"],
  ["[1,]", "line 1, column 4: a comma before the end"],
  ["[1\n 2]", "line 2, column 2: expected , or ], not 2"],
  ['{"a" 1}', "line 1, column 6: expected :, not 1"],
  ["{a:1}", "line 1, column 2: expected a key in quotes, not a"],
  ["01", "line 1, column 2: a number that begins with 0"],
  ["1.", "line 1, column 3: expected a digit, and the text ends"],
  ["+1", "line 1, column 1: expected a value, not +"],
  ["\u00a01", "line 1, column 1: expected a value, not U+00A0"],
  ["1 2", "line 1, column 3: something stands after the end"],
  ['"a\nb"', "line 1, column 3: a control character in a string"],
  ['"a', "line 1, column 3: a string that does not end"],
  ['"\\x"', "line 1, column 2: an escape that JSON does not have"],
  ['"\\u12g4"', "line 1, column 2: \\u needs four hexadecimal digits"],
  ['"\\ud83e"', "line 1, column 2: half a letter"],
  ['"\\udd94\\ud83e"', "line 1, column 2: half a letter"],
  ['"\\ud83e\\u0041"', "line 1, column 2: half a letter"],
  ['"\\ud83e\\ud83e"', "line 1, column 2: half a letter"],
  ["9".repeat(4301), "line 1, column 1: a whole number of more than 4,300 digits"],
])("%j is refused with its place", (json, message) => {
  expect(refusal(json)).toBe(message);
});

test("whole letters, in halves or not, are read", () => {
  expect(new Reader('"\\ud83e\\udd94🦔\\uD83E\\uDD94"').string()).toBe("🦔🦔🦔");
});

describe("shapes", () => {
  const point = struct<{ x: number; y?: string | null }>("a point", { x: integer, y: nullable(text) }, "x");
  const one = <T>(json: string, shape: (reader: Reader) => T): T => shape(new Reader(json));

  test("pass over what they do not know, and take the last of two equal keys", () => {
    expect(one('{"z":[{}],"x":1,"y":"a","x":2}', point)).toEqual({ x: 2, y: "a" });
    expect(one('{"x":1,"y":null}', point)).toEqual({ x: 1, y: null });
  });

  test("a dict keeps the order of its keys, and knows no others", () => {
    const found = one('{"10":1,"__proto__":2,"2":3,"b":4,"constructor":5}', dict(number));
    expect(entriesOf(found)).toEqual([["10", 1], ["__proto__", 2], ["2", 3], ["b", 4], ["constructor", 5]]);
    expect("toString" in one("{}", dict(number))).toBe(false);
  });

  test.each([
    ["{}", "a point has no x"],
    ['{"x":1.5}', "expected a whole number"],
    ['{"x":9007199254740993}', "expected a whole number"],
    ['{"x":"1"}', "expected a number"],
    ['{"x":1,"y":2}', "expected a string"],
    ["[]", "expected {"],
  ])("%s is no point", (json, message) => {
    expect(refusal(json, point)).toContain(message);
  });

  test("refuse what is of another kind", () => {
    expect(refusal("[1]", pair(number, number))).toContain("expected two elements");
    expect(refusal("[1,2,3]", pair(number, number))).toContain("expected ]");
    expect(refusal('"c"', word("a", "b"))).toContain('"c" is none of a, b');
    expect(refusal("1", truth)).toContain("expected true or false");
    expect(refusal("1e999", number)).toContain("out of range");
    expect(one("[[1],[2, 3]]", list(raw))).toEqual(["[1]", "[2, 3]"]);
    expect([one("true", truth), one("[1, 2]", pair(number, number))]).toEqual([true, [1, 2]]);
  });
});

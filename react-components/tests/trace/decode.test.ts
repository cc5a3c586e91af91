/** What cannot be opened is told in one line: what it is, and what to do. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TraceError, decodeChange, decodeChildren, decodeMessage, decodeMessages, decodeOpened, decodeTrace } from "../../src/trace/decode";
import type { RawJson } from "../../src/trace/types";
import { golden } from "./rows";

const TRACE = golden("finished.json");

function told(data: string | Uint8Array): string {
  try {
    decodeTrace(data);
  } catch (error) {
    expect(error).toBeInstanceOf(TraceError);
    expect((error as Error).message).toMatch(/^[^\n]{10,300}$/);
    return (error as Error).message;
  }
  return "";
}

test.each([
  ["nothing", "", "the file is empty: choose a trace.json"],
  ["white space", " \n\t", "the file is empty: choose a trace.json"],
  ["no bytes", new Uint8Array(), "the file is empty: choose a trace.json"],
  ["a picture", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff]), "this is not a trace (not UTF-8): choose a trace.json"],
  ["text", "hello", "this JSON is not a trace: choose a trace.json"],
  ["a mark of the order of bytes", `\ufeff${TRACE}`, "this JSON is not a trace: choose a trace.json"],
  ["a list", "[]", "this JSON is not a trace: choose a trace.json"],
  ["half a dict", '{"a": ', "this is not a trace (not JSON of ours): choose a trace.json"],
  ["another dict", '{"a": 1}', "this JSON is not a trace (no format llmtaskgraph/1): choose a trace.json"],
  ["another format", '{"format":"other/1"}', "this JSON is not a trace (no format llmtaskgraph/1): choose a trace.json"],
  ["no version", '{"format":"llmtaskgraph/x"}', "this JSON is not a trace (no format llmtaskgraph/1): choose a trace.json"],
  ["version 0", '{"format":"llmtaskgraph/0"}', "this JSON is not a trace (no format llmtaskgraph/1): choose a trace.json"],
  ["a format that is none", '{"format":7}', "this is not a trace (not JSON of ours): choose a trace.json"],
  ["a newer one", '{"format":"llmtaskgraph/2","anything":{}}', "a newer llmtaskgraph wrote this trace: open it with the viewer of that version (`ltg web`)"],
  ["a much newer one", '{"id":"x","format":"llmtaskgraph/10.3"}', "a newer llmtaskgraph wrote this trace: open it with the viewer of that version (`ltg web`)"],
  ["one without an id", '{"format":"llmtaskgraph/1"}', "the trace is damaged (line 1, column 1: the trace has no id): `ltg check` tells what is readable"],
  ["a task without a type", TRACE.replace('{"type":"graph","id"', '{"id"'), "the trace is damaged (line 7, column 1: a task has no type): `ltg check` tells what is readable"],
  ["a number that is there twice", TRACE.replace('"number":2', '"number":1'), "the trace is damaged (tasks[1]: there is a number 1 already): `ltg check` tells what is readable"],
  ["half a letter in a value", TRACE.replace('"value":"busy"', '"value":"\\ud800"'), "half a letter"],
])("%s", (_, data, message) => {
  expect(told(data)).toContain(message);
});

test("a trace that is cut off anywhere is damaged, or not known for one", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: TRACE.trimEnd().length - 1 }), (length) => {
      expect(told(TRACE.slice(0, length))).toMatch(length < 24 ? /^(this is not a trace|the trace is damaged)/ : /^the trace is damaged \(line \d+, column \d+: .*`ltg check` tells what is readable$/);
    }),
  );
});

test("a newer minor version may have more in it", () => {
  const more = TRACE.replace("llmtaskgraph/1", "llmtaskgraph/1.7").replace('"type":"graph",', '"type":"graph","more":{"deep":[{}]},');
  expect(decodeTrace(more)).toEqual({ ...decodeTrace(TRACE), format: "llmtaskgraph/1.7" });
});

describe("what a server sends", () => {
  test("is checked like a file", () => {
    const server = '"server":{"name":"t","version":"1","can_edit":false,"read_only":"","epoch":0}';
    expect(() => decodeOpened(`{${server},"document":{"format":"llmtaskgraph/2","id":"x"}}`)).toThrow("a newer llmtaskgraph");
    expect(() => decodeOpened(`{${server},"document":{"format":"llmtaskgraph/1","id":"x","runs":[{"id":1,"root":1,"started":0},{"id":1,"root":1,"started":0}]}}`)).toThrow("there is a number 1 already");
    expect(() => decodeOpened("<html>")).toThrow(SyntaxError);
    expect(() => decodeChange('{"sequence":"7"}')).toThrow("expected a number");
    expect(() => decodeChange('{"sequence":7} {}')).toThrow("something stands after the end");
  });

  test("may be of a newer minor version", () => {
    expect(decodeChange('{"sequence":7,"more":[1,{"a":2}]}')).toEqual({ sequence: 7 });
  });
});

describe("values", () => {
  const json = (text: string) => text as RawJson;

  test("that are no messages are not taken for ones", () => {
    for (const text of ["", "7", "{}", "[7]", '[{"role":"robot","parts":[]}]', '[{"role":"user","parts":[{"type":"smell","content":""}]}]', '[{"role":"user","parts":[{"content":"no type"}]}]'])
      expect(decodeMessages(json(text))).toBeUndefined();
    expect(decodeMessage(json('[{"role":"user","parts":[]}]'))).toBeUndefined();
    expect(decodeMessages(json("[]"))).toEqual([]);
  });

  test("whose tag stands last are read", () => {
    expect(decodeMessage(json('{"parts":[{"content":"a","type":"text"}],"role":"user"}'))).toEqual({ role: "user", parts: [{ type: "text", content: "a" }] });
  });

  test("that nest deep are arguments all the same", () => {
    const deep = `${'{"list":['.repeat(50_000)}{"ref":"a"}${"]}".repeat(50_000)}`;
    let arg = decodeChildren(json(`{"tasks":[],"result":${deep}}`))!.result;
    for (let depth = 0; depth < 50_000; depth++) arg = arg.list![0]!;
    expect(arg).toEqual({ ref: "a" });
    expect(decodeChildren(json('{"tasks":[],"result":{}}'))).toBeUndefined();
  });
});

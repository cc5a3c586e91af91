import { expect, it } from "vitest";
import { misfit } from "../../src/editor/schema";

const verdict = JSON.stringify({
  $ref: "#/$defs/Verdict",
  $defs: {
    Verdict: {
      type: "object",
      properties: { score: { type: "integer", minimum: 0 }, kind: { enum: ["a", "b"] }, issues: { type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } }, "a/b": { type: "string" } },
      required: ["score"],
    },
  },
});

it.each([
  ['{"score": 1}', ""],
  ['{"score": 1, "issues": ["x", null], "kind": "a"}', ""],
  ["[]", /^.*Expected "object"$/],
  ["{}", /score/],
  ['{"score": "high"}', /^score: .*Expected "integer"$/],
  ['{"score": -1}', /^score: -1/],
  ['{"score": 1, "kind": "c"}', /^kind: .*\["a","b"\]$/],
  ['{"score": 1, "issues": ["x", 3]}', /^issues\[1\]: it is none of the kinds/],
  ['{"score": 1, "a/b": 3}', /^a\/b: /],
])("%s", (text, expected) => {
  if (expected === "") expect(misfit(text, verdict)).toBe("");
  else expect(misfit(text, verdict)).toMatch(expected);
});

it("says nothing of a schema that cannot be read", () => {
  expect(misfit("1", '{"$ref": "#/nowhere"}')).toBe("");
  expect(misfit("1", "{")).toBe("");
});

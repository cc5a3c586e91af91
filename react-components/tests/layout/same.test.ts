import { expect, test } from "vitest";
import { graphModel } from "../../src/layout/model";
import { isSameModel } from "../../src/layout/same";
import { names, program, type Program } from "./program";

const REVIEW = { main: ["judge", "style", "issues judge style", "repair: issues"], "main/repair": ["fix", "join fix"] };

const drawn = (given: Program, open: string[] = [], fans: string[] = []) => graphModel(program(given), new Set(open), new Set(fans));
const review = drawn({ graphs: REVIEW });

test("what is declared inside of what is closed changes no drawing", () => {
  expect(isSameModel(review, drawn({ graphs: { ...REVIEW, "main/repair": ["fix", "more fix", "join more"] } }))).toBe(true);
});

test.each<[string, ReturnType<typeof drawn>]>([
  ["a further task", drawn({ graphs: { ...REVIEW, main: [...REVIEW.main, "last"] } })],
  ["another name", drawn({ graphs: { ...REVIEW, main: ["judge", "stile", "issues judge stile", "repair: issues"] } })],
  ["a link from elsewhere", drawn({ graphs: { ...REVIEW, main: ["judge", "style", "issues judge style", "repair: style"] } })],
  ["a group that is open", drawn({ graphs: REVIEW }, ["main/repair"])],
])("%s changes it", (_, other) => {
  expect(isSameModel(review, other)).toBe(false);
});

test("what is inside of what is open changes it, and so does its result", () => {
  const open = drawn({ graphs: REVIEW, results: { "main/repair": ["join"] } }, ["main/repair"]);
  expect(isSameModel(open, drawn({ graphs: { ...REVIEW, "main/repair": ["fix", "more fix", "join more"] }, results: { "main/repair": ["join"] } }, ["main/repair"]))).toBe(false);
  expect(isSameModel(open, drawn({ graphs: REVIEW, results: { "main/repair": ["fix"] } }, ["main/repair"]))).toBe(false);
});

test("a fan with another task in it changes it, even where as many are in it", () => {
  const fan = (members: string[]) => drawn({ graphs: { main: ["plan", ...members.map((name) => `${name} plan`)] } });
  const ten = names(10, "fix");
  expect(isSameModel(fan(ten), fan(ten))).toBe(true);
  expect(isSameModel(fan(ten), fan([...ten.slice(0, 9), "fix[other]"]))).toBe(false);
});

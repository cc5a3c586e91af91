import { describe, expect, test } from "vitest";
import { pathOf } from "../../src/layout/path";

describe("the path of an edge", () => {
  test("is level where its points are, and a curve between heights", () => {
    const points = [{ x: 0, y: 5 }, { x: 10, y: 5 }, { x: 20, y: 9 }, { x: 30, y: 9 }];
    expect(pathOf(points)).toBe("M0,5L10,5C15,5 15,9 20,9L30,9");
  });

  test("of nothing is nothing", () => {
    expect(pathOf([])).toBe("");
  });
});

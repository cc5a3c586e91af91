import { describe, expect, test } from "vitest";
import { graphModel } from "../../src/layout/model";
import { revealing } from "../../src/layout/reveal";
import { names, program } from "./program";

const source = program({
  graphs: {
    main: ["plan", "outer: plan"],
    "main/outer": names(9, "part").map((text) => `${text}:`),
    "main/outer/part[4]": ["first", "inner: first"],
    "main/outer/part[4]/inner": names(30, "fix"),
  },
});

describe("what has to be opened to see a task", () => {
  test("is nothing for one of the top level, the root, or one that is not there", () => {
    for (const id of ["main/plan", "main", "gone"]) expect(revealing(source, id)).toEqual({ groups: [], fans: [] });
  });

  test("is every group and fan around it, the outermost first", () => {
    expect(revealing(source, "main/outer/part[4]/inner/fix[3]")).toEqual({
      groups: ["main/outer", "main/outer/part[4]", "main/outer/part[4]/inner"],
      fans: ["fan:main/outer/part", "fan:main/outer/part[4]/inner/fix"],
      fan: "fan:main/outer/part[4]/inner/fix",
    });
  });

  test("shows each task, once it is open", () => {
    for (const id of ["main/plan", "main/outer", "main/outer/part[0]", "main/outer/part[4]/first", "main/outer/part[4]/inner/fix[29]"]) {
      const { groups, fans } = revealing(source, id);
      expect(graphModel(source, new Set(groups), new Set(fans)).nodes.has(id)).toBe(true);
    }
  });

  test("ends where scopes run in a circle", () => {
    const task = { type: "graph", id: "a", number: 1, scope: "b" } as const;
    const circle = { ...source, task: (id: string) => ({ ...task, id, scope: id === "a" ? "b" : "a" }), children: () => [] };
    expect(revealing(circle, "a").groups).toHaveLength(2);
  });
});

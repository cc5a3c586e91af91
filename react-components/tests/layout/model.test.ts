/** Which nodes and edges are drawn of a run. */
import { describe, expect, test } from "vitest";
import { layout } from "../../src/layout/layout";
import { graphModel, type GraphModel, type GraphSource } from "../../src/layout/model";
import { overlaps } from "./drawing";
import { names, program, totals } from "./program";

const review = program({
  graphs: {
    main: ["judge[style]", "judge[facts]", "issues judge[style] judge[facts]", "repair: issues"],
    "main/repair": ["fix[0]", "fix[1]", "join fix[0] fix[1]"],
  },
  results: { main: ["repair"], "main/repair": ["join"] },
  inputs: ["text"],
});
const mapped = program({ graphs: { main: ["plan", ...names(40, "fix", "plan"), `join ${names(40, "fix").join(" ")}`] } });

function model(source: GraphSource, open: string[] = [], fans: string[] = []): GraphModel {
  return graphModel(source, new Set(open), new Set(fans));
}

/** `a > b`, with the count where it is not 1 and the kind where it is not data. */
function arrows({ edges }: GraphModel): string[] {
  return edges.map(({ from, to, count, kind }) => `${from} > ${to}${count === 1 ? "" : ` ×${count}`}${kind === "data" ? "" : ` ${kind}`}`);
}

describe("the top level", () => {
  test("is what the root declared, with the graph's input before what uses nothing else", () => {
    const made = model(review);
    expect([...made.nodes.keys()]).toEqual(["input:main", "main/judge[style]", "main/judge[facts]", "main/issues", "main/repair"]);
    expect(arrows(made)).toEqual([
      "input:main > main/judge[style] input",
      "input:main > main/judge[facts] input",
      "main/judge[style] > main/issues",
      "main/judge[facts] > main/issues",
      "main/issues > main/repair",
    ]);
  });

  test("has no input where the root takes no arguments", () => {
    expect(model(mapped).nodes.has("input:main")).toBe(false);
  });

  test("names a task by the last part of its id, and what gives the result is marked", () => {
    const { nodes } = model(review);
    expect(nodes.get("main/judge[style]")).toEqual({ kind: "task", id: "main/judge[style]", label: "judge[style]", taskId: "main/judge[style]" });
    expect(nodes.get("main/repair")).toMatchObject({ label: "repair", result: true });
  });

  test("is the root itself while it has declared nothing", () => {
    const made = model(program({ graphs: {} }));
    expect([...made.nodes.keys()]).toEqual(["main"]);
    expect(made.input.nodes).toHaveLength(1);
  });

  test("is empty without a root", () => {
    expect(model({ ...review, root: undefined })).toEqual({ input: { nodes: [], edges: [] }, nodes: new Map(), edges: [] });
  });
});

describe("groups", () => {
  test("a closed one has totals and shows nothing of its inside", () => {
    const made = model(review);
    expect(made.nodes.get("main/repair")).toMatchObject({ kind: "group", open: false, totals: totals(3) });
    expect(made.nodes.has("main/repair/join")).toBe(false);
  });

  test("an open one has its children in it, and the edge of its result leads to it", () => {
    const made = model(review, ["main/repair"]);
    expect(made.nodes.get("main/repair")).toMatchObject({ kind: "group", open: true });
    expect(made.nodes.get("main/repair/fix[0]")).toMatchObject({ parent: "main/repair", label: "fix[0]" });
    expect(made.nodes.get("main/repair/join")).toMatchObject({ result: true });
    expect(arrows(made)).toContain("main/repair/join > main/repair result");
    const placed = layout(made.input).placed.find(({ id }) => id === "main/repair/join");
    expect(placed).toMatchObject({ parent: "main/repair" });
  });

  test("one that has declared nothing yet stays closed", () => {
    const made = model(program({ graphs: { main: ["later:"] } }), ["main/later"]);
    expect(made.nodes.get("main/later")).toMatchObject({ kind: "group", open: false });
  });

  test("a thousand open ones within each other are drawn", () => {
    const ids = Array.from({ length: 1000 }, (_, i) => `main${"/g".repeat(i)}`);
    const made = model(program({ graphs: Object.fromEntries(ids.map((id) => [id, ["g:"]])) }), ids);
    expect(made.nodes.size).toBe(1000);
    expect(layout(made.input).placed).toHaveLength(1000);
  });
});

describe("fans", () => {
  const fan = "fan:main/fix";

  test("many equal tasks are one node, with their totals, and one edge for all of theirs", () => {
    const made = model(mapped);
    expect([...made.nodes.keys()]).toEqual(["main/plan", fan, "main/join"]);
    expect(made.nodes.get(fan)).toMatchObject({ kind: "fan", label: "fix ×40", open: false, totals: totals(40) });
    expect(made.nodes.get(fan)!.members).toHaveLength(40);
    expect(arrows(made)).toEqual([`main/plan > ${fan} ×40`, `${fan} > main/join ×40`]);
  });

  test("six are not many", () => {
    const few = program({ graphs: { main: names(6, "fix") } });
    expect(model(few).nodes.size).toBe(6);
  });

  test("an open one is a block of its members; what all of them use is linked to the fan", () => {
    const made = model(mapped, [], [fan]);
    expect(made.nodes.get("main/fix[7]")).toMatchObject({ kind: "task", parent: fan });
    expect(arrows(made)).toEqual([`main/plan > ${fan} ×40`, `${fan} > main/join ×40`]);
    const result = layout(made.input);
    expect(overlaps(result)).toEqual([]);
    expect(result.placed.filter(({ parent }) => parent === fan)).toHaveLength(40);
  });

  test("members of two open ones are linked one by one; if one is closed, all of the other are linked to it", () => {
    const pairs = program({ graphs: { main: [...names(8, "write"), ...names(8, "judge", "write[#]")] } });
    const both = ["fan:main/write", "fan:main/judge"];
    for (const open of [[], [both[0]!], [both[1]!]]) expect(arrows(model(pairs, [], open))).toEqual(["fan:main/write > fan:main/judge ×8"]);
    const made = model(pairs, [], both);
    expect(arrows(made)[3]).toBe("main/write[3] > main/judge[3]");
    expect(made.input.edges).toEqual([{ from: "fan:main/write", to: "fan:main/judge" }]);
  });

  test("all to all between two open ones is one edge", () => {
    const all = program({ graphs: { main: [...names(8, "a"), ...names(8, "b", ...names(8, "a"))] } });
    expect(arrows(model(all, [], ["fan:main/a", "fan:main/b"]))).toEqual(["fan:main/a > fan:main/b ×64"]);
  });

  test("tasks of one function that use different functions are two", () => {
    const two = program({ graphs: { main: ["a", "b", ...names(8, "fix", "a"), ...names(8, "fix", "b").map((text, i) => text.replace(/\d+/, String(i + 8)))] } });
    const made = model(two);
    expect([...made.nodes.keys()]).toEqual(["main/a", "main/b", fan, `${fan}:2`]);
    expect(arrows(made)).toEqual([`main/a > ${fan} ×8`, `main/b > ${fan}:2 ×8`]);
  });

  test("the rounds of a loop are none: their order would be lost", () => {
    const rounds = Array.from({ length: 20 }, (_, i) => [`judge[${i}] write[${i}]`, `write[${i + 1}] judge[${i}]`]).flat();
    expect(model(program({ graphs: { main: ["write[0]", ...rounds] } })).nodes.size).toBe(41);
  });

  test("groups may be members, and are opened within the open fan", () => {
    const nested = program({ graphs: { main: names(8, "part:").map((text) => text.replace(":", "") + ":"), "main/part[2]": ["a", "b a"] } });
    const made = model(nested, ["main/part[2]"], ["fan:main/part"]);
    expect(made.nodes.get("main/part[2]")).toMatchObject({ kind: "group", open: true, parent: "fan:main/part" });
    expect(made.nodes.get("main/part[2]/b")).toMatchObject({ parent: "main/part[2]" });
  });

  test("the result of a graph that is a whole fan is one edge", () => {
    const fixes = names(8, "fix");
    const group = program({ graphs: { main: ["g:"], "main/g": fixes }, results: { "main/g": fixes } });
    const open = model(group, ["main/g"], ["fan:main/g/fix"]);
    expect(arrows(open)).toEqual(["fan:main/g/fix > main/g ×8 result"]);
    expect(arrows(model(group, ["main/g"]))).toEqual(arrows(open));
  });
});

describe("harm", () => {
  test("tasks that use themselves, each other, or what is not there are drawn", () => {
    const odd = program({ graphs: { main: ["a a", "b c", "c b", "d gone", "a"] } });
    const made = model(odd);
    expect([...made.nodes.keys()]).toEqual(["main/a", "main/b", "main/c", "main/d"]);
    expect(overlaps(layout(made.input))).toEqual([]);
  });

  test("a graph that is its own child ends", () => {
    const odd = program({ graphs: { main: ["g:"] } });
    const own: GraphSource = { ...odd, children: () => odd.children("main") };
    expect([...model(own, ["main/g"]).nodes.keys()]).toEqual(["main/g"]);
  });
});

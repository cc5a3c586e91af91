/** What a person sees in a drawing. */
import { describe, expect, test } from "vitest";
import { layout } from "../../src/layout/layout";
import { HEADER, PADDING } from "../../src/layout/measures";
import type { LayoutInput, LayoutNode } from "../../src/layout/types";
import { box, boxes, crossings, edges, graph, many, middle, outside, overlaps, placedBy, runsOver } from "./drawing";

const review = graph("input style", "input facts", "input tone", "style issues", "facts issues", "tone issues", "issues repair");

describe("shape", () => {
  test("nothing gives an empty drawing", () => {
    expect(layout({ nodes: [], edges: [] })).toEqual({ placed: [], routes: [], width: 0, height: 0 });
  });

  test("one task stands at the corner", () => {
    expect(layout({ nodes: [box("a")], edges: [] })).toEqual({ placed: [{ ...box("a"), x: 0, y: 0 }], routes: [], width: 200, height: 56 });
  });

  test("a chain is one straight line, however long", () => {
    const chain = { nodes: boxes(...many(1000)), edges: many(999).map((id, i) => ({ from: id, to: `n${i + 1}` })) };
    const { placed } = layout(chain);
    expect(new Set(placed.map(({ y }) => y))).toEqual(new Set([0]));
    expect(placed.every(({ x }, i) => i === 0 || x > placed[i - 1]!.x)).toBe(true);
  });

  test("tasks side by side keep the order of the input, and what they feed is in their middle", () => {
    const by = placedBy(review);
    expect([by.get("style")!.y, by.get("facts")!.y, by.get("tone")!.y]).toEqual([0, 76, 152]);
    for (const id of ["input", "issues", "repair"]) expect(middle(by.get(id)!)).toBe(middle(by.get("facts")!));
  });

  test("a task that only feeds a late one stands close to it", () => {
    const by = placedBy(graph("a b", "b c", "c d", "late d"));
    expect(by.get("late")!.x).toBe(by.get("c")!.x);
  });

  test("a long edge goes round the tasks that it passes, in one straight lane; they stay in line", () => {
    const result = layout(graph("a b", "b c", "c d", "a d"));
    expect(new Set(result.placed.map(middle)).size).toBe(1);
    const [route] = result.routes;
    expect(route).toMatchObject({ from: "a", to: "d" });
    expect(route!.points.map(({ y }) => y)).toEqual([42, 0, 0, 42]);
    expect(route!.points.map(({ x }) => x)).toEqual([200, 256, 712, 768]);
  });

  test("a long edge with nothing in its way is one straight line", () => {
    const { placed, routes } = layout(graph("s a", "s p", "a b", "b c", "p z", "c z"));
    const route = routes.find(({ from }) => from === "p")!;
    expect(route.points.slice(0, -1).every(({ y }) => y === middle(placed.find(({ id }) => id === "p")!))).toBe(true);
  });

  test("an edge leaves a narrow box level, past the wide one above or below it", () => {
    const nodes = [...boxes("s", "narrow", "z"), { ...box("wide"), width: 900 }];
    const result = layout({ nodes, edges: edges("s wide", "s narrow", "wide z", "narrow z") });
    expect(runsOver(result)).toEqual([]);
    expect(result.routes.map(({ from, points }) => [from, points.length])).toEqual([["narrow", 3]]);
  });

  test("parts that are not connected stand under each other", () => {
    const by = placedBy(graph("a b", "c d", "e f"));
    expect([by.get("a")!.x, by.get("c")!.x, by.get("e")!.x]).toEqual([0, 0, 0]);
    expect([by.get("a")!.y, by.get("c")!.y, by.get("e")!.y]).toEqual([0, 88, 176]);
  });
});

describe("wide ranks", () => {
  const shapes: [string, LayoutInput][] = [
    ["4,000 equals", { nodes: boxes(...many(4000)), edges: [] }],
    ["a fan of 4,000", { nodes: boxes("a", ...many(4000), "z"), edges: many(4000).flatMap((id) => edges(`a ${id}`, `${id} z`)) }],
    ["1,000 pairs", { nodes: boxes(...many(2000)), edges: many(1000).map((_, i) => ({ from: `n${2 * i}`, to: `n${2 * i + 1}` })) }],
  ];

  test.each(shapes)("%s are a block of about the shape of a screen", (_, input) => {
    const result = layout(input);
    expect(result.width / result.height).toBeGreaterThan(1.3);
    expect(result.width / result.height).toBeLessThan(2);
    expect(overlaps(result)).toEqual([]);
  });

  test("a block is read from the top, column by column, in the order of the input", () => {
    const ids = many(60);
    const by = placedBy({ nodes: boxes(...ids), edges: [] });
    const read = [...ids].sort((a, b) => by.get(a)!.x - by.get(b)!.x || by.get(a)!.y - by.get(b)!.y);
    expect(read).toEqual(ids);
    expect(new Set(ids.map((id) => by.get(id)!.x)).size).toBeGreaterThan(1);
  });

  test("what fits on a screen is not wrapped", () => {
    const by = placedBy({ nodes: boxes(...many(9)), edges: [] });
    expect(new Set([...by.values()].map(({ x }) => x)).size).toBe(1);
  });
});

describe("crossings", () => {
  const planar: [string, LayoutInput][] = [
    ["review", review],
    ["a diamond ladder", graph("a b", "a c", "b d", "c d", "d e", "d f", "e g", "f g", "g h", "g i", "h j", "i j")],
    ["pipelines side by side", graph("s a0", "s b0", "s c0", "a0 a1", "b0 b1", "c0 c1", "a1 z", "b1 z", "c1 z")],
    ["pipelines declared the other way round", graph("c1 z", "b1 z", "a1 z", "a0 a1", "b0 b1", "c0 c1", "s c0", "s a0", "s b0")],
    ["a binary tree", graph(...many(30, "").map((_, i) => `n${i >> 1} n${i + 1}`).slice(1))],
    ["two chains crossed in the input", graph("a x", "b y", "y p", "x q", "p end", "q end")],
    ["edges that skip ranks", graph("a b", "b c", "c d", "a c", "b d")],
  ];

  test.each(planar)("%s has none", (_, input) => expect(crossings(input)).toBe(0));

  test("three that feed three each have no more than they must", () => {
    const pairs = ["a", "b", "c"].flatMap((from) => ["x", "y", "z"].map((to) => `${from} ${to}`));
    expect(crossings(graph(...pairs))).toBe(9);
  });
});

describe("growth", () => {
  test("one more task at the end of a map moves none of the others to another column or before one another", () => {
    const map = (n: number) => graph(...many(n, "f").flatMap((f) => [`a ${f}`, `${f} z`]));
    const [before, after] = [placedBy(map(5)), placedBy(map(6))];
    for (const [id, { x }] of before) if (id !== "z") expect(after.get(id)!.x).toBe(x);
    const order = [...before.keys()].sort((a, b) => before.get(a)!.x - before.get(b)!.x || before.get(a)!.y - before.get(b)!.y);
    const later = order.toSorted((a, b) => after.get(a)!.x - after.get(b)!.x || after.get(a)!.y - after.get(b)!.y);
    expect(later).toEqual(order);
  });

  test("one more task at the end of a chain moves nothing", () => {
    const before = placedBy(review);
    const after = placedBy({ nodes: [...review.nodes, box("more")], edges: [...review.edges, ...edges("repair more")] });
    for (const [id, placed] of before) expect(after.get(id)).toEqual(placed);
  });

  test("a task apart from all others goes under them", () => {
    const before = placedBy(review);
    const after = placedBy({ nodes: [box("apart"), ...review.nodes], edges: review.edges });
    for (const [id, placed] of before) expect(after.get(id)).toEqual(placed);
    expect(after.get("apart")!.y).toBeGreaterThan(200);
  });
});

describe("groups", () => {
  test("a group is as large as its children, a header and the padding", () => {
    const by = placedBy({ nodes: [box("g", boxes("a", "b"))], edges: edges("a b") });
    const [g, a, b] = [by.get("g")!, by.get("a")!, by.get("b")!];
    expect([a.x, a.y, a.parent]).toEqual([PADDING, HEADER + PADDING, "g"]);
    expect(g.width).toBe(b.x + b.width + PADDING);
    expect(g.height).toBe(HEADER + 56 + 2 * PADDING);
  });

  test("edges meet an open group level with what is in it, so that groups within groups are in line", () => {
    const inner = box("inner", boxes("x"));
    const { placed } = layout({ nodes: [box("before"), box("g", [box("first"), inner])], edges: edges("before g", "first inner") });
    const by = new Map(placed.map((each) => [each.id, each]));
    const [g, within] = [by.get("g")!, by.get("inner")!];
    expect(g.port).toBe(within.y + within.port!);
    expect(within.port).toBe(middle(by.get("x")!));
    expect(g.y + g.port!).toBe(middle(by.get("before")!));
    expect(by.get("first")!.y + 28).toBe(g.port);
  });

  test("an open group without children is as large as it was said to be", () => {
    expect(placedBy({ nodes: [{ id: "g", width: 300, height: 100, children: [] }], edges: [] }).get("g")).toMatchObject({ width: 300, height: 100 });
  });

  test("a thousand groups within each other are laid out", () => {
    let node: LayoutNode = box("n0");
    for (let i = 1; i <= 1000; i++) node = box(`n${i}`, [node]);
    const result = layout({ nodes: [node], edges: [] });
    expect(result.placed).toHaveLength(1001);
    expect(result.width).toBe(200 + 1000 * 2 * PADDING);
    expect(outside(result)).toEqual([]);
  });
});

describe("harm", () => {
  test("circles end, and nothing overlaps", () => {
    const result = layout(graph("a b", "b c", "c a", "c d", "d d", "x y", "y x"));
    expect(result.placed).toHaveLength(6);
    expect(overlaps(result)).toEqual([]);
  });

  test("a circle of 20,000 ends", () => {
    const ids = many(20_000);
    const circle = ids.map((from, i) => ({ from, to: ids[(i + 1) % ids.length]! }));
    expect(layout({ nodes: boxes(...ids), edges: circle }).placed).toHaveLength(20_000);
  });

  test("unknown ends and edges between scopes change nothing", () => {
    const nodes = [box("g", boxes("a", "b")), box("c")];
    const stray = edges("a c", "g a", "nobody c", "c nobody", "__proto__ c");
    expect(layout({ nodes, edges: [...edges("g c"), ...stray] })).toEqual(layout({ nodes, edges: edges("g c") }));
  });

  test("an id that comes again, even within itself, is drawn once", () => {
    const group = box("g", [box("a"), box("a")]);
    group.children!.push(group);
    expect(layout({ nodes: [group, box("a")], edges: [] }).placed.map(({ id }) => id)).toEqual(["g", "a"]);
  });

  test("names of the language's own are ids like others", () => {
    expect(layout(graph("__proto__ constructor", "constructor toString")).placed.map(({ id }) => id)).toEqual(["__proto__", "constructor", "toString"]);
  });
});

/** What holds for every drawing. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layout } from "../../src/layout/layout";
import type { LayoutEdge, LayoutInput, LayoutNode } from "../../src/layout/types";
import { outside, overlaps, runsOver } from "./drawing";

/** A number of boxes, each in a group before it or at the top, and edges from lower to higher numbers within a scope. */
const nested = fc
  .integer({ min: 1, max: 60 })
  .chain((n) =>
    fc.record({
      sizes: fc.array(fc.record({ width: fc.integer({ min: 1, max: 400 }), height: fc.integer({ min: 1, max: 300 }) }), { minLength: n, maxLength: n }),
      parents: fc.array(fc.integer({ min: -40, max: n }), { minLength: n, maxLength: n }),
      pairs: fc.array(fc.tuple(fc.nat(n - 1), fc.nat(n - 1)), { maxLength: 3 * n }),
    }),
  )
  .map(({ sizes, parents, pairs }) => {
    const nodes: LayoutNode[] = sizes.map((size, i) => ({ id: `n${i}`, ...size }));
    const top: LayoutNode[] = [];
    const within = parents.map((parent, i) => (parent < 0 || parent >= i ? -1 : parent));
    nodes.forEach((node, i) => {
      const parent = within[i]!;
      if (parent < 0) top.push(node);
      else (nodes[parent]!.children ??= []).push(node);
    });
    // Nearly all random pairs are of two scopes, so the second end is moved to a sibling.
    const edges: LayoutEdge[] = [];
    for (const [a, b] of pairs) {
      const siblings = nodes.flatMap((_, i) => (within[i] === within[a] && i !== a ? [i] : []));
      if (siblings.length === 0) continue;
      const other = siblings[b % siblings.length]!;
      edges.push({ from: `n${Math.min(a, other)}`, to: `n${Math.max(a, other)}` });
    }
    return { nodes: top, edges };
  });

/** The same with edges in any direction, and some that lead nowhere. */
const any = fc.tuple(nested, fc.array(fc.tuple(fc.nat(70), fc.nat(70)), { maxLength: 40 })).map(([input, pairs]): LayoutInput => {
  const turned = input.edges.map((edge, i) => (i % 3 === 0 ? { from: edge.to, to: edge.from } : edge));
  return { nodes: input.nodes, edges: [...turned, ...pairs.map(([a, b]) => ({ from: `n${a}`, to: `n${b}` }))] };
});

describe("every drawing", () => {
  test("has no two siblings that overlap", () => {
    fc.assert(fc.property(any, (input) => void expect(overlaps(layout(input))).toEqual([])), { numRuns: 300 });
  });

  test("has all nodes within the frame of their group, below its header", () => {
    fc.assert(fc.property(any, (input) => void expect(outside(layout(input))).toEqual([])), { numRuns: 300 });
  });

  test("has every node once, after its group", () => {
    fc.assert(
      fc.property(any, (input) => {
        const seen = new Set<string | undefined>([undefined]);
        for (const { id, parent } of layout(input).placed) {
          expect(seen.has(parent)).toBe(true);
          expect(seen.has(id)).toBe(false);
          seen.add(id);
        }
        expect(seen.size - 1).toBe(countOf(input.nodes));
      }),
    );
  });

  test("has every edge lead to the right where there is no circle", () => {
    fc.assert(
      fc.property(nested, (input) => {
        const by = new Map(layout(input).placed.map((each) => [each.id, each]));
        for (const { from, to } of input.edges) expect(by.get(from)!.x + by.get(from)!.width).toBeLessThan(by.get(to)!.x);
      }),
      { numRuns: 300 },
    );
  });

  test("has no route that runs over a box", () => {
    fc.assert(fc.property(any, (input) => void expect(runsOver(layout(input))).toEqual([])), { numRuns: 300 });
  });

  test("has routes that lead from border to border, always to the right", () => {
    fc.assert(
      fc.property(any, (input) => {
        const { placed, routes } = layout(input);
        const by = new Map(placed.map((each) => [each.id, each]));
        for (const { from, to, points } of routes) {
          const [a, b] = [by.get(from)!, by.get(to)!];
          expect(a.parent).toBe(b.parent);
          expect(points[0]!.x).toBe(a.x + a.width);
          expect(Math.abs(points[0]!.y - a.y - (a.port ?? a.height / 2))).toBeLessThan(1e-6);
          expect(points.at(-1)!.x).toBe(b.x);
          expect(Math.abs(points.at(-1)!.y - b.y - (b.port ?? b.height / 2))).toBeLessThan(1e-6);
          points.forEach(({ x }, i) => expect(i === 0 || x > points[i - 1]!.x).toBe(true));
        }
      }),
    );
  });

  test("is the same each time", () => {
    fc.assert(fc.property(any, (input) => void expect(layout(structuredClone(input))).toEqual(layout(input))));
  });
});

function countOf(nodes: readonly LayoutNode[]): number {
  return nodes.reduce((sum, node) => sum + 1 + countOf(node.children ?? []), 0);
}

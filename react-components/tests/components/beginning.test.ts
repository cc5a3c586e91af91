import { expect, test } from "vitest";
import { beginning, isThere } from "../../src/components/graph/beginning";

const BOX = { width: 600, height: 400 };
const FIRST = { x: 0, y: 4900, width: 200, height: 56 };

/** Where a node is in the window. */
function shown(node: typeof FIRST, { x, y, zoom }: ReturnType<typeof beginning>) {
  return { left: x + node.x * zoom, top: y + node.y * zoom, right: x + (node.x + node.width) * zoom, bottom: y + (node.y + node.height) * zoom };
}

test.each([0, 30, 4900, 5874])("a drawing larger than the window begins with its first task in sight, %i below its corner", (y) => {
  const first = { ...FIRST, y };
  const found = shown(first, beginning({ x: 0, y: 0, width: 280_000, height: 5930 }, first, BOX, 0.6));
  expect(found.left).toBeGreaterThanOrEqual(0);
  expect(found.right).toBeLessThanOrEqual(BOX.width);
  expect(found.top).toBeGreaterThanOrEqual(0);
  expect(found.bottom).toBeLessThanOrEqual(BOX.height);
});

test("nothing but a margin is shown above the drawing or below it", () => {
  const bounds = { x: 0, y: 100, width: 280_000, height: 5930 };
  const above = beginning(bounds, { ...FIRST, y: 100 }, BOX, 0.5);
  expect(above.y + bounds.y * 0.5).toBe(56);
  const below = beginning(bounds, { ...FIRST, y: 5974 }, BOX, 0.5);
  expect(below.y + (bounds.y + bounds.height) * 0.5).toBe(BOX.height - 56);
});

test("a drawing that is long, and not high, is in the middle", () => {
  const found = beginning({ x: 0, y: 0, width: 280_000, height: 100 }, { ...FIRST, y: 0 }, BOX, 1);
  expect(found).toEqual({ x: 24, y: 150, zoom: 1 });
});

test("a drawing that only grew longer begins where it began", () => {
  const [before, after] = [5_000, 280_000].map((width) => beginning({ x: 0, y: 0, width, height: 5930 }, FIRST, BOX, 0.6));
  expect(isThere(before!, after!)).toBe(true);
  expect(isThere(before!, { ...after!, y: after!.y + 1 })).toBe(false);
});

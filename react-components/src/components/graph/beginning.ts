/** Where a drawing that is larger than the window begins: at its left border, and there at a node, for the corner of it may be empty. */
import type { Rect, Viewport } from "@xyflow/react";

interface Size {
  width: number;
  height: number;
}

const [LEFT, TOP] = [24, 56];

/**
 * @param bounds around all nodes.
 * @param first the node that is to be in sight.
 * @param box the window.
 */
export function beginning(bounds: Rect, first: Rect, box: Size, zoom: number): Viewport {
  const [wide, high] = [bounds.width * zoom, bounds.height * zoom];
  const x = wide < box.width ? (box.width - wide) / 2 : LEFT;
  return { x: x - bounds.x * zoom, y: top() - bounds.y * zoom, zoom };

  function top(): number {
    if (high < box.height) return (box.height - high) / 2;
    const middle = box.height / 2 - (first.y + first.height / 2 - bounds.y) * zoom;
    return Math.min(TOP, Math.max(middle, box.height - TOP - high));
  }
}

/** Whether nobody could tell the one from the other. */
export function isThere(one: Viewport, other: Viewport): boolean {
  return one.zoom === other.zoom && Math.abs(one.x - other.x) < 0.5 && Math.abs(one.y - other.y) < 0.5;
}

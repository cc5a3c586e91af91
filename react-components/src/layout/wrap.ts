/**
 * Wrapping: boxes one under another, in as many columns as make a block of about the shape of a screen. Four thousand
 * equal tasks are a block, not a mile. A chain is not wrapped: its direction is what it tells, and a screen that follows
 * one line needs one hand.
 */
import { ASPECT, FITS } from "./measures";

/** A run of boxes, as sizes, that may be split into columns. */
export interface Run {
  readonly width: ArrayLike<number>;
  readonly height: ArrayLike<number>;
}

/** Where each column of a run begins, and the size of the block. */
export interface Block {
  readonly starts: number[];
  readonly widths: number[];
  readonly width: number;
  readonly height: number;
}

/** The columns of a run when none may be higher than `most`: as few as can be, of about the same height. */
export function columnsOf(run: Run, most: number, rowGap: number, columnGap: number): Block {
  let block = filled(run, most, rowGap, columnGap);
  if (block.starts.length === 1) return block;
  let [low, high] = [block.height / 2, block.height];
  while (high - low > 1) {
    const middle = (low + high) / 2;
    const lower = filled(run, middle, rowGap, columnGap);
    if (lower.starts.length > block.starts.length) low = middle;
    else [block, high] = [lower, Math.min(middle, lower.height)];
  }
  return block;
}

function filled(run: Run, most: number, rowGap: number, columnGap: number): Block {
  const starts: number[] = [];
  const widths: number[] = [];
  let [used, tallest, width] = [0, 0, 0];
  for (let i = 0; i < run.height.length; i++) {
    const height = run.height[i]!;
    if (i === 0 || used + rowGap + height > most) {
      starts.push(i);
      widths.push(0);
      used = height;
    } else used += rowGap + height;
    const column = widths.length - 1;
    widths[column] = Math.max(widths[column]!, run.width[i]!);
    tallest = Math.max(tallest, used);
  }
  for (const each of widths) width += each;
  return { starts, widths, width: width + columnGap * Math.max(0, widths.length - 1), height: tallest };
}

/**
 * The height above which runs side by side are to be wrapped, for a drawing of about the shape of a screen.
 * `Infinity` when they need no wrapping. `extra`: what the drawing is wider than the runs.
 */
export function heightLimit(runs: readonly Run[], extra: number, rowGap: number, columnGap: number): number {
  const sizes = runs.map((run) => sizeOf(run, rowGap));
  let [high, width] = [0, extra];
  for (const size of sizes) {
    high = Math.max(high, size.height);
    width += size.width;
  }
  if (high <= FITS || width >= high * ASPECT) return Infinity;
  const widthAt = (most: number) => {
    let sum = extra;
    for (const size of sizes) sum += size.width + (Math.ceil(size.height / most) - 1) * (size.width + columnGap);
    return sum;
  };
  let low = Math.min(FITS, high);
  for (let i = 0; i < 30 && high - low > 1; i++) {
    const middle = (low + high) / 2;
    if (widthAt(middle) > middle * ASPECT) low = middle;
    else high = middle;
  }
  return high;
}

function sizeOf(run: Run, rowGap: number): { width: number; height: number } {
  let [width, height] = [0, -rowGap];
  for (let i = 0; i < run.height.length; i++) {
    width = Math.max(width, run.width[i]!);
    height += run.height[i]! + rowGap;
  }
  return { width, height };
}

/**
 * Wrapping: boxes one under another, in as many columns as make a block of about the shape of a screen. Four thousand
 * equal tasks are a block, not a mile. A chain is not wrapped: its direction is what it tells, and to follow one line
 * across a screen takes one hand.
 */
import { ASPECT, COLUMN_GAP, FITS } from "./measures";

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
export function columnsOf(run: Run, most: number, gap: number): Block {
  let block = filled(run, most, gap);
  if (block.starts.length <= 1) return block;
  let [low, high] = [block.height / 2, block.height];
  while (high - low > 1) {
    const middle = (low + high) / 2;
    const lower = filled(run, middle, gap);
    if (lower.starts.length > block.starts.length) low = middle;
    else [block, high] = [lower, Math.min(middle, lower.height)];
  }
  return block;
}

function filled(run: Run, most: number, gap: number): Block {
  const starts: number[] = [];
  const widths: number[] = [];
  let [used, tallest, width] = [0, 0, 0];
  for (let i = 0; i < run.height.length; i++) {
    const height = run.height[i]!;
    if (i === 0 || used + gap + height > most) {
      starts.push(i);
      widths.push(0);
      used = height;
    } else used += gap + height;
    const column = widths.length - 1;
    widths[column] = Math.max(widths[column]!, run.width[i]!);
    tallest = Math.max(tallest, used);
  }
  for (const each of widths) width += each;
  return { starts, widths, width: width + COLUMN_GAP * Math.max(0, widths.length - 1), height: tallest };
}

/**
 * The height above which runs side by side are to be wrapped, for a drawing of about the shape of a screen; `Infinity` when
 * they need no wrapping.
 *
 * @param runs width and height of each run, unwrapped.
 * @param extra what the drawing is wider than the runs.
 */
export function heightLimit(runs: Run, extra: number): number {
  let [high, width] = [0, extra];
  for (let i = 0; i < runs.width.length; i++) {
    high = Math.max(high, runs.height[i]!);
    width += runs.width[i]!;
  }
  if (high <= FITS || width >= high * ASPECT) return Infinity;
  const widthAt = (most: number) => {
    let sum = width;
    for (let i = 0; i < runs.width.length; i++) sum += (Math.ceil(runs.height[i]! / most) - 1) * (runs.width[i]! + COLUMN_GAP);
    return sum;
  };
  let low = FITS;
  while (high - low > 1) {
    const middle = (low + high) / 2;
    if (widthAt(middle) > middle * ASPECT) low = middle;
    else high = middle;
  }
  return high;
}

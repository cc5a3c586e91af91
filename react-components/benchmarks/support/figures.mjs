/** How figures are told. */

/** The value below which that part of them is. */
export function quantile(values, part) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

export const median = (values) => quantile(values, 0.5);
export const best = (values) => Math.min(...values);

/** Milliseconds. */
export const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

/** How many times as long. */
export const times = (value) => `${value.toFixed(2)}×`;

/** A trace that stands in a page: `ltg export` escapes what an HTML parser might see something in. */

const ESCAPED: Record<string, string> = { "\\u003c": "<", "\\u2028": "\u2028", "\\u2029": "\u2029" };

/**
 * The trace as it was written, letter for letter. Values are told apart by their text: one that is escaped otherwise would be another,
 * and a resume of the downloaded trace would run again what depends on it.
 */
export function asWritten(text: string): string {
  return text.replace(/\\(?:u003c|u2028|u2029|[^])/g, (found) => ESCAPED[found] ?? found);
}

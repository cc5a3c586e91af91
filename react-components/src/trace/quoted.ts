/** A text in quotes, as Python writes it for people: what cannot be seen is escaped. */

const HIDDEN = /[\p{C}\p{Z}\\]/gu;
const ESCAPES: Record<string, string> = { " ": " ", "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

export function quoted(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(HIDDEN, (letter) => ESCAPES[letter] ?? escapeOf(letter.codePointAt(0)!));
  return `${mark}${mark === "'" ? escaped.replaceAll("'", "\\'") : escaped}${mark}`;
}

function escapeOf(code: number): string {
  const digits = code < 0x100 ? 2 : code < 0x10000 ? 4 : 8;
  return `\\${{ 2: "x", 4: "u", 8: "U" }[digits]}${code.toString(16).padStart(digits, "0")}`;
}

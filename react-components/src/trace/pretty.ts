/** JSON text for people. */
import { CLOSE_DICT, CLOSE_LIST, COLON, COMMA, OPEN_DICT, OPEN_LIST, QUOTE } from "./json";
import type { RawJson } from "./types";

/** The text of a JSON string; undefined for any other value. */
export function jsonText(raw: RawJson): string | undefined {
  if (raw.charCodeAt(0) !== QUOTE) return undefined;
  try {
    return JSON.parse(raw) as string;
  } catch {
    return undefined;
  }
}

/** JSON on lines, indented by 2. Numbers and strings as they stand, but that printable characters are no longer escaped. */
export function prettyJson(raw: RawJson): string {
  const made: string[] = [];
  let depth = 0;
  let start = 0;
  const flush = (end: number) => {
    if (end > start) made.push(readable(raw.slice(start, end)));
    start = end + 1;
  };
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (code === QUOTE) {
      for (at++; at < raw.length && raw.charCodeAt(at) !== QUOTE; at++) if (raw.charCodeAt(at) === 0x5c) at++;
    } else if (code === OPEN_DICT || code === OPEN_LIST) {
      flush(at);
      const end = closesAt(raw, at + 1, code + 2);
      if (end >= 0) {
        made.push(code === OPEN_DICT ? "{}" : "[]");
        at = end;
        start = end + 1;
      } else {
        made.push(String.fromCharCode(code), line(++depth));
      }
    } else if (code === CLOSE_DICT || code === CLOSE_LIST) {
      flush(at);
      made.push(line(--depth), String.fromCharCode(code));
    } else if (code === COMMA) {
      flush(at);
      made.push(",", line(depth));
    } else if (code === COLON) {
      flush(at);
      made.push(": ");
    } else if (code <= 0x20) {
      flush(at);
    }
  }
  flush(raw.length);
  return made.join("");
}

/** Where an empty list or dict closes; -1 for one that is not empty. */
function closesAt(raw: string, at: number, close: number): number {
  while (at < raw.length && raw.charCodeAt(at) <= 0x20) at++;
  return raw.charCodeAt(at) === close ? at : -1;
}

const INDENTS: string[] = [];
const MOST_INDENT = 100;

/** A new line. Very deep levels are indented alike: else the text would grow with the square of the depth. */
function line(depth: number): string {
  const level = Math.max(0, Math.min(depth, MOST_INDENT));
  return (INDENTS[level] ??= `\n${"  ".repeat(level)}`);
}

const ESCAPED = /(\\\\)|(?:\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[0-9a-fA-F]{4}/g;
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;

/** A string literal, with the characters in it that are printable and not ASCII instead of their escapes. */
function readable(literal: string): string {
  if (!literal.includes("\\u")) return literal;
  return literal.replace(ESCAPED, (escape, backslash: string | undefined) => {
    if (backslash !== undefined) return escape;
    const letter = JSON.parse(`"${escape}"`) as string;
    return letter > "\x7f" && PRINTABLE.test(letter) ? letter : escape;
  });
}

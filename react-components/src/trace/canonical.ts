/**
 * JSON as Python writes it: without white space, strings and numbers in their shortest form, a key once. Values of a trace are compared
 * as text, so what a person or another program wrote has to become what Python would have made of it.
 */
import { CLOSE_DICT, CLOSE_LIST, JsonError, MINUS, OPEN_DICT, OPEN_LIST, QUOTE, Reader } from "./json";
import type { RawJson } from "./types";

/** A list or dict that is open. Nothing recurses: values nest as deep as a person likes. */
interface Open {
  close: number;
  items: string[];
  /** Of a dict: where the value of each key stands in `items`. The last of two equal keys counts, at the place of the first. */
  places: Map<string, number>;
  key: string;
}

/** @throws JsonError it is not JSON. */
export function canonical(text: string): RawJson {
  const reader = new Reader(text);
  const made = canonicalAt(reader);
  reader.end();
  return made;
}

/** Reads one value. */
export function canonicalAt(reader: Reader): RawJson {
  const open: Open[] = [];
  for (;;) {
    let made = entered(reader, open);
    if (made === undefined) continue;
    for (;;) {
      const top = open.at(-1);
      if (top === undefined) return made as RawJson;
      put(top, made);
      if (reader.more(top.close, false)) {
        if (top.close === CLOSE_DICT) top.key = reader.key();
        break;
      }
      open.pop();
      made = closed(top);
    }
  }
}

/** A scalar, or an empty list or dict; one that is not empty is entered. */
function entered(reader: Reader, open: Open[]): string | undefined {
  const code = reader.next();
  if (code !== OPEN_DICT && code !== OPEN_LIST) return scalar(reader, code);
  const close = code === OPEN_DICT ? CLOSE_DICT : CLOSE_LIST;
  reader.expect(code);
  if (!reader.more(close, true)) return code === OPEN_DICT ? "{}" : "[]";
  open.push({ close, items: [], places: new Map(), key: close === CLOSE_DICT ? reader.key() : "" });
  return undefined;
}

function put(top: Open, value: string): void {
  const place = top.close === CLOSE_DICT ? top.places.get(top.key) : undefined;
  if (place !== undefined) {
    top.items[place] = value;
    return;
  }
  if (top.close === CLOSE_DICT) top.places.set(top.key, top.items.length);
  top.items.push(value);
}

/** Added up piece by piece, which costs the same however deep it nests. */
function closed({ close, items, places }: Open): string {
  const keys = close === CLOSE_DICT ? [...places.keys()] : undefined;
  let text = keys ? "{" : "[";
  for (const [place, item] of items.entries()) {
    if (place > 0) text += ",";
    if (keys) text += `${JSON.stringify(keys[place])}:`;
    text += item;
  }
  return text + (keys ? "}" : "]");
}

function scalar(reader: Reader, code: number): string {
  if (code === QUOTE) return JSON.stringify(reader.string());
  const start = reader.at;
  const text = reader.raw();
  if (code !== MINUS && !(code >= 0x30 && code <= 0x39)) return text;
  if (/^-?\d+$/.test(text)) return text === "-0" ? "0" : text;
  const value = Number(text);
  if (!Number.isFinite(value)) throw new JsonError("a number out of range", reader.text, start);
  return float(value);
}

/** A float as Python's msgspec writes it: `100000.0`, `0.00001`, `1e-6`, `1.5e16`. */
export function float(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa, power] = Math.abs(value).toExponential().split("e") as [string, string];
  const digits = mantissa.replace(".", "");
  const point = Number(power) + 1; // so many digits stand before the point
  return (value < 0 ? "-" : "") + placed(digits, point, mantissa);
}

function placed(digits: string, point: number, mantissa: string): string {
  if (point > 16 || point <= -5) return `${mantissa}e${point - 1}`;
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (digits.length <= point) return `${digits.padEnd(point, "0")}.0`;
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}

/** What a JSON text has to look like, as functions that read it: a parser is put together from these. */
import { CLOSE_DICT, CLOSE_LIST, OPEN_DICT, OPEN_LIST, type Reader } from "./json";
import { record } from "./record";
import type { RawJson } from "./types";

/** Reads one value of a kind. */
export type Shape<T> = (reader: Reader) => T;

type Fields<T> = { [K in keyof T]-?: Shape<Exclude<T[K], undefined>> };

export const text: Shape<string> = (reader) => reader.string();
export const number: Shape<number> = (reader) => reader.number();
export const raw: Shape<RawJson> = (reader) => reader.raw();

export const integer: Shape<number> = (reader) => {
  reader.next();
  const start = reader.at;
  const value = reader.number();
  if (!Number.isSafeInteger(value)) reader.fail("expected a whole number", start);
  return value;
};

export const truth: Shape<boolean> = (reader) => {
  const found = reader.raw();
  if (found !== "true" && found !== "false") reader.fail("expected true or false");
  return found === "true";
};

/** One of these words. */
export function word<T extends string>(...words: T[]): Shape<T> {
  const known = new Map<string, T>(words.map((each) => [each, each]));
  return (reader) => {
    reader.next();
    const start = reader.at;
    const found = reader.string();
    return known.get(found) ?? reader.fail(`${JSON.stringify(found.slice(0, 40))} is none of ${words.join(", ")}`, start);
  };
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (reader) => (reader.isNull() ? null : shape(reader));
}

export function list<T>(shape: Shape<T>): Shape<T[]> {
  return (reader) => {
    const found: T[] = [];
    reader.expect(OPEN_LIST);
    while (reader.more(CLOSE_LIST, found.length === 0)) found.push(shape(reader));
    return found;
  };
}

export function pair<A, B>(first: Shape<A>, second: Shape<B>): Shape<[A, B]> {
  return (reader) => {
    reader.expect(OPEN_LIST);
    if (!reader.more(CLOSE_LIST, true)) reader.fail("expected two elements");
    const a = first(reader);
    if (!reader.more(CLOSE_LIST, false)) reader.fail("expected two elements");
    const b = second(reader);
    reader.expect(CLOSE_LIST);
    return [a, b];
  };
}

/** A dict with any keys. */
export function dict<T>(shape: Shape<T>): Shape<Record<string, T>> {
  return (reader) => {
    const found = new Map<string, T>();
    reader.expect(OPEN_DICT);
    for (let first = true; reader.more(CLOSE_DICT, first); first = false) {
      const key = reader.key();
      found.set(key, shape(reader));
    }
    return record(found);
  };
}

/** A dict with known keys. Others are passed over, since a newer minor version may have more; of two equal keys the last one counts. */
export function struct<T extends object>(what: string, fields: Fields<T>, ...required: (keyof T & string)[]): Shape<T> {
  const shapes = new Map(Object.entries(fields) as [keyof T & string, Shape<T[keyof T]>][]);
  return (reader) => {
    reader.next();
    const start = reader.at;
    const found: Partial<T> = {};
    reader.expect(OPEN_DICT);
    for (let first = true; reader.more(CLOSE_DICT, first); first = false) {
      const key = reader.key() as keyof T & string;
      const shape = shapes.get(key);
      if (shape === undefined) reader.skip();
      else found[key] = shape(reader) as T[typeof key];
    }
    for (const key of required) if (found[key] === undefined) reader.fail(`${what} has no ${key}`, start);
    return found as T;
  };
}

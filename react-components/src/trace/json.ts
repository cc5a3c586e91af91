/**
 * JSON text, read from left to right without making values of what nobody looks at.
 *
 * Nothing here recurses: nesting is a list of brackets that are open, so no document can overflow the stack.
 */
import type { RawJson } from "./types";

/** Text that is not JSON, or not of the kind that was expected. The message says where. */
export class JsonError extends SyntaxError {
  constructor(
    readonly what: string,
    text: string,
    readonly at: number,
  ) {
    const before = text.slice(0, at).split("\n");
    super(`line ${before.length}, column ${(before.at(-1) ?? "").length + 1}: ${what}`);
    this.name = "SyntaxError";
  }
}

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_LIST = 0x5b;
export const CLOSE_LIST = 0x5d;
export const OPEN_DICT = 0x7b;
export const CLOSE_DICT = 0x7d;
const BACKSLASH = 0x5c;
export const MINUS = 0x2d;
const END = -1;
/** What Python reads of a whole number. */
const MOST_DIGITS = 4300;
const WORDS = ["true", "false", "null"];

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** A place in a JSON text. Every method reads from there and moves it; what does not fit throws `JsonError`. */
export class Reader {
  at: number;
  readonly #open: number[] = [];

  constructor(
    readonly text: string,
    at = 0,
  ) {
    this.at = at;
  }

  fail(what: string, at = this.at): never {
    throw new JsonError(what, this.text, at);
  }

  /** Passes over white space; the character code after it, -1 at the end. */
  next(): number {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code > 0x20) return code;
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return this.at < this.text.length ? code : END;
      this.at++;
    }
  }

  /** Nothing but white space is left. */
  end(): void {
    if (this.next() !== END) this.fail("something stands after the end");
  }

  /** Passes over one bracket, comma or colon. */
  expect(code: number): void {
    if (this.next() !== code) this.fail(this.#told(`expected ${String.fromCharCode(code)}`));
    this.at++;
  }

  /** Whether a list or dict, which is open, has another element; passes over the comma or the closing bracket. */
  more(close: number, first: boolean): boolean {
    const code = this.next();
    if (code === close) {
      this.at++;
      return false;
    }
    if (first) return true;
    if (code !== COMMA) this.fail(this.#told(`expected , or ${String.fromCharCode(close)}`));
    this.at++;
    if (this.next() === close) this.fail("a comma before the end");
    return true;
  }

  /** A key of a dict, and its colon. */
  key(): string {
    const key = this.string();
    this.expect(COLON);
    return key;
  }

  /** A string. */
  string(): string {
    if (this.next() !== QUOTE) this.fail(this.#told("expected a string"));
    const start = this.at;
    const plain = this.#skipString();
    return plain ? this.text.slice(start + 1, this.at - 1) : (JSON.parse(this.text.slice(start, this.at)) as string);
  }

  /** A number. */
  number(): number {
    const code = this.next();
    const start = this.at;
    if (code !== MINUS && !isDigit(code)) this.fail(this.#told("expected a number"));
    this.#skipNumber();
    const value = Number(this.text.slice(start, this.at));
    if (!Number.isFinite(value)) this.fail("a number out of range", start);
    return value;
  }

  /** Passes over `null`, if it stands here. */
  isNull(): boolean {
    if (this.next() !== 0x6e) return false;
    this.#skipWord();
    return true;
  }

  /** The text of any value, as it stands. */
  raw(): RawJson {
    this.next();
    const start = this.at;
    this.skip();
    return this.text.slice(start, this.at) as RawJson;
  }

  /** Passes over any value. */
  skip(): void {
    const open = this.#open;
    const base = open.length;
    for (;;) {
      if (this.#enterOrSkip(this.next())) continue;
      while (open.length > base) {
        const close = open[open.length - 1] as number;
        if (this.more(close, false)) {
          if (close === CLOSE_DICT) this.#skipKey();
          break;
        }
        open.pop();
      }
      if (open.length === base) return;
    }
  }

  /** Passes over a scalar or an empty list or dict; or enters one that is not empty, and says so. */
  #enterOrSkip(code: number): boolean {
    if (code === QUOTE) {
      this.#skipString();
    } else if (code === OPEN_DICT || code === OPEN_LIST) {
      this.at++;
      const close = code + 2;
      if (this.more(close, true)) {
        this.#open.push(close);
        if (close === CLOSE_DICT) this.#skipKey();
        return true;
      }
    } else if (code === MINUS || isDigit(code)) {
      this.#skipNumber();
    } else {
      this.#skipWord();
    }
    return false;
  }

  #skipKey(): void {
    if (this.next() !== QUOTE) this.fail(this.#told("expected a key in quotes"));
    this.#skipString();
    this.expect(COLON);
  }

  /** Returns whether the string stands for itself, without escapes. */
  #skipString(): boolean {
    const text = this.text;
    let at = this.at + 1;
    let plain = true;
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        plain = false;
        at = this.#skipEscape(at);
      } else if (code >= 0x20) {
        at++;
      } else {
        this.fail(at < text.length ? "a control character in a string" : "a string that does not end", at);
      }
    }
    this.at = at + 1;
    return plain;
  }

  #skipEscape(at: number): number {
    const letter = this.text[at + 1] ?? "";
    if (letter === "u") return this.#skipUnicode(at);
    if (letter === "" || !'"\\/bfnrt'.includes(letter)) this.fail("an escape that JSON does not have", at);
    return at + 2;
  }

  /** Letters beyond U+FFFF are escaped as two halves. One alone stands for nothing, and Python reads none. */
  #skipUnicode(at: number): number {
    const code = this.#unit(at);
    if (code < 0xd800 || code > 0xdfff) return at + 6;
    const isPair = code < 0xdc00 && this.text.startsWith("\\u", at + 6) && (this.#unit(at + 6) & 0xfc00) === 0xdc00;
    return isPair ? at + 12 : this.fail("half a letter", at);
  }

  #unit(at: number): number {
    const digits = this.text.slice(at + 2, at + 6);
    return /^[0-9a-fA-F]{4}$/.test(digits) ? parseInt(digits, 16) : this.fail("\\u needs four hexadecimal digits", at);
  }

  #skipNumber(): void {
    const text = this.text;
    const start = this.at;
    if (text.charCodeAt(this.at) === MINUS) this.at++;
    if (text.charCodeAt(this.at) === 0x30) this.at++;
    else this.#skipDigits();
    const whole = this.at - start;
    if (text.charCodeAt(this.at) === 0x2e) {
      this.at++;
      this.#skipDigits();
    }
    if ((text.charCodeAt(this.at) | 0x20) === 0x65) {
      this.at++;
      const sign = text.charCodeAt(this.at);
      if (sign === MINUS || sign === 0x2b) this.at++;
      this.#skipDigits();
    }
    if (isDigit(text.charCodeAt(this.at))) this.fail("a number that begins with 0");
    if (whole > MOST_DIGITS && this.at - start === whole) this.fail(`a whole number of more than ${MOST_DIGITS.toLocaleString("en")} digits`, start);
  }

  #skipDigits(): void {
    if (!isDigit(this.text.charCodeAt(this.at))) this.fail(this.#told("expected a digit"));
    do this.at++;
    while (isDigit(this.text.charCodeAt(this.at)));
  }

  #skipWord(): void {
    const word = WORDS.find((each) => this.text.startsWith(each, this.at));
    if (word === undefined) this.fail(this.#told("expected a value"));
    this.at += word.length;
  }

  #told(what: string): string {
    const point = this.text.codePointAt(this.at);
    if (point === undefined) return `${what}, and the text ends`;
    const shown = point > 0x20 && point < 0x7f ? String.fromCodePoint(point) : `U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
    return `${what}, not ${shown}`;
  }
}

/**
 * What a person searches for: plain words, or a regular expression between slashes. Small letters find capitals, too; a capital finds
 * only itself. An expression may take for ever, so it is tried in a worker, which can be ended; plain words never take long.
 */
export type Span = [start: number, end: number];

/** A search that cannot be read. The message is one line. */
export class BadPattern extends Error {
  override name = "BadPattern";
}

const LONGEST = 1_000;
const CAPITAL = /\\[^]|(\p{Lu})/gu;

export class Pattern {
  /** What stands for it in a question to a server. */
  readonly words: string;
  readonly regex: boolean;
  readonly source: string;
  readonly flags: string;
  readonly #probe: RegExp | undefined;
  readonly #expression: RegExp;

  /** @throws BadPattern it is too long, or no regular expression. */
  constructor(readonly text: string) {
    this.regex = text.length > 2 && text.startsWith("/") && text.endsWith("/");
    this.words = this.regex ? text.slice(1, -1) : text;
    if (this.words.length > LONGEST) throw new BadPattern(`a search may have up to ${LONGEST.toLocaleString("en")} letters`);
    this.source = this.regex ? this.words : escaped(this.words);
    const flags = `gm${hasCapital(this.words, this.regex) ? "" : "i"}`;
    this.#expression = compiled(this.source, flags);
    this.flags = this.#expression.flags;
    const runs = this.regex ? [] : (this.words.match(/[A-Za-z0-9]+/g) ?? []);
    const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), "");
    this.#probe = longest === "" ? undefined : new RegExp(longest, flags.replace("g", ""));
  }

  /** Whether a text that stands in this JSON might hold it: a quick look, before that is made a text. */
  might(raw: string): boolean {
    return this.#probe === undefined || this.#probe.test(raw) || raw.includes("\\u");
  }

  /** Where a text holds it, the first `most`. For plain words only: an expression is for a worker. */
  spans(text: string, most: number): Span[] {
    const found: Span[] = [];
    for (const match of text.matchAll(this.#expression)) {
      if (match[0] !== "") found.push([match.index, match.index + match[0].length]);
      if (found.length >= most) break;
    }
    return found;
  }
}

function escaped(words: string): string {
  return words.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function hasCapital(words: string, regex: boolean): boolean {
  if (!regex) return words !== words.toLowerCase();
  for (const [, capital] of words.matchAll(CAPITAL)) if (capital !== undefined) return true;
  return false;
}

/** By the letters of Unicode; an expression that those rules refuse, such as `\-`, by the older ones. */
function compiled(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, `${flags}u`);
  } catch {
    try {
      return new RegExp(source, flags);
    } catch (error) {
      throw new BadPattern(`not a regular expression: ${(error as Error).message.replace(/^Invalid regular expression: /, "")}`);
    }
  }
}

/** Tries a pattern on texts: words at once; an expression in a worker, which is ended when it takes too long. */
import type { Pattern, Span } from "./pattern";

/** The part of a `Worker` that is used. */
export interface MatchWorker {
  postMessage(question: [source: string, flags: string, texts: readonly string[], most: number]): void;
  /** Nothing: it begins with a question; then the answer. */
  onmessage: ((event: MessageEvent<Span[][] | null>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  terminate(): void;
}

export class TooSlow extends Error {
  override name = "TooSlow";
}

/** Milliseconds that an expression may take on the texts of one question, once a worker has begun with it: to start one can take longer. */
const PATIENCE = 1_000;
const START = 30_000;

const PROGRAM = `onmessage = ({ data: [source, flags, texts, most] }) => {
  postMessage(null);
  const expression = new RegExp(source, flags);
  postMessage(texts.map((text) => {
    const found = [];
    for (const match of text.matchAll(expression)) {
      if (match[0] !== "") found.push([match.index, match.index + match[0].length]);
      if (found.length >= most) break;
    }
    return found;
  }));
};`;

function inBlob(): MatchWorker {
  const address = URL.createObjectURL(new Blob([PROGRAM], { type: "text/javascript" }));
  try {
    return new Worker(address);
  } finally {
    URL.revokeObjectURL(address);
  }
}

export class Matcher {
  #worker: MatchWorker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    readonly pattern: Pattern,
    private readonly makeWorker: () => MatchWorker = inBlob,
    private readonly patience = PATIENCE,
  ) {}

  /**
   * Where each text holds it, the first `most` of each.
   *
   * @throws TooSlow the expression takes too long on these texts; others may be tried.
   */
  async spans(texts: readonly string[], most: number): Promise<Span[][]> {
    if (!this.pattern.regex) return texts.map((text) => this.pattern.spans(text, most));
    const answer = this.#last.then(() => this.#ask(texts, most)); // one after the other
    this.#last = answer.catch(() => undefined);
    return answer;
  }

  close(): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }

  #ask(texts: readonly string[], most: number): Promise<Span[][]> {
    return new Promise((done, fail) => {
      const worker = (this.#worker ??= this.makeWorker());
      const give = (error: Error) => {
        if (this.#worker === worker) this.close();
        fail(error);
      };
      const slow = () => give(new TooSlow("the expression takes too long"));
      let timer = setTimeout(slow, START);
      worker.onmessage = ({ data }) => {
        clearTimeout(timer);
        if (data) done(data);
        else timer = setTimeout(slow, this.patience);
      };
      worker.onerror = () => {
        clearTimeout(timer);
        give(new Error("regular expressions cannot be searched for here: the page may start no worker"));
      };
      worker.postMessage([this.pattern.source, this.pattern.flags, texts, most]);
    });
  }
}

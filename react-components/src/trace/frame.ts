/**
 * What comes in several times while a page draws is taken in together, before the next frame: a page that is slower than what it is told
 * falls behind by no more than one drawing. A page that is hidden draws no frames, so there is a timer besides.
 */
const HIDDEN = 250; // milliseconds

export class Frame<T> {
  #waiting: T[] = [];
  #cancel: (() => void) | undefined;

  constructor(private readonly take: (all: readonly T[]) => void) {}

  add(more: readonly T[]): void {
    if (more.length === 0) return;
    this.#waiting.push(...more);
    this.#cancel ??= beforeNextFrame(() => this.flush());
  }

  /** Takes in now what waits. */
  flush(): void {
    const waiting = this.#waiting;
    this.drop();
    if (waiting.length > 0) this.take(waiting);
  }

  /** Forgets what waits. */
  drop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#waiting = [];
  }
}

/** Returns what calls it off. Where there are no frames at all, such as in Node, it is soon. */
function beforeNextFrame(then: () => void): () => void {
  if (typeof requestAnimationFrame === "undefined") {
    const timer = setTimeout(then);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(then);
  const timer = setTimeout(then, HIDDEN);
  return () => {
    cancelAnimationFrame(frame);
    clearTimeout(timer);
  };
}

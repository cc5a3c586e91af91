/** What a person typed and did not apply, wherever they looked meanwhile: one text for each stage of a task of a run. */
import type { Draft } from "./edits";
import type { Edit } from "./types";

/** A text that is not applied. */
export interface Unapplied {
  run: number;
  task: string;
  stage: Edit["stage"];
  /** What the editor opened with. */
  opened: Draft;
  text: string;
}

export class Drafts {
  readonly #kept = new Map<string, Unapplied>();
  readonly #listeners = new Set<() => void>();
  #all: readonly Unapplied[] = [];

  /** All of them; the same list as long as none comes or goes. */
  get all(): readonly Unapplied[] {
    return this.#all;
  }

  find(run: number, task: string, stage: Edit["stage"]): Unapplied | undefined {
    return this.#kept.get(keyOf(run, task, stage));
  }

  /** Keeps a text; one that is what the editor opened with is no draft. */
  keep(draft: Unapplied): void {
    const { run, task, stage, opened, text } = draft;
    if (text === opened.text) return this.forget(run, task, stage);
    const key = keyOf(run, task, stage);
    const isNew = !this.#kept.has(key);
    this.#kept.set(key, draft);
    if (isNew) this.#tell();
  }

  forget(run: number, task: string, stage: Edit["stage"]): void {
    if (this.#kept.delete(keyOf(run, task, stage))) this.#tell();
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #tell(): void {
    this.#all = [...this.#kept.values()];
    for (const listener of [...this.#listeners]) listener();
  }
}

function keyOf(run: number, task: string, stage: Edit["stage"]): string {
  return `${run} ${stage} ${task}`;
}

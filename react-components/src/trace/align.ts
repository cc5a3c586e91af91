/** Which task of a graph in one run goes with which in another: by name, and where names moved by the key of what was computed from. */
import type { Task, TaskRun } from "./types";

/** A task in both runs, or in one of them. */
export type Partners = readonly [old: Task | undefined, now: Task | undefined];

/** The key of the first stage of a task: what it was computed from. What a person put there has none. */
export function firstKey(task: Task, seen: TaskRun | undefined): string | undefined {
  const stage = seen?.[FIRST[task.type]];
  return stage == null || stage.origin === "edited" ? undefined : stage.key;
}

const FIRST = { llm: "prompt", python: "output", graph: "children" } as const;

/** The tasks of one graph as pairs: in the order of the newer run, what is gone after what it stood after. */
export function aligned(olds: readonly Task[], news: readonly Task[], oldKeys: readonly (string | undefined)[], newKeys: readonly (string | undefined)[]): Partners[] {
  const byName = new Map(olds.map((task, at) => [nameOf(task), at]));
  const free = new Set(olds.keys());
  const partner = new Map<number, number>(); // place in news -> place in olds
  const join = (now: number, old: number) => {
    partner.set(now, old);
    free.delete(old);
  };
  for (const [at, task] of news.entries()) {
    const found = byName.get(nameOf(task));
    if (found !== undefined && (oldKeys[found] === newKeys[at] || oldKeys[found] === undefined || newKeys[at] === undefined)) join(at, found);
  }
  const byKey = new Map<string, number[]>();
  for (const place of free) {
    const key = keyed(olds[place]!, oldKeys[place]);
    if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), place]);
  }
  for (const [at, task] of news.entries()) {
    const key = partner.has(at) ? undefined : keyed(task, newKeys[at]);
    const found = key === undefined ? undefined : byKey.get(key)?.shift();
    if (found !== undefined) join(at, found);
  }
  for (const [at, task] of news.entries()) {
    const found = byName.get(nameOf(task));
    if (!partner.has(at) && found !== undefined && free.has(found)) join(at, found);
  }
  return inOrder(olds, news, partner);
}

function inOrder(olds: readonly Task[], news: readonly Task[], partner: ReadonlyMap<number, number>): Partners[] {
  const place = new Map([...partner].map(([now, old]) => [old, now]));
  const gone = new Map<number, Task[]>();
  let after = -1;
  for (const [at, task] of olds.entries()) {
    const now = place.get(at);
    if (now !== undefined) after = now;
    else gone.set(after, [...(gone.get(after) ?? []), task]);
  }
  const pairs: Partners[] = [];
  for (const at of [-1, ...news.keys()]) {
    if (at >= 0) pairs.push([partner.has(at) ? olds[partner.get(at)!] : undefined, news[at]]);
    for (const task of gone.get(at) ?? []) pairs.push([task, undefined]);
  }
  return pairs;
}

function keyed(task: Task, key: string | undefined): string | undefined {
  return key === undefined ? undefined : JSON.stringify([task.function ?? null, key]);
}

/** The last part of a task's id. */
export function nameOf(task: Task): string {
  return task.scope == null ? task.id : task.id.slice(task.scope.length + 1);
}

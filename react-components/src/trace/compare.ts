/** Two runs beside each other: which tasks both have, where they differ, and which difference came first. */
import { diffLines, diffWordsWithSpace } from "diff";
import type { TraceStore } from "./store";
import type { Stage, TaskRun } from "./types";
import type { RunView } from "./view";

/** A task of one run or of both. `stage`: the first that differs. */
export interface Pair {
  id: string;
  mark: "=" | "~" | "+" | "-";
  stage?: "prompt" | "response" | "output" | "status";
  before?: TaskRun;
  after?: TaskRun;
}

export interface Comparison {
  /** In the order of the later run's tree; what only the earlier one has stands at the end. */
  pairs: Pair[];
  counts: Record<Pair["mark"], number>;
  /** The difference that no other one explains. */
  first?: Pair;
  /** What the later run took more (less: negative), of its own. */
  secondsDelta?: number;
  costDelta?: number;
}

const STAGES = ["prompt", "response", "output"] as const;

export function compareRuns(store: TraceStore, before: number, after: number): Comparison {
  const [old, now] = [store.view(before), store.view(after)];
  const ids = [...now.ids, ...old.ids.filter((id) => !now.has(id))];
  const pairs = ids.map((id) => pairOf(old, now, id));
  const counts = { "=": 0, "~": 0, "+": 0, "-": 0 };
  for (const { mark } of pairs) counts[mark]++;
  const found: Comparison = { pairs, counts };
  const first = firstOf(pairs, old, now);
  if (first) found.first = first;
  const [took, takes] = [old.run, now.run].map((run) => (run.ended == null ? undefined : run.ended - run.started));
  if (took !== undefined && takes !== undefined) found.secondsDelta = takes - took;
  const [paid, pays] = [old.spent().cost, now.spent().cost];
  if (paid !== undefined || pays !== undefined) found.costDelta = (pays ?? 0) - (paid ?? 0);
  return found;
}

function pairOf(old: RunView, now: RunView, id: string): Pair {
  const before = old.has(id) ? old.seen(id) : undefined;
  const after = now.has(id) ? now.seen(id) : undefined;
  const both = { id, ...(before && { before }), ...(after && { after }) };
  if (!old.has(id)) return { ...both, mark: "+" };
  if (!now.has(id)) return { ...both, mark: "-" };
  const stage = STAGES.find((name) => !isSame(before?.[name], after?.[name])) ?? (old.status(id) === now.status(id) ? undefined : "status");
  return stage === undefined ? { ...both, mark: "=" } : { ...both, mark: "~", stage };
}

/** Whether two values are the same, which a digest tells also where a value is not here. */
function isSame(a: Stage | null | undefined, b: Stage | null | undefined): boolean {
  if (a == null || b == null) return a == null && b == null;
  if (a.digest !== undefined && b.digest !== undefined) return a.digest === b.digest;
  return a.value === b.value;
}

/** From a difference to one that it can come from, until there is none. What is around a task is no cause of it. */
function firstOf(pairs: Pair[], old: RunView, now: RunView): Pair | undefined {
  const different = new Map(pairs.filter((pair) => pair.mark !== "=").map((pair) => [pair.id, pair]));
  const met = new Set<string>();
  let at = pairs.find((pair) => pair.mark !== "=");
  while (at !== undefined && !met.has(at.id)) {
    met.add(at.id);
    const view = now.has(at.id) ? now : old;
    const around = new Set<string>();
    for (let scope = view.parentOf(at.id); scope !== undefined; scope = view.parentOf(scope)) around.add(scope);
    const causes = view.links.upstream(at.id);
    const further = [...causes].filter((id) => different.has(id) && !met.has(id) && !around.has(id));
    if (further.length === 0) break;
    at = different.get(further.at(-1)!);
  }
  return at;
}

export interface Piece {
  kind: "same" | "added" | "removed";
  text: string;
}

const PATIENCE = { timeout: 150 };

/** What became of a text, in words; in lines where words would take too long. The pieces make up both texts again. */
export function diffWords(before: string, after: string): Piece[] {
  const short = before.length + after.length < 400_000;
  const changes = (short ? diffWordsWithSpace(before, after, PATIENCE) : undefined) ?? diffLines(before, after, PATIENCE);
  if (changes === undefined) return coarse(before, after);
  const pieces = changes.map(({ added, removed, value }): Piece => ({ kind: added ? "added" : removed ? "removed" : "same", text: value }));
  return makesUp(pieces, before, after) ? pieces : coarse(before, after);
}

function makesUp(pieces: Piece[], before: string, after: string): boolean {
  const without = (kind: Piece["kind"]) => pieces.filter((piece) => piece.kind !== kind).map((piece) => piece.text).join("");
  return without("added") === before && without("removed") === after;
}

/** What both begin with and what both end with; the rest is different. */
function coarse(before: string, after: string): Piece[] {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const pieces: Piece[] = [
    { kind: "same", text: before.slice(0, start) },
    { kind: "removed", text: before.slice(start, before.length - end) },
    { kind: "added", text: after.slice(start, after.length - end) },
    { kind: "same", text: before.slice(before.length - end) },
  ];
  return pieces.filter((piece) => piece.text !== "");
}

import type { TraceStore } from "./store";
import type { TaskRun } from "./types";
export interface Pair { id: string; mark: "=" | "~" | "+" | "-"; stage?: "prompt" | "response" | "output" | "status"; before?: TaskRun; after?: TaskRun }
export interface Comparison { pairs: Pair[]; counts: Record<Pair["mark"], number>; first?: Pair; secondsDelta?: number; costDelta?: number }
export function compareRuns(store: TraceStore, before: number, after: number): Comparison {
  const a = store.view(before), b = store.view(after); const pairs: Pair[] = [];
  for (const id of new Set([...b.ids, ...a.ids])) {
    const x = a.seen(id), y = b.seen(id);
    if (!a.has(id)) pairs.push({ id, mark: "+", after: y }); else if (!b.has(id)) pairs.push({ id, mark: "-", before: x });
    else { const s = (["prompt", "response", "output"] as const).find((n) => x?.[n]?.value !== y?.[n]?.value); pairs.push({ id, mark: s || x?.status !== y?.status ? "~" : "=", stage: s, before: x, after: y }); }
  }
  const counts = { "=": 0, "~": 0, "+": 0, "-": 0 }; for (const p of pairs) counts[p.mark]++;
  return { pairs, counts, first: pairs.find((p) => p.mark === "~") };
}
export function diffWords(a: string, b: string): { kind: "same" | "added" | "removed"; text: string }[] { return [{ kind: "removed", text: a }, { kind: "added", text: b }]; }

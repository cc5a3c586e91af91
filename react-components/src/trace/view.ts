import { decodeChildren } from "./decode";
import { Links } from "./links";
import type { TraceStore } from "./store";
import type { Arg, Children, RawJson, Run, Task, TaskRun } from "./types";
export type Status = "waiting" | "ready" | "running" | "succeeded" | "failed" | "blocked" | "cancelled";
export interface Row { task: Task; depth: number; seen: TaskRun | undefined; status: Status; origin: "executed" | "reused" | "edited" | undefined; edited: string[]; pending: string[] }
export interface Totals { tasks: number; byStatus: Partial<Record<Status, number>>; inputTokens: number; outputTokens: number; cost: number | undefined; unpriced: number; seconds: number | undefined; executed: number }
export class RunView {
  readonly root: Task | undefined; ids: string[] = []; links: Links;
  private byId = new Map<string, Task>(); private kids = new Map<string, Children>(); private tot = new Map<string, Totals>();
  constructor(readonly store: TraceStore, readonly run: Run) {
    this.root = store.tasks.get(run.root);
    const stack = this.root ? [this.root] : [];
    while (stack.length) {
      const t = stack.pop()!; if (this.byId.has(t.id)) continue;
      this.byId.set(t.id, t); this.ids.push(t.id);
      const c = this.childrenOf(t); if (!c) continue;
      this.kids.set(t.id, c);
      for (const n of [...c.tasks].reverse()) { const k = store.tasks.get(n); if (k) stack.push(k); }
    }
    this.links = new Links(this);
  }
  private childrenOf(t: Task): Children | undefined {
    if (t.type === "llm") return undefined;
    if (t.children && t.result) return { tasks: t.children, result: t.result };
    for (const r of this.store.lineage(this.run.id)) {
      const f = this.store.byRun.get(r.id)?.get(t.id);
      if (f?.children) { let s = f.children; if (s.from != null) s = this.store.taskRuns.get(s.from)?.children ?? s; return s.value ? decodeChildren(s.value) : undefined; }
      if (f && f.status !== "blocked") return undefined;
    }
    return undefined;
  }
  has(id: string) { return this.byId.has(id); }
  task(id: string) { return this.byId.get(id); }
  children(id: string): readonly Task[] { return (this.kids.get(id)?.tasks ?? []).flatMap((n) => this.store.tasks.get(n) ?? []); }
  parentOf(id: string) { return this.byId.get(id)?.scope ?? undefined; }
  result(id: string): Arg | undefined { return this.kids.get(id)?.result; }
  seen(id: string): TaskRun | undefined {
    for (const r of this.store.lineage(this.run.id)) { const f = this.store.byRun.get(r.id)?.get(id); if (f) return f; if (this.store.open.get(r.id)?.has(id)) return undefined; }
    return undefined;
  }
  status(id: string): Status { return this.seen(id)?.status ?? (this.seen(id) ? "running" : "waiting"); }
  row(id: string): Row {
    const task = this.byId.get(id)!; const seen = this.seen(id);
    const edited = seen ? (["prompt", "response", "output"] as const).filter((s) => seen[s]?.origin === "edited") : [];
    const pending = [...new Set(this.store.pendingEdits(this.run.id).filter((e) => e.task === id).map((e) => e.stage as string))];
    return { task, depth: 0, seen, status: this.status(id), origin: !seen ? undefined : edited.length ? "edited" : seen.run === this.run.id ? "executed" : "reused", edited, pending };
  }
  totals(id: string = this.root?.id ?? ""): Totals {
    const found = this.tot.get(id); if (found) return found;
    const seen = this.seen(id);
    const t: Totals = { tasks: 1, byStatus: { [this.status(id)]: 1 }, inputTokens: 0, outputTokens: 0, cost: undefined, unpriced: 0, seconds: seen?.started != null && seen.ended != null ? seen.ended - seen.started : undefined, executed: seen?.run === this.run.id ? 1 : 0 };
    for (const a of seen?.attempts ?? []) { t.inputTokens += a.usage?.input_tokens ?? 0; t.outputTokens += a.usage?.output_tokens ?? 0; if (a.cost != null) t.cost = (t.cost ?? 0) + a.cost; else if (a.usage) t.unpriced++; }
    for (const c of this.children(id)) { const k = this.totals(c.id); t.tasks += k.tasks; t.executed += k.executed; t.inputTokens += k.inputTokens; t.outputTokens += k.outputTokens; t.unpriced += k.unpriced; if (k.cost !== undefined) t.cost = (t.cost ?? 0) + k.cost; for (const [s, n] of Object.entries(k.byStatus)) t.byStatus[s as Status] = (t.byStatus[s as Status] ?? 0) + n; }
    this.tot.set(id, t); return t;
  }
  inputs(): ReadonlyMap<string, RawJson | undefined> { return new Map(); }
}

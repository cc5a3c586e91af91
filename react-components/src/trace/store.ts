import type { Change } from "./messages";
import type { Document, Edit, FunctionFacts, Run, Task, TaskRun } from "./types";
import { RunView } from "./view";
export type { Change, StreamPiece } from "./messages";
export class TraceStore {
  tasks = new Map<number, Task>(); runs = new Map<number, Run>(); taskRuns = new Map<number, TaskRun>(); edits = new Map<number, Edit>();
  functions = new Map<string, FunctionFacts>();
  byRun = new Map<number, Map<string, TaskRun>>();
  open = new Map<number, Set<string>>();
  sequence = 0; version = 0; structureVersion = 0;
  private streams = new Map<number, { text: string; reasoning: string }>();
  private listeners = new Set<() => void>();
  private views = new Map<number, { at: number; view: RunView }>();
  constructor(readonly document: Document) {
    this.take({ ...document, functions: document.functions } as Change);
  }
  streaming(id: number) { return this.streams.get(id); }
  private take(c: Change) {
    for (const t of c.tasks ?? []) this.tasks.set(t.number, t);
    for (const r of c.runs ?? []) { this.runs.set(r.id, r); this.open.set(r.id, new Set(r.open ?? [])); if (!this.byRun.has(r.id)) this.byRun.set(r.id, new Map()); }
    for (const t of c.task_runs ?? []) {
      this.taskRuns.set(t.id, t);
      let m = this.byRun.get(t.run); if (!m) this.byRun.set(t.run, (m = new Map())); m.set(t.task, t);
      this.open.get(t.run)?.delete(t.task);
      if (t.status !== "running") this.streams.delete(t.id);
    }
    for (const e of c.edits ?? []) this.edits.set(e.id, e);
    for (const [n, f] of Object.entries(c.functions ?? {})) this.functions.set(n, f);
    for (const [run, task] of c.kept ?? []) this.open.get(run)?.delete(task);
    for (const p of c.streaming ?? []) {
      const was = this.streams.get(p.task_run) ?? { text: "", reasoning: "" };
      this.streams.set(p.task_run, { text: was.text.slice(0, p.text[0]) + p.text[1], reasoning: was.reasoning.slice(0, p.reasoning[0]) + p.reasoning[1] });
    }
    if (c.sequence) this.sequence = c.sequence;
    this.version++; this.structureVersion++;
    for (const l of this.listeners) l();
  }
  apply(c: Change) { this.take(c); }
  fill(e: { taskRun?: TaskRun; task?: Task }) { this.take({ task_runs: e.taskRun ? [e.taskRun] : [], tasks: e.task ? [e.task] : [] }); }
  subscribe(l: () => void) { this.listeners.add(l); return () => void this.listeners.delete(l); }
  view(run: number): RunView {
    const found = this.views.get(run);
    if (found && found.at === this.version) return found.view;
    const view = new RunView(this, this.runs.get(run)!);
    this.views.set(run, { at: this.version, view });
    return view;
  }
  newestRun() { return this.runs.get(Math.max(...this.runs.keys())); }
  *lineage(run: number | null | undefined): Generator<Run> { while (run != null) { const r = this.runs.get(run); if (!r) return; yield r; run = r.parent; } }
  pendingEdits(run: number): Edit[] {
    let taken = 0; for (const r of this.runs.values()) if (r.parent === run) taken = Math.max(taken, r.last_edit ?? 0);
    return [...this.edits.values()].filter((e) => e.run === run && e.id > taken);
  }
  editsToApply(run: number): ReadonlyMap<string, Edit> {
    const m = new Map<string, Edit>();
    for (const id of this.runs.get(run)?.edits ?? []) { const e = this.edits.get(id); if (e) m.set(editKey(e.task, e.stage), e); }
    for (const e of this.pendingEdits(run)) if (e.value === undefined) m.delete(editKey(e.task, e.stage)); else m.set(editKey(e.task, e.stage), e);
    return m;
  }
}
export function editKey(task: string, stage: string) { return `${stage} ${task}`; }

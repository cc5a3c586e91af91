import { decodeChange, decodeEdit, decodeOpened, decodeTask, decodeTaskRun } from "./decode";
import type { ServerInfo, StreamPiece } from "./messages";
import type { TraceStore } from "./store";
import type { Document, Edit, Task, TaskRun } from "./types";
export type { ServerInfo } from "./messages";
export interface ProcessInfo { doing: string; running: boolean; code: number | null; printed: string }
export interface Planned { task: string; action: "run" | "maybe" | "kept"; reason: string; stage?: string | null; calls?: number; possible_calls?: number; input_tokens?: number | null; output_tokens?: number | null; cost?: number | null; seconds?: number | null; warning?: string | null }
export interface PlanAnswer { plan: { run: number; tasks: Planned[]; kept: number }; program: string | null; path: string; trusted: boolean; problem: string; scripted: string | null }
export class ServerSource {
  constructor(private base: string, private token: string) {}
  private async get(path: string, body?: unknown): Promise<string> {
    const r = await fetch(this.base + path, { headers: { Authorization: `Bearer ${this.token}`, ...(body !== undefined && { "Content-Type": "application/json" }) }, ...(body !== undefined && { method: "POST", body: JSON.stringify(body) }) });
    const text = await r.text();
    if (!r.ok) { let m = text; try { m = (JSON.parse(text) as { error: string }).error ?? text; } catch { /* text */ } throw new Error(m); }
    return text;
  }
  async open(): Promise<{ server: ServerInfo; document: Document; streaming: StreamPiece[] }> { return decodeOpened(await this.get("/api/trace")); }
  follow(store: TraceStore, on: { change?(): void; reset(): void; process(p: ProcessInfo): void; problem(m: string): void; state(s: "live" | "reconnecting" | "closed"): void }): () => void {
    const stop = new AbortController();
    void (async () => {
      while (!stop.signal.aborted) {
        try {
          const r = await fetch(`${this.base}/api/events`, { headers: { Authorization: `Bearer ${this.token}`, "Last-Event-ID": `${store.document.id}:${store.sequence}` }, signal: stop.signal });
          on.state("live");
          const reader = r.body!.pipeThrough(new TextDecoderStream()).getReader(); let left = "";
          for (;;) { const { value, done } = await reader.read(); if (done) break; left += value; const blocks = left.split("\n\n"); left = blocks.pop()!;
            for (const b of blocks) { const f: Record<string, string> = {}; for (const l of b.split("\n")) { const i = l.indexOf(":"); if (i > 0) f[l.slice(0, i)] = l.slice(i + 1).trimStart(); }
              if (f["event"] === "change") store.apply(decodeChange(f["data"]!)); else if (f["event"] === "reset") on.reset(); else if (f["event"] === "process") on.process(JSON.parse(f["data"]!) as ProcessInfo); else if (f["event"] === "problem") on.problem((JSON.parse(f["data"]!) as { error: string }).error); } }
        } catch { /* again */ }
        if (!stop.signal.aborted) { on.state("reconnecting"); await new Promise((d) => setTimeout(d, 1000)); }
      }
    })();
    return () => stop.abort();
  }
  async taskRun(id: number): Promise<TaskRun> { return decodeTaskRun(await this.get(`/api/task_run/${id}`)); }
  async task(n: number): Promise<Task> { return decodeTask(await this.get(`/api/task/${n}`)); }
  async plan(run: number): Promise<PlanAnswer> { return JSON.parse(await this.get(`/api/plan?run=${run}`)) as PlanAnswer; }
  async edit(run: number, task: string, stage: string, text: string): Promise<Edit> { return decodeEdit(await this.get("/api/edit", { run, task, stage, text })); }
  async revert(run: number, task: string, stage: string): Promise<Edit> { return decodeEdit(await this.get("/api/revert", { run, task, stage })); }
  async again(run: number, task: string): Promise<Edit> { return decodeEdit(await this.get("/api/again", { run, task })); }
  async resume(run: number, consent: boolean): Promise<ProcessInfo> { return JSON.parse(await this.get("/api/resume", { run, consent })) as ProcessInfo; }
  async stop(): Promise<void> { await this.get("/api/stop", {}); }
  async log(): Promise<ProcessInfo> { return JSON.parse(await this.get("/api/log")) as ProcessInfo; }
  async editorScript(): Promise<string> { return this.get("/editor.js"); }
}

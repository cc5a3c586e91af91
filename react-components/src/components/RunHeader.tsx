/** The run that is looked at, in one line: how it stands, what it took, and where it is from. */
import { useEffect, useState } from "react";
import { useTrace } from "../hooks/TraceProvider";
import { clock, cost, seconds, tokens, visible } from "../trace/format";
import type { Run } from "../trace/types";
import type { RunView, Status } from "../trace/view";
import { GLYPH, StatusGlyph } from "./marks";

const ORDER: Status[] = ["running", "failed", "blocked", "cancelled", "ready", "waiting", "succeeded"];

export function RunHeader({ className = "" }: { className?: string }) {
  const { run, view, store, selected, select } = useTrace();
  const now = useNow(run?.status === "running");
  if (!run || !view) return <div className={`ltg-run-header ${className}`}>no run yet</div>;
  const totals = view.totals();
  const spent = view.spent();
  const pending = store.editsNotRun(run.id).length;
  const ended = run.ended ?? (run.status === "running" ? now : undefined);
  return (
    <div className={`ltg-run-header ${className}`} role="group" aria-label="the run">
      <span className="ltg-run-name">
        <StatusGlyph status={run.status ?? "running"} /> run {run.id}
        {run.parent != null && <span className="ltg-faint"> of {run.parent}</span>}
      </span>
      <span className="ltg-counts">
        {ORDER.filter((status) => totals.byStatus[status]).map((status) => (
          <button key={status} type="button" className={`ltg-link ltg-is-${status}`} title={`${status}: go to the next one`} onClick={() => select(nextOf(view, status, selected))}>
            {GLYPH[status]} {totals.byStatus[status]!.toLocaleString("en")}
          </button>
        ))}
      </span>
      <span title="input and output tokens of this run">{tokens(spent.inputTokens)} → {tokens(spent.outputTokens)} tokens</span>
      {(spent.cost !== undefined || spent.unpriced > 0) && (
        <span title={spent.unpriced ? `${spent.unpriced} answers have no price` : "what this run cost"}>
          {spent.cost === undefined ? "unpriced" : cost(spent.cost)}
          {spent.cost !== undefined && spent.unpriced > 0 && "+"}
        </span>
      )}
      {ended !== undefined && <span>{seconds(ended - run.started)}</span>}
      <span className="ltg-faint">{clock(run.started)}</span>
      {pending > 0 && <span className="ltg-edited">✎ {pending} not yet run</span>}
      <Facts run={run} />
      <span className="ltg-unseen" role="status">run {run.id} {run.status ?? "running"}</span>
    </div>
  );
}

/** The next task with that status, after the given one; a failed graph only where nothing in it failed. */
export function nextOf(view: RunView, status: Status, after: string | undefined): string | undefined {
  const from = after === undefined ? 0 : view.ids.indexOf(after) + 1;
  const own = (id: string) => view.status(id) === status && !(status === "failed" && view.children(id).some((child) => view.status(child.id) === "failed"));
  for (let i = 0; i < view.ids.length; i++) {
    const id = view.ids[(from + i) % view.ids.length]!;
    if (own(id)) return id;
  }
  return after;
}

function Facts({ run }: { run: Run }) {
  return (
    <>
      {run.app && <span className="ltg-faint" title={visible(run.app)}>{visible(baseName(run.app))}</span>}
      {run.model && <span className="ltg-faint">with {visible(run.model)}</span>}
      {run.scripted && <span className="ltg-badge" title={`answers come from ${visible(run.scripted)}: no model was called`}>scripted: {visible(baseName(run.scripted))}</span>}
      {run.error && <span className="ltg-is-failed">{visible(run.error)}</span>}
    </>
  );
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** The time in seconds, once a second as long as it matters. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    if (!ticking) return;
    const timer = setInterval(() => setNow(Date.now() / 1000), 1000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
}

/** All runs of the trace as a tree of forks: each resumed run below the one that it resumed, with what it edited. */
import { useMemo } from "react";
import { useTrace } from "../hooks/TraceProvider";
import { ago, cost, seconds, visible } from "../trace/format";
import type { TraceStore } from "../trace/store";
import type { Run } from "../trace/types";
import { StatusGlyph } from "./marks";
import { useNow } from "./RunHeader";

export interface RunTreeProps {
  className?: string;
  /** Offers to compare a run with the one that is looked at. */
  onCompare?: (before: number, after: number) => void;
}

export function RunTree({ className = "", onCompare }: RunTreeProps) {
  const { store, version, run: shown, setRun } = useTrace();
  const now = useNow(true);
  const forks = useMemo(() => inForks(store), [store, version]); // eslint-disable-line react-hooks/exhaustive-deps -- the store changes with its version
  if (forks.length === 0) return <p className={`ltg-empty ${className}`}>There is no run yet.</p>;
  return (
    <ul className={`ltg-runs ${className}`} aria-label="runs">
      {forks.map(({ run, depth }) => (
        <li key={run.id} style={{ paddingInlineStart: Math.min(depth, 12) * 16 }} aria-current={run === shown}>
          <button type="button" className="ltg-run" onClick={() => setRun(run.id)}>
            <StatusGlyph status={run.status ?? "running"} /> run {run.id}
            <span className="ltg-figures">{facts(store, run, now)}</span>
            <span className="ltg-run-edits">{edited(store, run)}</span>
          </button>
          {onCompare && shown && run !== shown && (
            <button type="button" className="ltg-small" title={`compare run ${run.id} with run ${shown.id}`} onClick={() => onCompare(Math.min(run.id, shown.id), Math.max(run.id, shown.id))}>
              compare
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function facts(store: TraceStore, run: Run, now: number): string {
  const view = store.view(run.id);
  const [totals, spent] = [view.totals(), view.spent()];
  const parts = [`${totals.executed.toLocaleString("en")} of ${totals.tasks.toLocaleString("en")} executed`];
  if (run.ended != null) parts.push(seconds(run.ended - run.started));
  if (spent.cost !== undefined) parts.push(cost(spent.cost));
  parts.push(ago(now - run.started));
  return parts.join(" · ");
}

/** The edits that a run was the first to take up. */
function edited(store: TraceStore, run: Run): string {
  const before = new Set(run.parent == null ? [] : (store.runs.get(run.parent)?.edits ?? []));
  const names = (run.edits ?? []).filter((id) => !before.has(id)).flatMap((id) => store.edits.get(id) ?? []);
  const shown = names.slice(0, 3).map((edit) => `✎ ${visible(edit.task)} ${edit.stage}`);
  return names.length > 3 ? `${shown.join(", ")} and ${names.length - 3} more` : shown.join(", ");
}

function inForks(store: TraceStore): { run: Run; depth: number }[] {
  const below = new Map<number | undefined, Run[]>();
  for (const run of [...store.runs.values()].sort((a, b) => b.id - a.id)) {
    const parent = run.parent != null && store.runs.has(run.parent) && run.parent < run.id ? run.parent : undefined;
    below.set(parent, [...(below.get(parent) ?? []), run]);
  }
  const found: { run: Run; depth: number }[] = [];
  const stack = (below.get(undefined) ?? []).map((run) => ({ run, depth: 0 }));
  for (let next = stack.pop(); next; next = stack.pop()) {
    found.push(next);
    stack.push(...(below.get(next.run.id) ?? []).map((run) => ({ run, depth: next.depth + 1 })));
  }
  return found;
}

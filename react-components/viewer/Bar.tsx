/** The line at the top: the run, whether it is followed, and what can be done with it; and the keys that do the same. */
import { useEffect, useReducer } from "react";
import { RunHeader, StatusGlyph, nextOf, useSearch, useSelection, useTrace, type Edit } from "llmtaskgraph-react";
import type { Live } from "./Desk";
import type { Tab } from "./Middle";
import type { Opened } from "./opened";
import type { Pane } from "./Panes";
import { ThemeButton } from "./ThemeButton";
import { download, unsavedEdits } from "./unsaved";

export interface BarProps {
  opened: Opened;
  live: Live;
  onResume(): void;
  onHelp(): void;
  onCompare(before: number, after: number): void;
  onTab(tab: Tab): void;
  onEdit(stage: Edit["stage"]): void;
  onPane(pane: Pane): void;
}

export function Bar(props: BarProps) {
  const { opened, live, onResume, onHelp } = props;
  const { store, run, setRun, backend, marks } = useTrace();
  useKeys(props);
  const runs = [...store.runs.keys()].sort((a, b) => a - b);
  const at = run ? runs.indexOf(run.id) : -1;
  const unsaved = unsavedEdits(opened);
  const [, downloaded] = useReducer((count: number) => count + 1, 0);
  const save = () => {
    download(opened);
    downloaded();
  };
  const process = live.process;
  return (
    <header className="bar">
      <span className="runs-step">
        <button type="button" className="ltg-small" disabled={at <= 0} title="older run  [" aria-label="older run" onClick={() => setRun(runs[at - 1]!)}>‹</button>
        <button type="button" className="ltg-small" disabled={at < 0 || at >= runs.length - 1} title="newer run  ]" aria-label="newer run" onClick={() => setRun(runs[at + 1]!)}>›</button>
      </span>
      <RunHeader />
      <span className="ltg-spring" />
      {live.state === "live" && <span className="ltg-is-succeeded" title="changes appear as they happen">● live</span>}
      {live.state === "reconnecting" && <span className="ltg-is-blocked" role="status">○ connecting …</span>}
      {live.state === "closed" && <span className="ltg-is-failed" role="alert">○ the server has ended</span>}
      {live.problem && <span className="ltg-problem" role="alert">{live.problem}</span>}
      {process?.running && (
        <>
          <span className="ltg-is-running"><StatusGlyph status="running" /> {process.doing}</span>
          <button type="button" className="ltg-small" onClick={() => void backend.stop?.()}>stop</button>
        </>
      )}
      {process && !process.running && process.code !== 0 && <span className="ltg-is-failed" role="status">{process.doing}: {process.printed || `ended with ${process.code}`}</span>}
      {unsaved.length > 0 && <button type="button" className="ltg-small ltg-primary" onClick={save}>download with {unsaved.length} {unsaved.length === 1 ? "edit" : "edits"}</button>}
      {backend.plan && run?.status !== "running" && !process?.running && <button type="button" className={`ltg-small ${marks.size > 0 ? "ltg-primary" : ""}`} onClick={onResume} title="r">resume …</button>}
      <ThemeButton />
      <button type="button" className="ltg-small" onClick={onHelp} title="keys  ?" aria-label="help">?</button>
    </header>
  );
}

function useKeys({ onResume, onHelp, onCompare, onTab, onEdit, onPane }: BarProps) {
  const { store, run, setRun, view, selected, select: go, backend } = useTrace();
  const trail = useSelection();
  const search = useSearch();
  useEffect(() => {
    const step = (by: number) => {
      const runs = [...store.runs.keys()].sort((a, b) => a - b);
      const to = run && runs[runs.indexOf(run.id) + by];
      if (to !== undefined) setRun(to);
    };
    const task = selected !== undefined && view?.has(selected) ? view.task(selected) : undefined;
    const keys: Record<string, () => void> = {
      r: () => backend.plan && run?.status !== "running" && onResume(),
      e: () => task && backend.canEdit && (onPane("task"), onEdit(task.type === "llm" ? "response" : "output")),
      p: () => task?.type === "llm" && backend.canEdit && (onPane("task"), onEdit("prompt")),
      n: () => search.step(1),
      N: () => search.step(-1),
      x: () => view && go(nextOf(view, "failed", selected)),
      "[": () => step(-1),
      "]": () => step(1),
      "=": () => run && onCompare(run.parent ?? Math.max(1, run.id - 1), run.id),
      ",": () => trail.back?.(),
      ".": () => trail.forward?.(),
      "1": () => onTab("graph"),
      "2": () => onTab("timeline"),
      "3": () => onTab("runs"),
      "4": () => onTab("edits"),
      "?": onHelp,
      "/": () => document.querySelector<HTMLInputElement>(".side input")?.focus(),
    };
    const pressed = (event: KeyboardEvent) => {
      const target = event.composedPath()[0] as HTMLElement;
      const typing = target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
      if (typing || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
      const does = keys[event.key];
      if (!does) return;
      event.preventDefault();
      does();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  });
}

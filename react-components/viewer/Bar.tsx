/** The line at the top: the run, whether it is followed, and what can be done with it; and the keys that do the same. */
import { useLayoutEffect, useReducer, useState } from "react";
import { flushSync } from "react-dom";
import { RunHeader, StatusGlyph, nextOf, useDrafts, useSearch, useSelection, useTrace, visible, type Edit, type ProcessInfo, type Unapplied } from "llmtaskgraph-react";
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
  const { store, run, setRun, selected, select, backend, marks, drafts } = useTrace();
  const [refused, setRefused] = useState("");
  const unapplied = useDrafts(drafts).filter((draft) => draft.run !== run?.id || draft.task !== selected);
  const goOn = ({ run: of, task, stage }: Unapplied) => {
    setRun(of);
    select(task);
    props.onPane("task");
    props.onEdit(stage);
  };
  const stop = () => {
    setRefused("");
    backend.stop?.().catch((error: Error) => setRefused(error.message));
  };
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
          <button type="button" className="ltg-small" onClick={stop}>stop</button>
          {refused && <span className="ltg-problem" role="alert">{refused}</span>}
        </>
      )}
      {process && !process.running && process.code !== 0 && <span className="ltg-is-failed" role="status">{process.doing}: {outcome(process)}</span>}
      {unapplied.length > 0 && (
        <button type="button" className="ltg-small ltg-edited" title={`${unapplied[0]!.stage} of ${visible(unapplied[0]!.task)} in run ${unapplied[0]!.run}: typed, not applied`} onClick={() => goOn(unapplied[0]!)}>
          … {unapplied.length} not applied
        </button>
      )}
      {unsaved.length > 0 && <button type="button" className="ltg-small ltg-primary" onClick={save}>download with {unsaved.length} {unsaved.length === 1 ? "edit" : "edits"}</button>}
      {backend.plan && run?.status !== "running" && !process?.running && <button type="button" className={`ltg-small ${marks.size > 0 ? "ltg-primary" : ""}`} onClick={onResume} title="r">resume …</button>}
      <ThemeButton />
      <button type="button" className="ltg-small" onClick={onHelp} title="keys  ?" aria-label="help">?</button>
    </header>
  );
}

/** How a run ended that was not successful. Where tasks failed the trace tells more than what was printed. */
function outcome({ code, printed }: ProcessInfo): string {
  if (code === 1) return "tasks failed; x goes to them";
  if (code === 130 || code === -2) return "it was stopped";
  return printed || `ended with ${code}`;
}

function useKeys({ onResume, onHelp, onCompare, onTab, onEdit, onPane }: BarProps) {
  const { store, run, setRun, view, selected, select: go, backend } = useTrace();
  const trail = useSelection();
  const search = useSearch();
  useLayoutEffect(() => { // what is seen can be steered
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
      "=": () => {
        const other = run && (run.parent ?? [...store.runs.keys()].filter((id) => id < run.id).sort((a, b) => b - a)[0]);
        if (other !== undefined) onCompare(other, run!.id);
      },
      ",": () => trail.back?.(),
      ".": () => trail.forward?.(),
      "1": () => onTab("graph"),
      "2": () => onTab("timeline"),
      "3": () => onTab("runs"),
      "4": () => onTab("edits"),
      "?": onHelp,
      "/": () => {
        flushSync(() => onPane("tree"));
        document.querySelector<HTMLInputElement>(".side input")?.focus();
      },
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

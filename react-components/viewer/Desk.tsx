/** A trace on the screen: the tree, then graph, timeline, runs or edits, then the selected task. */
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { Drafts, SearchProvider, TraceProvider, useDrafts, type Edit, type ProcessInfo, type TraceStore } from "llmtaskgraph-react";
import { Bar } from "./Bar";
import { Middle, type Tab } from "./Middle";
import { Panes, type Pane } from "./Panes";
import { Resume } from "./Resume";
import { Side } from "./Side";
import { Help } from "./Help";
import { TaskPane } from "./TaskPane";
import { loadEmbeddedEditor } from "./embeddedEditor";
import { makeWorker } from "./worker";
import { usePlace } from "./useHash";
import type { Opened } from "./opened";
import { unsavedEdits } from "./unsaved";
import { useDrop } from "./useDrop";

export interface DeskProps {
  opened: Opened;
  /** Why another file could not be opened. */
  problem?: string;
  onReset(): void;
  onFile?: (file: File) => void;
}

/** What a server tells while the page is open. */
export interface Live {
  state: "live" | "reconnecting" | "closed" | "file";
  process?: ProcessInfo;
  problem?: string;
}

export function Desk({ opened, problem, onReset, onFile }: DeskProps) {
  const { store, source, backend } = opened;
  const [place, go] = usePlace();
  const [tab, setTab] = useState<Tab>("graph");
  const [pane, setPane] = useState<Pane>("middle");
  const [dialog, setDialog] = useState<"resume" | "help">();
  const [editing, setEditing] = useState<Edit["stage"]>();
  const [compared, setCompared] = useState<[number, number]>();
  const [, setOver] = useState(false);
  const [drafts] = useState(() => new Drafts());
  const live = useLive(opened, onReset);
  const loadEditor = useMemo(() => loadEmbeddedEditor(source), [source]);
  const another = (file: File) => (drafts.all.length === 0 || window.confirm(`What was typed for ${drafts.all[0]!.task} is not applied. Open another trace without?`)) && onFile?.(file);
  useDrop(onFile && another, setOver);
  useEffect(() => {
    document.title = `${opened.name} · llmtaskgraph`;
  }, [opened.name]);
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => unsavedEdits(opened).length > 0 && event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [opened]);
  const select = useCallback(
    (task: string | undefined) => {
      go({ task });
      setEditing(undefined);
    },
    [go],
  );
  const compare = useCallback((before: number, after: number) => {
    setCompared([before, after]);
    setTab("compare");
  }, []);
  const newest = useSyncExternalStore(
    useCallback((changed: () => void) => store.subscribe(changed), [store]),
    () => store.newestRun()?.id,
  );
  // with an address that names no run the newest is shown, and each newer one as it starts, unless something was typed for that before
  const [followed, setFollowed] = useState(newest);
  const typed = useDrafts(drafts).some((draft) => draft.run === followed);
  if (newest !== followed && !typed) setFollowed(newest);
  const run = [place.run, followed, newest].find((id) => id !== undefined && store.runs.has(id));
  const showRun = (to: number) => {
    setFollowed(newest);
    go({ run: to === newest ? undefined : to });
    setEditing(undefined);
  };
  const openTab = (to: Tab) => {
    setTab(to);
    setPane("middle");
  };
  const selected = useSyncExternalStore(
    useCallback((changed: () => void) => store.subscribe(changed), [store]),
    () => (isThere(store, run, place.task) ? place.task! : rootOf(store, run)),
  );
  return (
    <TraceProvider
      trace={store}
      run={run}
      onRunChange={showRun}
      selected={selected}
      onSelect={select}
      backend={backend}
      drafts={drafts}
      loadEditor={loadEditor}
      makeWorker={makeWorker}
    >
      <SearchProvider>
        <div className="desk">
          <Bar opened={opened} live={live} onResume={() => setDialog("resume")} onHelp={() => setDialog("help")} onCompare={compare} onTab={openTab} onEdit={setEditing} onPane={setPane} />
          {problem && <p className="ltg-problem" role="alert">{problem}</p>}
          <Panes
            pane={pane}
            onPane={setPane}
            tree={<Side onOpen={() => setPane("task")} />}
            middle={<Middle tab={tab} onTab={setTab} compared={compared} onCompare={compare} />}
            task={<TaskPane editing={editing} onEditing={setEditing} />}
          />
          {dialog === "resume" && <Resume onClose={() => setDialog(undefined)} />}
          {dialog === "help" && <Help onClose={() => setDialog(undefined)} />}
        </div>
      </SearchProvider>
    </TraceProvider>
  );
}

/** Whether the run has the task, or may have it yet. */
function isThere(store: TraceStore, run: number | undefined, task: string | undefined): boolean {
  const shown = run === undefined ? undefined : store.runs.get(run);
  return task !== undefined && (shown === undefined || shown.status === "running" || store.view(shown.id).has(task));
}

/** Until a person selects a task, the whole graph is: its input and output. */
function rootOf(store: TraceStore, run: number | undefined): string | null {
  const shown = run === undefined ? undefined : store.runs.get(run);
  return (shown && store.tasks.get(shown.root)?.id) ?? null;
}

function useLive({ store, source }: Opened, onReset: () => void): Live {
  const [live, setLive] = useState<Live>({ state: source ? "reconnecting" : "file" });
  useEffect(() => {
    if (!source) return;
    return source.follow(store, {
      reset: onReset,
      process: (process) => setLive((before) => ({ ...before, process })),
      problem: (problem) => setLive((before) => ({ ...before, problem })),
      state: (state) => setLive((before) => ({ ...before, state, problem: state === "live" ? undefined : before.problem })),
    });
  }, [store, source, onReset]);
  return live;
}

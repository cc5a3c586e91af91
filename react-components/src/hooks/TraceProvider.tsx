/** One trace for all components below: which run and which task are looked at, and what stands behind it. */
import { createContext, useCallback, useContext, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from "react";
import { Drafts } from "../trace/drafts";
import { TraceStore } from "../trace/store";
import type { Document, Run } from "../trace/types";
import type { RunView } from "../trace/view";
import { localBackend, type Marks, type TraceBackend } from "./backend";
import { loadCodeMirror, type LoadEditor } from "../editor/editor";
import { useControlled } from "./useControlled";
import { useDrafts, useWarning } from "./useDrafts";

export interface TraceContextValue {
  store: TraceStore;
  /** Rises with every change of the trace. */
  version: number;
  /** The run that is looked at; undefined while the trace has none. */
  run: Run | undefined;
  view: RunView | undefined;
  setRun: (run: number) => void;
  selected: string | undefined;
  select: (task: string | undefined) => void;
  /** Tasks that a resume of the run would or might run again. */
  marks: Marks;
  backend: TraceBackend;
  /** What was typed and is not applied. */
  drafts: Drafts;
  loadEditor: LoadEditor;
  makeWorker?: () => Worker;
}

const Context = createContext<TraceContextValue | undefined>(undefined);
const NOTHING: Marks = new Map();

export interface TraceProviderProps {
  /** A decoded document, or a store that somebody keeps up to date. */
  trace: Document | TraceStore;
  /** The run to look at: controlled with `onRunChange`, or from `defaultRun` on; else the newest, and each newer one as it starts, unless something typed for the one before is not applied. */
  run?: number;
  defaultRun?: number;
  onRunChange?: (run: number) => void;
  /** Id of the selected task: controlled with `onSelect`, or from `defaultSelected` on. */
  selected?: string | null;
  defaultSelected?: string;
  onSelect?: (task: string | undefined) => void;
  /** Where edits, plans and runs go; without it edits stay in the store. */
  backend?: TraceBackend;
  /** Keeps what is typed and not applied; for a page that wants to know, or to keep it longer than this is mounted. */
  drafts?: Drafts;
  /** Loads the editor, when one is opened; for a page that keeps it elsewhere. */
  loadEditor?: LoadEditor;
  /** Makes the worker that lays out graphs; for a page that keeps it elsewhere. */
  makeWorker?: () => Worker;
  children?: ReactNode;
}

export function TraceProvider(props: TraceProviderProps) {
  const { trace, children, loadEditor = loadCodeMirror, makeWorker } = props;
  const store = useMemo(() => (trace instanceof TraceStore ? trace : new TraceStore(trace)), [trace]);
  const version = useSyncExternalStore(
    useCallback((changed: () => void) => store.subscribe(changed), [store]),
    () => store.version,
  );
  const [own, setOwn] = useState(() => ({ of: store.document.id, drafts: new Drafts() }));
  if (own.of !== store.document.id) setOwn({ of: store.document.id, drafts: new Drafts() });
  const drafts = props.drafts ?? own.drafts;
  useWarning(drafts);
  const [run, setRun] = useRun(store, drafts, props);
  const [selected, select] = useControlled(props.selected, props.defaultSelected, props.onSelect);
  const local = useMemo(() => localBackend(store), [store]);
  const backend = props.backend ?? local;
  const marks = useMarks(store, version, run, backend);
  const view = run && store.view(run.id);
  const value = useMemo(
    () => ({ store, version, run, view, setRun, selected, select, marks, backend, drafts, loadEditor, makeWorker }),
    [store, version, run, view, setRun, selected, select, marks, backend, drafts, loadEditor, makeWorker],
  );
  return <Context.Provider value={value}>{children}</Context.Provider>;
}

/** The trace of the nearest TraceProvider. Throws where there is none. */
export function useTrace(): TraceContextValue {
  const value = useContext(Context);
  if (!value) throw new Error("no trace: put this component inside of a <TraceProvider trace={decodeTrace(text)}>");
  return value;
}

function useRun(store: TraceStore, drafts: Drafts, props: TraceProviderProps): [Run | undefined, (run: number) => void] {
  const [chosen, choose] = useControlled(props.run, props.defaultRun, props.onRunChange);
  const newest = store.newestRun()?.id;
  const [before, setBefore] = useState(newest);
  const unapplied = useDrafts(drafts);
  const held = (chosen === undefined || chosen === before) && unapplied.some((draft) => draft.run === before);
  if (newest !== before && !held) {
    setBefore(newest); // a run that has started is shown, unless an older one was chosen
    if (props.run === undefined && chosen === before && newest !== undefined) choose(newest);
  }
  const id = chosen !== undefined && store.runs.has(chosen) ? chosen : before !== undefined && store.runs.has(before) ? before : newest;
  return [id === undefined ? undefined : store.runs.get(id), choose];
}

/** What may run again follows from edits and from how the run stands: it is asked for anew when those change. */
function useMarks(store: TraceStore, version: number, run: Run | undefined, backend: TraceBackend): Marks {
  const [found, setFound] = useState<{ run: number | undefined; marks: Marks }>({ run: undefined, marks: NOTHING });
  const id = run?.id;
  const pending = useMemo(() => (id === undefined ? [] : store.pendingEdits(id)), [store, version, id]); // eslint-disable-line react-hooks/exhaustive-deps -- the store changes with its version
  const idle = run === undefined || run.status === "running" || (run.status === "succeeded" && pending.length === 0);
  const state = idle ? "" : `${id} ${run.status} ${pending.at(-1)?.id ?? 0}`;
  useEffect(() => {
    if (state === "" || id === undefined) return;
    let gone = false;
    const answered = (marks: Marks) => !gone && setFound({ run: id, marks });
    backend.marks(id).then(answered, () => answered(NOTHING));
    return () => {
      gone = true;
    };
  }, [state, id, backend]);
  return state === "" || found.run !== id ? NOTHING : found.marks;
}

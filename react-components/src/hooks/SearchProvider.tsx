/** A search in the run that is looked at: what is looked for, the tasks that hold it, and the way from one match to the next. */
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from "react";
import { BadPattern, Pattern } from "../trace/pattern";
import { searchStore } from "../trace/search";
import type { TraceStore } from "../trace/store";
import type { TraceBackend } from "./backend";
import { useTrace } from "./TraceProvider";

/** Where in the detail of a task one is: at which of how many matches. `at` is -1 before the first step. */
export interface Matches {
  task: string;
  at: number;
  count: number;
}

export interface Search {
  /** As it was typed. */
  text: string;
  setText: (text: string) => void;
  /** Undefined while nothing is looked for. */
  pattern: Pattern | undefined;
  /** Ids of the tasks that hold it, in the order of the tree; those found so far while it goes on. */
  found: readonly string[];
  state: "idle" | "searching" | "done" | "incomplete";
  /** Why it cannot be done, in one line. */
  problem: string;
  /** Matches in the task on screen. */
  matches: Matches | undefined;
  /** To the next match (1) or the one before (-1): in the task on screen, then in the next task. */
  step: (by: 1 | -1) => void;
}

/** Goes to another match in the task on screen, `round` from the last to the first; says whether there was one. */
export type Mover = (by: 1 | -1, round: boolean) => boolean;

/** How a detail that marks matches takes part: for `TaskDetail`. */
export interface Marking {
  pattern: Pattern | undefined;
  setMover: (mover: Mover | undefined) => void;
  /** At which end a task that has come on screen begins. */
  begin: () => 1 | -1;
  report: (matches: Matches) => void;
}

const SearchContext = createContext<Search | undefined>(undefined);
const MarkingContext = createContext<Marking | undefined>(undefined);

/** Holds a search for the components inside. */
export function SearchProvider({ children }: { children?: ReactNode }) {
  const { store, backend, run, selected, select } = useTrace();
  const [text, setText] = useState("");
  const [pattern, unreadable] = useMemo(() => read(text), [text]);
  const { found, state, problem } = useFound(store, backend, run?.id, pattern);
  const [matches, report] = useState<Matches>();
  const mover = useRef<Mover>(undefined);
  const from = useRef<1 | -1>(1);
  const step = useCallback(
    (by: 1 | -1) => {
      const at = selected === undefined ? -1 : found.indexOf(selected);
      if (at >= 0 && mover.current?.(by, found.length === 1)) return;
      if (found.length === 0) return;
      const next = at < 0 ? (by > 0 ? 0 : found.length - 1) : (at + by + found.length) % found.length;
      from.current = by;
      select(found[next]);
    },
    [found, selected, select],
  );
  const search = useMemo(() => ({ text, setText, pattern, found, state, problem: unreadable || problem, matches, step }), [text, pattern, found, state, unreadable, problem, matches, step]);
  const marking = useMemo(() => {
    const setMover = (given: Mover | undefined) => void (mover.current = given);
    const begin = () => {
      const by = from.current;
      from.current = 1; // unless a step to the one before says otherwise
      return by;
    };
    return { pattern, setMover, begin, report };
  }, [pattern]);
  return (
    <MarkingContext.Provider value={marking}>
      <SearchContext.Provider value={search}>{children}</SearchContext.Provider>
    </MarkingContext.Provider>
  );
}

/** The search of the nearest SearchProvider. Throws where there is none. */
export function useSearch(): Search {
  const search = useContext(SearchContext);
  if (!search) throw new Error("no search: put this component inside of a <SearchProvider>");
  return search;
}

/** Undefined outside of a SearchProvider. */
export function useMarking(): Marking | undefined {
  return useContext(MarkingContext);
}

function read(text: string): [Pattern | undefined, string] {
  if (text.trim() === "") return [undefined, ""];
  try {
    return [new Pattern(text), ""];
  } catch (error) {
    if (error instanceof BadPattern) return [undefined, error.message];
    throw error;
  }
}

type Found = Pick<Search, "found" | "state" | "problem">;

const IDLE: Found = { found: [], state: "idle", problem: "" };
/** Milliseconds without a further letter before a search begins; and between two searches of a run that goes on. */
const CALM = 150;
const AGAIN = 2000;

function useFound(store: TraceStore, backend: TraceBackend, run: number | undefined, pattern: Pattern | undefined): Found {
  const [told, setTold] = useState<{ of: Pattern; run: number; is: Found }>();
  useEffect(() => {
    if (pattern === undefined || run === undefined) return;
    const stop = new AbortController();
    const { signal } = stop;
    const tell = (is: Found) => !signal.aborted && setTold({ of: pattern, run, is });
    const search = async () => {
      await pause(CALM, signal);
      for (let first = true; !signal.aborted; first = false) {
        const version = store.version;
        const onFound = (found: string[]) => first && tell({ found, state: "searching", problem: "" });
        const { tasks, complete } = await (backend.search ?? ((...given) => searchStore(store, ...given)))(run, pattern, { signal, onFound });
        tell({ found: tasks, state: complete ? "done" : "incomplete", problem: "" });
        await changed(store, version, signal);
        await pause(AGAIN, signal);
      }
    };
    search().catch((error: Error) => tell({ ...IDLE, problem: error.message }));
    return () => stop.abort();
  }, [store, backend, run, pattern]);
  if (pattern === undefined || run === undefined) return IDLE;
  return told?.of === pattern && told.run === run ? told.is : SEARCHING;
}

const SEARCHING: Found = { ...IDLE, state: "searching" };

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener("abort", () => (clearTimeout(timer), fail(signal.reason as Error)), { once: true });
  });
}

function changed(store: TraceStore, since: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    if (store.version !== since) return done();
    const stop = store.subscribe(() => (stop(), done()));
    signal.addEventListener("abort", () => (stop(), fail(signal.reason as Error)), { once: true });
  });
}

/** The address names what is looked at: `#task=main/judge[style]&run=2`. */
import { useCallback, useEffect, useRef, useState } from "react";

export interface Place {
  task?: string;
  run?: number;
}

export function usePlace(): [Place, (change: Place) => void] {
  const [place, setPlace] = useState(readPlace);
  const latest = useRef(place);
  useEffect(() => {
    const moved = () => setPlace((latest.current = readPlace()));
    window.addEventListener("hashchange", moved);
    return () => window.removeEventListener("hashchange", moved);
  }, []);
  const go = useCallback((change: Place) => {
    const after = { ...latest.current, ...change };
    const words = new URLSearchParams();
    if (after.task !== undefined) words.set("task", after.task);
    if (after.run !== undefined) words.set("run", String(after.run));
    history.replaceState(history.state, "", `#${words}`);
    setPlace((latest.current = after));
  }, []);
  return [place, go];
}

/** Another trace is opened: what the address names is not in it. */
export function forgetPlace(): void {
  history.replaceState(history.state, "", location.pathname + location.search);
}

function readPlace(): Place {
  const words = new URLSearchParams(location.hash.slice(1));
  const run = Number(words.get("run") ?? NaN);
  return { task: words.get("task") ?? undefined, run: Number.isInteger(run) ? run : undefined };
}

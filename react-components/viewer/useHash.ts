/** The address names what is looked at: `#task=main/judge[style]&run=2`. */
import { useCallback, useEffect, useState } from "react";

export interface Place {
  task?: string;
  run?: number;
}

export function usePlace(): [Place, (change: Place) => void] {
  const [place, setPlace] = useState(readPlace);
  useEffect(() => {
    const moved = () => setPlace(readPlace());
    window.addEventListener("hashchange", moved);
    return () => window.removeEventListener("hashchange", moved);
  }, []);
  const go = useCallback((change: Place) => {
    setPlace((before) => {
      const after = { ...before, ...change };
      const words = new URLSearchParams();
      if (after.task !== undefined) words.set("task", after.task);
      if (after.run !== undefined) words.set("run", String(after.run));
      history.replaceState(history.state, "", `#${words}`);
      return after;
    });
  }, []);
  return [place, go];
}

function readPlace(): Place {
  const words = new URLSearchParams(location.hash.slice(1));
  const run = Number(words.get("run") ?? NaN);
  return { task: words.get("task") ?? undefined, run: Number.isInteger(run) ? run : undefined };
}

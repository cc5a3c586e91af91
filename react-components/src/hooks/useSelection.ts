/** Which task is selected, and the way back: selections are kept like the pages of a browser. */
import { useCallback, useState } from "react";
import { useTrace } from "./TraceProvider";

export interface Selection {
  selected: string | undefined;
  select: (task: string | undefined) => void;
  /** Back to what was selected before; undefined where there is nothing. */
  back: (() => void) | undefined;
  forward: (() => void) | undefined;
}

interface Trail {
  before: string[];
  after: string[];
  at: string | undefined;
}

const LONGEST = 100;

/** The selection of the nearest TraceProvider. Each caller has a trail of its own. */
export function useSelection(): Selection {
  const { selected, select } = useTrace();
  const [trail, setTrail] = useState<Trail>({ before: [], after: [], at: selected });
  if (trail.at !== selected) {
    const before = trail.at === undefined ? trail.before : [...trail.before, trail.at].slice(-LONGEST);
    setTrail({ before, after: [], at: selected });
  }
  const go = useCallback(
    (to: Trail) => {
      setTrail(to);
      select(to.at);
    },
    [select],
  );
  const { before, after, at } = trail;
  const here = at === undefined ? [] : [at];
  return {
    selected,
    select,
    back: before.length ? () => go({ before: before.slice(0, -1), at: before.at(-1), after: [...here, ...after] }) : undefined,
    forward: after.length ? () => go({ before: [...before, ...here], at: after[0], after: after.slice(1) }) : undefined,
  };
}

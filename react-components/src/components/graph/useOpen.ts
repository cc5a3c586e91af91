/** Which groups and fans are open. Small groups open by themselves, as long as there is room; what a person did stays as it is. */
import { useCallback, useMemo, useState } from "react";
import type { Revealing } from "../../layout/reveal";
import type { RunView } from "../../trace/view";

export interface Opening {
  open: ReadonlySet<string>;
  fans: ReadonlySet<string>;
  toggle(id: string): void;
  /** Opens what hides a task. */
  reveal(what: Revealing): void;
}

/** Groups with at most so many tasks open by themselves, until about so many nodes are drawn. */
const SMALL = 12;
const ROOM = 60;

export function useOpen(view: RunView, structure: number): Opening {
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [before, setBefore] = useState<{ of: number; open: ReadonlySet<string> }>({ of: -1, open: new Set() });
  if (before.of !== structure) setBefore({ of: structure, open: opened(view, before.open) });
  const open = useMemo(() => new Set([...before.open].filter((id) => toggled.get(id) !== false).concat([...toggled].flatMap(([id, on]) => (on && !id.startsWith("fan:") ? [id] : [])))), [before.open, toggled]);
  const fans = useMemo(() => new Set([...toggled].flatMap(([id, on]) => (on && id.startsWith("fan:") ? [id] : []))), [toggled]);
  const toggle = useCallback((id: string) => setToggled((was) => new Map(was).set(id, !(was.get(id) ?? before.open.has(id)))), [before.open]);
  const reveal = useCallback((what: Revealing) => {
    setToggled((was) => {
      const hidden = [...what.groups, ...what.fans];
      return hidden.every((id) => was.get(id) === true) ? was : new Map([...was, ...hidden.map((id): [string, boolean] => [id, true])]);
    });
  }, []);
  return { open, fans, toggle, reveal };
}

/** What was open stays open while a run grows; further groups open where there is room. */
function opened(view: RunView, before: ReadonlySet<string>): ReadonlySet<string> {
  const open = new Set<string>();
  if (!view.root) return open;
  let drawn = view.children(view.root.id).length;
  const waiting = [view.root.id];
  for (const id of waiting) {
    // grows while it is walked, level by level
    for (const child of view.children(id)) {
      const inside = child.type === "graph" ? view.children(child.id).length : 0;
      if (inside === 0 || (!before.has(child.id) && (inside > SMALL || drawn + inside > ROOM))) continue;
      open.add(child.id);
      drawn += inside;
      waiting.push(child.id);
    }
  }
  return open;
}

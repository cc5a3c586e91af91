/** What the selected task depends on and what depends on it: the rest is dimmed. */
import { createContext } from "react";
import type { RunView } from "../../trace/view";

export interface Near {
  selected: string;
  upstream: ReadonlySet<string>;
  downstream: ReadonlySet<string>;
}

export const NearContext = createContext<{ near: Near | undefined; toggle(id: string): void }>({ near: undefined, toggle: () => {} });

export function nearOf(view: RunView, selected: string | undefined): Near | undefined {
  if (selected === undefined || !view.has(selected) || selected === view.root?.id) return undefined;
  return { selected, upstream: view.links.upstream(selected), downstream: view.links.downstream(selected) };
}

/** Whether a task is the selected one, or upstream or downstream of it. */
export function isNear(near: Near, task: string): boolean {
  return near.upstream.has(task) || near.downstream.has(task);
}

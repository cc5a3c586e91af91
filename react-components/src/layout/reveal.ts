/** What has to be opened before a task is to be seen. */
import { siblingsOf } from "./fans";
import type { GraphSource } from "./model";

export interface Revealing {
  /** Graph tasks, the outermost first. The root is always open. */
  groups: string[];
  /** Fans, the outermost first: a group may be a member of one, too. */
  fans: string[];
  /** The fan that the task itself is a member of. */
  fan?: string;
}

/** What hides this task, as far as it exists: open all of it, and the task is in the graph. */
export function revealing(source: GraphSource, id: string): Revealing {
  const found: Revealing = { groups: [], fans: [] };
  const seen = new Set<string>();
  for (let task = source.task(id); task?.scope != null && !seen.has(task.id); task = source.task(task.scope)) {
    seen.add(task.id);
    const fan = siblingsOf(task.scope, source.children(task.scope)).fans.get(task.id)?.id;
    if (fan !== undefined) found.fans.push(fan);
    if (fan !== undefined && task.id === id) found.fan = fan;
    if (task.scope !== source.root?.id) found.groups.push(task.scope);
  }
  found.groups.reverse();
  found.fans.reverse();
  return found;
}

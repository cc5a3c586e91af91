/** Whether two values are the same, which a digest tells also where a value is not here. */
import type { Arg, Stage, TaskRun } from "./types";

type Held = Pick<Stage | Arg, "value" | "digest">;

export function isSame(a: Held | null | undefined, b: Held | null | undefined): boolean {
  if (a == null || b == null) return a == null && b == null;
  if (a.digest !== undefined && b.digest !== undefined) return a.digest === b.digest;
  return a.value === b.value;
}

/** Arguments nest as deep as a program likes, so this does not recurse. */
export function isSameArg(a: Arg, b: Arg | undefined): boolean {
  const stack: [Arg, Arg | undefined][] = [[a, b]];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const [one, other] = next;
    if (other === undefined || one.ref !== other.ref || !isSame(one, other)) return false;
    const [items, others] = [insideOf(one), insideOf(other)];
    if (items.size !== others.size || !one.list !== !other.list) return false;
    for (const [key, item] of items) stack.push([item, others.get(key)]);
  }
  return true;
}

function insideOf({ list, dict }: Arg): Map<string | number, Arg> {
  return new Map<string | number, Arg>(list ? list.entries() : Object.entries(dict ?? {}));
}

/** How a task stands of which nothing may be recorded. */
export function statusOf(taskRun: TaskRun | undefined): string {
  return taskRun === undefined ? "waiting" : (taskRun.status ?? "running");
}

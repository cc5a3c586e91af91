/** The tasks that an argument or a task draws on. */
import type { Arg, Task } from "../trace/types";

/** Ids in an argument, in order, each once. */
export function refsOf(args: readonly Arg[]): string[] {
  const found = new Set<string>();
  const waiting = [...args].reverse();
  for (let arg = waiting.pop(); arg !== undefined; arg = waiting.pop()) {
    if (arg.ref !== undefined) found.add(arg.ref);
    else if (arg.list !== undefined) for (let i = arg.list.length - 1; i >= 0; i--) waiting.push(arg.list[i]!);
    else if (arg.dict !== undefined) for (const each of Object.values(arg.dict).reverse()) waiting.push(each);
  }
  return [...found];
}

/** Ids of the tasks whose outputs a task uses, in the order of its arguments, each once. */
export function dependenciesOf(task: Task): string[] {
  return refsOf([...(task.args ?? []), ...Object.values(task.kwargs ?? {})]);
}

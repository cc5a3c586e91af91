/**
 * Fans: many equal tasks side by side, such as those of a `.map`, which are drawn as one until somebody opens them. Members have
 * one function, use the outputs of the same functions, and stand at the same depth of their scope. Without the depth, the rounds
 * of a loop would be a fan, and what it feeds would stand before and behind it.
 */
import type { Task } from "../trace/types";
import { depthsOf } from "./rank";
import { dependenciesOf } from "./refs";

/** Up to this many tasks are shown one by one. */
export const FEW = 6;

export interface Fan {
  /** `fan:SCOPE/FUNCTION`; a further fan of that function in the scope has `:2`, `:3` after it. */
  readonly id: string;
  readonly function: string;
  readonly members: readonly Task[];
}

/** The tasks of one scope: who uses whom (in the order of declaration, by number), and the fans. */
export interface Siblings {
  readonly tasks: readonly Task[];
  readonly number: ReadonlyMap<string, number>;
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** The fan of each task that is in one. */
  readonly fans: ReadonlyMap<string, Fan>;
}

export function siblingsOf(scope: string, tasks: readonly Task[]): Siblings {
  const number = new Map(tasks.map((task, i) => [task.id, i]));
  const from: number[] = [];
  const to: number[] = [];
  const uses = tasks.map((task, i) => {
    const functions = new Set<string>();
    for (const ref of dependenciesOf(task)) {
      const used = number.get(ref);
      if (used === undefined || used === i) continue;
      from.push(used);
      to.push(i);
      functions.add(tasks[used]!.function ?? ref);
    }
    return functions;
  });
  const depth = tasks.length > FEW ? depthsOf(tasks.length, from, to) : [];
  const alike = new Map<string, Task[]>();
  tasks.forEach((task, i) => {
    if (tasks.length <= FEW || task.function == null) return;
    const key = JSON.stringify([task.function, depth[i], ...[...uses[i]!].sort()]);
    const members = alike.get(key);
    if (members === undefined) alike.set(key, [task]);
    else members.push(task);
  });
  return { tasks, number, from, to, fans: named(scope, alike.values()) };
}

function named(scope: string, alike: Iterable<Task[]>): Map<string, Fan> {
  const fans = new Map<string, Fan>();
  const count = new Map<string, number>();
  for (const members of alike) {
    if (members.length <= FEW) continue;
    const name = members[0]!.function!;
    const nth = (count.get(name) ?? 0) + 1;
    count.set(name, nth);
    const fan: Fan = { id: `fan:${scope}/${name}${nth === 1 ? "" : `:${nth}`}`, function: name, members };
    for (const member of members) fans.set(member.id, fan);
  }
  return fans;
}

/**
 * What a task depends on and what depends on it, and through which argument.
 *
 * A graph task stands for two things: the call, which declares what is inside of it, and the output, which is made of what is inside.
 * Kept apart, causes and effects never run in a circle: an end is a task's "call" or its "output". Tasks are linked only to others of
 * their scope, to the graph that declared them, and to what they declare; so links are made for a scope when somebody asks for them.
 */
import { quoted } from "./quoted";
import { entriesOf } from "./record";
import type { Arg, Task } from "./types";

/** A direct cause or effect; `through`: the argument, such as `text` or `verdicts[2]`, or a phrase. */
export interface Link {
  task: string;
  through: string;
}

/** What links are made from: a part of a run's view. */
export interface LinkSource {
  task(id: string): Task | undefined;
  children(id: string): readonly Task[];
  result(id: string): Arg | undefined;
}

type End = `${"call" | "output"} ${string}`;

interface Scope {
  tasks: ReadonlySet<string>;
  users: ReadonlyMap<string, string[]>;
  /** Where the output of the graph itself comes from: path and task. */
  result: [string, string][];
  used: ReadonlySet<string>;
}

export class Links {
  readonly #scopes = new Map<string, Scope>();
  readonly #dependencies = new Map<string, string[]>();

  constructor(private readonly source: LinkSource) {}

  /** For the view: all may be different. */
  forget(): void {
    this.#scopes.clear();
    this.#dependencies.clear();
  }

  /** For the view: a graph has other tasks in it, or another result. */
  forgetInside(scope: string): void {
    this.#scopes.delete(scope);
  }

  /** For the view: a task is another one, or none. */
  forgetTask(id: string): void {
    this.#dependencies.delete(id);
  }

  /** Ids of the tasks whose outputs a task needs, each once, in the order of its arguments. */
  dependencies(id: string): readonly string[] {
    let found = this.#dependencies.get(id);
    if (found === undefined) {
      const task = this.source.task(id);
      found = task ? dependenciesOf(task) : [];
      this.#dependencies.set(id, found);
    }
    return found;
  }

  /** Ids of the tasks that need the output of a task. */
  users(id: string): readonly string[] {
    return this.#beside(id).users.get(id) ?? [];
  }

  /** What a task uses directly. */
  causes(id: string): Link[] {
    const task = this.source.task(id);
    if (task === undefined) return [];
    const beside = this.#beside(id);
    const found = linksOf(task).filter((link) => beside.tasks.has(link.task));
    for (const [path, ref] of this.#inside(id).result) found.push({ task: ref, through: `its output${path}` });
    if (task.scope != null) found.push({ task: task.scope, through: "declared by it" });
    return distinct(found);
  }

  /** What uses a task directly. */
  effects(id: string): Link[] {
    const task = this.source.task(id);
    if (task === undefined) return [];
    const beside = this.#beside(id);
    const found: Link[] = [];
    for (const user of beside.users.get(id) ?? []) {
      for (const link of linksOf(this.source.task(user)!)) if (link.task === id) found.push({ task: user, through: link.through });
    }
    if (task.scope != null) {
      for (const [path, ref] of beside.result) if (ref === id) found.push({ task: task.scope, through: `its output${path}` });
    }
    for (const inside of this.#inside(id).tasks) found.push({ task: inside, through: "declared by it" });
    return distinct(found);
  }

  /** The task and all that it depends on, the nearest first. */
  upstream(id: string): ReadonlySet<string> {
    return this.#reach([`output ${id}`], (end) => this.#causesOf(end));
  }

  /** The task and all that depends on it, the nearest first. */
  downstream(id: string): ReadonlySet<string> {
    return this.#reach([`call ${id}`, `output ${id}`], (end) => this.#effectsOf(end));
  }

  /** What depends on the output of a task, not on its having been called: what a new output may change. */
  affected(id: string): ReadonlySet<string> {
    return this.#reach([`output ${id}`], (end) => this.#effectsOf(end));
  }

  #reach(start: End[], further: (end: End) => End[]): ReadonlySet<string> {
    const reached = new Set<End>(start);
    const told = new Set<string>();
    for (const end of reached) {
      // grows while it is walked
      told.add(end.slice(end.indexOf(" ") + 1));
      for (const each of further(end)) reached.add(each);
    }
    return told;
  }

  #causesOf(end: End): End[] {
    const [kind, id] = parts(end);
    const task = this.source.task(id);
    if (task === undefined) return [];
    if (kind === "output") return [`call ${id}`, ...this.#inside(id).result.map(([, ref]): End => `output ${ref}`)];
    const used = this.dependencies(id).map((ref): End => `output ${ref}`);
    return task.scope == null ? used : [...used, `call ${task.scope}`];
  }

  #effectsOf(end: End): End[] {
    const [kind, id] = parts(end);
    const task = this.source.task(id);
    if (task === undefined) return [];
    if (kind === "call") return [`output ${id}`, ...[...this.#inside(id).tasks].map((child): End => `call ${child}`)];
    const beside = this.#beside(id);
    const users = (beside.users.get(id) ?? []).map((user): End => `call ${user}`);
    return task.scope != null && beside.used.has(id) ? [...users, `output ${task.scope}`] : users;
  }

  #beside(id: string): Scope {
    const scope = this.source.task(id)?.scope;
    return scope == null ? NOTHING : this.#inside(scope);
  }

  #inside(id: string): Scope {
    let found = this.#scopes.get(id);
    if (found === undefined) this.#scopes.set(id, (found = this.#made(id)));
    return found;
  }

  #made(id: string): Scope {
    const inside = this.source.children(id);
    const result = this.source.result(id);
    if (inside.length === 0 && result === undefined) return NOTHING;
    const tasks = new Set(inside.map((task) => task.id));
    const users = new Map<string, string[]>();
    for (const task of inside) {
      for (const ref of this.dependencies(task.id)) {
        const known = users.get(ref);
        if (known === undefined) users.set(ref, [task.id]);
        else known.push(task.id);
      }
    }
    const named = result === undefined ? [] : namedRefs("", result).filter(([, ref]) => tasks.has(ref));
    return { tasks, users, result: named, used: new Set(named.map(([, ref]) => ref)) };
  }
}

const NOTHING: Scope = { tasks: new Set(), users: new Map(), result: [], used: new Set() };

function parts(end: End): ["call" | "output", string] {
  const at = end.indexOf(" ");
  return [end.slice(0, at) as "call" | "output", end.slice(at + 1)];
}

/** The arguments of a task with their names; `argument 1` for a positional one. */
export function argumentsOf(task: Task): [string, Arg][] {
  return [...(task.args ?? []).map((arg, i): [string, Arg] => [`argument ${i + 1}`, arg]), ...entriesOf(task.kwargs)];
}

/** Ids of the tasks whose outputs a task needs, each once, in the order of its arguments. */
export function dependenciesOf(task: Task): string[] {
  return [...new Set(linksOf(task).map((link) => link.task))];
}

/** The tasks that an argument draws on, each with the path in the argument at which its output stands. */
export function namedRefs(name: string, arg: Arg): [string, string][] {
  const found: [string, string][] = [];
  const stack: [string, Arg][] = [[name, arg]];
  for (let next = stack.pop(); next; next = stack.pop()) {
    const [path, each] = next;
    if (each.ref !== undefined) {
      found.push([path, each.ref]);
    } else if (each.list !== undefined) {
      for (let i = each.list.length - 1; i >= 0; i--) stack.push([`${path}[${i}]`, each.list[i]!]);
    } else if (each.dict !== undefined) {
      for (const [key, item] of entriesOf(each.dict).reverse()) stack.push([`${path}[${quoted(key)}]`, item]);
    }
  }
  return found;
}

function linksOf(task: Task): Link[] {
  return argumentsOf(task).flatMap(([name, arg]) => namedRefs(name, arg).map(([through, ref]) => ({ task: ref, through })));
}

function distinct(links: Link[]): Link[] {
  const found = new Map(links.map((link) => [JSON.stringify([link.task, link.through]), link]));
  return [...found.values()];
}

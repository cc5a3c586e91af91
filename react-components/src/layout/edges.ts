/**
 * Edges as they are drawn: between what stands for each end. A closed fan stands for its members. An open one stands for them only
 * towards what is linked to every one of them: four thousand arrows from one task say no more than one arrow to all.
 */
import type { Fan } from "./fans";

/** `data`: an output is used. `result`: an output is (part of) what a group gives back. `input`: a call with the graph's input. */
export type EdgeKind = "data" | "result" | "input";

export interface GraphEdge {
  id: string;
  from: string;
  to: string;
  /** How many links between tasks it stands for. */
  count: number;
  kind: EdgeKind;
}

type Pair = readonly [from: string, to: string];

/** The edges of one kind within one scope. `fanOf`: the fan of a task that is in one. */
export function drawnEdges(pairs: Iterable<Pair>, kind: EdgeKind, fanOf: ReadonlyMap<string, Fan>, open: ReadonlySet<string>): GraphEdge[] {
  const shown = (id: string) => {
    const fan = fanOf.get(id);
    return fan === undefined || open.has(fan.id) ? id : fan.id;
  };
  const counts = new Map<string, Map<string, number>>();
  for (const [from, to] of pairs) count(counts, shown(from), shown(to), 1);
  const joined = turned(joinTargets(turned(joinTargets(counts, fanOf)), fanOf));
  const edges: GraphEdge[] = [];
  for (const [from, ends] of joined) {
    for (const [to, count] of ends) edges.push({ id: JSON.stringify([kind, from, to]), from, to, count, kind });
  }
  return edges;
}

/** Where a row leads to all members of a fan, it leads to the fan. */
function joinTargets(rows: Map<string, Map<string, number>>, fanOf: ReadonlyMap<string, Fan>): Map<string, Map<string, number>> {
  const joined = new Map<string, Map<string, number>>();
  for (const [from, ends] of rows) {
    const reached = new Map<string, number>();
    for (const to of ends.keys()) {
      const fan = fanOf.get(to);
      if (fan !== undefined) reached.set(fan.id, (reached.get(fan.id) ?? 0) + 1);
    }
    for (const [to, links] of ends) {
      const fan = fanOf.get(to);
      count(joined, from, fan !== undefined && reached.get(fan.id) === fan.members.length ? fan.id : to, links);
    }
  }
  return joined;
}

function turned(rows: Map<string, Map<string, number>>): Map<string, Map<string, number>> {
  const other = new Map<string, Map<string, number>>();
  for (const [from, ends] of rows) for (const [to, links] of ends) count(other, to, from, links);
  return other;
}

function count(rows: Map<string, Map<string, number>>, from: string, to: string, links: number): void {
  let ends = rows.get(from);
  if (ends === undefined) rows.set(from, (ends = new Map<string, number>()));
  ends.set(to, (ends.get(to) ?? 0) + links);
}

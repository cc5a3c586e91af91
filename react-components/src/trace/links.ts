import type { RunView } from "./view";
import type { Arg } from "./types";
export interface Link { task: string; through: string }
function refs(name: string, a: Arg): [string, string][] { if (a.ref !== undefined) return [[name, a.ref]]; return [...(a.list ?? []).flatMap((x, i) => refs(`${name}[${i}]`, x)), ...Object.entries(a.dict ?? {}).flatMap(([k, x]) => refs(`${name}['${k}']`, x))]; }
export class Links {
  constructor(private view: RunView) {}
  causes(id: string): Link[] {
    const t = this.view.task(id); if (!t) return [];
    const args: [string, Arg][] = [...(t.args ?? []).map((a, i): [string, Arg] => [`argument ${i + 1}`, a]), ...Object.entries(t.kwargs ?? {})];
    const out = args.flatMap(([n, a]) => refs(n, a)).map(([through, task]) => ({ task, through }));
    const r = this.view.result(id); if (r) out.push(...refs("", r).map(([p, task]) => ({ task, through: `its output${p}` })));
    if (t.scope != null) out.push({ task: t.scope, through: "declared by it" });
    return out;
  }
  effects(id: string): Link[] {
    const t = this.view.task(id); if (!t) return [];
    const sibs = t.scope != null ? this.view.children(t.scope) : [];
    const out = sibs.flatMap((s) => this.causes(s.id).filter((l) => l.task === id && l.through !== "declared by it" && !l.through.startsWith("its output")).map((l) => ({ task: s.id, through: l.through })));
    out.push(...this.view.children(id).map((c) => ({ task: c.id, through: "declared by it" })));
    return out;
  }
  upstream(id: string): ReadonlySet<string> { return this.reach(id, (x) => this.causes(x)); }
  downstream(id: string): ReadonlySet<string> { return this.reach(id, (x) => this.effects(x)); }
  private reach(id: string, f: (x: string) => Link[]) { const s = new Set([id]); for (const x of s) for (const l of f(x)) s.add(l.task); return s; }
}

/** The middle: one of graph, timeline, runs, edits, comparison. */
import { EditList, GraphView, RunComparison, RunTree, Timeline, useTrace } from "llmtaskgraph-react";

export type Tab = "graph" | "timeline" | "runs" | "edits" | "compare";

export interface MiddleProps {
  tab: Tab;
  onTab(tab: Tab): void;
  compared: [number, number] | undefined;
  onCompare(before: number, after: number): void;
}

export function Middle({ tab, onTab, compared, onCompare }: MiddleProps) {
  const { store, run } = useTrace();
  const pair = compared && compared.every((id) => store.runs.has(id)) ? compared : undefined;
  const tabs: [Tab, string][] = [
    ["graph", "Graph"],
    ["timeline", "Timeline"],
    ["runs", `Runs ${store.runs.size || ""}`],
    ["edits", `Edits ${store.edits.size || ""}`],
  ];
  if (pair) tabs.push(["compare", `${pair[0]} ↔ ${pair[1]}`]);
  const shown = tab === "compare" && !pair ? "runs" : tab;
  return (
    <section className="middle">
      <div className="tabs" role="tablist" aria-label="views" onKeyDown={(event) => arrows(event, tabs.map(([name]) => name), shown, onTab)}>
        {tabs.map(([name, label]) => (
          <button key={name} type="button" role="tab" id={`tab-${name}`} aria-selected={name === shown} tabIndex={name === shown ? 0 : -1} onClick={() => onTab(name)}>
            {label}
          </button>
        ))}
      </div>
      <div className="tab" role="tabpanel" aria-labelledby={`tab-${shown}`}>
        {shown === "graph" && <GraphView key={run?.id} />}
        {shown === "timeline" && <Timeline />}
        {shown === "runs" && <RunTree onCompare={onCompare} />}
        {shown === "edits" && <EditList />}
        {shown === "compare" && pair && <RunComparison key={pair.join()} before={pair[0]} after={pair[1]} />}
      </div>
    </section>
  );
}

function arrows(event: React.KeyboardEvent, names: Tab[], shown: Tab, onTab: (tab: Tab) => void) {
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (by === undefined) return;
  event.preventDefault();
  const to = names[(names.indexOf(shown) + by + names.length) % names.length]!;
  onTab(to);
  document.getElementById(`tab-${to}`)?.focus();
}

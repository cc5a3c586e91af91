/** The graph of a run, drawn: sub-graphs open and close, many tasks of one function are one stack, and what the selected task depends
 * on, and what depends on it, stands out. */
import { Background, Controls, MiniMap, Panel, ReactFlow, ReactFlowProvider, useReactFlow, useStore, useStoreApi, type ReactFlowInstance } from "@xyflow/react";
import { useCallback, useEffect, useMemo, useRef, type KeyboardEvent } from "react";
import { useTrace } from "../hooks/TraceProvider";
import { useCalm } from "../hooks/useCalm";
import { revealing } from "../layout/reveal";
import { visible } from "../trace/format";
import type { RunView } from "../trace/view";
import { beginning, isThere } from "./graph/beginning";
import { NearContext, nearOf } from "./graph/near";
import { EDGE_TYPES, NODE_TYPES } from "./graph/nodes";
import { flowEdges, flowNodes, type FlowEdge, type FlowNode } from "./graph/flow";
import { GraphSearch } from "./graph/GraphSearch";
import { useLayout } from "./graph/useLayout";
import { useOpen } from "./graph/useOpen";
import { walk } from "./graph/walk";

export interface GraphViewProps {
  className?: string;
}

/** More nodes than this on a small map are a grey block, and each of them looks at every move. */
const MAPPED = 600;

/** Milliseconds: while a run grows its graph is laid out so often. */
const BETWEEN_LAYOUTS = 400;

export function GraphView({ className = "" }: GraphViewProps) {
  const { view, run } = useTrace();
  if (!view?.root) return <p className={`ltg-empty ${className}`}>{run ? "This run has no tasks." : "There is no run yet."}</p>;
  return (
    <div className={`ltg-graph ${className}`}>
      <ReactFlowProvider>
        <Graph view={view} />
      </ReactFlowProvider>
    </div>
  );
}

function Graph({ view }: { view: RunView }) {
  const { store, selected, select, makeWorker } = useTrace();
  const structure = useCalm(store.structureVersion, BETWEEN_LAYOUTS);
  const opening = useOpen(view, structure);
  const { open, fans, reveal } = opening;
  const drawing = useLayout(view, structure, open, fans, makeWorker);
  const near = useMemo(() => nearOf(view, selected), [view, structure, selected]); // eslint-disable-line react-hooks/exhaustive-deps -- a view changes with the structure
  const nodes = useMemo(() => (drawing ? flowNodes(drawing) : []), [drawing]);
  const edges = useMemo(() => (drawing ? flowEdges(drawing) : []), [drawing]);
  const context = useMemo(() => ({ near, toggle: opening.toggle }), [near, opening.toggle]);
  const onMove = useViewport(nodes, view, selected, reveal);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement || !drawing) return;
    if (event.key === "Enter" || event.key === " ") {
      const node = selected === undefined ? undefined : drawing.model.nodes.get(selected);
      if (node?.kind !== "group") return;
      event.preventDefault();
      opening.toggle(node.id);
      return;
    }
    const next = walk(drawing, selected, event.key);
    if (next === undefined) return;
    event.preventDefault();
    select(next);
  };
  return (
    <NearContext value={context}>
      <div className="ltg-graph-keys" style={{ height: "100%" }} role="group" aria-roledescription="graph" aria-label="graph of the tasks: arrow keys follow the dependencies, Enter opens" tabIndex={0} onKeyDown={onKeyDown}>
        <ReactFlow<FlowNode, FlowEdge>
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onNodeClick={(_, node) => node.data.node.taskId !== undefined && select(node.data.node.taskId)}
          onNodeDoubleClick={(_, node) => node.data.node.open !== undefined && opening.toggle(node.id)}
          onPaneClick={() => select(undefined)}
          onMoveStart={(event) => event && onMove()}
          onlyRenderVisibleElements={nodes.length > 150}
          nodesDraggable={false}
          nodesConnectable={false}
          nodesFocusable={false}
          edgesFocusable={false}
          elementsSelectable={false}
          zoomOnDoubleClick={false}
          minZoom={0.02}
          maxZoom={2}
          disableKeyboardA11y
        >
          <Background gap={24} />
          <Controls showInteractive={false} />
          {nodes.length <= MAPPED && <MiniMap pannable zoomable nodeColor={(node) => colourOf(view, node as FlowNode)} />}
          <Panel position="top-left">
            <GraphSearch view={view} structure={structure} onFound={(id) => select(id)} />
          </Panel>
        </ReactFlow>
      </div>
      <span className="ltg-unseen" aria-live="polite">
        {selected !== undefined && view.has(selected) && `${visible(selected)}, ${view.status(selected)}`}
      </span>
    </NearContext>
  );
}

/** The drawing fits into the window until a person moves it; a task that is selected is brought into it. Returns what to call on a move. */
function useViewport(nodes: FlowNode[], view: RunView, selected: string | undefined, reveal: (what: ReturnType<typeof revealing>) => void): () => void {
  const flow = useReactFlow<FlowNode>();
  const { getState } = useStoreApi();
  const size = useStore((state) => `${state.width} ${state.height}`); // it changes when a window that was hidden is shown
  const moved = useRef(false);
  const shown = useRef<string>(undefined);
  const first = useRef(true);
  useEffect(() => {
    if (nodes.length === 0 || moved.current) return;
    const instant = first.current;
    first.current = false;
    const timer = setTimeout(() => moved.current || void fit(flow, boxOf(getState().domNode), instant ? 0 : 200), 0); // unless a task was brought into it meanwhile
    return () => clearTimeout(timer);
  }, [nodes, flow, size, getState]);
  useEffect(() => {
    if (selected === undefined || !view.has(selected) || shown.current === selected || !boxOf(getState().domNode)) return;
    const node = flow.getInternalNode(selected);
    if (!node) {
      reveal(revealing(view, selected));
      return; // it is brought into the window when it is laid out
    }
    shown.current = selected;
    const { x, y } = node.internals.positionAbsolute;
    const [width, height] = [node.width ?? 200, node.height ?? 56];
    const a = flow.flowToScreenPosition({ x, y });
    const b = flow.flowToScreenPosition({ x: x + width, y: y + height });
    const box = boxOf(getState().domNode);
    if (!box || (a.x >= box.left && b.x <= box.right && a.y >= box.top && b.y <= box.bottom)) return;
    moved.current = true; // or the next layout would take it out of sight again
    void flow.setCenter(x + Math.min(width, 600) / 2, y + Math.min(height, 400) / 2, { zoom: Math.max(flow.getZoom(), 0.6), duration: 200 });
  }, [selected, nodes, view, flow, reveal, size, getState]);
  return useCallback(() => {
    moved.current = true;
  }, []);
}

/** The window; undefined while it is hidden: then there is no place to move to. */
function boxOf(element: Element | null): DOMRect | undefined {
  const box = element?.getBoundingClientRect();
  return box && box.width > 0 && box.height > 0 ? box : undefined;
}

/** Below this zoom nothing can be read: what is larger begins at its first task, and the small map shows the whole. */
const READABLE = 0.6;

async function fit(flow: ReactFlowInstance<FlowNode>, box: DOMRect | undefined, duration: number) {
  const bounds = flow.getNodesBounds(flow.getNodes());
  if (!box) return;
  if (Math.min(box.width / bounds.width, box.height / bounds.height) * 0.92 >= READABLE) {
    await flow.fitView({ padding: 0.08, maxZoom: 1.1, duration });
    return;
  }
  const first = flow.getNodes().reduce((found, node) => (node.parentId === undefined && node.position.x < found.position.x ? node : found));
  const { position, width = 0, height = 0 } = first;
  const to = beginning(bounds, { ...position, width, height }, box, READABLE);
  if (!isThere(flow.getViewport(), to)) await flow.setViewport(to, { duration }); // a move to where it is draws a dozen frames
}

function colourOf(view: RunView, { data: { node } }: FlowNode): string {
  if (node.taskId === undefined || node.kind === "input") return "var(--ltg-waiting)";
  return node.open ? "var(--ltg-hover)" : `var(--ltg-${view.status(node.taskId)}, var(--ltg-waiting))`;
}

/** How nodes and edges of the graph look: a task, an open group, a stack of tasks of one function, the input; a link. */
import { BaseEdge, BezierEdge, Handle, Position, type EdgeProps, type EdgeTypes, type NodeProps, type NodeTypes } from "@xyflow/react";
import { memo, useContext, type ReactNode } from "react";
import { useTrace } from "../../hooks/TraceProvider";
import { sumOf, type GraphTotals } from "../../layout/totals";
import { cost, seconds, visible } from "../../trace/format";
import type { Status } from "../../trace/view";
import { GLYPH, OriginGlyphs, StatusGlyph } from "../marks";
import { isNearEdge, isNearNode, type FlowEdge, type FlowNode } from "./flow";
import { NearContext } from "./near";

const WORST: Status[] = ["failed", "running", "blocked", "cancelled", "ready", "waiting", "succeeded"];

const TaskNode = memo(function TaskNode({ data: { node } }: NodeProps<FlowNode>) {
  const { view, selected, marks } = useTrace();
  const { near, toggle } = useContext(NearContext);
  const id = node.taskId!;
  if (!view?.has(id)) return null;
  const row = view.row(id);
  const mark = marks.get(id);
  const totals = view.totals(id);
  const classes = ["ltg-node", `ltg-node-${row.status}`];
  if (row.origin === "reused") classes.push("ltg-node-reused");
  if (row.origin === "edited" || row.pending.length > 0) classes.push("ltg-node-edited");
  if (mark) classes.push("ltg-node-stale");
  if (selected === id) classes.push("ltg-node-selected");
  else if (near && !isNearNode(near, node)) classes.push("ltg-node-aside");
  const closed = node.kind === "group" && totals.tasks > 1;
  return (
    <Framed className={classes.join(" ")} title={id}>
      <span className="ltg-node-title">
        <StatusGlyph status={row.status} />
        <span className={`ltg-name ltg-type-${row.task.type}`}>{visible(node.label)}</span>
        <OriginGlyphs row={row} mark={mark} />
        {node.result && <span className="ltg-faint" role="img" aria-label="gives the output of its graph" title="gives the output of its graph">⇥</span>}
        {closed && <OpenButton id={node.id} label={`open ${visible(node.label)}`} toggle={toggle} glyph="▸" />}
      </span>
      <span className="ltg-node-facts">{facts(totals, closed ? counted(totals) : (row.task.function ?? ""))}</span>
    </Framed>
  );
});

const FanNode = memo(function FanNode({ data: { node } }: NodeProps<FlowNode>) {
  const { view, selected } = useTrace();
  const { near, toggle } = useContext(NearContext);
  const members = node.members ?? [];
  const totals = view ? sumOf(members.map((id) => view.totals(id))) : node.totals!;
  const status = WORST.find((each) => totals.byStatus[each]) ?? "waiting";
  const classes = ["ltg-node", "ltg-node-fan", `ltg-node-${status}`];
  if (selected !== undefined && members.includes(selected)) classes.push("ltg-node-selected");
  else if (near && !isNearNode(near, node)) classes.push("ltg-node-aside");
  return (
    <Framed className={classes.join(" ")} title={node.label}>
      <span className="ltg-node-title">
        <StatusGlyph status={status} />
        <span className="ltg-name">{visible(node.label)}</span>
        <OpenButton id={node.id} label={`open ${visible(node.label)}`} toggle={toggle} glyph="▸" />
      </span>
      <span className="ltg-node-facts">{facts(totals, counted(totals))}</span>
    </Framed>
  );
});

const GroupNode = memo(function GroupNode({ data: { node } }: NodeProps<FlowNode>) {
  const { view, selected, marks } = useTrace();
  const { toggle } = useContext(NearContext);
  const row = node.kind === "group" && node.taskId !== undefined && view?.has(node.taskId) ? view.row(node.taskId) : undefined;
  return (
    <div className={`ltg-group ${row && selected === node.taskId ? "ltg-group-selected" : ""}`}>
      <Ends />
      <header title={visible(node.taskId ?? node.label)}>
        {row && <StatusGlyph status={row.status} />}
        <span className="ltg-name ltg-type-graph">{visible(node.label)}</span>
        {row && <OriginGlyphs row={row} mark={marks.get(row.task.id)} />}
        <OpenButton id={node.id} label={`close ${visible(node.label)}`} toggle={toggle} glyph="▾" />
      </header>
    </div>
  );
});

const InputNode = memo(function InputNode({ data: { node } }: NodeProps<FlowNode>) {
  const { selected } = useTrace();
  const { near } = useContext(NearContext);
  const classes = ["ltg-node", "ltg-node-input"];
  if (selected === node.taskId) classes.push("ltg-node-selected");
  else if (near) classes.push("ltg-node-aside");
  return (
    <Framed className={classes.join(" ")} title="the input of the graph">
      <span className="ltg-node-title">{visible(node.label)}</span>
    </Framed>
  );
});

const Link = memo(function Link(props: EdgeProps<FlowEdge>) {
  const { near } = useContext(NearContext);
  const { from, to, way } = props.data!;
  const { markerEnd, label } = props;
  return (
    <g className={near ? (isNearEdge(near, from, to) ? "ltg-edge-near" : "ltg-edge-aside") : ""}>
      {way ? <BaseEdge path={way.path} markerEnd={markerEnd} label={label} labelX={way.x} labelY={way.y} /> : <BezierEdge {...props} />}
    </g>
  );
});

export const EDGE_TYPES: EdgeTypes = { link: Link };

export const NODE_TYPES: NodeTypes = { task: TaskNode, frame: GroupNode, fan: FanNode, given: InputNode };

function Framed({ className, title, children }: { className: string; title: string; children: ReactNode }) {
  return (
    <div className={className} title={visible(title)}>
      <Ends />
      {children}
    </div>
  );
}

function Ends() {
  return (
    <>
      <Handle type="target" position={Position.Left} isConnectable={false} />
      <Handle type="source" position={Position.Right} isConnectable={false} />
    </>
  );
}

function OpenButton({ id, label, glyph, toggle }: { id: string; label: string; glyph: string; toggle(id: string): void }) {
  return (
    <button
      type="button"
      tabIndex={-1}
      className="ltg-twist"
      aria-label={label}
      onClick={(event) => {
        event.stopPropagation();
        toggle(id);
      }}
      onDoubleClick={(event) => event.stopPropagation()}
    >
      {glyph}
    </button>
  );
}

function facts(totals: GraphTotals, first: string): string {
  const parts = [visible(first)];
  if (totals.seconds !== undefined) parts.push(seconds(totals.seconds));
  if (totals.cost !== undefined) parts.push(cost(totals.cost));
  return parts.filter(Boolean).join(" · ");
}

function counted(totals: GraphTotals): string {
  return WORST.filter((status) => totals.byStatus[status])
    .map((status) => `${GLYPH[status]}${totals.byStatus[status]!.toLocaleString("en")}`)
    .join(" ");
}

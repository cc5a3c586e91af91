/** When things happened: a bar for each task that ran in the run, in the order of their starts, with its attempts inside. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { useTrace } from "../hooks/TraceProvider";
import { useCalm } from "../hooks/useCalm";
import { seconds, visible } from "../trace/format";
import type { Run, TaskRun } from "../trace/types";
import { StatusGlyph } from "./marks";
import { useNow } from "./RunHeader";

const ROW = 24;
const FIRST = { width: 600, height: 600 }; // before the size is known

/** Milliseconds. */
const BETWEEN_BARS = 250;

interface Bar {
  seen: TaskRun;
  started: number;
}

export function Timeline({ className = "" }: { className?: string }) {
  const { run, view, store, version, selected, select } = useTrace();
  const calm = useCalm(version, BETWEEN_BARS);
  const now = useNow(run?.status === "running");
  const scroller = useRef<HTMLDivElement>(null);
  const bars = useMemo(() => {
    const own = [...(run && view ? store.ownOf(run.id) : [])].flatMap((seen) => (seen.started != null && view!.has(seen.task) ? [{ seen, started: seen.started }] : []));
    return own.sort((a, b) => a.started - b.started);
  }, [view, calm, run?.id]); // eslint-disable-line react-hooks/exhaustive-deps -- a view changes with its version
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are made by functions of the virtualizer, which is not memoized
  const virtual = useVirtualizer({ count: bars.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 12, initialRect: FIRST });
  if (!run || bars.length === 0) return <p className={`ltg-empty ${className}`}>Nothing was executed in this run: every value is from an earlier one.</p>;
  const span = spanOf(run, bars, now);
  return (
    <div className={`ltg-timeline ${className}`}>
      <Scale from={span.from} to={span.to} />
      <div ref={scroller} className="ltg-bars" role="list" aria-label="when tasks ran" tabIndex={0}>
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => (
            <BarRow key={item.key} bar={bars[item.index]!} scope={view?.parentOf(bars[item.index]!.seen.task)} span={span} top={item.start} now={now} selected={bars[item.index]!.seen.task === selected} onSelect={select} />
          ))}
        </div>
      </div>
    </div>
  );
}

interface Span {
  from: number;
  to: number;
}

interface BarRowProps {
  bar: Bar;
  /** Id of the graph that it is in. */
  scope: string | undefined;
  span: Span;
  top: number;
  now: number;
  selected: boolean;
  onSelect(id: string): void;
}

function BarRow({ bar, scope, span, top, now, selected, onSelect }: BarRowProps) {
  const { seen, started } = bar;
  const named = scope === undefined ? 0 : scope.length + 1;
  const ended = seen.ended ?? (seen.status === "running" ? now : started);
  const status = seen.status ?? "running";
  return (
    <div role="listitem" style={{ transform: `translateY(${top}px)` }} className="ltg-bar-row">
      <button type="button" aria-pressed={selected} onClick={() => onSelect(seen.task)} title={`${visible(seen.task)}: ${seconds(ended - started)}`}>
        <span className="ltg-bar-name">
          <StatusGlyph status={status} />
          <span className="ltg-scope">{visible(seen.task.slice(0, named))}</span>
          <span>{visible(seen.task.slice(named))}</span>
        </span>
        <span className="ltg-bar-track">
          <span className={`ltg-bar ltg-bar-${status}`} style={place(span, started, ended)} />
          {(seen.attempts ?? []).slice(0, 50).map((attempt, index) => (
            <span key={index} className={`ltg-bar-attempt ltg-bar-${attempt.status ?? "running"}`} style={place(span, attempt.started, attempt.ended ?? ended)} />
          ))}
        </span>
        <span className="ltg-figures">{seconds(ended - started)}</span>
      </button>
    </div>
  );
}

function Scale({ from, to }: Span) {
  const whole = to - from;
  const marks = [0, 0.25, 0.5, 0.75, 1];
  return (
    <div className="ltg-scale" aria-hidden="true">
      <span className="ltg-bar-track">
        {marks.map((mark) => (
          <span key={mark} style={{ insetInlineStart: `${mark * 100}%`, transform: `translateX(${-mark * 100}%)` }}>
            {seconds(whole * mark)}
          </span>
        ))}
      </span>
    </div>
  );
}

function spanOf(run: Run, bars: Bar[], now: number): Span {
  let to = run.ended ?? (run.status === "running" ? now : run.started);
  for (const { seen, started } of bars) to = Math.max(to, seen.ended ?? started);
  return { from: Math.min(run.started, bars[0]!.started), to: Math.max(to, run.started + 0.001) };
}

function place(span: Span, started: number, ended: number) {
  const whole = span.to - span.from;
  const left = Math.max(0, Math.min(1, (started - span.from) / whole));
  const width = Math.max(0, Math.min(1 - left, (ended - started) / whole));
  return { insetInlineStart: `${left * 100}%`, width: `max(2px, ${width * 100}%)` };
}

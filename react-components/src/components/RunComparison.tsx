/** Two runs beside each other: which tasks are the same, which differ and where that began, and the words that differ. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef, useState } from "react";
import { useTrace } from "../hooks/TraceProvider";
import { compareRuns, whyOf, type Pair } from "../trace/compare";
import { decodeMessage, decodeMessages, jsonText, prettyJson } from "../trace/decode";
import { cost, seconds, visible, visibleText } from "../trace/format";
import type { Message, Stage, TaskRun } from "../trace/types";
import { diffWords } from "../trace/words";
import { isLeftOut } from "../hooks/useTask";

export interface RunComparisonProps {
  className?: string;
  before: number;
  after: number;
}

const WORDS = { "=": "the same", "~": "different", "+": "only in the later run", "−": "only in the earlier run" };
const ROW = 24;
const FIRST = { width: 600, height: 200 }; // before the size is known

export function RunComparison({ className = "", before, after }: RunComparisonProps) {
  const { store, version, selected, select } = useTrace();
  const found = useMemo(() => compareRuns(store, before, after), [store, version, before, after]); // eslint-disable-line react-hooks/exhaustive-deps -- the store changes with its version
  const [all, setAll] = useState(false);
  const shown = [...found.pairs.entries()].filter(([, pair]) => all || pair.mark !== "=");
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are made by functions of the virtualizer, which is not memoized
  const virtual = useVirtualizer({ count: shown.length, getScrollElement: () => scroller.current, estimateSize: () => ROW, overscan: 10, initialRect: FIRST });
  const first = found.pairs[found.first];
  const pair = found.pairs.find((each) => each.id === selected) ?? first;
  const { before: took, after: takes } = found.spent;
  return (
    <section className={`ltg-comparison ${className}`} aria-label={`run ${before} and run ${after}`}>
      <h2>run {before} ↔ run {after}</h2>
      <p>
        {(Object.keys(WORDS) as Pair["mark"][]).filter((mark) => found.counts[mark] > 0).map((mark) => (
          <span key={mark} className={`ltg-pair-count ltg-mark-${NAMES[mark]}`}>{mark} {found.counts[mark].toLocaleString("en")} {WORDS[mark]}</span>
        ))}
        {took.seconds !== undefined && takes.seconds !== undefined && <span className="ltg-faint"> {signed(takes.seconds - took.seconds, seconds)}</span>}
        {(took.cost ?? takes.cost) !== undefined && <span className="ltg-faint"> {signed((takes.cost ?? 0) - (took.cost ?? 0), cost)}</span>}
      </p>
      <p>
        {first ? <>The first that differs: <button type="button" className="ltg-link" onClick={() => select(first.id)}>{visible(first.id)}</button> <span className="ltg-faint">{first.stage} {visible(whyOf(found, found.first))}</span></> : "Both runs have the same values."}
        {" "}<label className="ltg-faint"><input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} /> also what is the same</label>
      </p>
      <div ref={scroller} className="ltg-pairs" tabIndex={0} role="list" aria-label="tasks of both runs">
        <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map((item) => {
            const [place, each] = shown[item.index]!;
            return (
              <div key={place} role="listitem" style={{ transform: `translateY(${item.start}px)` }}>
                <button type="button" className="ltg-pair" aria-pressed={each === pair} onClick={() => select(each.id)}>
                  <span className={`ltg-mark-${NAMES[each.mark]}`} title={WORDS[each.mark]}>{each.mark}</span> {visible(each.id)} <span className="ltg-faint">{each.stage} {visible(whyOf(found, place))}</span>
                </button>
              </div>
            );
          })}
        </div>
      </div>
      {pair && <PairView key={pair.id} pair={pair} />}
    </section>
  );
}

const NAMES: Record<Pair["mark"], string> = { "=": "same", "~": "other", "+": "added", "−": "removed" };
const STAGES = ["prompt", "response", "output"] as const;

function PairView({ pair }: { pair: Pair }) {
  const { backend } = useTrace();
  const [problem, setProblem] = useState("");
  const status = [pair.before?.status ?? "", pair.after?.status ?? ""] as const;
  useEffect(() => {
    for (const taskRun of [pair.before, pair.after]) {
      if (taskRun && STAGES.some((name) => taskRun[name] && isLeftOut(taskRun[name]))) backend.load?.({ taskRun }).catch((error: Error) => setProblem(error.message));
    }
  }, [backend, pair]);
  return (
    <div className="ltg-pair-detail">
      <h3>{visible(pair.id)}</h3>
      {problem && <p className="ltg-problem" role="alert">{visible(problem)}</p>}
      {STAGES.map((name) => <StagePair key={name} name={name} before={pair.before} after={pair.after} />)}
      {status[0] !== status[1] && <p>status: {status[0] || "not there"} → {status[1] || "not there"}</p>}
      {pair.mark === "=" && status[0] === status[1] && <p className="ltg-faint">the same in both runs</p>}
    </div>
  );
}

function StagePair({ name, before, after }: { name: (typeof STAGES)[number]; before?: TaskRun; after?: TaskRun }) {
  const old = textOf(before?.[name]);
  const now = textOf(after?.[name]);
  const pieces = useMemo(() => (old === now ? [] : diffWords(old, now)), [old, now]);
  if (pieces.length === 0) return null;
  return (
    <section className="ltg-section" aria-label={name}>
      <h3>{name}</h3>
      <pre className="ltg-text">
        {pieces.map((piece, index) => piece.kind === "same" ? <span key={index}>{shortened(piece.text)}</span> : piece.kind === "added" ? <ins key={index}>{visibleText(piece.text)}</ins> : <del key={index}>{visibleText(piece.text)}</del>)}
      </pre>
    </section>
  );
}

const CONTEXT = 400;

function shortened(text: string): string {
  return visibleText(text.length <= 3 * CONTEXT ? text : `${text.slice(0, CONTEXT)}\n … \n${text.slice(-CONTEXT)}`);
}

function textOf(stage: Stage | null | undefined): string {
  if (stage?.value === undefined) return "";
  const one = decodeMessage(stage.value);
  const messages = one ? [one] : decodeMessages(stage.value);
  return messages ? messages.map(messageText).join("\n\n") : (jsonText(stage.value) ?? prettyJson(stage.value));
}

function messageText(message: Message): string {
  const parts = message.parts.map((part) => ("content" in part && part.type !== "blob" ? part.content : JSON.stringify(part)));
  return `${message.role}:\n${parts.join("\n")}`;
}

function signed(value: number, format: (value: number) => string): string {
  return `${value < 0 ? "−" : "+"}${format(Math.abs(value))}`;
}

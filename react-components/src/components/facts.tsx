/** What else is known of a task: its arguments, attempts, log, causes and effects, and how it was made. */
import { useMemo, useState } from "react";
import { useTrace } from "../hooks/TraceProvider";
import { useCalm } from "../hooks/useCalm";
import type { TaskInView } from "../hooks/useTask";
import { clock, cost, seconds, tokens, visible } from "../trace/format";
import { argumentsOf } from "../trace/links";
import { entriesOf } from "../trace/record";
import type { Arg, Attempt, Log, Task } from "../trace/types";
import { FailureView } from "./FailureView";
import { StatusGlyph } from "./marks";
import { Section } from "./Section";
import { TextView, ValueView } from "./values";

export function Arguments({ task, closed = false }: { task: Task; closed?: boolean }) {
  const all = argumentsOf(task);
  if (all.length === 0) return null;
  return (
    <details className="ltg-section" open={!closed}>
      <summary>
        <h3>{task.scope == null ? "input" : "arguments"}</h3>
      </summary>
      <dl className="ltg-arguments">
        {all.map(([name, arg]) => (
          <div key={name}>
            <dt>{visible(name)}</dt>
            <dd>
              <ArgView arg={arg} />
            </dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

const DEEPEST = 20;

/** So many items are shown at first, and ten times as many with each wish for more. */
const ITEMS = 100;

function ArgView({ arg, depth = 0 }: { arg: Arg; depth?: number }) {
  const [shown, setShown] = useState(ITEMS);
  const more = () => setShown(shown * 10);
  if (arg.ref !== undefined) return <TaskLink id={arg.ref} />;
  if (arg.value !== undefined) return <ValueView value={arg.value} />;
  if (arg.size !== undefined) return <span className="ltg-faint">loading {arg.size.toLocaleString("en")} bytes …</span>;
  if (depth > DEEPEST) return <span className="ltg-faint">…</span>;
  if (arg.list) {
    return (
      <ol className="ltg-args" start={0}>
        {arg.list.slice(0, shown).map((item, index) => (
          <li key={index}><ArgView arg={item} depth={depth + 1} /></li>
        ))}
        {arg.list.length > shown && <li><More count={arg.list.length - shown} onMore={more} /></li>}
      </ol>
    );
  }
  const entries = entriesOf(arg.dict);
  return (
    <dl className="ltg-args">
      {entries.slice(0, shown).map(([key, item]) => (
        <div key={key}><dt>{visible(key)}</dt><dd><ArgView arg={item} depth={depth + 1} /></dd></div>
      ))}
      {entries.length > shown && <div><dd><More count={entries.length - shown} onMore={more} /></dd></div>}
    </dl>
  );
}

function More({ count, onMore }: { count: number; onMore(): void }) {
  return <button type="button" className="ltg-link ltg-faint" onClick={onMore}>{count.toLocaleString("en")} more</button>;
}

export function Attempts({ attempts, logs }: { attempts: Attempt[]; logs: Log[] }) {
  const worthTelling = attempts.some((attempt) => attempt.usage || attempt.error || attempt.partial || attempts.length > 1 || attempt.ended == null);
  return (
    <>
      {worthTelling && (
        <Section name="attempts">
          <ol className="ltg-attempts">
            {attempts.map((attempt, index) => (
              <li key={index}>
                <AttemptView attempt={attempt} />
              </li>
            ))}
          </ol>
        </Section>
      )}
      {logs.length > 0 && (
        <Section name="log">
          <ol className="ltg-log">
            {logs.slice(-500).map((log, index) => (
              <li key={index}><span className="ltg-faint">{clock(log.at)} {visible(log.level ?? "info")}</span> {visible(log.text)}</li>
            ))}
          </ol>
        </Section>
      )}
    </>
  );
}

function AttemptView({ attempt }: { attempt: Attempt }) {
  const { usage } = attempt;
  const facts = [
    clock(attempt.started),
    attempt.ended == null ? (attempt.status === "running" ? "under way" : "no end recorded: it may have been paid for") : seconds(attempt.ended - attempt.started),
    attempt.model != null ? visible(attempt.model) : "",
    usage ? `${tokens(usage.input_tokens ?? undefined)} → ${tokens(usage.output_tokens ?? undefined)} tokens` : "",
    attempt.cost != null ? cost(attempt.cost) : usage ? "unpriced" : "",
    attempt.finish_reason != null ? visible(attempt.finish_reason) : "",
    attempt.wait != null ? `then waited ${seconds(attempt.wait)}` : "",
  ];
  return (
    <>
      <p><StatusGlyph status={attempt.status ?? "running"} /> {facts.filter(Boolean).join(" · ")}</p>
      {attempt.error && <FailureView failure={attempt.error} />}
      {attempt.partial != null && attempt.partial !== "" && (
        <details><summary>text that had arrived</summary><TextView text={attempt.partial} /></details>
      )}
    </>
  );
}

const LISTED = 12;

/** Milliseconds: a graph may declare thousands of tasks, one after the other. */
const BETWEEN_LINKS = 400;

export function Links({ id }: { id: string }) {
  const { store, view } = useTrace();
  const structure = useCalm(store.structureVersion, BETWEEN_LINKS);
  const lists = useMemo(() => ({ causes: view?.links.causes(id) ?? [], effects: view?.links.effects(id) ?? [] }), [view, structure, id]); // eslint-disable-line react-hooks/exhaustive-deps -- a view changes with the structure
  return (
    <>
      {Object.entries(lists).map(([name, links]) =>
        links.length === 0 ? null : (
          <Section key={name} name={name} aside={links.length > LISTED ? `${links.length.toLocaleString("en")}, the first ${LISTED}` : ""}>
            <ul className="ltg-links">
              {links.slice(0, LISTED).map((link) => (
                <li key={`${link.task} ${link.through}`}><TaskLink id={link.task} /> <span className="ltg-faint">{visible(link.through)}</span></li>
              ))}
            </ul>
          </Section>
        ),
      )}
    </>
  );
}

export function TaskLink({ id }: { id: string }) {
  const { view, select } = useTrace();
  if (!view?.has(id)) return <span className="ltg-faint">{visible(id)}</span>;
  return (
    <button type="button" className="ltg-link" onClick={() => select(id)}>
      <StatusGlyph status={view.status(id)} /> {visible(id)}
    </button>
  );
}

export function Info({ found }: { found: TaskInView }) {
  const { store } = useTrace();
  const { task, seen } = found;
  const facts = store.factsOf(task);
  const rows: [string, string | undefined][] = [
    ["id", task.id],
    ["function", task.function ?? undefined],
    ["about", facts?.doc ?? undefined],
    ["model", task.model ?? undefined],
    ["parameters", task.params],
    ["retries", task.retries?.toString()],
    ["timeout", task.timeout != null ? seconds(task.timeout) : undefined],
    ["effect", task.effect ?? undefined],
    ["executed in", seen ? `run ${seen.run}` : undefined],
    ["started", seen?.started != null ? clock(seen.started) : undefined],
    ["ended", seen?.ended != null ? clock(seen.ended) : undefined],
    ["key of the prompt", seen?.prompt?.key],
    ["key of the response", seen?.response?.key],
    ["key of the output", seen?.output?.key],
  ];
  return (
    <details className="ltg-section">
      <summary><h3>info</h3></summary>
      <dl className="ltg-info">
        {rows.map(([name, value]) => value !== undefined && value !== "" && (
          <div key={name}><dt>{name}</dt><dd>{visible(value)}</dd></div>
        ))}
      </dl>
    </details>
  );
}

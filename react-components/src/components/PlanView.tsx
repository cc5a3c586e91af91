/** What a resume would do, before it does it: how many calls, tokens and dollars, and each task with its reason. */
import { useEffect, useState } from "react";
import { useTrace } from "../hooks/TraceProvider";
import { cost, seconds, tokens, visible } from "../trace/format";
import type { PlanAnswer, Planned } from "../trace/source";
import { TaskLink } from "./facts";

export interface PlanViewProps {
  className?: string;
  onStarted?: () => void;
  onClose?: () => void;
}

const LISTED = 40;

export function PlanView({ className = "", onStarted, onClose }: PlanViewProps) {
  const { store, run, backend } = useTrace();
  const [found, setFound] = useState<{ answer: PlanAnswer; of: string }>();
  const [problem, setProblem] = useState("");
  const [code, setCode] = useState("");
  const [starting, setStarting] = useState(false);
  const [consent, setConsent] = useState(false);
  const id = run?.id;
  const of = `${id} ${store.editVersion}`; // it is planned anew when edits or runs change
  const answer = found?.answer;
  useEffect(() => {
    let gone = false;
    if (id === undefined) return;
    backend.plan?.(id).then(
      (answer) => {
        if (gone) return;
        setFound({ answer, of });
        setProblem("");
        setCode("");
        if (!backend.planWithCode || !answer.trusted || answer.problem) return;
        setCode("By the trace; the code is being looked at …");
        backend.planWithCode(answer.plan.run).then(
          (plan) => {
            if (gone) return;
            setFound({ answer: { ...answer, plan }, of });
            setCode("");
          },
          (error: Error) => !gone && setCode(`By the trace alone: ${error.message}`),
        );
      },
      (error: Error) => !gone && setProblem(error.message),
    );
    return () => {
      gone = true;
    };
  }, [backend, id, of]);
  if (!backend.plan) return <p className="ltg-empty">Resuming needs a server: download the trace, then `ltg resume`.</p>;
  if (!answer || id === undefined) return <p className="ltg-empty" role="status">{problem ? visible(problem) : "planning …"}</p>;
  const { plan } = answer;
  const active = plan.tasks.filter((task) => task.action !== "kept");
  const why = answer.problem || (active.length === 0 && plan.code_checked ? "nothing has to run again: edit a stage, or change the code" : backend.resume ? "" : (backend.whyNot ?? "this page was opened for reading"));
  const start = () => {
    setStarting(true);
    backend
      .resume?.(id, consent)
      .then(() => onStarted?.(), (error: Error) => setProblem(error.message))
      .finally(() => setStarting(false));
  };
  return (
    <section className={`ltg-plan ${className}`} aria-label={`what resuming run ${id} would do`}>
      <h2>Resume run {id}</h2>
      <p>{summary(plan.tasks, plan.kept)}</p>
      {code && <p className="ltg-faint" role="status">{visible(code)}</p>}
      {answer.scripted && <p className="ltg-badge">answers come from {visible(answer.scripted)}: no model is called</p>}
      <ol className="ltg-planned">
        {active.slice(0, LISTED).map((task) => <PlannedRow key={task.task} task={task} />)}
      </ol>
      {active.length > LISTED && <p className="ltg-faint">and {(active.length - LISTED).toLocaleString("en")} more</p>}
      {plan.tasks.filter((task) => task.action === "kept" && task.warning).slice(0, LISTED).map((task) => (
        <p key={task.task} className="ltg-is-blocked">⚠ {visible(task.task)}: {visible(task.warning!)}</p>
      ))}
      {backend.resume && why === "" && !answer.trusted && (
        <label className="ltg-consent">
          <input type="checkbox" checked={consent} onChange={(event) => setConsent(event.target.checked)} /> This trace names a program that you have not run yet. Run the code of <code>{visible(answer.path)}</code>
        </label>
      )}
      {(why || problem) && <p className="ltg-problem" role="alert">{visible(problem || why)}</p>}
      <p className="ltg-actions">
        <button type="button" onClick={onClose}>not now</button>
        <button type="button" className="ltg-primary" autoFocus disabled={why !== "" || starting || found?.of !== of || (!answer.trusted && !consent)} onClick={start}>start</button>
      </p>
    </section>
  );
}

function PlannedRow({ task }: { task: Planned }) {
  return (
    <li>
      <span className={task.action === "run" ? "ltg-stale" : "ltg-stale ltg-maybe"}>{task.action === "run" ? "⟳ will run" : task.action === "maybe" ? "⟳ may run" : "kept"}</span>{" "}
      <TaskLink id={task.task} /> <span className="ltg-faint">{visible(task.reason)}</span>
      {task.warning && <span className="ltg-is-blocked"> ⚠ {visible(task.warning)}</span>}
    </li>
  );
}

function summary(planned: Planned[], kept: number): string {
  const count = (action: string) => planned.filter((task) => task.action === action && (task.stage != null || task.possible_calls || action === "maybe")).length;
  const sum = (of: (task: Planned) => number | null | undefined) => planned.reduce((total, task) => total + (of(task) ?? 0), 0);
  const calls = sum((task) => task.calls);
  const possible = sum((task) => task.possible_calls);
  const parts = [`${count("run")} will run`, `${count("maybe")} may run`, `${kept.toLocaleString("en")} kept`, possible > calls ? `${calls} to ${possible} calls` : `${calls} calls`];
  const used = sum((task) => task.input_tokens) + sum((task) => task.output_tokens);
  if (possible && used) parts.push(`up to ${tokens(used)} tokens`);
  if (possible && planned.some((task) => task.cost != null)) parts.push(`up to ${cost(sum((task) => task.cost))}`);
  const time = sum((task) => task.seconds);
  if (possible && time) parts.push(`${seconds(time)} of calls`);
  return parts.join(" · ") + " (by the record)";
}

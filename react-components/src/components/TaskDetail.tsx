/** One task in full: its prompt, response and output, why it failed, its attempts, and what it is. */
import { useRef, type ReactNode } from "react";
import { useControlled } from "../hooks/useControlled";
import { useDrafts } from "../hooks/useDrafts";
import { useRefusal } from "../hooks/useRefusal";
import { useTask, type TaskInView } from "../hooks/useTask";
import { useTrace } from "../hooks/TraceProvider";
import { editable } from "../trace/edits";
import { seconds, visible } from "../trace/format";
import type { Edit, Stage } from "../trace/types";
import { Arguments, Attempts, Info, Links } from "./facts";
import { FailureView } from "./FailureView";
import { OriginGlyphs, StatusGlyph } from "./marks";
import { Section } from "./Section";
import { MessagesView, TextView, ValueView } from "./values";
import { StageEditor } from "./StageEditor";
import { useHighlights } from "./useHighlights";

export interface TaskDetailProps {
  className?: string;
  /** Id of the task; the selected one if not given. */
  task?: string;
  /** The stage whose editor is open: controlled with `onEditing`, null for none; else it is held here. */
  editing?: Edit["stage"] | null;
  onEditing?: (stage: Edit["stage"] | undefined) => void;
}

export function TaskDetail({ className = "", task, editing, onEditing }: TaskDetailProps) {
  const { selected, run } = useTrace();
  const found = useTask(task ?? selected);
  if (!found) return <p className={`ltg-empty ${className}`}>{run ? "Select a task to see its prompt, response and output." : "There is no run yet."}</p>;
  return <Detail key={`${run?.id} ${found.task.id}`} found={found} className={className} given={editing} onEditing={onEditing} />;
}

interface DetailProps {
  found: TaskInView;
  className: string;
  given: Edit["stage"] | null | undefined;
  onEditing: ((stage: Edit["stage"] | undefined) => void) | undefined;
}

function Detail({ found, className, given, onEditing }: DetailProps) {
  const { backend } = useTrace();
  const [editing, setEditing] = useControlled(given, undefined, onEditing);
  const { task, seen } = found;
  const box = useRef<HTMLElement>(null);
  useHighlights(box, task.id);
  const stages = editable(task).filter((stage) => stage !== "sample");
  return (
    <article ref={box} className={`ltg-detail ${className}`} aria-label={visible(task.id)}>
      <header className="ltg-detail-header">
        <h2>
          <StatusGlyph status={found.status} /> {visible(task.id)} <OriginGlyphs row={found} mark={found.mark} />
        </h2>
        <p className="ltg-faint">
          {task.type}
          {task.function != null && ` · ${visible(task.function)}`}
          {(task.model ?? undefined) && ` · ${visible(task.model!)}`}
          {found.totals.seconds !== undefined && ` · ${seconds(found.totals.seconds)}`}
        </p>
        {backend.canEdit && (
          <p className="ltg-actions">
            {stages.map((stage) => (
              <button key={stage} type="button" className="ltg-small" data-edit={stage} onClick={() => setEditing(stage)}>
                edit {stage}
              </button>
            ))}
            <AgainButton found={found} />
          </p>
        )}
        {found.problem && <p className="ltg-problem" role="alert">{visible(found.problem)}</p>}
      </header>
      <Reverts found={found} />
      <UnappliedTexts found={found} editing={editing ?? undefined} onOpen={setEditing} />
      {editing && <StageEditor task={task.id} stage={editing} onClose={() => setEditing(undefined)} />}
      {seen?.error && <FailureView failure={seen.error} />}
      {task.type === "llm" ? (
        <>
          <StageSection name="prompt" found={found} stage={seen?.prompt}>
            {(stage) => <MessagesView stage={stage} />}
          </StageSection>
          <ResponseSection found={found} />
        </>
      ) : (
        <Arguments task={task} />
      )}
      <StageSection name="output" found={found} stage={seen?.output}>
        {(stage) => <ValueView value={stage.value!} />}
      </StageSection>
      {task.type === "llm" && <Arguments task={task} closed />}
      <Attempts attempts={seen?.attempts ?? []} logs={seen?.logs ?? []} />
      <Links id={task.id} />
      <Info found={found} />
    </article>
  );
}

function ResponseSection({ found }: { found: TaskInView }) {
  if (!found.streaming) {
    return (
      <StageSection name="response" found={found} stage={found.seen?.response}>
        {(stage) => <MessagesView stage={stage} />}
      </StageSection>
    );
  }
  const { text, reasoning } = found.streaming;
  return (
    <Section name="response" aside="arriving …">
      <div aria-live="off">
        {reasoning && <TextView text={reasoning} className="ltg-reasoning" />}
        <TextView text={text} follow />
      </div>
    </Section>
  );
}

interface StageSectionProps {
  name: "prompt" | "response" | "output";
  found: TaskInView;
  stage: Stage | null | undefined;
  children(stage: Stage): ReactNode;
}

function StageSection({ name, found, stage, children }: StageSectionProps) {
  const { store, run } = useTrace();
  const pending = run && found.pending.includes(name) ? store.pendingEdits(run.id).findLast((edit) => edit.task === found.task.id && edit.stage === name) : undefined;
  const old = found.mark !== undefined && pending === undefined && STAGES.indexOf(name) >= firstOld(found);
  return (
    <Section name={name} aside={stage && !pending ? told(stage, found) : ""} dim={old}>
      {pending?.value !== undefined && (
        <div className="ltg-pending">
          <p className="ltg-edited">✎ edited, and not yet run</p>
          {name === "output" ? <ValueView value={pending.value} /> : <MessagesView stage={{ value: pending.value, key: "", origin: "edited" }} />}
        </div>
      )}
      {pending?.value !== undefined && stage && <p className="ltg-faint">before:</p>}
      {!stage && !pending && <p className="ltg-faint">{nothing(name, found)}</p>}
      {stage && (stage.value === undefined ? <p className="ltg-faint">{found.loading ? `loading ${(stage.size ?? 0).toLocaleString("en")} bytes …` : "not here"}</p> : children(stage))}
    </Section>
  );
}

const STAGES = ["prompt", "response", "output"];

/** From which stage on a task that would run again shows old values: after the one that is edited, else from the first. */
function firstOld(found: TaskInView): number {
  return 1 + Math.max(-1, ...found.pending.map((stage) => STAGES.indexOf(stage)));
}

function told(stage: Stage, found: TaskInView): string {
  if (stage.origin === "edited") return "✎ edited";
  if (stage.origin === "reused") return stage.from == null ? "reused" : "⟲ reused";
  return found.origin === "reused" ? "⟲ from an earlier run" : "";
}

function nothing(name: string, found: TaskInView): string {
  if (found.status === "running") return "not yet";
  if (found.status === "waiting" || found.status === "ready") return "it has not run yet";
  if (found.status === "blocked") return "blocked: something that it depends on failed";
  return `there is no ${name}`;
}

/** The edits that stand on the task and can be taken back. */
function Reverts({ found }: { found: TaskInView }) {
  const { store, run, backend } = useTrace();
  const [problem, ask] = useRefusal();
  if (!run) return null;
  const edits = [...store.editsToApply(run.id).values()].filter((edit) => edit.task === found.task.id);
  if (edits.length === 0) return null;
  return (
    <ul className="ltg-edits" aria-label="edits of this task">
      {edits.map((edit) => (
        <li key={edit.id}>
          <span className="ltg-edited">✎ {edit.stage === "sample" ? "a new sample is asked for" : `${edit.stage} edited`}</span>{" "}
          {backend.canEdit && (
            <button type="button" className="ltg-small" data-revert={edit.stage} onClick={() => ask(backend.revert(run.id, found.task, edit.stage))}>
              take back
            </button>
          )}
        </li>
      ))}
      {problem && <li className="ltg-problem" role="alert">{visible(problem)}</li>}
    </ul>
  );
}

/** What was typed for the task and not applied, but for what is in the editor now. */
function UnappliedTexts({ found, editing, onOpen }: { found: TaskInView; editing: Edit["stage"] | undefined; onOpen(stage: Edit["stage"]): void }) {
  const { run, drafts } = useTrace();
  const here = useDrafts(drafts).filter((draft) => draft.run === run?.id && draft.task === found.task.id && draft.stage !== editing);
  if (here.length === 0) return null;
  return (
    <ul className="ltg-edits" aria-label="texts that are not applied">
      {here.map(({ run: of, task, stage }) => (
        <li key={stage}>
          <span className="ltg-edited">… {stage} typed, not applied</span>{" "}
          <button type="button" className="ltg-small" data-go-on={stage} onClick={() => onOpen(stage)}>
            go on
          </button>{" "}
          <button type="button" className="ltg-small" onClick={() => drafts.forget(of, task, stage)}>
            drop
          </button>
        </li>
      ))}
    </ul>
  );
}

function AgainButton({ found }: { found: TaskInView }) {
  const { run, backend } = useTrace();
  const [problem, ask] = useRefusal();
  if (!run) return null;
  return (
    <>
      <button type="button" className="ltg-small" title="a new sample at the next resume" onClick={() => ask(backend.again(run.id, found.task))}>
        run again
      </button>
      {problem && <span className="ltg-problem" role="alert"> {visible(problem)}</span>}
    </>
  );
}

/** All edits of the trace, the newest first: on which run, whether it was run, and the way to take it back. */
import { useRefusal } from "../hooks/useRefusal";
import { useTrace } from "../hooks/TraceProvider";
import { clock, visible } from "../trace/format";
import type { TraceStore } from "../trace/store";
import type { Edit } from "../trace/types";
import { TaskLink } from "./facts";

export function EditList({ className = "" }: { className?: string }) {
  const { store, run, backend } = useTrace();
  const [problem, ask] = useRefusal();
  const edits = [...store.edits.values()].sort((a, b) => b.id - a.id);
  if (edits.length === 0) return <p className={`ltg-empty ${className}`}>Nothing was edited. Select a task, then edit its response.</p>;
  const inForce = run ? new Set([...store.editsToApply(run.id).values()].map((edit) => edit.id)) : new Set<number>();
  const revert = (edit: Edit) => {
    const task = run && (store.view(run.id).task(edit.task) ?? store.view(edit.run).task(edit.task)); // one that is gone may be edited still
    if (task) ask(backend.revert(run.id, task, edit.stage));
  };
  return (
    <>
      {problem && <p className="ltg-problem" role="alert">{visible(problem)}</p>}
      <ul className={`ltg-edit-list ${className}`} aria-label="edits">
        {edits.map((edit) => (
          <li key={edit.id}>
            <span className="ltg-edited">{edit.value === undefined ? "⎌" : "✎"}</span> <TaskLink id={edit.task} /> {edit.stage}
            {edit.value === undefined && " taken back"} <span className="ltg-faint">on run {edit.run}, {clock(edit.at)}, {fate(store, edit)}</span>
            {backend.canEdit && inForce.has(edit.id) && (
              <button type="button" className="ltg-small" onClick={() => revert(edit)}>take back</button>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

function fate(store: TraceStore, edit: Edit): string {
  const heirs = [...store.runs.values()].filter((run) => run.parent === edit.run && (run.last_edit ?? 0) >= edit.id);
  if (heirs.length > 0) return `taken up by run ${heirs.map((run) => run.id).join(", ")}`;
  return store.pendingEdits(edit.run).some((each) => each.id === edit.id) ? "not yet run" : "";
}

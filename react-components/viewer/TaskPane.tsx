/** The selected task, and the way back to those before it. */
import { TaskDetail, useSelection, type Edit } from "llmtaskgraph-react";

export function TaskPane({ editing, onEditing }: { editing: Edit["stage"] | undefined; onEditing(stage: Edit["stage"] | undefined): void }) {
  const { back, forward } = useSelection();
  return (
    <section className="task">
      <div className="trail">
        <button type="button" className="ltg-small" disabled={!back} onClick={back} title="back  ," aria-label="back">←</button>
        <button type="button" className="ltg-small" disabled={!forward} onClick={forward} title="forward  ." aria-label="forward">→</button>
      </div>
      <TaskDetail editing={editing ?? null} onEditing={onEditing} />
    </section>
  );
}

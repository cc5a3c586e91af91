/** Edits that are in this page only: to be downloaded, or asked about before they are lost. */
import { withEdits, type Edit } from "llmtaskgraph-react";
import type { Opened } from "./opened";

/** Edits that a trace from a file has gained, one for a stage, without those that were taken back; none where a server keeps them. */
export function unsavedEdits(opened: Opened): Edit[] {
  if (opened.original === undefined) return [];
  const { store, known } = opened;
  const keyOf = ({ run, task, stage }: Edit) => `${run} ${stage} ${task}`;
  const all = [...store.edits.values()].sort((a, b) => a.id - b.id);
  const last = new Map(all.filter((edit) => !known.has(edit.id)).map((edit) => [keyOf(edit), edit]));
  const before = new Map(all.filter((edit) => known.has(edit.id)).map((edit) => [keyOf(edit), edit.value]));
  const heldBefore = (edit: Edit) => (before.has(keyOf(edit)) ? before.get(keyOf(edit)) : store.editsInForce(edit.run).find(({ task, stage }) => task === edit.task && stage === edit.stage)?.value);
  return [...last.values()].filter((edit) => edit.value !== heldBefore(edit));
}

/** Saves the edited trace as a file: what `ltg-tui` and `ltg resume` open. */
export function download(opened: Opened): void {
  const added = [...opened.store.edits.values()].filter((edit) => !opened.given.has(edit.id));
  const blob = new Blob([withEdits(opened.original!, added)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = opened.name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  opened.known = new Set(opened.store.edits.keys());
}

/** Whether unsaved edits may be dropped: a person is asked, if there are any. */
export function mayDrop(opened: Opened): boolean {
  const count = unsavedEdits(opened).length;
  return count === 0 || window.confirm(`${count} ${count === 1 ? "edit" : "edits"} of the open trace ${count === 1 ? "is" : "are"} not downloaded. Open another trace without?`);
}

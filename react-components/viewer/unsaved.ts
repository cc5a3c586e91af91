/** Edits that are in this page only: to be downloaded, or asked about before they are lost. */
import { withEdits, type Edit } from "llmtaskgraph-react";
import type { Opened } from "./opened";

/** Edits that a trace from a file has gained; none where a server keeps them. */
export function unsavedEdits(opened: Opened): Edit[] {
  return opened.original === undefined ? [] : [...opened.store.edits.values()].filter((edit) => !opened.known.has(edit.id));
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

/** The plan of a resume, and its start. */
import { PlanView } from "llmtaskgraph-react";
import { Dialog } from "./Dialog";

export function Resume({ onClose }: { onClose(): void }) {
  return (
    <Dialog label="resume" onClose={onClose}>
      <PlanView onStarted={onClose} onClose={onClose} />
    </Dialog>
  );
}

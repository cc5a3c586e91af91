/** The plan of a resume, and its start. */
import { useEffect, useState } from "react";
import { PlanView, useTrace } from "llmtaskgraph-react";
import { Dialog } from "./Dialog";

export function Resume({ onClose }: { onClose(): void }) {
  const { selected } = useTrace();
  const [first] = useState(selected);
  useEffect(() => {
    if (selected !== first) onClose(); // a task of the plan was chosen: it is shown
  }, [selected, first, onClose]);
  return (
    <Dialog label="resume" onClose={onClose}>
      <PlanView onStarted={onClose} onClose={onClose} />
    </Dialog>
  );
}

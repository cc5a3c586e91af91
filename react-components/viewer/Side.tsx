/** The tree of tasks, and the words that narrow it. */
import { useDeferredValue, useState } from "react";
import { TaskTree } from "llmtaskgraph-react";

export function Side() {
  const [filter, setFilter] = useState("");
  const calm = useDeferredValue(filter);
  return (
    <div className="side">
      <input type="search" placeholder="find tasks  /" aria-label="find tasks" value={filter} onChange={(event) => setFilter(event.target.value)} onKeyDown={(event) => event.key === "Escape" && setFilter("")} />
      <TaskTree filter={calm} />
    </div>
  );
}

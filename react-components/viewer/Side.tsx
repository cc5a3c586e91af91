/** The tree of tasks, and the search that narrows it. */
import { SearchBox, TaskTree, useSearch } from "llmtaskgraph-react";

export function Side({ onOpen }: { onOpen(): void }) {
  const { pattern, found, state } = useSearch();
  const narrowed = pattern !== undefined && !(state === "searching" && found.length === 0);
  return (
    <div className="side">
      <SearchBox />
      {narrowed && found.length === 0 && <p className="ltg-empty">No task holds that.</p>}
      <TaskTree found={narrowed ? found : undefined} onOpen={onOpen} />
    </div>
  );
}

/** Finds tasks by name in the graph: Enter goes to the next one. */
import { useMemo, useState } from "react";
import type { RunView } from "../../trace/view";

export function GraphSearch({ view, structure, onFound }: { view: RunView; structure: number; onFound(id: string): void }) {
  const [words, setWords] = useState("");
  const [at, setAt] = useState(-1);
  const found = useMemo(() => {
    const text = words.trim();
    if (text === "") return [];
    const exact = text !== text.toLowerCase();
    return view.ids.filter((id) => (exact ? id : id.toLowerCase()).includes(text));
  }, [view, structure, words]); // eslint-disable-line react-hooks/exhaustive-deps -- a view changes with the structure
  const step = (by: number) => {
    if (found.length === 0) return;
    const next = at < 0 && by < 0 ? found.length - 1 : (at + by + found.length) % found.length;
    setAt(next);
    onFound(found[next]!);
  };
  return (
    <div className="ltg-graph-search" role="search">
      <input
        type="search"
        placeholder="find in the graph"
        aria-label="find in the graph; Enter goes to the next"
        value={words}
        onChange={(event) => {
          setWords(event.target.value);
          setAt(-1);
        }}
        onKeyDown={(event) => {
          if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
          if (event.key === "Escape") setWords("");
        }}
      />
      {words.trim() !== "" && <span className="ltg-faint" role="status">{found.length === 0 ? "none" : at < 0 ? `${found.length.toLocaleString("en")} found` : `${at + 1} of ${found.length.toLocaleString("en")}`}</span>}
    </div>
  );
}

/** Where one types what to search for in ids and texts. Enter goes to the next match, Shift+Enter to the one before, Escape ends it. */
import { useId, type KeyboardEvent } from "react";
import { useSearch, type Search } from "../hooks/SearchProvider";
import { useTrace } from "../hooks/TraceProvider";
import { visible } from "../trace/format";

export function SearchBox({ className = "" }: { className?: string }) {
  const search = useSearch();
  const { selected } = useTrace();
  const told = useId();
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") search.step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") search.setText("");
  };
  return (
    <div className={`ltg-search ${className}`} role="search">
      <input
        type="search"
        placeholder="find in names and texts  /"
        aria-label="find tasks"
        aria-describedby={told}
        title="small letters find capitals, too; /.../ is a regular expression; Enter goes to the next match"
        value={search.text}
        onChange={(event) => search.setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <span id={told} className={search.problem ? "ltg-problem" : "ltg-faint"} role="status">
        {search.problem ? visible(search.problem) : inWords(search, selected)}
      </span>
      {search.found.length > 0 && (
        <span>
          <button type="button" className="ltg-small" title="match before  N" aria-label="match before" onClick={() => search.step(-1)}>‹</button>
          <button type="button" className="ltg-small" title="next match  n" aria-label="next match" onClick={() => search.step(1)}>›</button>
        </span>
      )}
    </div>
  );
}

function inWords({ pattern, found, state, matches }: Search, selected: string | undefined): string {
  if (!pattern) return "";
  const count = found.length.toLocaleString("en");
  if (state === "searching") return found.length > 0 ? `searching … ${count}` : "searching …";
  const some = state === "incomplete" ? "; not all could be searched" : "";
  if (found.length === 0) return `none${some}`;
  const at = selected === undefined ? -1 : found.indexOf(selected);
  const tasks = at < 0 ? `${count} ${found.length === 1 ? "task" : "tasks"}` : `task ${(at + 1).toLocaleString("en")} of ${count}`;
  if (at < 0 || !matches || matches.task !== selected || matches.count === 0) return `${tasks}${some}`;
  const here = matches.at < 0 ? `${matches.count} matches` : `match ${matches.at + 1} of ${matches.count}`;
  return `${tasks}, ${here}${some}`;
}

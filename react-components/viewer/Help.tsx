/** The keys. */
import { Dialog } from "./Dialog";

const KEYS: [string, string][] = [
  ["/", "find in names and texts; /.../ is a regular expression"],
  ["n N", "next match, the one before"],
  ["x", "next task that failed"],
  ["↑ ↓ j k", "move in the tree"],
  ["← → h l Space", "close, open"],
  ["e", "edit the response, or the output"],
  ["p", "edit the prompt"],
  ["Ctrl+S  Esc", "in the editor: apply, close"],
  ["r", "resume: shows first what will run"],
  ["[ ]", "older, newer run"],
  ["=", "compare this run with its parent"],
  [", .", "back, forward"],
  ["1 2 3 4", "graph, timeline, runs, edits"],
  ["?", "these keys"],
];

export function Help({ onClose }: { onClose(): void }) {
  return (
    <Dialog label="keys" onClose={onClose}>
      <h2>Keys</h2>
      <table className="keys">
        <tbody>
          {KEYS.map(([key, does]) => (
            <tr key={key}><td><kbd>{key}</kbd></td><td>{does}</td></tr>
          ))}
        </tbody>
      </table>
      <p className="ltg-faint">✓ succeeded  ✖ failed  ⊘ blocked  ◐ running  ✎ edited  ⟳ will or may run again  ⟲ from an earlier run</p>
      <p className="ltg-actions"><button type="button" autoFocus onClick={onClose}>close</button></p>
    </Dialog>
  );
}

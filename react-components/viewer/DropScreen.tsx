/** Where there is no trace yet: drop one, or choose one. */
import { useState } from "react";
import { useDrop } from "./useDrop";

export interface DropScreenProps {
  reading: boolean;
  problem: string;
  onFile?: (file: File) => void;
  onAgain?: () => void;
}

export function DropScreen({ reading, problem, onFile, onAgain }: DropScreenProps) {
  const [over, setOver] = useState(false);
  useDrop(onFile, setOver);
  return (
    <main className={`drop ${over ? "drop-over" : ""}`}>
      <div>
        <h1>llmtaskgraph</h1>
        {reading && <p role="status">reading …</p>}
        {problem && <p className="ltg-problem" role="alert">{problem}</p>}
        {onAgain && problem && <button type="button" onClick={onAgain}>try again</button>}
        {onFile && !reading && (
          <>
            <p>Drop a <code>trace.json</code> here, or</p>
            <label className="choose">
              choose a file
              <input
                type="file"
                accept=".json,application/json"
                onChange={(event) => {
                  const file = event.target.files?.[0];
                  if (file) onFile(file);
                  event.target.value = "";
                }}
              />
            </label>
            <p className="ltg-faint">It is read in this page and sent nowhere. To follow a run as it happens: <code>ltg web trace.json</code></p>
          </>
        )}
      </div>
    </main>
  );
}

/** What a server sends, beside the document. */
import type { Edit, FunctionFacts, Run, Task, TaskRun } from "./types";

/** Elements that changed, whole, as they are now. */
export interface Change {
  sequence?: number;
  tasks?: Task[];
  runs?: Run[];
  task_runs?: TaskRun[];
  edits?: Edit[];
  functions?: Record<string, FunctionFacts>;
  /** Run and task id of those that left `open` of the run without a task run. */
  kept?: [number, string][];
  streaming?: StreamPiece[];
}

/** Text that is arriving: from an offset (in UTF-16 code units) on; offset 0 replaces. */
export interface StreamPiece {
  task_run: number;
  text: [number, string];
  reasoning: [number, string];
}

/** Who serves the trace, and what it lets a page do. */
export interface ServerInfo {
  /** The file. */
  name: string;
  version: string;
  can_edit: boolean;
  /** Why it cannot be edited, or empty. */
  read_only: string;
  /** Rises when all has to be read anew: what it is told of goes on from a document of that epoch only. */
  epoch: number;
}

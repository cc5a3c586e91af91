/** Three panes: side by side where there is room, with borders that move; one at a time where there is not. */
import { useState, type KeyboardEvent, type PointerEvent, type ReactNode } from "react";

export type Pane = "tree" | "middle" | "task";

export interface PanesProps {
  pane: Pane;
  onPane(pane: Pane): void;
  tree: ReactNode;
  middle: ReactNode;
  task: ReactNode;
}

const LABELS: [Pane, string][] = [["tree", "Tasks"], ["middle", "Views"], ["task", "Task"]];

export function Panes({ pane, onPane, tree, middle, task }: PanesProps) {
  const [left, setLeft] = useState(300);
  const [right, setRight] = useState(440);
  return (
    <main className="panes" data-pane={pane} style={{ "--left": `${left}px`, "--right": `${right}px` } as React.CSSProperties}>
      <nav className="pane-switch" aria-label="panes">
        {LABELS.map(([name, label]) => (
          <button key={name} type="button" aria-pressed={name === pane} onClick={() => onPane(name)}>{label}</button>
        ))}
      </nav>
      <div className="pane pane-tree">{tree}</div>
      <Border label="width of the tree" value={left} onChange={setLeft} direction={1} />
      <div className="pane pane-middle">{middle}</div>
      <Border label="width of the task" value={right} onChange={setRight} direction={-1} />
      <div className="pane pane-task">{task}</div>
    </main>
  );
}

const LEAST = 160;
const MOST = 1200;

function Border({ label, value, onChange, direction }: { label: string; value: number; onChange(value: number): void; direction: 1 | -1 }) {
  const change = (to: number) => onChange(Math.max(LEAST, Math.min(MOST, to)));
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const from = event.clientX;
    const bar = event.currentTarget;
    bar.setPointerCapture(event.pointerId);
    const move = (moved: globalThis.PointerEvent) => change(value + direction * (moved.clientX - from));
    bar.addEventListener("pointermove", move);
    bar.addEventListener("pointerup", () => bar.removeEventListener("pointermove", move), { once: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -24, ArrowRight: 24 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    change(value + direction * by);
  };
  return <div className="border" role="separator" aria-orientation="vertical" aria-label={label} aria-valuenow={value} aria-valuemin={LEAST} aria-valuemax={MOST} tabIndex={0} onPointerDown={onPointerDown} onKeyDown={onKeyDown} />;
}

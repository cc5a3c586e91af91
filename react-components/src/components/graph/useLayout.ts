/** The drawing of a run, laid out beside the screen: while a new one is made, the one before stays. */
import { useEffect, useMemo, useRef, useState } from "react";
import { layoutInWorker, type Layouter } from "../../layout/inWorker";
import { layout } from "../../layout/layout";
import { graphModel } from "../../layout/model";
import { isSameModel } from "../../layout/same";
import type { LayoutResult } from "../../layout/types";
import type { RunView } from "../../trace/view";
import type { Drawing } from "./flow";

/** So few nodes are laid out at once, without the way to a worker and back. */
const AT_ONCE = 300;

export function useLayout(view: RunView, structure: number, open: ReadonlySet<string>, fans: ReadonlySet<string>, makeWorker: (() => Worker) | undefined): Drawing | undefined {
  const made = useMemo(() => graphModel(view, open, fans), [view, structure, open, fans]); // eslint-disable-line react-hooks/exhaustive-deps -- a view changes with the structure
  const [kept, setKept] = useState({ made, model: made });
  if (kept.made !== made) setKept({ made, model: isSameModel(kept.model, made) ? kept.model : made });
  const { model } = kept;
  const small = model.nodes.size <= AT_ONCE;
  const now = useMemo(() => (small ? { model, ...laidOut(layout(model.input)) } : undefined), [model, small]);
  const [late, setLate] = useState<Drawing>();
  const layouter = useRef<Layouter>(undefined);
  useEffect(() => () => {
    layouter.current?.close();
    layouter.current = undefined;
  }, []);
  useEffect(() => {
    if (small) return;
    layouter.current ??= layoutInWorker(makeWorker ?? ownWorker);
    let gone = false;
    layouter.current.layout(model.input).then(
      (result) => !gone && result && setLate({ model, ...laidOut(result) }),
      (error: unknown) => console.error(error),
    );
    return () => {
      gone = true;
    };
  }, [model, small, makeWorker]);
  return now ?? late;
}

function laidOut({ placed, routes }: LayoutResult): Omit<Drawing, "model"> {
  return { placed, routes };
}

function ownWorker(): Worker {
  // as the built library has it, where a bundler finds it; this one is told to leave it alone (see vite.config.ts)
  return new Worker(/* @vite-ignore */ new URL(/* @vite-ignore */ "../../layout/worker.js", import.meta.url), { type: "module" });
}

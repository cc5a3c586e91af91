/** Edits one stage or setting of a task. The editor itself is loaded when the first one opens. */
import { useEffect, useLayoutEffect, useRef, useState, type RefObject } from "react";
import { flushSync } from "react-dom";
import { useTask, type TaskInView } from "../hooks/useTask";
import { useTrace } from "../hooks/TraceProvider";
import { applied, draftOf, makeEdit, type Draft } from "../trace/edits";
import { expectation } from "../trace/expected";
import { visible } from "../trace/format";
import type { Edit } from "../trace/types";
import type { EditorModule, MountedEditor } from "../editor/editor";

export interface StageEditorProps {
  className?: string;
  /** Id of the task. */
  task: string;
  stage: Edit["stage"];
  /** Applied, or closed without. */
  onClose?: (edit: Edit | undefined) => void;
}

/** What was typed is kept until it is applied or dropped: an editor that opens for that stage of that run again goes on with it. */
export function StageEditor({ className = "", task, stage, onClose }: StageEditorProps) {
  const { run } = useTrace();
  const found = useTask(task);
  if (!found || !run) return <p className="ltg-empty">The run has no task {visible(task)}.</p>;
  return <Opening key={`${run.id} ${stage} ${task}`} className={className} run={run.id} found={found} stage={stage} onClose={onClose} />;
}

interface OpeningProps {
  className: string;
  run: number;
  found: TaskInView;
  stage: Edit["stage"];
  onClose?: (edit: Edit | undefined) => void;
}

function Opening({ className, run, found, stage, onClose }: OpeningProps) {
  const { store, drafts } = useTrace();
  const { task, loading } = found;
  const given = drafts.find(run, task.id, stage)?.opened ?? (loading ? undefined : draftOf(store, run, task, stage));
  const [opened, setOpened] = useState(given); // what it opened with stays, whatever happens to the run meanwhile
  if (opened === undefined && given !== undefined) setOpened(given);
  if (!opened) return <p className="ltg-faint">{loading ? "loading …" : `The ${stage} is not here to be edited.`}</p>;
  return <OpenEditor className={className} run={run} taskId={task.id} stage={stage} opened={opened} onClose={onClose} />;
}

interface OpenEditorProps {
  className: string;
  run: number;
  taskId: string;
  stage: Edit["stage"];
  opened: Draft;
  onClose?: (edit: Edit | undefined) => void;
}

function OpenEditor({ className, run, taskId, stage, opened, onClose }: OpenEditorProps) {
  const { store, backend, drafts, loadEditor } = useTrace();
  const [first] = useState(() => drafts.find(run, taskId, stage)?.text ?? opened.text);
  const [problem, setProblem] = useState("");
  const [refused, setRefused] = useState("");
  const [doubt, setDoubt] = useState("");
  const [changed, setChanged] = useState(first !== opened.text);
  const [ready, setReady] = useState(false);
  const [asking, setAsking] = useState(false);
  const [saving, setSaving] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<MountedEditor>(null);
  const misfit = useRef<EditorModule["misfit"]>(undefined);
  const here = useRef(true);
  useLayoutEffect(() => {
    here.current = true;
    return () => void (here.current = false);
  }, []);
  const known = useRef(new Set([opened.text])); // what stood in the stage, as far as whoever types here knows
  const task = store.view(run).task(taskId);

  const check = (text: string) => {
    drafts.keep({ run, task: taskId, stage, opened, text });
    setChanged(text !== opened.text);
    setAsking(false);
    setRefused("");
    if (text.length > 1_000_000 || !task) return;
    setProblem(text === opened.text ? "" : refusal(() => makeEdit(store, run, task, stage, applied(opened, text), 0)));
    setDoubt(doubtOf(expectation(store, task, opened, text), misfit.current));
  };
  const close = (edit: Edit | undefined) => {
    drafts.forget(run, taskId, stage);
    onClose?.(edit);
  };
  const apply = () => {
    const text = editor.current?.text() ?? first;
    if (!task || saving) return;
    if (text === opened.text) return close(undefined); // nothing was changed: that makes no edit
    if (problem !== "") return;
    const now = draftOf(store, run, task, stage)?.text;
    if (now !== undefined && !known.current.has(now)) {
      known.current.add(now);
      setRefused(`the ${stage} was edited elsewhere meanwhile; apply again to put this in its place`);
      return;
    }
    setSaving(true);
    const still = () => (editor.current?.text() ?? drafts.find(run, taskId, stage)?.text ?? text) === text; // who types on meanwhile keeps the editor, and what is told is no news
    backend
      .edit(run, task, stage, applied(opened, text))
      .then(
        (edit) => {
          known.current.add(draftOf(store, run, task, stage)?.text ?? text);
          if (!still()) return;
          if (here.current) flushSync(() => close(edit));
          else drafts.forget(run, taskId, stage); // another editor may be open by now
        },
        (error: Error) => still() && setRefused(error.message),
      )
      .finally(() => setSaving(false));
  };
  const cancel = () => {
    if ((editor.current?.text() ?? first) === opened.text || asking) close(undefined);
    else setAsking(true);
  };
  const latest = useRef({ check, apply, cancel });
  useLayoutEffect(() => {
    latest.current = { check, apply, cancel };
  });

  useEffect(() => {
    let gone = false;
    loadEditor().then(
      (module) => {
        if (gone || !host.current) return;
        misfit.current = module.misfit;
        editor.current = module.mountEditor(host.current, {
          text: first,
          language: opened.plain ? "text" : "json",
          label: `${stage} of ${taskId}`,
          // drawn at once: the next key finds what this one did
          onChange: (text) => flushSync(() => latest.current.check(text)),
          onApply: () => flushSync(() => latest.current.apply()),
          onCancel: () => flushSync(() => latest.current.cancel()),
        });
        editor.current.focus();
        latest.current.check(first); // the text that is there may be what the task failed on
        setReady(true);
      },
      (error: Error) => !gone && setProblem(`the editor could not be loaded: ${error.message}`),
    );
    return () => {
      gone = true;
      editor.current?.destroy();
      editor.current = null;
    };
  }, [loadEditor, opened, first, stage, taskId]);
  useFocusBack(root);
  const newest = store.newestRun()?.id;

  return (
    <div ref={root} className={`ltg-editor ${className}`} role="group" aria-label={`edit the ${stage} of ${visible(taskId)}`}>
      <header>
        <strong>edit {stage}</strong> <span className="ltg-faint">{opened.plain ? "text" : "JSON"}{ready ? "" : " · loading the editor …"}</span>
        <span className="ltg-spring" />
        <button type="button" className="ltg-small" onClick={cancel}>
          {asking ? "discard" : changed ? "cancel" : "close"}
        </button>
        <button type="button" className="ltg-small ltg-primary" disabled={!changed || saving || problem !== ""} onClick={apply} title="Ctrl+S">
          apply
        </button>
      </header>
      <div ref={host} className="ltg-editor-text" />
      {doubt !== "" && problem === "" && (
        <p className="ltg-doubt" role="status">
          Not what the task expects: {visible(doubt)}
        </p>
      )}
      <p className={problem || refused ? "ltg-problem" : "ltg-faint"} role={problem || refused ? "alert" : undefined}>
        {asking ? "What was typed is not applied yet. Press discard again to drop it." : problem || refused ? visible(problem || refused) : "Ctrl+S applies, Esc closes."}
        {newest !== undefined && newest > run && ` Run ${newest} has begun meanwhile; this is of run ${run}.`}
      </p>
    </div>
  );
}

/** A value that does not fit can be applied all the same: the trace tells what the task expected, and its code may have changed. */
function doubtOf(expected: ReturnType<typeof expectation>, misfit: EditorModule["misfit"]): string {
  if (expected === undefined || typeof expected === "string") return expected ?? "";
  const found = expected.schemas.map((schema) => misfit?.(expected.json, schema) ?? "");
  return found.includes("") ? "" : found[0]!;
}

function refusal(make: () => unknown): string {
  try {
    make();
    return "";
  } catch (error) {
    return (error as Error).message;
  }
}

/** Where the focus was before an editor took it: it goes back there as the editor goes, unless it has gone elsewhere. No key finds the page without a focus. */
function useFocusBack(editor: RefObject<HTMLElement | null>) {
  useLayoutEffect(() => {
    const before = document.activeElement;
    const root = editor.current;
    return () => {
      const at = document.activeElement;
      const ours = at === null || at === document.body || root?.contains(at); // a button that was pressed and is disabled has none
      if (ours && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [editor]);
}

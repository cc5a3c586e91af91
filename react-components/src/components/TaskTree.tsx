/** The tasks of a run as a tree. Only the rows on screen exist; what is closed shows totals. */
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useId, useMemo, useRef, useState, type KeyboardEvent } from "react";
import { useTrace } from "../hooks/TraceProvider";
import { cost, seconds, visible } from "../trace/format";
import type { RunView, Totals } from "../trace/view";
import { OriginGlyphs, StatusGlyph } from "./marks";

export interface TaskTreeProps {
  className?: string;
  /** Show only tasks whose id holds these words (small letters match both), with what they are inside of. */
  filter?: string;
  /** Show only these tasks, with what they are inside of: what a search found. Goes before `filter`. */
  found?: readonly string[];
  /** A task is wanted to be read: it was clicked, or Enter was pressed on it. Moving the selection by keys does not call it. */
  onOpen?: (task: string) => void;
  /** Graphs that are open at first; the root and graphs with a failure if not given. */
  defaultOpen?: Iterable<string>;
}

const ROW = 26;
/** What is assumed before the size is known: so the first paint has rows. */
const FIRST = { width: 300, height: 600 };

export function TaskTree({ className = "", filter = "", found: given, onOpen, defaultOpen }: TaskTreeProps) {
  const { view, store, selected, select, run } = useTrace();
  const tree = useId();
  const structure = store.structureVersion;
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(() => new Map([...(defaultOpen ?? [])].map((id) => [id, true])));
  const named = useFound(view, structure, filter);
  const found = useMemo(() => (given ? new Set(given) : named), [given, named]);
  const rows = useRows(view, structure, toggled, found);
  const scroller = useRef<HTMLDivElement>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- the rows are made by functions of the virtualizer, which is not memoized
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 12,
    initialRect: FIRST,
    getItemKey: (index) => rows[index]!.id,
  });
  const toggle = useCallback((id: string, open: boolean) => setToggled((before) => new Map(before).set(id, open)), []);
  const at = rows.findIndex((row) => row.id === selected);

  useReveal(view, selected, at, setToggled);
  useEffect(() => {
    if (at >= 0) virtual.scrollToIndex(at, { align: "auto" });
  }, [at, selected, virtual]);

  if (!view?.root) return <p className={`ltg-empty ${className}`}>{run ? "This run has no tasks." : "There is no run yet."}</p>;

  const chosen = (id: string) => {
    select(id);
    onOpen?.(id);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter" && selected !== undefined && event.target === event.currentTarget) return onOpen?.(selected);
    const next = move(event.key, rows, at, toggle, view);
    if (next === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (next !== "here") select(next);
  };
  return (
    <div
      ref={scroller}
      className={`ltg-tree ${className}`}
      role="tree"
      aria-label="tasks"
      aria-activedescendant={virtual.getVirtualItems().some((item) => item.index === at) ? domId(tree, rows[at]!.id) : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      {!given && filter && found?.size === 0 && <p className="ltg-empty">No task is called so.</p>}
      <div role="presentation" style={{ height: virtual.getTotalSize(), position: "relative" }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index]!;
          return (
            <TreeRow key={row.id} tree={tree} view={view} row={row} top={item.start} selected={row.id === selected} dim={found !== undefined && !found.has(row.id)} onSelect={chosen} onToggle={toggle} />
          );
        })}
      </div>
    </div>
  );
}

interface FlatRow {
  id: string;
  depth: number;
  /** Undefined where there is nothing inside. */
  open: boolean | undefined;
  place: number;
  among: number;
}

interface TreeRowProps {
  /** Id of the tree in the page. */
  tree: string;
  view: RunView;
  row: FlatRow;
  top: number;
  selected: boolean;
  dim: boolean;
  onSelect(id: string): void;
  onToggle(id: string, open: boolean): void;
}

function TreeRow({ tree, view, row, top, selected, dim, onSelect, onToggle }: TreeRowProps) {
  const { marks } = useTrace();
  const shown = view.row(row.id);
  const name = row.depth === 0 ? row.id : shown.task.id.slice((shown.task.scope ?? "").length + 1);
  const reused = shown.origin === "reused" ? "ltg-dim" : "";
  return (
    <div
      id={domId(tree, row.id)}
      role="treeitem"
      aria-level={row.depth + 1}
      aria-posinset={row.place}
      aria-setsize={row.among}
      aria-selected={selected}
      aria-expanded={row.open}
      className={`ltg-row ${reused} ${dim ? "ltg-context" : ""}`}
      style={{ transform: `translateY(${top}px)`, paddingInlineStart: 6 + indent(row.depth) }}
      onClick={() => onSelect(row.id)}
      onDoubleClick={() => row.open !== undefined && onToggle(row.id, !row.open)}
    >
      <button
        type="button"
        tabIndex={-1}
        aria-hidden={row.open === undefined}
        aria-label={row.open ? "close" : "open"}
        className="ltg-twist"
        onClick={(event) => {
          event.stopPropagation();
          if (row.open !== undefined) onToggle(row.id, !row.open);
        }}
      >
        {row.open === undefined ? "" : row.open ? "▾" : "▸"}
      </button>
      <StatusGlyph status={shown.status} />
      <span className={`ltg-name ltg-type-${shown.task.type}`} title={visible(row.id)}>
        {visible(name)}
      </span>
      <OriginGlyphs row={shown} mark={marks.get(row.id)} />
      <span className="ltg-figures">{figures(view.totals(row.id), row.open === false)}</span>
    </div>
  );
}

function figures(totals: Totals, closed: boolean): string {
  const parts: string[] = [];
  if (closed && totals.tasks > 1) parts.push(`${(totals.tasks - 1).toLocaleString("en")} inside`);
  if (closed && totals.byStatus.failed) parts.push(`✖${totals.byStatus.failed}`);
  if (totals.cost !== undefined) parts.push(cost(totals.cost));
  if (totals.seconds !== undefined) parts.push(seconds(totals.seconds));
  return parts.join("  ");
}

function useRows(view: RunView | undefined, structure: number, toggled: ReadonlyMap<string, boolean>, found: ReadonlySet<string> | undefined): FlatRow[] {
  const around = useMemo(() => (view && found ? withScopes(view, found) : undefined), [view, found]);
  return useMemo(() => {
    if (!view?.root || around?.size === 0) return [];
    const rows: FlatRow[] = [];
    const stack: Omit<FlatRow, "open">[] = [{ id: view.root.id, depth: 0, place: 1, among: 1 }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      const { id, depth } = next;
      const all = view.children(id);
      const inside = around ? all.filter((child) => around.has(child.id)) : all;
      const open = inside.length === 0 ? undefined : (toggled.get(id) ?? (around !== undefined || isOpenAtFirst(view, id, depth)));
      rows.push({ ...next, open });
      if (!open) continue;
      for (let i = inside.length - 1; i >= 0; i--) stack.push({ id: inside[i]!.id, depth: depth + 1, place: i + 1, among: inside.length });
    }
    return rows;
  }, [view, structure, toggled, around]); // eslint-disable-line react-hooks/exhaustive-deps -- a view changes with the structure
}

function isOpenAtFirst(view: RunView, id: string, depth: number): boolean {
  return depth === 0 || (view.children(id).length <= 30 && (depth === 1 || view.totals(id).byStatus.failed !== undefined));
}

function useFound(view: RunView | undefined, structure: number, filter: string): ReadonlySet<string> | undefined {
  return useMemo(() => {
    if (!view || filter.trim() === "") return undefined;
    const words = filter.trim().split(/\s+/);
    const holds = (id: string) => words.every((word) => (word === word.toLowerCase() ? id.toLowerCase() : id).includes(word));
    return new Set(view.ids.filter(holds));
  }, [view, structure, filter]); // eslint-disable-line react-hooks/exhaustive-deps -- a view changes with the structure
}

function withScopes(view: RunView, ids: ReadonlySet<string>): ReadonlySet<string> {
  const all = new Set(ids);
  for (const id of ids) for (let scope = view.parentOf(id); scope !== undefined && !all.has(scope); scope = view.parentOf(scope)) all.add(scope);
  return all;
}

/** A task that is selected elsewhere is brought to light. */
function useReveal(
  view: RunView | undefined,
  selected: string | undefined,
  at: number,
  setToggled: (change: (before: ReadonlyMap<string, boolean>) => ReadonlyMap<string, boolean>) => void,
) {
  const revealed = useRef<string>(undefined);
  useEffect(() => {
    if (!view || selected === undefined || revealed.current === selected) return;
    revealed.current = selected;
    if (at >= 0 || !view.has(selected)) return;
    setToggled((before) => {
      const after = new Map(before);
      for (let scope = view.parentOf(selected); scope !== undefined; scope = view.parentOf(scope)) after.set(scope, true);
      return after;
    });
  }, [view, selected, at, setToggled]);
}

function move(key: string, rows: FlatRow[], at: number, toggle: (id: string, open: boolean) => void, view: RunView): string | undefined {
  const row = rows[at];
  const to = (index: number) => rows[Math.max(0, Math.min(rows.length - 1, index))]?.id;
  switch (key) {
    case "ArrowDown":
    case "j":
      return to(at + 1);
    case "ArrowUp":
    case "k":
      return to(at < 0 ? 0 : at - 1);
    case "PageDown":
      return to(at + 20);
    case "PageUp":
      return to(at - 20);
    case "Home":
    case "g":
      return to(0);
    case "End":
    case "G":
      return to(rows.length - 1);
    case "ArrowRight":
    case "l":
      if (row?.open === false) {
        toggle(row.id, true);
        return "here";
      }
      return row?.open ? to(at + 1) : "here";
    case "ArrowLeft":
    case "h":
      if (row?.open) {
        toggle(row.id, false);
        return "here";
      }
      return row && (view.parentOf(row.id) ?? "here");
    case " ":
      if (row?.open !== undefined) toggle(row.id, !row.open);
      return "here";
    default:
      return undefined;
  }
}

function domId(tree: string, id: string): string {
  return `${tree}-${encodeURIComponent(id)}`;
}

/** Pixels: what is deep inside moves on a little only, so that names stay in sight. */
function indent(depth: number): number {
  return Math.min(depth, 8) * 14 + Math.min(Math.max(depth - 8, 0), 24) * 2;
}

/** How a status, an origin and a mark are shown everywhere: a glyph, a colour, and words for those who see neither. */
import type { Row, Status } from "../trace/view";

export const GLYPH: Record<Status, string> = {
  waiting: "·",
  ready: "○",
  running: "◐",
  succeeded: "✓",
  failed: "✖",
  blocked: "⊘",
  cancelled: "◌",
};

export function StatusGlyph({ status }: { status: Status }) {
  return (
    <span className={`ltg-status ltg-is-${status}`} role="img" aria-label={status} title={status}>
      {GLYPH[status]}
    </span>
  );
}

/** ✎ edited, ⟳ would run again, ⟲ taken from an earlier run. */
export function OriginGlyphs({ row, mark }: { row: Row; mark: "run" | "maybe" | undefined }) {
  const edited = row.pending.length > 0 || row.edited.length > 0;
  const what = [...new Set([...row.pending, ...row.edited])].join(", ");
  return (
    <>
      {edited && <Glyph kind="edited" glyph="✎" words={`edited: ${what}`} />}
      {mark === "run" && <Glyph kind="stale" glyph="⟳" words="will run again" />}
      {mark === "maybe" && <Glyph kind="stale ltg-maybe" glyph="⟳" words="may run again" />}
      {!edited && row.origin === "reused" && <Glyph kind="reused" glyph="⟲" words="from an earlier run" />}
    </>
  );
}

function Glyph({ kind, glyph, words }: { kind: string; glyph: string; words: string }) {
  return (
    <span className={`ltg-${kind}`} role="img" aria-label={words} title={words}>
      {glyph}
    </span>
  );
}

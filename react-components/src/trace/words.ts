/** What became of a text, in words. */
import { diffLines, diffWordsWithSpace } from "diff";

export interface Piece {
  kind: "same" | "added" | "removed";
  text: string;
}

const PATIENCE = { timeout: 150 };

/** What became of a text, in words; in lines where words would take too long. The pieces make up both texts again. */
export function diffWords(before: string, after: string): Piece[] {
  const short = before.length + after.length < 400_000;
  const changes = (short ? diffWordsWithSpace(before, after, PATIENCE) : undefined) ?? diffLines(before, after, PATIENCE);
  if (changes === undefined) return coarse(before, after);
  const pieces = changes.map(({ added, removed, value }): Piece => ({ kind: added ? "added" : removed ? "removed" : "same", text: value }));
  return makesUp(pieces, before, after) ? pieces : coarse(before, after);
}

function makesUp(pieces: Piece[], before: string, after: string): boolean {
  const without = (kind: Piece["kind"]) => pieces.filter((piece) => piece.kind !== kind).map((piece) => piece.text).join("");
  return without("added") === before && without("removed") === after;
}

/** What both begin with and what both end with; the rest is different. */
function coarse(before: string, after: string): Piece[] {
  const most = Math.min(before.length, after.length);
  let start = 0;
  while (start < most && before[start] === after[start]) start++;
  let end = 0;
  while (end < most - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end++;
  const pieces: Piece[] = [
    { kind: "same", text: before.slice(0, start) },
    { kind: "removed", text: before.slice(start, before.length - end) },
    { kind: "added", text: after.slice(start, after.length - end) },
    { kind: "same", text: before.slice(before.length - end) },
  ];
  return pieces.filter((piece) => piece.text !== "");
}

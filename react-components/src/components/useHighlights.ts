/** Marks what is searched for in the texts of a detail, and goes from one match to the next. The page's elements stay as they are. */
import { useEffect, useRef, type RefObject } from "react";
import { useMarking } from "../hooks/SearchProvider";
import { Matcher } from "../trace/matcher";
import type { Pattern } from "../trace/pattern";

/** What holds texts of the trace; what the page says itself is not searched. */
const TEXTS = "pre, .ltg-failure > p > strong, .ltg-messages strong, .ltg-log li, .ltg-info dd";
const MOST = 2_000;
const FOUND = "ltg-found";
const HERE = "ltg-found-here";

export function useHighlights(box: RefObject<HTMLElement | null>, task: string): void {
  const marking = useMarking();
  const pattern = marking?.pattern;
  const arriving = useRef(pattern !== undefined); // what comes on screen during a search begins at a match; what is typed moves nothing
  useEffect(() => {
    const element = box.current;
    if (!marking || !element || pattern === undefined) return;
    const { setMover, begin, report } = marking;
    const matcher = new Matcher(pattern);
    let [ranges, at, round, gone]: [Range[], number, number, boolean] = [[], -1, 0, false];
    const go = (to: number) => {
      at = to;
      paint(ranges, at);
      const match = ranges[at];
      if (match) bringToLight(match, element);
      report({ task, at, count: ranges.length });
    };
    const look = async () => {
      const own = ++round;
      const found = await rangesIn(element, matcher);
      if (gone || own !== round) return;
      ranges = found;
      if (arriving.current && ranges.length > 0) {
        arriving.current = false;
        return go(begin() < 0 ? ranges.length - 1 : 0);
      }
      at = Math.min(at, ranges.length - 1);
      paint(ranges, at);
      report({ task, at, count: ranges.length });
    };
    setMover((by, around) => {
      let to = at < 0 && by < 0 ? ranges.length - 1 : at + by;
      if (around) to = (to + ranges.length) % ranges.length;
      if (ranges[to] === undefined) return false;
      go(to);
      return true;
    });
    const again = () => void look().catch(() => report({ task, at: -1, count: 0 })); // an expression that is too slow marks nothing
    const watch = new MutationObserver(again);
    watch.observe(element, { childList: true, characterData: true, subtree: true });
    again();
    return () => {
      gone = true;
      watch.disconnect();
      matcher.close();
      setMover(undefined);
      paint([], -1);
    };
  }, [box, task, marking, pattern]);
}

async function rangesIn(element: HTMLElement, matcher: Matcher): Promise<Range[]> {
  const texts = [...element.querySelectorAll<HTMLElement>(TEXTS)].map(nodesOf);
  const spans = await matcher.spans(texts.map(({ text }) => text), MOST);
  return texts.flatMap(({ nodes }, index) => spans[index]!.map(([start, end]) => rangeOf(nodes, start, end))).slice(0, MOST);
}

interface Place {
  node: Text;
  start: number;
}

function nodesOf(element: HTMLElement): { text: string; nodes: Place[] } {
  const nodes: Place[] = [];
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  let text = "";
  for (let node = walk.nextNode() as Text | null; node; node = walk.nextNode() as Text | null) {
    nodes.push({ node, start: text.length });
    text += node.data;
  }
  return { text, nodes };
}

function rangeOf(nodes: Place[], start: number, end: number): Range {
  const range = document.createRange();
  const at = (place: number, last: boolean) => nodes.findLast((each) => (last ? each.start < place : each.start <= place))!;
  const [first, last] = [at(start, false), at(end, true)];
  range.setStart(first.node, start - first.start);
  range.setEnd(last.node, end - last.start);
  return range;
}

/** Browsers that cannot mark text without changing the page show no marks; one still gets to the match. */
function paint(ranges: Range[], at: number): void {
  if (typeof Highlight === "undefined") return;
  CSS.highlights.set(FOUND, new Highlight(...ranges.filter((_, index) => index !== at)));
  CSS.highlights.set(HERE, new Highlight(...(ranges[at] ? [ranges[at]] : [])));
}

/** Opens what is closed around a match, and scrolls all that scrolls around it. */
function bringToLight(range: Range, outermost: HTMLElement): void {
  for (let around = range.startContainer.parentElement; around && around !== outermost; around = around.parentElement)
    if (around instanceof HTMLDetailsElement) around.open = true;
  for (let around = range.startContainer.parentElement; around; around = around === outermost ? null : around.parentElement) {
    if (around.scrollHeight <= around.clientHeight || typeof range.getBoundingClientRect !== "function") continue;
    const [match, frame] = [range.getBoundingClientRect(), around.getBoundingClientRect()];
    if (match.top < frame.top || match.bottom > frame.bottom) around.scrollTop += match.top - frame.top - frame.height / 3;
  }
}

/** Whether a text that is cut has a match in the part that is not shown; for an expression, whether it might. */
export function isBeyond(pattern: Pattern | undefined, text: string, shown: number): boolean {
  if (pattern === undefined || text.length <= shown) return false;
  return pattern.regex ? text.length <= LONGEST_WHOLE : pattern.spans(text.slice(shown - pattern.words.length), 1).length > 0;
}

const LONGEST_WHOLE = 1_000_000;

"""One row of the tree as segments: fold mark, status, name, what is inside, marks, time, tokens, cost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from llmtaskgraph import TaskRun

from ..model.format import dollars, seconds, short
from ..model.outline import Node, Outline
from ..model.safe import one_line
from .look import EDITED, FOLDED, GLYPHS, STALE, UNFOLDED

DEEPEST: Final = 12
"""Deeper rows are not indented further; they say how deep they are."""

Styles = Callable[[str], Style]


def row_strip(outline: Outline, node: Node, width: int, now: float, style: Styles, base: Style) -> Strip:
    """A row, exactly `width` cells wide."""
    seen = outline.seen(node)
    status = _status(node, seen)
    reused = seen is not None and _reused(seen, outline.run)
    right = _numbers(node, seen, width, now)
    marks = _marks(outline, node, style)
    left = [Segment(f" {_indent(node)}{_fold(node)} ", style("dim")), Segment(f"{GLYPHS[status]} ", style(status))]
    room = width - sum(cell_len(segment.text) for segment in left) - len(right) - sum(cell_len(each.text) for each in marks) - 1
    inside = _inside(node, style)
    name = one_line(node.name) if node.task is not None else f"{node.inner.tasks:,} × {one_line(node.name)}"
    inside_width = sum(cell_len(segment.text) for segment in inside)
    if inside_width > room - 8:
        inside, inside_width = [], 0
    look = "dim" if reused or status == "waiting" else "name"
    left += [Segment(_cut(name, room - inside_width), style(look)), *inside]
    used = sum(cell_len(segment.text) for segment in left) + sum(cell_len(segment.text) for segment in marks) + len(right) + 1
    segments = [
        *left,
        Segment(" " * max(0, width - used)),
        *marks,
        Segment(right + " ", style("number" if not reused else "dim")),
    ]
    return Strip([Segment(text, base + own if own else base) for text, own, _ in segments]).adjust_cell_length(width, base)


def _indent(node: Node) -> str:
    if node.depth <= DEEPEST:
        return "  " * node.depth
    return "  " * DEEPEST + f"{node.depth}: "


def _fold(node: Node) -> str:
    return " " if not node.children else UNFOLDED if node.open else FOLDED


def _status(node: Node, seen: TaskRun | None) -> str:
    if node.task is not None:
        return "waiting" if seen is None else seen.status
    inner = node.inner
    for status in ("failed", "running", "blocked", "cancelled"):
        if getattr(inner, status):
            return status
    return "succeeded" if inner.tasks and inner.succeeded == inner.tasks else "running" if inner.succeeded else "waiting"


def _reused(seen: TaskRun, run: int) -> bool:
    return seen.run != run or (seen.output is not None and seen.output.origin == "reused")


def _inside(node: Node, style: Styles) -> list[Segment]:
    """What a folded row hides, as far as it matters."""
    if node.open or not node.children:
        return []
    inner = node.inner
    parts = [Segment(f" {inner.tasks:,}", style("dim"))] if node.task is not None else []
    for status in ("failed", "blocked", "running", "cancelled"):
        number = getattr(inner, status)
        if number:
            parts.append(Segment(f" {GLYPHS[status]}{number:,}", style(status)))
    if inner.running:
        parts.append(Segment(f" {inner.succeeded:,} done", style("dim")))
    if inner.edited:
        parts.append(Segment(f" {EDITED}{inner.edited:,}", style("edited")))
    if inner.stale:
        parts.append(Segment(f" {STALE}{inner.stale:,}", style("stale")))
    return parts


def _marks(outline: Outline, node: Node, style: Styles) -> list[Segment]:
    if node.task is None:
        return [Segment("   ")]
    edited = EDITED if node.task.id in outline.edited else " "
    mark = outline.marks.get(node.task.id)
    return [
        Segment(edited, style("edited")),
        Segment(STALE if mark else " ", style("stale" if mark == "run" else "maybe")),
        Segment(" "),
    ]


def _numbers(node: Node, seen: TaskRun | None, width: int, now: float) -> str:
    """Time, tokens, cost, as far as there is room."""
    if width < 34:
        return ""
    own = node.own
    tokens, cost = own.tokens + node.inner.tokens, _dollars(node)
    if seen is not None and not tokens:  # not of this run: shown, but not part of any sum
        usage = [attempt.usage for attempt in seen.attempts if attempt.usage is not None]
        tokens = sum((each.input_tokens or 0) + (each.output_tokens or 0) for each in usage)
        costs = [attempt.cost for attempt in seen.attempts if attempt.cost is not None]
        cost = sum(costs) if costs else cost
    cells = f"{_took(seen, now):>6}"
    if width >= 46:
        cells += f"{short(tokens) if tokens else '':>7}"
    return cells + f"{dollars(cost) if cost is not None and tokens else '':>8}"


def _dollars(node: Node) -> float | None:
    costs = [cost for cost in (node.own.dollars, node.inner.dollars) if cost is not None]
    return sum(costs) if costs else None


def _took(seen: TaskRun | None, now: float) -> str:
    if seen is None or seen.started is None:
        return ""
    if seen.ended is None:
        return seconds(now - seen.started) if seen.status == "running" else ""
    return seconds(seen.ended - seen.started)


def _cut(text: str, width: int) -> str:
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)).rstrip() + "…" if width > 0 else ""

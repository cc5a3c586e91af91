"""One row of the tree as segments: fold mark, status, name, what is inside, marks, time, tokens, cost, and when it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from llmtaskgraph import TaskRun

from ..model.fit import fit
from ..model.format import dollars, seconds, short
from ..model.format import running as running_for
from ..model.order import span, spent
from ..model.outline import Node, Outline
from ..model.safe import one_line
from ..model.waterfall import bar
from .look import EDITED, FOLDED, GLYPHS, LINK, STALE, UNFOLDED

DEEPEST: Final = 12
"""Deeper rows are not indented further; they say how deep they are."""

WATERFALL_FROM: Final = 56
"""In a narrower tree there is no room for a waterfall."""

Styles = Callable[[str], Style]


def row_strip(
    outline: Outline,
    node: Node,
    width: int,
    now: float,
    style: Styles,
    base: Style,
    *,
    cursor: bool = False,
    waterfall: bool = False,
) -> Strip:
    """A row, exactly `width` cells wide. The cursor is on the name only: moving it takes few bytes on a slow line."""
    seen = outline.seen(node)
    status = _status(node, seen)
    reused = seen is not None and _reused(seen, outline.run)
    look = "dim" if reused or status == "waiting" or node.link is not None else "name"
    left = [Segment(f" {_indent(node)}{_fold(outline, node)} {GLYPHS[status]}", style(status))]
    cells = waterfall_cells(width) if waterfall else 0
    numbers = (
        f"{_took(outline, node, seen, now):>6}" if cells and width < 100 else _numbers(outline, node, seen, width - cells, now)
    )
    right = [
        *_marks(outline, node, style),
        Segment(numbers, style("number" if look == "name" else "dim")),
        *(_bar(outline, node, seen, now, cells, style(status), style("dim")) if cells else ()),
        Segment(" "),
    ]
    room = width - _wide(left) - _wide(right) - 2
    inside = _inside(outline, node, style)
    if _wide(inside) > room - 8:
        inside = []
    named = _named(outline, node, f" {fit(_name(outline, node), room - _wide(inside))} ", look, style)
    left += [*([Segment(text, own + style("cursor")) for text, own, _ in named if own] if cursor else named), *inside]
    segments = _joined([*left, Segment(" " * max(0, width - _wide(left) - _wide(right))), *right])
    return Strip([Segment(text, base + own if own else base) for text, own, _ in segments]).adjust_cell_length(width, base)


def _joined(segments: list[Segment]) -> list[Segment]:
    """Likewise with as few changes of colour as can be: each takes about forty bytes on the wire."""
    found = segments[:1]
    for segment in segments[1:]:
        if found[-1].text.isspace():
            found[-1] = Segment(found[-1].text + segment.text, segment.style)
        else:
            found.append(segment)
    if len(found) > 1 and found[-1].text.isspace():
        last = found.pop()
        found[-1] = Segment(found[-1].text + last.text, found[-1].style)
    return found


def changed_cells(before: Strip | None, after: Strip) -> tuple[int, int]:
    """From which cell on and up to which one a row looks different; equal numbers where it does not."""
    if before is None or before.cell_length != after.cell_length:
        return 0, after.cell_length
    old, new = list(before), list(after)
    left, right = 0, after.cell_length
    while old and new and old[0] == new[0]:
        left += cell_len(new.pop(0).text)
        del old[0]
    while old and new and old[-1] == new[-1]:
        right -= cell_len(new.pop().text)
        del old[-1]
    return (left, right) if old or new else (right, right)


def waterfall_cells(width: int) -> int:
    """How many cells of a row the waterfall takes; 0 where there is no room for one."""
    return 0 if width < WATERFALL_FROM else min(60, width // 3)


def _wide(segments: list[Segment]) -> int:
    return sum(cell_len(segment.text) for segment in segments)


def _name(outline: Outline, node: Node) -> str:
    name = one_line(node.name)
    told = node if node.link is None else node.link
    if told.task is not None:
        return name
    kept = told.members if outline.narrowed is None else len(outline.narrowed.children(told))
    return f"{kept:,} of {told.members:,} × {name}" if kept < told.members else f"{kept:,} × {name}"


def _named(outline: Outline, node: Node, text: str, look: str, style: Styles) -> list[Segment]:
    """The name: dim where only what is inside is kept, and with what a search found in it."""
    if node.task is None or node.link is not None:
        return [Segment(text, style(look))]
    if outline.narrowed is not None:
        look = look if node.key in outline.narrowed.keep else "dim"
    found = outline.found
    if found is None or node.key not in found.keep:
        return [Segment(text, style(look))]
    if found.where.get(node.key) is not None:
        return [Segment(text, style(look) + style("found"))]
    segments, at = [], 0
    for start, end in found.pattern.spans(text):
        segments += [Segment(text[at:start], style(look)), Segment(text[start:end], style(look) + style("match"))]
        at = end
    return [*segments, Segment(text[at:], style(look))]


def _indent(node: Node) -> str:
    if node.depth <= DEEPEST:
        return "  " * node.depth
    return "  " * DEEPEST + f"{node.depth}: "


def _fold(outline: Outline, node: Node) -> str:
    if node.link is not None:
        return LINK
    return " " if not outline.has_children(node) else UNFOLDED if node.open else FOLDED


def _status(node: Node, seen: TaskRun | None) -> str:
    if node.task is not None:
        return "waiting" if seen is None else seen.status
    return (node if node.link is None else node.link).inner.status


def _reused(seen: TaskRun, run: int) -> bool:
    return seen.run != run or (seen.output is not None and seen.output.origin == "reused")


def _inside(outline: Outline, node: Node, style: Styles) -> list[Segment]:
    """What a folded row hides, as far as it matters."""
    if node.open or node.link is not None or not node.members:
        return []
    inner = node.inner
    more = "" if outline.census.complete else "…"
    told = f"{inner.tasks:,}{more} " if node.task is not None or more or inner.tasks != node.members else ""
    parts = [Segment(told, style("dim"))] if told else []
    for status in ("failed", "blocked", "running", "cancelled"):
        number = getattr(inner, status)
        if number:
            parts.append(Segment(f"{GLYPHS[status]}{number:,} ", style(status)))
    if inner.running:
        parts.append(Segment(f"{inner.succeeded:,} done ", style("dim")))
    if inner.edited:
        parts.append(Segment(f"{EDITED}{inner.edited:,} ", style("edited")))
    if inner.stale:
        parts.append(Segment(f"{STALE}{inner.stale:,} ", style("stale")))
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


def _numbers(outline: Outline, node: Node, seen: TaskRun | None, width: int, now: float) -> str:
    """Time, tokens, cost, as far as there is room."""
    if width < 34:
        return ""
    cells = f"{_took(outline, node, seen, now):>6}"
    if node.link is not None:
        return cells + " " * (15 if width >= 46 else 8)
    tokens, cost = spent(outline.state, outline.run, node)
    if width >= 46:
        cells += f"{short(tokens) if tokens else '':>7}"
    return cells + f"{_price(cost) if cost is not None and tokens else '':>8}"


def _price(cost: float) -> str:
    text = dollars(cost)
    return text if len(text) < 8 else f"${cost:,.0f}" if cost < 999_999 else f"${short(round(cost))}"


def _took(outline: Outline, node: Node, seen: TaskRun | None, now: float) -> str:
    if seen is None:
        start, end = span(outline.census, node)
        running = node.inner.running > 0
    else:
        start, end, running = seen.started, seen.ended, seen.status == "running"
    if start is None or (end is None and not running):
        return ""
    return running_for(now - start) if end is None else seconds(end - start)


def _bar(outline: Outline, node: Node, seen: TaskRun | None, now: float, cells: int, look: Style, dim: Style) -> list[Segment]:
    """When it was, beside all else in this run. What an older run did has no place in it."""
    run = outline.state.runs[outline.run]
    start, end = span(outline.census, node)
    if start is None:
        kept = f"run {seen.run}" if seen is not None and seen.run != outline.run else ""
        return [Segment(f"  {kept}".ljust(cells)[:cells], dim)]
    room = cells - 2
    last = now if run.ended is None else run.ended
    free, line = bar(start, last if end is None else end, run.started, last - run.started, room)
    reused = seen is not None and _reused(seen, outline.run)
    return [
        Segment("  " + " " * free),
        Segment(line, dim if reused or node.link is not None else look),
        Segment(" " * (room - free - len(line))),
    ]

"""Word differences as text to read: by colour, and by signs, so that it reads without colours too.

- a line that is gone
+ a line that came
~ a line in which [-old-]{+new+} words changed
  a line that is the same
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from .flow import Block, Span
from .worddiff import Sign, WordDiff, worddiff

CONTEXT: Final = 3
"""So many lines that are the same are shown around a change."""

_BRACKETS: Final = {"-": ("[-", "-]", "gone"), "+": ("{+", "+}", "came")}
_WHOLE: Final = {"-": ("- ", "gone"), "+": ("+ ", "came")}

Line = list[tuple[Sign, str]]


def diff_block(old: str, new: str, context: int = CONTEXT) -> tuple[Block, bool]:
    """Two texts as one block, and whether they were too long to be compared word by word everywhere."""
    found = worddiff(old, new)
    lines = _lines(found)
    changed = [any(sign != "=" for sign, _ in line) for line in lines]
    parts: list[str] = []
    spans: list[Span] = []
    at = skipped = 0
    near = _near(changed, context)

    def add(text: str, look: str = "") -> None:
        nonlocal at
        if look and text:
            spans.append(Span(at, at + len(text), look))
        parts.append(text)
        at += len(text)

    for number, line in enumerate(lines):
        if not near[number]:
            skipped += 1
            continue
        if skipped:
            add(_skipped(skipped), "dim")
            add("\n")
            skipped = 0
        _add_line(line, changed[number], add)
        add("\n")
    if skipped:
        add(_skipped(skipped), "dim")
        add("\n")
    return Block("".join(parts)[:-1], spans=tuple(spans), hang=2), found.coarse


def _skipped(lines: int) -> str:
    return f"  ... {lines:,} lines the same" if lines > 1 else "  ... a line the same"


def _add_line(line: Line, changed: bool, add: Callable[..., None]) -> None:
    signs = {sign for sign, _ in line}
    if not changed:
        add("  ")
        add("".join(text for _, text in line), "dim")
        return
    if len(signs) == 1:
        (sign,) = signs
        mark, look = _WHOLE[sign]
        add(mark + "".join(text for _, text in line), look)
        return
    add("~ ", "stale")
    for sign, text in line:
        if sign == "=":
            add(text)
        else:
            before, after, look = _BRACKETS[sign]
            add(f"{before}{text}{after}", look)


def _lines(found: WordDiff) -> list[Line]:
    """The pieces by the lines they stand on: a line end that is gone or came ends a line as any other."""
    lines: list[Line] = [[]]
    for sign, text in found.pieces:
        first, *others = text.split("\n")
        if first or (others and not lines[-1]):
            lines[-1].append((sign, first))
        elif others and sign != "=" and all(other == "=" for other, _ in lines[-1]):
            lines[-1].append((sign, "⏎"))  # only the line end changed
        for number, other in enumerate(others, 1):
            lines.append([(sign, other)] if other or number < len(others) else [])
    if not lines[-1]:
        lines.pop()
    return [part for line in lines for part in _apart(line)]


def _apart(line: Line) -> list[Line]:
    """A line of which nothing stayed reads better as one that is gone and one that came."""
    if {sign for sign, _ in line} != {"-", "+"}:
        return [line]
    return [[(sign, text) for sign, text in line if sign == wanted] for wanted in ("-", "+")]


def _near(changed: list[bool], context: int) -> list[bool]:
    """Whether each line is a change or near one."""
    near = [False] * len(changed)
    for at, is_changed in enumerate(changed):
        if is_changed:
            for number in range(max(0, at - context), min(len(changed), at + context + 1)):
                near[number] = True
    return near

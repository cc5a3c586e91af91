"""When things happened, as a bar in a few cells: where in a run a task started, and how long it took."""

from __future__ import annotations

from typing import Final

SHORTEST: Final = "╺"  # half a cell: what took no time to speak of can still be seen


def bar(start: float, end: float, begin: float, length: float, cells: int) -> tuple[int, str]:
    """How many cells to leave free, and the bar; exact to half a cell.

    Args:
        start: of the task.
        end: of the task; now, when it is under way.
        begin: of the run.
        length: of the run, in seconds.
        cells: how many there are.
    """
    scale = 2 * cells / length if length > 0 else 0.0
    first = _within(round((start - begin) * scale), 2 * cells - 1)
    last = max(first + 1, _within(round((end - begin) * scale), 2 * cells))
    left, right = first % 2, last % 2
    if last - first == 1:
        return first // 2, SHORTEST if left else "╸"
    whole = (last - right - first - left) // 2
    return first // 2, ("╺" if left else "") + "━" * whole + ("╸" if right else "")


def _within(value: int, most: int) -> int:
    return max(0, min(value, most))

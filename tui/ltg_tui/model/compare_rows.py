"""The pairs of a comparison as rows: all of them or only those that differ, folded or not."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len

from .compare import Comparison, Pair, figures
from .fit import fit
from .format import seconds, short
from .safe import one_line

Parts = Sequence[tuple[str, str]]

AT_FIRST: Final = 200
"""Up to so many tasks are all shown at first; of more, only those that differ."""

DEEPEST: Final = 10

LOOKS: Final = {"=": "dim", "~": "warning", "+": "success", "−": "error"}


class CompareRows:
    """Which pairs are shown, in order.

    Attributes:
        rows: positions of pairs, rising.
        only_differences: whether tasks that are the same are left out, with what has no difference in it.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.folded: set[int] = set()
        self.only_differences = len(comparison.pairs) > AT_FIRST
        self.rows: list[int] = []
        self.lay_out()

    def lay_out(self) -> None:
        """Make the rows anew."""
        self.rows = self._below(0, len(self.comparison.pairs))

    def _below(self, start: int, end: int) -> list[int]:
        pairs, rows, at = self.comparison.pairs, [], start
        while at < end:
            pair = pairs[at]
            if not self.only_differences or pair.mark != "=" or pair.inside:
                rows.append(at)
                at += pair.size if at in self.folded else 1
            else:
                at += pair.size
        return rows

    def fold(self, row: int, folded: bool) -> None:
        """Hide or show what is below a row."""
        at = self.rows[row]
        pair = self.comparison.pairs[at]
        if pair.size == 1 or (at in self.folded) == folded:
            return
        if folded:
            self.folded.add(at)
            del self.rows[row + 1 : bisect_left(self.rows, at + pair.size)]
        else:
            self.folded.discard(at)
            self.rows[row + 1 : row + 1] = self._below(at + 1, at + pair.size)

    def reveal(self, position: int) -> int:
        """The row of a pair; shows it if it is hidden."""
        parent = self.comparison.pairs[position].parent
        hidden = []
        while parent >= 0:
            if parent in self.folded:
                hidden.append(parent)
            parent = self.comparison.pairs[parent].parent
        for top in reversed(hidden):
            self.fold(bisect_left(self.rows, top), False)
        row = bisect_left(self.rows, position)
        if row == len(self.rows) or self.rows[row] != position:
            insort(self.rows, position)
        return row

    def row(self, number: int, width: int) -> Parts:
        """A row, so wide: mark, name, why; on the right what it took more or less."""
        at = self.rows[number]
        pair = self.comparison.pairs[at]
        look = LOOKS[pair.mark]
        sign = ("▸" if at in self.folded else "▾") if pair.size > 1 else " "
        depth = "  " * pair.depth if pair.depth <= DEEPEST else "  " * DEEPEST + f"{pair.depth}: "
        right = deltas(pair) if width >= 60 else ""
        inside = f" {pair.inside:,} differ" if pair.inside and at in self.folded else ""
        why = self.comparison.why(at)
        told = f"{pair.stage}: {why}" if pair.stage and why else why or pair.stage
        left = f" {pair.mark} {depth}{sign} "
        room = width - cell_len(left) - cell_len(right) - 1
        name = fit(one_line(pair.task.name) + inside, room)
        rest = fit(f"  {one_line(told)}", room - cell_len(name)) if told else ""
        space = " " * max(0, room - cell_len(name) - cell_len(rest))
        name_look = "dim" if pair.mark == "=" else ""
        rest_look = look if pair.cause else "dim"
        return [(left, look), (name, name_look), (rest, rest_look), (space, ""), (f"{right} ", "dim")]


def deltas(pair: Pair) -> str:
    """How much more or less the task took: time, tokens, cost."""
    if pair.old_run is pair.new_run or pair.old_run is None or pair.new_run is None or pair.mark == "=":
        return ""
    (old_time, old_tokens, old_cost), (new_time, new_tokens, new_cost) = figures(pair.old_run), figures(pair.new_run)
    time = "" if old_time is None or new_time is None else signed_seconds(new_time - old_time)
    known = (old_tokens or not pair.old_run.attempts) and (new_tokens or not pair.new_run.attempts)
    tokens = signed(new_tokens - old_tokens) if known else ""
    cost = signed_dollars(new_cost - old_cost) if old_cost is not None and new_cost is not None else ""
    return f"{time:>7}{tokens:>7}{cost:>9}"


def signed_seconds(value: float) -> str:
    """`+0.4s`, `−2m05s`; empty where it makes no difference."""
    return "" if abs(value) < 0.05 else f"{'+' if value > 0 else '−'}{seconds(abs(value))}"


def signed(value: int) -> str:
    """`+120`, `−1.2k`; empty for none."""
    return "" if not value else f"{'+' if value > 0 else '−'}{short(abs(value))}"


def signed_dollars(value: float) -> str:
    """`+$0.0004`; empty for none."""
    if abs(value) < 0.00005:
        return ""
    return f"{'+' if value > 0 else '−'}${abs(value):.{4 if abs(value) < 1 else 2}f}"

"""Which hints fit on a line: the least important ones give way, whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len


class Hint(NamedTuple):
    """A key, what it does in a word, and how soon it gives way: the highest rank first."""

    key: str
    word: str
    rank: int

    @property
    def width(self) -> int:
        """Its cells, with a space before, between and after."""
        return cell_len(self.key) + cell_len(self.word) + 3


def fitting(hints: Sequence[Hint], width: int) -> list[Hint]:
    """Those that fit, in the order in which they were given."""
    kept: set[int] = set()
    room = width
    for at in sorted(range(len(hints)), key=lambda at: (hints[at].rank, at)):
        if hints[at].width > room:
            break  # what matters less does not take the place of what matters more
        kept.add(at)
        room -= hints[at].width
    return [hint for at, hint in enumerate(hints) if at in kept]

"""Long text as rows that fit a width, wrapped only as far as somebody has looked.

A flow is a list of blocks, each one text with a look. Rows come in order; `more` makes further ones, so that a text of
many megabytes opens as fast as a short one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rich.cells import cell_len

from .safe import safe

TAB = 4


class Block(NamedTuple):
    """A piece of text and its look: ``, `dim`, `heading`, `error`, `edited`, `key`, `warning`."""

    text: str
    look: str = ""


class Row(NamedTuple):
    """One row of the screen."""

    text: str
    look: str


class Flow:
    """Blocks, wrapped to a width.

    Attributes:
        rows: those made so far.
        done: whether these are all.
    """

    def __init__(self, blocks: list[Block], width: int) -> None:
        self.blocks, self.width = blocks, max(width, 4)
        self.rows: list[Row] = []
        self.done = False
        self._source = self._wrapped()

    def more(self, count: int) -> None:
        """Make up to `count` further rows."""
        rows = self.rows
        for _ in range(count):
            row = next(self._source, None)
            if row is None:
                self.done = True
                return
            rows.append(row)

    def _wrapped(self) -> Iterator[Row]:
        for block in self.blocks:
            for line in _lines(safe(block.text)):
                for text in wrap(line, self.width):
                    yield Row(text, block.look)


def _lines(text: str) -> Iterator[str]:
    start = 0
    while True:
        end = text.find("\n", start)
        if end < 0:
            yield text[start:].expandtabs(TAB)
            return
        yield text[start:end].expandtabs(TAB)
        start = end + 1


def wrap(line: str, width: int) -> Iterator[str]:
    """The rows of one line: broken after spaces where there are some, else anywhere."""
    if len(line) <= width and line.isascii():
        yield line
        return
    start, end = 0, len(line)
    while start < end:
        cut = _fitting(line, start, width)
        space = line.rfind(" ", start + width // 3, cut + 1) if cut < end else -1
        if space > start:
            yield line[start:space].rstrip(" ")
            start = space + 1
        else:
            yield line[start:cut]
            start = cut
    if not line:
        yield ""


def _fitting(line: str, start: int, width: int) -> int:
    """How far a row from `start` reaches."""
    piece = line[start : start + width]
    if piece.isascii():
        return start + len(piece)
    piece = line[start : start + 4 * width]  # letters that take no cell come along
    low, high = 1, len(piece)
    if cell_len(piece) <= width:
        return start + high
    while low < high:  # the longest piece that fits
        middle = (low + high + 1) // 2
        if cell_len(piece[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return start + low

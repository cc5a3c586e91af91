"""Long text as rows that fit a width, wrapped only as far as somebody has looked.

A flow is a list of blocks, each one text with a look. Rows come in order; `more` makes further ones, so that a text of
many megabytes opens as fast as a short one.
"""

from __future__ import annotations

from bisect import bisect_right
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
    """One row of the screen: `text` stands in the shown text of the block of that number from `start` on."""

    text: str
    look: str
    block: int = 0
    start: int = 0


class Flow:
    """Blocks, wrapped to a width.

    Attributes:
        rows: those made so far.
        done: whether these are all.
        texts: what is shown of each block, as far as rows were made; places in a flow are (block, offset) in it.
    """

    def __init__(self, blocks: list[Block], width: int) -> None:
        self.blocks, self.width = blocks, max(width, 4)
        self.rows: list[Row] = []
        self.done = False
        self.texts: list[str] = []
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

    def row_at(self, block: int, offset: int) -> int:
        """The row in which a place is; makes the rows up to it."""
        while not self.done and (not self.rows or (self.rows[-1].block, self.rows[-1].start) <= (block, offset)):
            self.more(1000)
        return max(0, bisect_right(self.rows, (block, offset), key=lambda row: (row.block, row.start)) - 1)

    def _wrapped(self) -> Iterator[Row]:
        for number, block in enumerate(self.blocks):
            text = shown(block.text)
            self.texts.append(text)
            for start, end in _lines(text):
                line = text[start:end]
                for cut, stop in cuts(line, self.width):
                    yield Row(line[cut:stop], block.look, number, start + cut)


def shown(text: str) -> str:
    """A text as it comes to the screen."""
    return safe(text).expandtabs(TAB)


def _lines(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while True:
        end = text.find("\n", start)
        if end < 0:
            yield start, len(text)
            return
        yield start, end
        start = end + 1


def wrap(line: str, width: int) -> Iterator[str]:
    """The rows of one line: broken after spaces where there are some, else anywhere."""
    return (line[start:end] for start, end in cuts(line, width))


def cuts(line: str, width: int) -> Iterator[tuple[int, int]]:
    """Where each row of a line begins and ends."""
    if len(line) <= width and line.isascii():
        yield 0, len(line)
        return
    start, end = 0, len(line)
    while start < end:
        cut = _fitting(line, start, width)
        space = line.rfind(" ", start + width // 3, cut + 1) if cut < end else -1
        if space > start:
            yield start, start + len(line[start:space].rstrip(" "))
            start = space + 1
        else:
            yield start, cut
            start = cut
    if not line:
        yield 0, 0


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

"""One page of text, made fit for a screen: hostile characters visible, tabs as spaces, cut into rows that fit a width.

A page is small (some thousand letters), so all of it is done at once, when it is first looked at.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Final, NamedTuple

from rich.cells import cell_len, get_character_cell_size

from .safe import changes, revealed

TAB: Final = 4
_SPECIAL: Final = re.compile("[\u200d\ufe0f]")


class Cut(NamedTuple):
    """A row: where it begins and ends in the text of its page, and how far it is indented."""

    start: int
    end: int
    indent: int = 0


class Shown:
    """A piece of text as it is shown, and which letter of it stands for which of the original.

    Attributes:
        text: what is shown; with `raw` every character can be seen.
    """

    def __init__(self, original: str, *, raw: bool = False) -> None:
        self._from: list[int] = [0]
        self._to: list[int] = [0]
        self.text = original
        if not (original.isascii() and original.isprintable()):
            self._replace(original, revealed(original) if raw else changes(original))

    def _replace(self, original: str, changes: Iterable[tuple[int, int, str]]) -> None:
        parts: list[str] = []
        done = length = line = 0  # of the original; of what is shown; where its line begins
        for start, end, shown in changes:
            gap = original[done:start]
            last = gap.rfind("\n")
            if last >= 0:
                line = length + last + 1
            length += len(gap)
            if shown == "\t":
                shown = " " * (TAB - (length - line) % TAB)
            parts += (gap, shown)
            if len(shown) != end - start:
                self._from += (start, end)
                self._to += (length, length + len(shown))
            length += len(shown)
            if shown.endswith("\n"):
                line = length
            done = end
        if parts:
            self.text = "".join(parts) + original[done:]

    def at(self, offset: int) -> int:
        """Where a letter of the original is shown."""
        return _mapped(offset, self._from, self._to)

    def original(self, offset: int) -> int:
        """Which letter of the original is shown there."""
        return _mapped(offset, self._to, self._from)


def _mapped(offset: int, here: list[int], there: list[int]) -> int:
    at = bisect_right(here, offset) - 1
    return there[at] if at % 2 else there[at] + offset - here[at]  # odd: within something that was replaced


class _Widths(dict[str, int]):
    """Cells of a character, by character."""

    def __missing__(self, letter: str) -> int:
        width = self[letter] = get_character_cell_size(letter)
        return width


_WIDTHS: Final = _Widths()


def widths(text: str) -> list[int]:
    """The cells of each character, as Rich counts them: what joins or follows another takes none of its own."""
    found = list(map(_WIDTHS.__getitem__, text))
    if _SPECIAL.search(text) is None:
        return found
    base = -1
    at = 0
    while at < len(text):
        letter = text[at]
        if letter == "\u200d":
            found[at] = 0
            at += 1
            if at < len(text):
                found[at] = 0
        elif letter == "\ufe0f":
            found[at] = 0
            if base >= 0:
                found[base] += cell_len(text[base] + letter) > found[base]  # on the letter itself: no row ends between the two
                base = -1
        elif found[at]:
            base = at
        at += 1
    return found


def rows(text: str, width: int, *, wrap: bool = True, hang: int = 0, inside: bool = False) -> list[Cut]:
    """The rows of a text.

    Args:
        hang: by how much the further rows of a line are indented.
        inside: the text begins within a line.
    """
    cuts: list[Cut] = []
    start = 0
    hang = hang if hang < width // 2 else 0
    while True:
        end = text.find("\n", start)
        stop = len(text) if end < 0 else end
        if not wrap or (stop - start <= width and not (inside and hang) and text[start:stop].isascii()):
            cuts.append(Cut(start, stop))
        else:
            _wrapped(text, start, stop, width, hang, inside, cuts)
        if end < 0:
            return cuts
        start, inside = end + 1, False


def _wrapped(text: str, start: int, stop: int, width: int, hang: int, inside: bool, cuts: list[Cut]) -> None:
    """The rows of one line: broken after spaces where there are some, else anywhere."""
    if start == stop:
        cuts.append(Cut(start, stop))
        return
    line = text[start:stop]
    ends = None if line.isascii() else [0, *accumulate(widths(line))]
    begin, at, size = start, 0, len(line)
    indent = hang if inside else 0
    while at < size:
        room = width - indent
        if ends is None:
            cut = min(at + room, size)
        else:
            cut = min(bisect_right(ends, ends[at] + room) - 1, at + 4 * width, size)
            cut = max(cut, at + 1)
        space = line.rfind(" ", at + room // 3, cut + 1) if cut < size else -1
        if space > at:
            end = space
            while end > at and line[end - 1] == " ":
                end -= 1
            cuts.append(Cut(begin + at, begin + end, indent))
            at = space + 1
            while at < size and line[at] == " ":  # no row begins within a tab
                at += 1
        else:
            cuts.append(Cut(begin + at, begin + cut, indent))
            at = cut
        indent = hang


def column(text: str, cells: int) -> int:
    """The first letter of a row at or after so many cells."""
    if text.isascii():
        return min(cells, len(text))
    ends = [0, *accumulate(widths(text))]
    at = min(bisect_right(ends, cells - 1), len(text)) if cells > 0 else 0
    return at

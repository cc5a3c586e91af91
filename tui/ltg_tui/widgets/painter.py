"""What goes to the terminal: of what Textual paints, only the letters that differ from those that are there.

Textual paints all of a widget when something of it changed, often more than once, and the whole screen when a widget moved.
Over a slow link every byte counts: so what each row shows is remembered, and of a row that is painted again only what lies
between the first letter that differs and the last is sent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

Row = list[Segment]


class Painter:
    """Knows what is on the terminal."""

    def __init__(self) -> None:
        self._rows: dict[int, Strip] = {}
        self._size = (0, 0)
        self._looks: dict[Style, Style] = {}

    def forget(self) -> None:
        """What is on the terminal is not known any more."""
        self._rows.clear()

    def less(self, update: CompositorUpdate, size: tuple[int, int]) -> CompositorUpdate | None:
        """The same update without what is on the terminal already; None when nothing is left."""
        if size != self._size:
            self._size = size
            self.forget()
        if isinstance(update, ChopsUpdate):
            pieces = _chops(update)
        elif isinstance(update, LayoutUpdate):
            region = update.region
            pieces = ((y, region.x, Strip.join(list(row))) for y, row in enumerate(update.strips, region.y))
        else:
            self.forget()
            return update
        found = [each for y, x, strip in pieces for each in self._differing(y, x, strip)]
        return _Pieces(found) if found else None

    def _differing(self, y: int, x: int, painted: Strip) -> Iterator[tuple[int, int, Strip]]:
        new = self._plain(painted)
        end = x + new.cell_length
        row = self._rows.get(y)
        if row is not None and (_splits(row, x) or _splits(row, end)):
            del self._rows[y]  # half of a wide letter is painted over: terminals differ in what becomes of the other half
            row = None
        if row is None or row.cell_length < end:
            known = row if row is not None else Strip([])
            gap = x - known.cell_length
            if gap <= 0:  # else what lies between is not known, and the row stays so
                self._rows[y] = Strip.join([known.crop(0, x), new])
            yield y, x, painted
            return
        before, after = list(row.crop(x, end)), list(new)
        if before == after:
            return
        self._rows[y] = self._plain(Strip.join([row.crop(0, x), new, row.crop(end)]))
        start, rest = _trimmed(before, after)
        if rest:
            yield y, x + start, Strip(rest)

    def _plain(self, strip: Strip) -> Strip:
        """What can be seen of it: segments that look alike are one."""
        found: Row = []
        for text, style, control in strip:
            if not text or control:
                continue
            look = self._look(style)
            if found and found[-1].style == look:
                found[-1] = Segment(found[-1].text + text, look)
            else:
                found.append(Segment(text, look))
        return Strip(found)

    def _look(self, style: Style | None) -> Style:
        if style is None:
            return Style.null()
        look = self._looks.get(style)
        if look is None:
            if len(self._looks) > 5000:  # each place that can be selected has a style of its own
                self._looks.clear()
            look = self._looks[style] = style.clear_meta_and_links()
        return look


def _splits(row: Strip, x: int) -> bool:
    """Whether a wide letter stands on both sides of a column."""
    if not 0 < x < row.cell_length or row.text.isascii():
        return False
    return not row.text.startswith(row.crop(0, x).text)


def _trimmed(before: Row, after: Row) -> tuple[int, Row]:
    """The part of a piece that differs from what was there: by how many cells it begins later, and its segments."""
    shorter = min(len(before), len(after))
    first = next((n for n in range(shorter) if before[n] != after[n]), shorter)
    last = next((n for n in range(shorter - first) if before[-1 - n] != after[-1 - n]), shorter - first)
    start = sum(cell_len(segment.text) for segment in after[:first])
    old, new = before[first : len(before) - last], after[first : len(after) - last]
    if old and new and old[0].style == new[0].style and old[0].text.isascii() and new[0].text.isascii():
        same = _common(old[0].text, new[0].text)
        start += same
        new[0] = Segment(new[0].text[same:], new[0].style)
    if old and new and old[-1].style == new[-1].style and len(new) == len(old) == 1 and new[0].text.isascii():
        new[0] = _cut(old[0].text, new[0])
    return start, [segment for segment in new if segment.text]


def _cut(before: str, after: Segment) -> Segment:
    """Without the letters at the end that were there already, where both are as long: such as blanks."""
    text = after.text
    rest = before[len(before) - len(text) :]
    if not rest.isascii() or len(rest) != len(text):
        return after
    end = len(text)
    while end and text[end - 1] == rest[end - 1]:
        end -= 1
    return Segment(text[:end], after.style)


def _common(one: str, other: str) -> int:
    """How many letters at the beginning are the same."""
    shorter = min(len(one), len(other))
    return next((n for n in range(shorter) if one[n] != other[n]), shorter)


def _chops(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """What an update paints: the same pieces that it would send itself."""
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is None or x > x2 or end <= x1:
                continue
            yield y, x, strip if x2 > x >= x1 and end <= x2 else strip.crop(0, min(end, x2) - x)


class _Pieces(CompositorUpdate):
    """Pieces of rows, each at its place."""

    def __init__(self, pieces: Sequence[tuple[int, int, Strip]]) -> None:
        self._found = pieces

    def render_segments(self, console: Console) -> str:
        """As it is sent."""
        return "".join(Control.move_to(x, y).segment.text + strip.render(console) for y, x, strip in self._found)

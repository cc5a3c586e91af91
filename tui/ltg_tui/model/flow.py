"""Long text as rows that fit a width. Only the pages that are looked at are wrapped.

A flow is a list of blocks, each one text with a look. A block is divided into pages of some thousand letters; a page that
nobody has looked at counts with a guess of its rows. So a text of many megabytes opens, grows at its end, and can be read at
any place as fast as a short one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple, TypeAlias
from unicodedata import combining

from . import syntax
from .wrap import Cut, Shown, column, rows

PAGE: Final = 8_000
"""Letters of a page. With wrapping off, longer lines go on in another row."""

KEPT: Final = 64
"""So many pages stay wrapped."""


def _apart(text: str, start: int, end: int) -> int:
    """The last place up to `end` where a text can be cut; `end` itself where there is none near."""
    return next((cut for cut in range(end, max(start, end - 100), -1) if not _joined(text[cut - 1], text[cut])), end)


def _joined(before: str, after: str) -> bool:
    """Whether two characters may be shown otherwise when they are apart: line ends, emoji, letters with their accents."""
    return before in "\r\u200d" or "\U0001f3fb" <= after <= "\U0001f3ff" or combining(after) > 0


class Span(NamedTuple):
    """Some letters of a block that look otherwise."""

    start: int
    end: int
    look: str


class Block(NamedTuple):
    """A piece of text.

    Attributes:
        look: ``, `dim`, `heading`, `error`, `edited`, `key`, `warning`, ...
        spans: letters that look otherwise.
        syntax: `json` colours it as JSON, line by line; `raw` shows every character.
        hang: by how many cells the further rows of a line are indented.
    """

    text: str
    look: str = ""
    spans: tuple[Span, ...] = ()
    syntax: str = ""
    hang: int = 0


class Place(NamedTuple):
    """A letter of a flow."""

    block: int
    offset: int


class Piece(NamedTuple):
    """Letters of a row that look alike. Looks are names with a space between them; the later ones lie over the others."""

    text: str
    look: str


Found: TypeAlias = Callable[[int, str, int, int], Iterable[Span]]


class _Page:
    """Some lines of a block, or some part of a long line."""

    __slots__ = ("block", "end", "inside", "made", "rows", "start")

    def __init__(self, block: int, start: int, end: int, inside: bool) -> None:
        self.block, self.start, self.end, self.inside = block, start, end, inside
        self.rows = 0
        self.made: _Made | None = None


class _Made(NamedTuple):
    shown: Shown
    cuts: list[Cut]
    spans: list[Span]


class Flow:
    """Blocks, wrapped to a width.

    Attributes:
        blocks: what is shown.
        width: cells of a row.
        wrap: whether lines are wrapped; else they go on beyond the width.
        found: gives what stands out in a stretch of a block: (block, its text, start, end) -> spans.
        selected: from where to where letters are selected.
    """

    def __init__(self, blocks: Sequence[Block], width: int, *, wrap: bool = True) -> None:
        self.width, self.wrap = max(width, 4), wrap
        self.blocks: list[Block] = list(blocks)
        self.found: Found | None = None
        self.selected: tuple[Place, Place] | None = None
        self._kept: list[_Page] = []
        self._pages = [page for number in range(len(self.blocks)) for page in self._divide(number, 0, False)]
        self._tops: list[int] = []
        self._count()

    # Pages

    def _divide(self, block: int, start: int, inside: bool) -> Iterator[_Page]:
        text = self.blocks[block].text
        while len(text) - start > PAGE:
            end = text.rfind("\n", start, start + PAGE) + 1
            if not end:
                space = text.rfind(" ", max(start, start + PAGE - 200), start + PAGE)
                end = space + 1 if space >= 0 else _apart(text, start, start + PAGE)
            yield self._guessed(_Page(block, start, end, inside))
            inside, start = text[end - 1] != "\n", end
        yield self._guessed(_Page(block, start, len(text), inside))

    def _guessed(self, page: _Page) -> _Page:
        text = self.blocks[page.block].text
        lines = text.count("\n", page.start, page.end) + (not self._complete(page))
        size = page.end - page.start
        if not self.wrap or size <= self.width:
            page.rows = max(1, lines)
        else:
            page.rows = max(1, lines, round(size / (0.93 * self.width) + lines / 3))
        return page

    def _complete(self, page: _Page) -> bool:
        """Whether the page ends with the end of a line, after which another page begins."""
        text = self.blocks[page.block].text
        return page.end < len(text) and text[page.end - 1] == "\n"

    def _make(self, page: _Page) -> _Made:
        made = page.made
        if made is None:
            block = self.blocks[page.block]
            text = block.text[page.start : page.end]
            raw, complete = block.syntax == "raw", self._complete(page)
            if complete and not raw:
                text = text[: -2 if text.endswith("\r\n") else -1]
            shown = Shown(text, raw=raw)
            if complete and raw:
                shown.text = shown.text[:-1]
            cuts = rows(shown.text, self.width, wrap=self.wrap, hang=block.hang, inside=page.inside)
            spans = syntax.spans(shown.text, block.syntax, page.inside) if block.syntax else []
            made = page.made = _Made(shown, cuts, [Span(*each) for each in spans])
            page.rows = len(cuts)
            self._kept.append(page)
            if len(self._kept) > KEPT:
                self._kept.pop(0).made = None
        return made

    def _count(self) -> None:
        self._tops = [0, *accumulate(page.rows for page in self._pages)]

    @property
    def height(self) -> int:
        """Rows, as far as it is known."""
        return self._tops[-1]

    def _at(self, row: int) -> int:
        """The page of a row."""
        return min(max(bisect_right(self._tops, row) - 1, 0), len(self._pages) - 1)

    def settle(self, row: int, count: int) -> int:
        """Wrap what is needed to show `count` rows from `row` on, and as many before and after them.

        Returns which row is now where `row` was.
        """
        if not self._pages:
            return 0
        here = self._at(row)
        first, local = here, row - self._tops[here]
        was = self._pages[here].rows
        changed = self._settled(here)
        if changed and local:  # a guess: about as far into the page as before
            local = min(round(local * self._pages[here].rows / was), self._pages[here].rows - 1)
        room = count - local
        while first and room > 0:
            first -= 1
            changed |= self._settled(first)
            room -= self._pages[first].rows
        last, room = here, 2 * count - (self._pages[here].rows - local)
        while last < len(self._pages) - 1 and room > 0:
            last += 1
            changed |= self._settled(last)
            room -= self._pages[last].rows
        if changed:
            self._count()
        return self._tops[here] + local

    def _settled(self, index: int) -> bool:
        """Wrap a page. Returns whether its guess was wrong."""
        page = self._pages[index]
        was = page.rows
        self._make(page)
        return page.rows != was

    # Change

    def update(self, blocks: Sequence[Block]) -> int:
        """Show other blocks. What is the same at the beginning is not wrapped again. Returns the first row that changed."""
        new = list(blocks)
        same = 0
        while same < min(len(new), len(self.blocks)) and new[same] == self.blocks[same]:
            same += 1
        if same == len(new) == len(self.blocks):
            return self.height
        keep = next((i for i, page in enumerate(self._pages) if page.block >= same), len(self._pages))
        start, inside = 0, False
        if same < len(new) and same < len(self.blocks) and self._longer(self.blocks[same], new[same]):
            while keep < len(self._pages) - 1 and self._pages[keep + 1].block == same:
                keep += 1
            start, inside = self._pages[keep].start, self._pages[keep].inside
        self.blocks = new
        dropped, self._pages = self._pages[keep:], self._pages[:keep]
        self._kept = [page for page in self._kept if page not in dropped]
        for number in range(same, len(new)):
            self._pages += self._divide(number, start, inside)
            start, inside = 0, False
        self._count()
        first = self._tops[keep]
        return first + self._alike(dropped[0], keep) if dropped and keep < len(self._pages) else first

    @staticmethod
    def _longer(before: Block, after: Block) -> bool:
        return before[1:] == after[1:] and after.text.startswith(before.text)

    def _alike(self, before: _Page, index: int) -> int:
        """How many rows at the beginning of a page are as they were."""
        if before.made is None:
            return 0
        after = self._make(self._pages[index])
        self._count()
        old, new = before.made, after
        if not new.shown.text.startswith(old.shown.text):
            return 0
        return next((n for n, (a, b) in enumerate(zip(old.cuts[:-1], new.cuts, strict=False)) if a != b), len(old.cuts) - 1)

    # Rows

    def row(self, number: int) -> list[Piece]:
        """What a row shows."""
        found = self._find(number)
        if found is None:
            return []
        page, cut = found
        made = self._make(page)
        block = self.blocks[page.block]
        over = [span for span in made.spans if span.start < cut.end and span.end > cut.start]
        start, end = (page.start + made.shown.original(at) for at in cut[:2])
        outer = [span for span in block.spans if span.start < end and span.end > start]
        if self.found is not None:
            outer += self.found(page.block, block.text, start, end)
        at = made.shown.at
        over += [Span(at(span.start - page.start), at(span.end - page.start), span.look) for span in outer]
        over += self._selection(page, made, cut)
        pieces = _pieces(made.shown.text, cut, block.look, over)
        return [Piece(" " * cut.indent, block.look), *pieces] if cut.indent else pieces

    def _find(self, number: int) -> tuple[_Page, Cut] | None:
        if not 0 <= number < self.height:
            return None
        index = self._at(number)
        page = self._pages[index]
        cuts = self._make(page).cuts
        local = number - self._tops[index]
        return (page, cuts[local]) if local < len(cuts) else None

    def _selection(self, page: _Page, made: _Made, cut: Cut) -> list[Span]:
        if self.selected is None:
            return []
        start, end = self.selected
        if (page.block, page.start + made.shown.original(cut.end)) < start or (page.block, page.start) > end:
            return []
        first = 0 if start.block < page.block else made.shown.at(max(0, start.offset - page.start))
        last = cut.end if end.block > page.block else made.shown.at(max(0, end.offset - page.start))
        return [Span(first, last, "selected")] if first < last else []

    # Places

    def place(self, number: int) -> Place:
        """Where a row begins."""
        found = self._find(min(max(number, 0), self.height - 1))
        if found is None:
            return Place(0, 0)
        page, cut = found
        return Place(page.block, page.start + self._make(page).shown.original(cut.start))

    def end_of(self, number: int) -> Place:
        """Where a row ends: where the next one begins, or the block ends."""
        found = self._find(number)
        if found is None:
            return Place(max(0, len(self.blocks) - 1), len(self.blocks[-1].text) if self.blocks else 0)
        page, cut = found
        return Place(page.block, page.start + self._make(page).shown.original(cut.end))

    def place_in(self, number: int, letters: int) -> Place:
        """The place so many letters into a row."""
        found = self._find(min(max(number, 0), self.height - 1))
        if found is None:
            return Place(0, 0)
        page, cut = found
        shown = self._make(page).shown
        at = min(cut.start + max(0, letters - cut.indent), cut.end)
        return Place(page.block, page.start + shown.original(at))

    def find(self, place: Place) -> int:
        """The row of a place."""
        index = bisect_right(self._pages, place, key=lambda page: Place(page.block, page.start)) - 1
        if index < 0:
            return 0
        page = self._pages[index]
        if page.made is None:
            self._make(page)
            self._count()
        made = self._make(page)
        shown = made.shown.at(place.offset - page.start)
        return self._tops[index] + max(0, bisect_right(made.cuts, shown, key=lambda cut: cut.start) - 1)

    def text(self, start: Place, end: Place) -> str:
        """The text between two places, as it is: nothing is replaced. Between blocks is a line end."""
        parts = []
        for number in range(start.block, min(end.block + 1, len(self.blocks))):
            text = self.blocks[number].text
            parts.append(text[start.offset if number == start.block else 0 : end.offset if number == end.block else len(text)])
        return "\n".join(parts)


def _pieces(text: str, cut: Cut, look: str, over: list[Span]) -> list[Piece]:
    """The letters of a row, by look."""
    if not over:
        return [Piece(text[cut.start : cut.end], look)]
    edges = sorted({cut.start, cut.end, *(edge for span in over for edge in span[:2] if cut.start < edge < cut.end)})
    pieces = []
    for start, end in pairwise(edges):
        looks = [look, *(span.look for span in over if span.start <= start and span.end >= end)]
        pieces.append(Piece(text[start:end], " ".join(filter(None, looks))))
    return pieces


def beyond(pieces: Sequence[Piece], cells: int) -> tuple[list[Piece], int]:
    """A row without its first cells: what is seen when it is scrolled to the side; and how many letters that leaves out."""
    skipped = skip = column("".join(piece.text for piece in pieces), cells)
    found = []
    for piece in pieces:
        if skip < len(piece.text):
            found.append(Piece(piece.text[skip:], piece.look))
        skip = max(0, skip - len(piece.text))
    return found, skipped

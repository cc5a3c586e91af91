"""Places in a text that stand out: what was searched for, and the words that came from another task.

A finder gives the spans of one text. It is asked once for each block that is painted, and again only when the text changes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from .flow import Row

Span: TypeAlias = tuple[int, int]
Finder: TypeAlias = Callable[[str], list[Span]]
"""Text -> the spans that stand out, in order, none over another."""


class Place(NamedTuple):
    """A span in a flow."""

    block: int
    start: int
    end: int


class Marks:
    """The spans of the texts of one flow, by look.

    Attributes:
        current: the place that one has gone to; it looks different.
    """

    def __init__(self) -> None:
        self._finders: dict[str, Finder] = {}
        self._spans: dict[tuple[str, int], list[Span]] = {}
        self.current: Place | None = None

    def set(self, look: str, find: Finder | None) -> None:
        """What stands out in a look; None for nothing."""
        self.forget()
        if find is None:
            self._finders.pop(look, None)
        else:
            self._finders[look] = find

    def forget(self) -> None:
        """The texts are others now."""
        self._spans.clear()
        self.current = None

    def spans(self, look: str, block: int, text: str) -> list[Span]:
        """The spans in the text of a block."""
        found = self._spans.get((look, block))
        if found is None:
            found = self._spans[look, block] = self._finders[look](text) if look in self._finders else []
        return found

    def places(self, look: str, texts: Sequence[str]) -> list[Place]:
        """All spans of a look, in order."""
        return [Place(block, *span) for block, text in enumerate(texts) for span in self.spans(look, block, text)]

    def pieces(self, row: Row, texts: Sequence[str]) -> Iterator[tuple[str, str]]:
        """A row as (text, look) pieces; `` where nothing stands out. The look that was set last wins."""
        begin, end = row.start, row.start + len(row.text)
        looks = [""] * len(row.text) if self._finders else []
        for look in self._finders:
            spans = self.spans(look, row.block, texts[row.block])
            at = max(0, bisect_right(spans, (begin, begin)) - 1)
            while at < len(spans) and spans[at][0] < end:
                here = Place(row.block, *spans[at])
                word = f"{look}-current" if here == self.current else look
                low, high = max(here.start, begin) - begin, min(here.end, end) - begin
                if low < high:
                    looks[low:high] = [word] * (high - low)
                at += 1
        if not any(looks):
            yield row.text, ""
            return
        start = 0
        for stop in range(1, len(looks) + 1):
            if stop == len(looks) or looks[stop] != looks[start]:
                yield row.text[start:stop], looks[start]
                start = stop

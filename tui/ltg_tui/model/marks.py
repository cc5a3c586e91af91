"""Places in a text that stand out: what was searched for, and the words that came from another task.

A finder gives the spans of one text. It is asked once for each block that is painted, and again only when the text changes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

from .flow import Block, Span

Finder: TypeAlias = Callable[[str], list[tuple[int, int]]]
"""Text -> the spans that stand out, in order, none over another."""


class Match(NamedTuple):
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
        self._spans: dict[tuple[str, int], list[tuple[int, int]]] = {}
        self.current: Match | None = None

    def set(self, look: str, find: Finder | None) -> None:
        """What stands out in a look; None for nothing."""
        self.grown()
        self.current = None if look == "match" else self.current
        if find is None:
            self._finders.pop(look, None)
        else:
            self._finders[look] = find

    def forget(self) -> None:
        """The texts are others now."""
        self.grown()
        self.current = None

    def grown(self) -> None:
        """The texts have become longer."""
        self._spans.clear()

    def spans(self, look: str, block: int, text: str) -> list[tuple[int, int]]:
        """The spans in the text of a block."""
        found = self._spans.get((look, block))
        if found is None:
            found = self._spans[look, block] = self._finders[look](text) if look in self._finders else []
        return found

    def places(self, look: str, blocks: Sequence[Block]) -> list[Match]:
        """All spans of a look, in order."""
        return [Match(number, *span) for number, block in enumerate(blocks) for span in self.spans(look, number, block.text)]

    def between(self, block: int, text: str, start: int, end: int) -> list[Span]:
        """The spans that touch a stretch of a text. The look that was set last lies over the others."""
        found: list[Span] = []
        for look in self._finders:
            spans = self.spans(look, block, text)
            at = max(0, bisect_right(spans, (start, start)) - 1)
            while at < len(spans) and spans[at][0] < end:
                here = Match(block, *spans[at])
                if here.end > start:
                    found.append(
                        Span(here.start, here.end, "match-current" if look == "match" and here == self.current else look)
                    )
                at += 1
        return found

"""What a person searches for: plain words, or a regular expression between slashes.

Small letters find capitals, too; a capital finds only itself. Plain words take no long time, whatever the text. A regular
expression is tried on pieces of a text, so that whoever watches the time is heard in between.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Final, TypeAlias

from .sweep import TooSlow

Span: TypeAlias = tuple[int, int]
Guard: TypeAlias = Callable[[Callable[[], object]], object]
"""Does some work, or raises `TooSlow`."""

PIECE: Final = 16_000
"""About so many letters an expression is tried on at once: whole lines, or a part of a longer line. No match is longer."""

LONGEST: Final = 1_000
MOST: Final = 10_000
"""So many spans of one text are told."""

_PLAIN: Final = re.compile("[A-Za-z0-9]+")
_CAPITAL: Final = re.compile(r"\\.|([^\W\d_])", re.DOTALL)


class BadPattern(ValueError):
    """A search that cannot be read, in one line."""


class Pattern:
    """A search.

    Attributes:
        text: as it was typed.
        literal: whether it is plain words.

    Args:
        guard: does the work of an expression, which may take for ever.
    """

    def __init__(self, text: str, guard: Guard | None = None) -> None:
        self.text, self._guard = text, guard
        self.literal = not (len(text) > 2 and text[0] == text[-1] == "/")
        words = text if self.literal else text[1:-1]
        if len(words) > LONGEST:
            raise BadPattern(f"a search may have up to {LONGEST:,} letters")
        self._any_case = not _has_capital(words, self.literal)
        self._needle = words.lower() if self._any_case else words
        runs: list[str] = _PLAIN.findall(self._needle) if self.literal else []
        self._probe = max(runs, key=len, default="").encode()
        self._expression = _compiled(re.escape(words) if self.literal else words, self._any_case)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def found(self, text: str) -> bool:
        """Whether a text holds it.

        Raises:
            TooSlow: the guard said so.
        """
        if not self.literal:
            return bool(self._guarded(lambda: next(self._matches(text), None)))
        if not self._any_case:
            return self._needle in text
        if text.isascii():
            return self._needle in text.lower()
        return self._expression.search(text) is not None

    def might(self, raw: bytes) -> bool:
        """Whether a text that stands in JSON might hold it: a quick look, before that is made a text."""
        if not self._probe or not raw.isascii() or b"\\u" in raw:
            return True
        return self._probe in (raw.lower() if self._any_case else raw)

    def spans(self, text: str) -> list[Span]:
        """Where a text holds it, in order; the first of very many. None where that takes too long."""
        found: list[Span] = []
        try:
            if self.literal:
                found += islice((match.span() for match in self._expression.finditer(text)), MOST if self.found(text) else 0)
            else:
                self._guarded(lambda: found.extend(islice((match.span() for match in self._matches(text)), MOST)))
        except TooSlow:
            return found
        return found

    def _guarded(self, work: Callable[[], object]) -> object:
        return work() if self._guard is None else self._guard(work)

    def _matches(self, text: str) -> Iterator[re.Match[str]]:
        for start, end in pieces(text):
            for match in self._expression.finditer(text, start, end):
                if match.end() > match.start():
                    yield match


def pieces(text: str) -> Iterator[Span]:
    """A text in pieces of whole lines; lines that are longer than a piece are broken."""
    start = 0
    while len(text) - start > PIECE:
        end = text.rfind("\n", start, start + PIECE) + 1 or start + PIECE
        yield start, end
        start = end
    yield start, len(text)


def _has_capital(words: str, literal: bool) -> bool:
    if literal:
        return words != words.lower()
    return any(found[1] and found[1] != found[1].lower() for found in _CAPITAL.finditer(words))


def _compiled(expression: str, any_case: bool) -> re.Pattern[str]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(expression, re.MULTILINE | (re.IGNORECASE if any_case else 0))
    except re.error as error:
        where = f", at letter {error.pos + 1}" if error.pos is not None else ""
        raise BadPattern(f"not a regular expression: {error.msg}{where}") from None
    except (OverflowError, RecursionError, MemoryError):
        raise BadPattern("not a regular expression: it is too large") from None

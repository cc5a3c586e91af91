"""What a person searches for: plain words, or a regular expression between slashes.

Small letters find capitals, too; a capital finds only itself. Plain words take no long time, whatever the text. A regular
expression is tried on pieces of a text, so that whoever watches the time is heard in between.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from typing import Final, TypeAlias

Span: TypeAlias = tuple[int, int]

PIECE: Final = 16_000
"""About so many letters an expression is tried on at once: whole lines, or a part of a longer line. No match is longer."""

LONGEST: Final = 1_000
MOST: Final = 10_000
"""So many spans of one text are told."""

_CAPITAL: Final = re.compile(r"\\.|([^\W\d_])", re.DOTALL)


class BadPattern(ValueError):
    """A search that cannot be read, in one line."""


class Pattern:
    """A search.

    Attributes:
        text: as it was typed.
        literal: whether it is plain words.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.literal = not (len(text) > 2 and text[0] == text[-1] == "/")
        words = text if self.literal else text[1:-1]
        if len(words) > LONGEST:
            raise BadPattern(f"a search may have up to {LONGEST:,} letters")
        self._any_case = not _has_capital(words, self.literal)
        self._needle = words.lower() if self._any_case else words
        self._expression = _compiled(re.escape(words) if self.literal else words, self._any_case)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pattern) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def found(self, text: str) -> bool:
        """Whether a text holds it."""
        if not self.literal:
            return next(self._matches(text), None) is not None
        if not self._any_case:
            return self._needle in text
        if text.isascii():
            return self._needle in text.lower()
        return self._expression.search(text) is not None

    def spans(self, text: str) -> list[Span]:
        """Where a text holds it, in order; the first of very many."""
        if self.literal and not self.found(text):
            return []
        found = []
        for match in self._expression.finditer(text) if self.literal else self._matches(text):
            found.append(match.span())
            if len(found) == MOST:
                break
        return found

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

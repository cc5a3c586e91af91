"""What is different between two texts: whole lines first, then the words inside those that are alike.

Never costs in proportion to the square of the texts: what is common at both ends is cut off, then what occurs once on both
sides is matched (patience), and only short stretches between are compared piece by piece. Where a stretch is too long and has
nothing to hold on to, it counts as replaced as a whole, and `coarse` says so.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, Literal, NamedTuple, TypeAlias

Sign: TypeAlias = Literal["=", "-", "+"]

SHORT: Final = 16_000
"""A stretch of so many pairs (old times new) is compared piece by piece."""

WORDS: Final = 400_000
"""Letters of changed lines that are compared word by word; beyond that, line by line."""

LINES: Final = 900
"""Pairs of changed lines (old times new) of which it is found out which are alike."""

ALIKE: Final = 0.25
"""Changed lines with less than this part in common read better as replaced."""

_LETTERS: Final = re.compile(r"\w+")
_WORD: Final = re.compile(r"\w+|\s+|[^\w\s]")


class Piece(NamedTuple):
    """A stretch of text: in both (`=`), in the old one only (`-`), in the new one only (`+`)."""

    sign: Sign
    text: str


@dataclass(frozen=True)
class WordDiff:
    """All pieces in order: those with `=` and `-` make up the old text, those with `=` and `+` the new one.

    Attributes:
        coarse: some of it was too long to be compared word by word.
    """

    pieces: list[Piece]
    coarse: bool = False

    @property
    def old(self) -> str:
        """The old text."""
        return "".join(text for sign, text in self.pieces if sign != "+")

    @property
    def new(self) -> str:
        """The new text."""
        return "".join(text for sign, text in self.pieces if sign != "-")


def worddiff(old: str, new: str) -> WordDiff:
    """Compare two texts."""
    if old == new:
        return WordDiff([Piece("=", old)] if old else [])
    start, end = _common(old, new)
    pieces: list[Piece] = [Piece("=", old[:start])]
    coarse = False
    left = WORDS
    old_lines = old[start : len(old) - end].splitlines(keepends=True)
    new_lines = new[start : len(new) - end].splitlines(keepends=True)
    for sign, gone, came in _stretches(old_lines, new_lines):
        before, after = "".join(gone), "".join(came)
        if sign == "=":
            pieces.append(Piece("=", before))
        elif before and after:
            first, last = _common_words(before, after) if len(before) + len(after) > left else (0, 0)
            pieces.append(Piece("=", before[:first]))
            gone_words, came_words = before[first : len(before) - last], after[first : len(after) - last]
            if len(gone_words) + len(came_words) <= left:
                left -= len(gone_words) + len(came_words)
                pieces += _by_line(gone_words, came_words)
            else:
                coarse = True
                pieces += [Piece("-", gone_words), Piece("+", came_words)]
            pieces.append(Piece("=", before[len(before) - last :]))
        else:
            pieces += [Piece("-", before), Piece("+", after)]
    pieces.append(Piece("=", old[len(old) - end :]))
    return WordDiff(_joined(pieces), coarse)


def _common(old: str, new: str) -> tuple[int, int]:
    """How many letters of whole lines are common at the beginning and at the end."""
    shorter = min(len(old), len(new))
    start = _same(old, new, shorter)
    if start < shorter or len(old) != len(new):
        start = old.rfind("\n", 0, start) + 1
    end = _same_end(old, new, shorter - start)
    if end:
        cut = old.find("\n", len(old) - end)
        begins_line = end == len(old) - start == len(new) - start or (
            _after_line(old, len(old) - end) and _after_line(new, len(new) - end)
        )
        if not begins_line:
            end = len(old) - cut - 1 if cut >= 0 else 0
    return start, end


def _common_words(old: str, new: str) -> tuple[int, int]:
    """Likewise, of whole words: for lines that are too long to be compared otherwise."""
    shorter = min(len(old), len(new))
    start = _same(old, new, shorter)
    while start and (old[start - 1 : start + 1].isalnum() or new[start - 1 : start + 1].isalnum()):
        start -= 1
    end = _same_end(old, new, shorter - start)
    while end and (
        old[len(old) - end - 1 : len(old) - end + 1].isalnum() or new[len(new) - end - 1 : len(new) - end + 1].isalnum()
    ):
        end -= 1
    return start, end


def _after_line(text: str, at: int) -> bool:
    return at == 0 or text[at - 1] == "\n"


def _same(old: str, new: str, most: int) -> int:
    """How many letters at the beginning are the same: whole blocks are compared, then the block that differs is halved."""
    low, high = 0, most
    step = 1 << 16
    while low < high and old[low : low + step] == new[low : low + step] and low + step <= high:
        low += step
    high = min(high, low + step)
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _same_end(old: str, new: str, most: int) -> int:
    low, high = 0, most
    step = 1 << 16
    while low + step <= high and old[len(old) - low - step : len(old) - low] == new[len(new) - low - step : len(new) - low]:
        low += step
    high = min(high, low + step)
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _by_line(old: str, new: str) -> list[Piece]:
    """Changed lines: those that are alike are compared with each other, the rest is gone or came."""
    olds, news = old.splitlines(keepends=True), new.splitlines(keepends=True)
    if len(olds) == len(news) == 1 or len(olds) * len(news) > LINES:
        return _words(old, new)
    pieces: list[Piece] = []
    at_old = at_new = 0
    for first, second in [*_alike(olds, news), (len(olds), len(news))]:
        pieces += [Piece("-", "".join(olds[at_old:first])), Piece("+", "".join(news[at_new:second]))]
        if first < len(olds) and second < len(news):
            pieces += _words(olds[first], news[second])
        at_old, at_new = first + 1, second + 1
    return pieces


def _alike(olds: Sequence[str], news: Sequence[str]) -> list[tuple[int, int]]:
    """Which lines go with which, in order, so that as much as can be is alike."""
    words_old, words_new = ([Counter(_LETTERS.findall(line)) for line in lines] for lines in (olds, news))
    best = [[0.0] * (len(news) + 1) for _ in range(len(olds) + 1)]
    score: dict[tuple[int, int], float] = {}
    for i in range(len(olds) - 1, -1, -1):
        for j in range(len(news) - 1, -1, -1):
            total = words_old[i].total() + words_new[j].total()
            alike = 2 * (words_old[i] & words_new[j]).total() / total if total else 0.0
            score[i, j] = alike if alike >= 0.5 else -1.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], best[i + 1][j + 1] + score[i, j])
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(olds) and j < len(news):
        if score[i, j] > 0 and best[i][j] == best[i + 1][j + 1] + score[i, j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            i += 1
        else:
            j += 1
    return found


def _words(old: str, new: str) -> list[Piece]:
    """Changed lines, word by word."""
    pieces: list[Piece] = []
    same = 0
    for sign, gone, came in _stretches(_WORD.findall(old), _WORD.findall(new)):
        before, after = "".join(gone), "".join(came)
        if sign == "=":
            same += sum(len(word) for word in gone if not word.isspace())
            pieces.append(Piece("=", before))
        else:
            pieces += [Piece("-", before), Piece("+", after)]
    if 2 * same < ALIKE * (len(old) + len(new)) and len(old) + len(new) > 80:
        return [Piece("-", old), Piece("+", new)]
    return _without_crumbs(_joined(pieces))


def _without_crumbs(pieces: list[Piece]) -> list[Piece]:
    """White space that is all that two changes have between them belongs to both: they read better as one."""
    made: list[Piece] = []
    for at, piece in enumerate(pieces):
        between = 0 < at < len(pieces) - 1 and piece.sign == "=" and piece.text.isspace() and "\n" not in piece.text
        made += [Piece("-", piece.text), Piece("+", piece.text)] if between else [piece]
    return _joined(made)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Neighbours of one sign as one; of a change, what is gone comes first."""
    made: list[Piece] = []
    gone: list[str] = []
    came: list[str] = []
    kept: list[str] = []

    def flush_change() -> None:
        if gone:
            made.append(Piece("-", "".join(gone)))
        if came:
            made.append(Piece("+", "".join(came)))
        gone.clear()
        came.clear()

    for sign, text in pieces:
        if not text:
            continue
        if sign == "=":
            flush_change()
            kept.append(text)
            continue
        if kept:
            made.append(Piece("=", "".join(kept)))
            kept.clear()
        (gone if sign == "-" else came).append(text)
    flush_change()
    if kept:
        made.append(Piece("=", "".join(kept)))
    return made


Stretch: TypeAlias = tuple[Literal["=", "~"], Sequence[str], Sequence[str]]


def _stretches(old: Sequence[str], new: Sequence[str]) -> Iterator[Stretch]:
    """Stretches that are the same (`=`) or not (`~`), in order."""
    at_old = at_new = 0
    for start_old, start_new, length in [*matches(old, new), (len(old), len(new), 0)]:
        if at_old < start_old or at_new < start_new:
            yield "~", old[at_old:start_old], new[at_new:start_new]
        if length:
            yield "=", old[start_old : start_old + length], new[start_new : start_new + length]
        at_old, at_new = start_old + length, start_new + length


def matches(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int, int]]:
    """(start in old, start in new, length) of what is the same, in order."""
    found: list[tuple[int, int, int]] = []
    effort = 8 * (len(old) + len(new)) + 1000
    stack = [(0, len(old), 0, len(new))]
    while stack:
        low, high, start, end = stack.pop()
        first = low
        while low < high and start < end and old[low] == new[start]:
            low, start = low + 1, start + 1
        if low > first:
            found.append((first, start - (low - first), low - first))
        last = high
        while low < high and start < end and old[high - 1] == new[end - 1]:
            high, end = high - 1, end - 1
        if last > high:
            found.append((high, end, last - high))
        if low == high or start == end:
            continue
        if (high - low) * (end - start) <= SHORT:
            matcher = SequenceMatcher(None, old[low:high], new[start:end], autojunk=False)
            found += [(low + a, start + b, size) for a, b, size in matcher.get_matching_blocks() if size]
            continue
        effort -= high - low + end - start
        anchors = _anchors(old, low, high, new, start, end) if effort > 0 else []
        edges = [*anchors, (high, end)]
        for at_old, at_new in edges:
            if anchors:  # without any, it is replaced as a whole
                stack.append((low, at_old, start, at_new))
            if at_old < high:
                found.append((at_old, at_new, 1))
            low, start = at_old + 1, at_new + 1
    return sorted(found)


def _anchors(old: Sequence[str], low: int, high: int, new: Sequence[str], start: int, end: int) -> list[tuple[int, int]]:
    """What occurs once on both sides, as long as it keeps its order: (place in old, place in new)."""
    here, there = Counter(old[low:high]), Counter(new[start:end])
    places = {word: at for at, word in enumerate(new[start:end], start) if there[word] == 1}
    pairs = [
        (at, places[word])
        for at, word in enumerate(old[low:high], low)
        if here[word] == 1 and word in places and not word.isspace()
    ]
    return _rising(pairs)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of pairs, which rise on the left, that rises on the right too."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for at, (_, place) in enumerate(pairs):
        length = bisect_left(tails, place)
        if length == len(tails):
            tails.append(place)
            ends.append(at)
        else:
            tails[length], ends[length] = place, at
        before.append(ends[length - 1] if length else -1)
    found: list[tuple[int, int]] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        found.append(pairs[at])
        at = before[at]
    return found[::-1]

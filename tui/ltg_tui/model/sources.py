"""The words of other tasks in a prompt: where what a task was given stands in what it asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec

from llmtaskgraph import Task, named_arguments, named_refs

from . import values
from .pattern import Span
from .session import Session

SHORTEST: Final = 4
"""Shorter strings within a value stand in any text by chance."""

MOST: Final = 200
EFFORT: Final = 50_000_000
"""Letters that are compared at most."""


class Source(NamedTuple):
    """An argument that is, or holds, the output of another task; and the strings to look for."""

    argument: str
    task: str
    words: tuple[str, ...]


def sources(session: Session, task: Task) -> list[Source]:
    """What a task was given by others, as far as it can be looked for."""
    found = []
    for name, arg in named_arguments(task):
        for path, ref in named_refs(name, arg):
            seen = session.seen(ref)
            if seen is not None and seen.output is not None:
                found.append(Source(path, ref, tuple(_strings(seen.output.value))))
            if len(found) == MOST:
                return found
    return found


def spans(text: str, words: Iterable[str]) -> list[Span]:
    """Where words stand in a text, in order, none over another. A text that does not stand there whole is looked for by lines."""
    found: list[Span] = []
    effort = 0
    for word in words:
        for each in (word,) if word in text else _lines(word):
            effort += len(text)
            if effort > EFFORT:
                return _apart(found)
            at = text.find(each)
            while at >= 0 and len(found) < MOST:
                found.append((at, at + len(each)))
                at = text.find(each, at + len(each))
    return _apart(found)


def _strings(raw: msgspec.Raw) -> Iterator[str]:
    whole = values.string(raw)
    if whole is not None:
        if len(whole.strip()) > 1:
            yield whole.strip()
        return
    try:
        stack = [msgspec.json.decode(raw)]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    count = 0
    while stack and count < MOST:
        value = stack.pop()
        if isinstance(value, str) and len(value.strip()) >= SHORTEST:
            count += 1
            yield value.strip()
        elif isinstance(value, list):
            stack.extend(reversed(value))
        elif isinstance(value, dict):
            stack.extend(reversed(value.values()))


def _lines(word: str) -> list[str]:
    lines = [line.strip() for line in word.splitlines()]
    return [line for line in lines if len(line) >= 5 * SHORTEST] if len(lines) > 1 else []


def _apart(found: list[Span]) -> list[Span]:
    """In order, and one for those that touch or overlap."""
    apart: list[Span] = []
    for start, end in sorted(found):
        if apart and start < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(end, apart[-1][1]))
        else:
            apart.append((start, end))
    return apart

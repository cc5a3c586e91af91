"""Which tasks of a run hold a text: in their id, or in any value that is recorded of them.

Small letters find capitals, too; a capital finds only itself. A regular expression that takes too long is given up.
"""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from .._errors import LLMTaskGraphError
from .._graph import Arg, Task
from .._state import State, TaskRun

LONGEST: Final = 1_000
PATIENCE: Final = 0.2
"""Seconds that an expression may take on one task."""

MOST_SLOW: Final = 4
"""After so many tasks that took too long the search is given up."""

_CAPITAL: Final = re.compile(r"\\.|([^\W\d_])", re.DOTALL)


class BadSearch(LLMTaskGraphError):
    """A search that cannot be read, in one line."""

    exit_code = 2


class _TooSlow(Exception):
    pass


class Search:
    """A search of one run.

    Attributes:
        found: ids of the tasks that hold it, in the order of the tree.
        complete: whether every task was looked at.

    Raises:
        BadSearch: it is no regular expression, or too long.
    """

    def __init__(self, state: State, run: int, text: str, *, regex: bool) -> None:
        if len(text) > LONGEST:
            raise BadSearch(f"a search may have up to {LONGEST:,} letters")
        self.found: list[str] = []
        self.complete = True
        self._state, self._run = state, run
        capital = (
            any(each[1] and each[1] != each[1].lower() for each in _CAPITAL.finditer(text)) if regex else text != text.lower()
        )
        try:
            flags = re.MULTILINE | (re.NOFLAG if capital else re.IGNORECASE)
            self._expression = re.compile(text if regex else re.escape(text), flags)
        except (re.error, OverflowError, RecursionError) as error:
            raise BadSearch(f"not a regular expression: {error}") from None
        self._needle = None if regex else text if capital else text.lower()
        self._small = not capital

    def steps(self) -> Iterator[None]:
        """Look at the tasks, with a stop after each."""
        slow = 0
        for task in self._state.walk(self._run):
            try:
                if self._holds(task):
                    self.found.append(task.id)
            except _TooSlow:
                self.complete = False
                slow += 1
                if slow == MOST_SLOW:
                    return
            yield

    def _holds(self, task: Task) -> bool:
        texts = _texts(task, self._state.seen(self._run, task.id))
        if self._needle is None:
            return _bounded(lambda: any(self._expression.search(text) for text in texts))
        return any(self._stands_in(text, self._needle) for text in texts)

    def _stands_in(self, text: str, needle: str) -> bool:
        if not self._small or text.isascii():
            return needle in (text.lower() if self._small else text)
        return self._expression.search(text) is not None


def _texts(task: Task, seen: TaskRun | None) -> Iterator[str]:
    """All text of a task."""
    yield task.id
    for arg in task.arguments():
        yield from _arg_texts(arg)
    yield from _strings(task.params)
    if seen is None:
        return
    for stage in (seen.prompt, seen.response, seen.output):
        if stage is not None:
            yield from _strings(_decoded(stage.value))
    for error in (seen.error, *(attempt.error for attempt in seen.attempts)):
        if error is not None:
            yield f"{error.type}: {error.message}"
    for attempt in seen.attempts:
        yield attempt.partial or ""
    for log in seen.logs:
        yield log.text


def _arg_texts(arg: Arg) -> Iterator[str]:
    stack = [arg]
    while stack:
        each = stack.pop()
        if each.value is not UNSET:
            yield from _strings(_decoded(each.value))
        elif each.items is not UNSET:
            stack.extend(each.items)
        elif each.entries is not UNSET:
            stack.extend(each.entries.values())


def _decoded(raw: Raw) -> Any:
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _strings(value: Any) -> Iterator[str]:
    """The strings in a value, its keys included, and its numbers as they are written."""
    stack = [value]
    while stack:
        each = stack.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            stack.extend(reversed([item for pair in each.items() for item in pair]))
        elif isinstance(each, list):
            stack.extend(reversed(each))
        elif each is not None:
            yield msgspec.json.encode(each).decode()


def _bounded(work: Callable[[], bool]) -> bool:
    """What `work` gives, if it does with little work: expressions look for signals while they run. Only the main thread gets any.

    What is counted is the time of this process, not the time that others take from it.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    armed = True

    def ring(*_: object) -> None:
        if armed:
            raise _TooSlow

    before = signal.signal(signal.SIGVTALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE)
        return work()
    finally:
        armed = False  # from here on a late ring does nothing
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)

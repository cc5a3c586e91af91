"""A search of the run on screen, and a filter of it: which tasks hold what was asked for, and where."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TypeAlias

from llmtaskgraph import State, Task

from .bodies import Bodies
from .detail import PaneName
from .keep import Keep
from .pattern import Pattern
from .query import Facts, Query

Find: TypeAlias = Callable[[str], Task | None]


class Search:
    """Tasks that hold a pattern in their name or in a text.

    Attributes:
        keep: those that were found.
        where: the pane of the first match in each; None for its name.
    """

    def __init__(self, state: State, run: int, find: Find, pattern: Pattern) -> None:
        self.pattern = pattern
        self.keep = Keep(find)
        self.where: dict[str, PaneName | None] = {}
        self._bodies = Bodies(state, run)

    def look(self, task: Task) -> None:
        """Look at a task, perhaps anew."""
        place = self._place(task)
        if place is _NOWHERE:
            self.keep.discard(task)
            self.where.pop(task.id, None)
        else:
            self.keep.add(task)
            self.where[task.id] = place[0]

    def _place(self, task: Task) -> tuple[PaneName | None]:
        if self.pattern.found(task.name):
            return (None,)
        return next(((pane,) for pane, text in self._bodies.of(task) if self.pattern.found(text)), _NOWHERE)


_NOWHERE: tuple[PaneName | None] = ("info",)


class Filter:
    """Tasks for which a query holds.

    Attributes:
        keep: those that were found.

    Args:
        edited: whether an edit of a task stands or waits.
    """

    def __init__(self, state: State, run: int, find: Find, query: Query, edited: Callable[[str], bool]) -> None:
        self.query = query
        self.keep = Keep(find)
        self._state, self._run, self._edited = state, run, edited
        self._bodies = Bodies(state, run)

    def look(self, task: Task) -> None:
        """Look at a task, perhaps anew."""
        seen = self._state.seen(self._run, task.id)
        facts = Facts(task, seen, self._run, self._edited(task.id), time.time(), lambda: self._texts(task))
        if self.query.holds(facts):
            self.keep.add(task)
        else:
            self.keep.discard(task)

    def _texts(self, task: Task) -> Iterator[str]:
        yield task.name
        for _, text in self._bodies.of(task):
            yield text

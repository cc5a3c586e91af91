"""A search of the run on screen, and a filter of it: which tasks hold what was asked for, and where."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TypeAlias

from llmtaskgraph import State, Task

from .bodies import Bodies
from .detail import PaneName
from .keep import Keep
from .pattern import Pattern
from .query import Facts, Query
from .sweep import TooSlow

Find: TypeAlias = Callable[[str], Task | None]


class Looking(ABC):
    """Looks at tasks one by one, and again when something happened to them.

    Attributes:
        keep: those that are what is looked for.
    """

    def __init__(self, find: Find) -> None:
        self.keep = Keep(find)
        self._looked: set[str] = set()

    def look(self, task: Task) -> None:
        """Look at a task, perhaps anew.

        Raises:
            TooSlow: that takes too long.
        """
        self._looked.add(task.id)
        self._look(task)

    @abstractmethod
    def _look(self, task: Task) -> None:
        """Note whether a task is one of those."""

    def again(self, tasks: dict[str, Task], changed: Iterable[str]) -> None:
        """Look again at those that changed, and at those that have come to the end of `tasks`."""
        new = []
        for id in reversed(tasks):
            if id in self._looked:
                break
            new.append(id)
        for id in (*changed, *reversed(new)):
            if id in tasks:
                with suppress(TooSlow):
                    self.look(tasks[id])


class Search(Looking):
    """Tasks that hold a pattern in their name or in a text.

    Attributes:
        where: the pane of the first match in each; None for its name.
    """

    def __init__(self, state: State, run: int, find: Find, pattern: Pattern) -> None:
        super().__init__(find)
        self.pattern = pattern
        self.where: dict[str, PaneName | None] = {}
        self._bodies = Bodies(state, run)

    def _look(self, task: Task) -> None:
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
        return next(((pane,) for pane, text in self._bodies.of(task, self.pattern.might) if self.pattern.found(text)), _NOWHERE)


_NOWHERE: tuple[PaneName | None] = ("info",)


class Filter(Looking):
    """Tasks for which a query holds.

    Args:
        edited: whether an edit of a task stands or waits.
    """

    def __init__(self, state: State, run: int, find: Find, query: Query, edited: Callable[[str], bool]) -> None:
        super().__init__(find)
        self.query = query
        self._state, self._run, self._edited = state, run, edited
        self._bodies = Bodies(state, run)

    def _look(self, task: Task) -> None:
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

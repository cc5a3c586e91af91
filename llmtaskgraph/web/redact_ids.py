"""Ids of tasks without the names that a user gave: `main/judge[Jane Doe]` becomes `main/judge[name 1]`.

Functions, and the ordinals that tasks of one function are told apart by, stay. One id becomes one id, and two become two.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Final

from .._graph import Task

_ORDINAL: Final = re.compile(r"\[(0|[1-9][0-9]{0,8})\]")


class Ids:
    """The ids of a trace, and what stands for them."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        self._found: dict[str, str] = {}
        self._unknown = 0
        self._given: Counter[tuple[str | None, str]] = Counter()
        all = {task.id: task for task in tasks}
        siblings: defaultdict[tuple[str | None, str | None], int] = defaultdict(int)
        for task in all.values():
            siblings[task.scope, task.function] += 1
        for task in sorted(all.values(), key=lambda task: len(task.scope or "")):  # scopes before what is in them
            self._found[task.id] = self._of(task, siblings[task.scope, task.function])

    def __getitem__(self, id: str) -> str:
        """What stands for an id. One that no task has, in a damaged trace, is `task 1` and so on."""
        found = self._found.get(id)
        if found is None:
            self._unknown += 1
            found = self._found[id] = f"task {self._unknown}"
        return found

    def _of(self, task: Task, siblings: int) -> str:
        function = task.function or task.type
        if task.scope is None:
            scope, name = None, task.id
        elif task.id.startswith(f"{task.scope}/"):
            scope, name = task.scope, task.name
        else:
            return self[task.id]
        inside = "" if scope is None else f"{self[scope]}/"
        if task.function is not None and name.startswith(function):
            ordinal = _ORDINAL.fullmatch(name, len(function))
            # a name may be a number, too: one that no ordinal can be is a name
            if name == function or (ordinal is not None and int(ordinal[1]) < siblings):
                return inside + name
        self._given[scope, function] += 1
        return f"{inside}{function}[name {self._given[scope, function]}]"

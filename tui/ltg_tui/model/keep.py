"""Some tasks of a run, and how many of them are inside of each graph and group: what a search found, what a filter keeps.

Adding a task costs in proportion to its depth. With the counts, the tree skips what holds none of them: going to the next one
and showing only these cost by what they pass and show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from llmtaskgraph import Task

from .node import Node


def group_key(scope: str, function: str) -> str:
    """The key of the row that stands for all tasks of one function in a scope."""
    return f"{scope}/{function}[*]"


class Keep:
    """A set of tasks.

    Attributes:
        version: rises with every change.

    Args:
        find: gives the task of an id in the run on screen.
    """

    def __init__(self, find: Callable[[str], Task | None]) -> None:
        self._find = find
        self._ids: dict[str, None] = {}
        self._inside: dict[str, int] = {}
        self.version = 0

    def __contains__(self, id: object) -> bool:
        return id in self._ids

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[str]:
        return iter(self._ids)

    def inside(self, key: str) -> int:
        """How many are below the row of that key."""
        return self._inside.get(key, 0)

    def add(self, task: Task) -> None:
        """Put a task in."""
        if task.id not in self._ids:
            self._ids[task.id] = None
            self._count(task, 1)

    def discard(self, task: Task) -> None:
        """Take a task out."""
        if task.id in self._ids:
            del self._ids[task.id]
            self._count(task, -1)

    def _count(self, task: Task, step: int) -> None:
        self.version += 1
        inside = self._inside
        each: Task | None = task
        while each is not None and each.scope is not None:
            if each.function is not None:
                key = group_key(each.scope, each.function)
                inside[key] = inside.get(key, 0) + step
            inside[each.scope] = inside.get(each.scope, 0) + step
            each = self._find(each.scope)

    def position(self, node: Node, parts: Callable[[Node], Iterable[Task | Node]]) -> int:
        """How many are at a row or before it, in the order of the rows; `parts` gives what is directly below a row, in order."""
        found = int(node.task is not None and node.key in self)
        while node.parent is not None:
            for part in parts(node.parent):
                key = part.key if isinstance(part, Node) else part.id
                if key == node.key:
                    break
                if not isinstance(part, Node) or part.link is None:
                    found += (key in self) + self.inside(key)
            node = node.parent
            found += node.task is not None and node.key in self
        return found

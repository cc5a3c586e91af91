"""A row of the tree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from llmtaskgraph import Task

from .tally import Tally

NOTHING: Final = Tally()


class Node:
    """A task, a group of tasks of one function, or a ↪ row that stands for one of these.

    Most tasks of a large trace have none: a node exists when its row was shown once, or when tasks are below it.

    Attributes:
        key: the task's id; for a group its scope, function and `[*]`.
        task: None for a group; for a ↪ row the task that it stands for.
        link: for a ↪ row, the node that it stands for.
        kids: what is directly below, in the order of declaration; None until somebody asked.
        children: the rows of these, after the ↪ rows, in the order of the screen; None until they were shown once.
        open: whether its children are shown.
        inner: what all below it add up to, as far as it is counted.
        start: when the first task of a group started; None as long as none has.
        end: when the last one ended.
        row: where it was seen last in the rows; a guess to begin a search with.
    """

    __slots__ = ("children", "depth", "end", "inner", "key", "kids", "link", "open", "parent", "row", "start", "task")

    def __init__(self, key: str, task: Task | None, parent: Node | None, link: Node | None = None) -> None:
        self.key, self.task, self.parent, self.link = key, task, parent, link
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.kids: list[Task | Node] | None = None
        self.children: list[Node] | None = None
        self.open = False
        self.inner = NOTHING
        self.start: float | None = None
        self.end: float | None = None
        self.row = 0

    @property
    def name(self) -> str:
        """What the row says: the last part of the task's id, or the function of a group."""
        if self.link is not None:
            return self.link.name
        if self.task is not None:
            return self.task.name
        assert self.parent is not None
        return self.key[len(self.parent.key) + 1 : -len("[*]")]

    @property
    def members(self) -> int:
        """How many are directly below it."""
        return len(self.kids) if self.kids else 0

    def ancestors(self) -> Iterator[Node]:
        """Its parent, and so on to the root."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def cover(self, start: float | None, end: float | None) -> None:
        """Let the span of a group include this one."""
        if start is not None and (self.start is None or start < self.start):
            self.start = start
        if end is not None and (self.end is None or end > self.end):
            self.end = end

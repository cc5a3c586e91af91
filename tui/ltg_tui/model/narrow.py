"""An outline narrowed to some tasks: these, and what they are in. Everything else is as if it were not there.

It costs by what is shown, and by the siblings of that. What a person folds meanwhile is forgotten afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from llmtaskgraph import Task

from .keep import Keep
from .node import Node

UNFOLDED: Final = 1000
"""About so many rows are unfolded by themselves."""


class Narrow:
    """Which rows are left, and what is unfolded among them.

    Attributes:
        folds: key -> whether a person unfolded or folded it since.

    Args:
        below: gives all rows below a row that are for these tasks and groups, in the order of the screen.
        kids: gives what is directly below a row.
    """

    def __init__(
        self,
        keep: Keep,
        kids: Callable[[Node], list[Task | Node]],
        below: Callable[[Node, list[Task | Node]], list[Node]],
    ) -> None:
        self.keep, self.folds = keep, dict[str, bool]()
        self._kids, self._below = kids, below
        self._children: dict[Node, list[Node]] = {}
        self._before: dict[Node, bool] = {}

    def shows(self, key: str) -> bool:
        """Whether the row of a task or group is left."""
        return key in self.keep or self.keep.inside(key) > 0

    def has_children(self, node: Node) -> bool:
        """Whether something below a row is left."""
        return node.link is None and self.keep.inside(node.key) > 0

    def children(self, node: Node) -> list[Node]:
        """The rows below a row that are left."""
        found = self._children.get(node)
        if found is None:
            kept = [kid for kid in self._kids(node) if self.shows(kid.key if isinstance(kid, Node) else kid.id)]
            found = self._children[node] = self._below(node, kept) if self.has_children(node) else []
        return found

    def nearest(self, node: Node) -> Node:
        """A row, or what is left of what it is in."""
        while node.parent is not None and (node.link is not None or not self.shows(node.key)):
            node = node.parent
        return node

    def renew(self, root: Node) -> None:
        """Take in that `keep` or the tasks have changed: unfold what leads to what is kept."""
        self._children.clear()
        budget, level = UNFOLDED, [root]
        while level:
            below: list[Node] = []
            for node in level:
                if not self.has_children(node):
                    continue
                self._before.setdefault(node, node.open)
                few = self.keep.inside(node.key) <= budget or len(self.children(node)) <= budget
                node.open = self.folds.get(node.key, few)
                if node.open:
                    budget -= len(self.children(node))
                    below += self.children(node)
            level = below

    def undo(self) -> None:
        """Fold and unfold as it was before."""
        for node, opened in self._before.items():
            node.open = opened

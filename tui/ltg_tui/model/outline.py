"""The tree of a run as rows: tasks, fan-outs put together as groups, what is folded, in which order siblings stand.

Only what is shown exists: a row is made when its parent is unfolded. What the parts add up to is the census's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from llmtaskgraph import State, Task, TaskRun

from .census import FAN_OUT as FAN_OUT
from .census import Census
from .keep import Keep
from .narrow import Narrow
from .node import Node as Node
from .order import Order, ordered
from .tally import because_of_a_child

if TYPE_CHECKING:
    from .search import Search

UNFOLDED: Final = 120
"""About so many rows are unfolded at first."""

_NEAR: Final = 200
_MANY: Final = 20


class Outline:
    """The rows of one run.

    Attributes:
        census: which tasks there are, and what they add up to.
        root: the node of the root task; None in a damaged trace.
        rows: the nodes that are shown, in order.
        order: how siblings are sorted.
        trail: what is unfolded only to show the node that is pinned, from the inside.
        narrowed: which rows are left; None when all are.
        found: what a search has found; None without one.

    Args:
        folds: key -> whether a person unfolded or folded it; shared by the outlines of one session.
    """

    def __init__(self, state: State, run: int, folds: dict[str, bool], order: Order = "declared") -> None:
        self.state, self.run, self.folds, self.order = state, run, folds, order
        self.census = Census(state, run)
        self.root = self.census.root
        self.rows: list[Node] = []
        self.trail: list[Node] = []
        self.narrowed: Narrow | None = None
        self.found: Search | None = None
        self._all_folds = folds
        if self.root is not None:
            self._unfold_some(self.root)
            self.rows = list(self._shown(self.root))

    # Reading

    @property
    def marks(self) -> dict[str, str]:
        """Task id -> `run` or `maybe`: what a resume would do."""
        return self.census.marks

    @property
    def edited(self) -> set[str]:
        """Ids of tasks with an edit."""
        return self.census.edited

    def seen(self, node: Node) -> TaskRun | None:
        """The task run that stands for a node in this run."""
        return None if node.task is None else self.state.seen(self.run, node.task.id)

    def node(self, id: str) -> Node | None:
        """The node of a task, shown or not; None for a task that is not in the run."""
        return self.census.node(id)

    def same(self, other: Node | None) -> Node | None:
        """The node that stands for a node of another outline, or of this one before it changed; else the nearest scope."""
        while other is not None:
            parent = other.parent
            if other.link is not None or other.task is None:
                here = None if parent is None else self.node(parent.key)
                found = None if here is None else next((each for each in self.children(here) if each.key == other.key), None)
            else:
                found = self.node(other.key)
            if found is not None:
                return found
            other = parent
        return None

    def has_children(self, node: Node) -> bool:
        """Whether a row can be unfolded."""
        if self.narrowed is not None:
            return self.narrowed.has_children(node)
        return bool(self.census.kids(node)) or bool(self._links(node) if node.children is None else node.children)

    def children(self, node: Node) -> list[Node]:
        """The rows below a row, in the order of the screen."""
        if self.narrowed is not None:
            return self.narrowed.children(node)
        if node.children is None:
            node.children = [*self._links(node), *self._below(node, self.census.kids(node))]
        return node.children

    def _below(self, node: Node, kids: Sequence[Task | Node]) -> list[Node]:
        below = [kid if isinstance(kid, Node) else self._made(kid, node) for kid in kids]
        return ordered(self.census, below, self.order)

    def index(self, node: Node) -> int:
        """The row of a node, or of what it is folded into."""
        if self.narrowed is not None:
            node = self.narrowed.nearest(node)
        for ancestor in node.ancestors():
            if not ancestor.open:
                node = ancestor
        return self._row(node)

    def _row(self, node: Node) -> int:
        rows, guess = self.rows, node.row
        if guess >= len(rows) or rows[guess] is not node:
            try:
                guess = rows.index(node, max(0, guess - _NEAR), guess + _NEAR)
            except ValueError:
                guess = rows.index(node)
            node.row = guess
        return guess

    def tasks(self, node: Node, *, backwards: bool = False, into: Callable[[Node], bool] | None = None) -> Iterator[Task]:
        """All tasks below a row, folded or not, in the order of the rows; `into` tells which rows to go into."""
        stack: list[tuple[Iterator[Task | Node], Task | None]] = [(self._parts(node, backwards), None)]
        while stack:
            parts, above = stack[-1]
            part = next(parts, None)
            if part is None:
                stack.pop()
                if above is not None:
                    yield above
                continue
            if isinstance(part, Node) and part.link is not None:
                continue
            task = part.task if isinstance(part, Node) else part
            below = part if isinstance(part, Node) else self.census.nodes.get(part.id)
            entered = below is not None and self.census.kids(below) and (into is None or into(below))
            if task is not None and not (entered and backwards):
                yield task
            if entered and below is not None:
                stack.append((self._parts(below, backwards), task if backwards else None))

    def _parts(self, node: Node, backwards: bool) -> Iterator[Task | Node]:
        parts: Sequence[Task | Node] = self.census.kids(node) if node.children is None else node.children
        return reversed(parts) if backwards else iter(parts)

    def after(self, node: Node, *, backwards: bool = False, into: Callable[[Node], bool] | None = None) -> Iterator[Task]:
        """All tasks from a row on, folded or not, and then from the other end up to it. No rows are made for them."""
        if self.root is None or self.root.task is None:
            return
        if node.link is not None:
            node = node.parent or self.root
        here = node
        if not backwards:
            yield from self.tasks(node, into=into)
        while here.parent is not None:
            siblings = self.children(here.parent)
            at = siblings.index(here)
            for sibling in siblings[:at][::-1] if backwards else siblings[at + 1 :]:
                yield from self._with_below(sibling, backwards, into)
            here = here.parent
            if backwards and here.task is not None:
                yield here.task
        for task in self._with_below(self.root, backwards, into):
            if task is node.task or (node.task is None and self.census.above(task) is node):
                return
            yield task

    def _with_below(self, node: Node, backwards: bool, into: Callable[[Node], bool] | None) -> Iterator[Task]:
        if node.link is not None:
            return
        if node.task is not None and not backwards:
            yield node.task
        if into is None or into(node):
            yield from self.tasks(node, backwards=backwards, into=into)
        if node.task is not None and backwards:
            yield node.task

    def problem(self, node: Node, *, backwards: bool = False) -> Task | None:
        """The next task that failed by itself, from a row on and around, or that is blocked where none failed; None when there is
        no other."""
        self.census.advance(None)
        if not self.census.total.failed:
            tasks = self.after(node, backwards=backwards, into=lambda below: bool(below.inner.blocked))
            return next((task for task in tasks if self.shows(task.id) and self.blocked(task)), None)
        tasks = self.after(node, backwards=backwards, into=lambda below: bool(below.inner.failed))
        return next((task for task in tasks if self.shows(task.id) and self.failed(task)), None)

    def blocked(self, task: Task) -> bool:
        """Whether a task is blocked in this run."""
        seen = self.state.seen(self.run, task.id)
        return seen is not None and seen.status == "blocked"

    def kept(self, node: Node, keep: Keep, *, backwards: bool = False) -> Task | None:
        """The next of some tasks, from a row on and around; None when there is no other."""
        tasks = self.after(node, backwards=backwards, into=lambda below: keep.inside(below.key) > 0)
        return next((task for task in tasks if task.id in keep and self.shows(task.id)), None)

    def position(self, node: Node, keep: Keep) -> int:
        """How many of some tasks are at a row or before it."""
        return keep.position(node, lambda above: self._parts(above, False))

    def shows(self, id: str) -> bool:
        """Whether a task has a row, folded or not."""
        return self.narrowed is None or self.narrowed.shows(id)

    def failed(self, task: Task) -> bool:
        """Whether a task failed by itself."""
        seen = self.state.seen(self.run, task.id)
        return seen is not None and seen.status == "failed" and not because_of_a_child(seen)

    # Folding

    def fold(self, index: int, opened: bool) -> None:
        """Show or hide the children of a row."""
        node = self.rows[index]
        if node.open == opened or not self.has_children(node):
            return
        self.folds[node.key] = opened
        if opened:
            node.open = True
            self.rows[index + 1 : index + 1] = list(self._shown(node))[1:]
        else:
            del self.rows[index + 1 : self._end(index)]
            node.open = False

    def unfold_below(self, index: int, opened: bool) -> None:
        """Fold or unfold everything below a row."""
        node = self.rows[index]
        end = self._end(index)
        stack = [node]
        while stack:
            below = stack.pop()
            if not opened and below.children is None:
                continue
            if self.has_children(below):
                below.open = self.folds[below.key] = opened
                stack.extend(self.children(below))
        self.rows[index:end] = list(self._shown(node))

    def reveal(self, node: Node) -> int:
        """Unfold what hides a node. Returns its row."""
        if self.narrowed is not None:
            node = self.narrowed.nearest(node)
        hidden = [ancestor for ancestor in node.ancestors() if not ancestor.open]
        self.folds.update((ancestor.key, True) for ancestor in hidden)
        return self._unfold(hidden, node)

    def _unfold(self, hidden: list[Node], node: Node) -> int:
        if hidden:
            top = self.index(hidden[-1])
            for ancestor in hidden:
                ancestor.open = True
            self.rows[top : top + 1] = list(self._shown(hidden[-1]))
        return self._row(node)

    def pin(self, node: Node) -> int:
        """Unfold what hides a node, and fold what was unfolded for the last one that was pinned. Returns its row."""
        if self.narrowed is not None:
            node = self.narrowed.nearest(node)
        above = set(node.ancestors())
        for opened in self.trail:
            if opened not in above and opened.open and all(ancestor.open for ancestor in opened.ancestors()):
                at = self._row(opened)
                del self.rows[at + 1 : self._end(at)]
                opened.open = False
        hidden = [ancestor for ancestor in node.ancestors() if not ancestor.open]
        self.trail = [*hidden, *(opened for opened in self.trail if opened in above)]
        return self._unfold(hidden, node)

    def sort(self, order: Order) -> None:
        """Put siblings into another order, everywhere. They stay so until the next time, whatever happens to them."""
        self.order = order
        if order != "declared":
            self.census.advance(None)
        for node in (*self.census.nodes.values(), *self.census.groups.values()):
            if node.children is not None:
                node.children = None
                self.children(node)
        self._show_all()

    def narrow(self, keep: Keep | None) -> None:
        """Show only the tasks that are kept, and what they are in; None shows all. To be called again when `keep` changes."""
        if self.narrowed is not None and self.narrowed.keep is not keep:
            self.narrowed.undo()
            self.narrowed, self.folds = None, self._all_folds
        if keep is not None and self.narrowed is None:
            self.narrowed = Narrow(keep, self.census.kids, self._below)
            self.folds = self.narrowed.folds
        self.trail.clear()
        self._show_all()

    def _end(self, index: int) -> int:
        depth, end = self.rows[index].depth, index + 1
        while end < len(self.rows) and self.rows[end].depth > depth:
            end += 1
        return end

    def _show_all(self) -> None:
        if self.root is not None:
            if self.narrowed is not None:
                self.narrowed.renew(self.root)
            self.rows = list(self._shown(self.root))

    def _shown(self, top: Node) -> Iterator[Node]:
        stack = [top]
        while stack:
            node = stack.pop()
            yield node
            if node.open:
                stack.extend(reversed(self.children(node)))

    def _made(self, task: Task, parent: Node) -> Node:
        node = self.census.nodes.get(task.id)
        if node is None:
            node = self.census.nodes[task.id] = Node(task.id, task, parent)
            if self.census.complete:  # it would have a node already if there was something below it
                node.kids = []
        return node

    def _links(self, node: Node) -> list[Node]:
        """↪ rows: the tasks beside a graph whose outputs are passed into it. They stand where they were declared."""
        if node.task is None or node.task.type != "graph" or node.parent is None:
            return []
        found: dict[Node, None] = {}
        for id in node.task.dependencies():
            task = self.census.tasks.get(id)
            above = None if task is None else self.census.above(task)
            if task is not None and above is not None:
                found[above if above.task is None else self._made(task, above)] = None
        return [Node(f"{node.key}↪{target.key}", target.task, node, target) for target in found]

    def _unfold_some(self, top: Node) -> None:
        """Open what a person opened, and breadth first as much as a screen or two hold."""
        budget = UNFOLDED - len(self.rows)
        level = [top]
        while level:
            below: list[Node] = []
            for node in level:
                if node.link is not None or not self.has_children(node):
                    continue
                small = node is self.root or (node.task is not None and node.members <= budget)
                node.open = self.folds.get(node.key, small)
                if node.open:
                    budget -= node.members
                    below += self.children(node)
            level = below

    # Changing

    def changed(self, ids: Iterable[str]) -> None:
        """Count these tasks anew."""
        self.census.changed(ids)

    def regrow(self, ids: Iterable[str]) -> bool:
        """These tasks declared their children, perhaps anew. Returns whether rows came or went."""
        regrown = self.census.regrow(ids)
        if self.narrowed is not None:
            self._show_all()
            return bool(regrown)
        for node in regrown:
            self._unfold_some(node)
        shown = [node for node in regrown if self.census.nodes.get(node.key) is node and all(n.open for n in node.ancestors())]
        if len(shown) > _MANY:
            self._show_all()
        else:
            for node in shown:
                at = self._row(node)
                self.rows[at : self._end(at)] = list(self._shown(node))
        return bool(shown)

    def mark(self, marks: dict[str, str]) -> None:
        """Take in what a resume would run, and which tasks are edited."""
        self.census.mark(marks)

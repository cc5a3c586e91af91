"""The tree of a run as rows: tasks, fan-outs put together as groups, what is folded, and what each part adds up to.

Folding and moving cost in proportion to what they show. A change of one task costs in proportion to its depth. Nothing here
recurses: graphs nest as deep as their loops ran.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from llmtaskgraph import State, Task, TaskRun

from .tally import Tally

FAN_OUT: Final = 10
"""So many siblings of one function are put together as a group, which starts folded."""

UNFOLDED: Final = 120
"""About so many rows are unfolded at first."""


MANY: Final = 1000
"""From so many changed tasks on, adding up anew is quicker than change by change."""


class Node:
    """A row of the tree: a task, or a group of tasks of one function.

    Attributes:
        key: the task's id; for a group its scope, function and `[*]`.
        task: None for a group.
        open: whether its children are shown.
        own: what it adds by itself.
        inner: what all below it add up to.
    """

    __slots__ = ("children", "depth", "inner", "key", "open", "own", "parent", "task")

    def __init__(self, key: str, task: Task | None, parent: Node | None) -> None:
        self.key, self.task, self.parent = key, task, parent
        self.depth: int = 0 if parent is None else parent.depth + 1
        self.children: list[Node] | tuple[()] = ()
        self.open = False
        self.own = self.inner = _NOTHING

    @property
    def name(self) -> str:
        """What the row says: the last part of the task's id, or the function of a group."""
        if self.task is not None:
            return self.task.name
        assert self.parent is not None
        return self.key[len(self.parent.key) + 1 : -len("[*]")]

    def ancestors(self) -> Iterator[Node]:
        """Its parent, and so on to the root."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def walk(self) -> Iterator[Node]:
        """Itself and all below it, in the order of the rows, folded or not."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


_NOTHING: Final = Tally()


class Outline:
    """The rows of one run.

    Attributes:
        root: the node of the root task; None in a damaged trace.
        rows: the nodes that are shown, in order.
        marks: task id -> `run` or `maybe`: what a resume would do.
        edited: ids of tasks with an edit.

    Args:
        folds: key -> whether a person unfolded or folded it; shared by the outlines of one session.
    """

    def __init__(self, state: State, run: int, folds: dict[str, bool]) -> None:
        self.state, self.run, self.folds = state, run, folds
        self.marks: dict[str, str] = {}
        self.edited: set[str] = _edited(state, run)
        self.by_id: dict[str, Node] = {}
        self.rows: list[Node] = []
        root = state.tasks.get(state.runs[run].root)
        self.root = Node(root.id, root, None) if root is not None else None
        if self.root is not None:
            self.by_id[self.root.key] = self.root
            self._grow(self.root)
            self._add_up(self.root)
            self._unfold_some(self.root)
            self.rows = list(self._shown(self.root))

    # Reading

    def seen(self, node: Node) -> TaskRun | None:
        """The task run that stands for a node in this run."""
        return None if node.task is None else self.state.seen(self.run, node.task.id)

    def index(self, node: Node) -> int:
        """The row of a node, or of what it is folded into."""
        folded = [ancestor for ancestor in node.ancestors() if not ancestor.open]
        return self.rows.index(folded[-1] if folded else node)

    def after(self, node: Node, *, backwards: bool = False) -> Iterator[Node]:
        """All other nodes, folded or not, from a node on and around."""
        if self.root is None:
            return
        nodes = list(self.root.walk())
        at = nodes.index(node)
        around = nodes[at + 1 :] + nodes[:at]
        yield from reversed(around) if backwards else around

    # Folding

    def fold(self, index: int, opened: bool) -> None:
        """Show or hide the children of a row."""
        node = self.rows[index]
        if not node.children or node.open == opened:
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
        for below in node.walk():
            if below.children:
                below.open = self.folds[below.key] = opened
        self.rows[index:end] = list(self._shown(node))

    def reveal(self, node: Node) -> int:
        """Unfold what hides a node. Returns its row."""
        hidden = [ancestor for ancestor in node.ancestors() if not ancestor.open]
        for ancestor in hidden:
            ancestor.open = self.folds[ancestor.key] = True
        if hidden:
            top = self.rows.index(hidden[-1])
            self.rows[top : top + 1] = list(self._shown(hidden[-1]))
        return self.rows.index(node)

    def _end(self, index: int) -> int:
        depth, end = self.rows[index].depth, index + 1
        while end < len(self.rows) and self.rows[end].depth > depth:
            end += 1
        return end

    def _shown(self, top: Node) -> Iterator[Node]:
        stack = [top]
        while stack:
            node = stack.pop()
            yield node
            if node.open:
                stack.extend(reversed(node.children))

    def _unfold_some(self, top: Node) -> None:
        """Open what a person opened, and breadth first as much as a screen or two hold."""
        budget = UNFOLDED - len(self.rows)
        level = [top]
        while level:
            below: list[Node] = []
            for node in level:
                if not node.children:
                    continue
                small = node is self.root or (node.task is not None and len(node.children) <= budget)
                node.open = self.folds.get(node.key, small)
                if node.open:
                    budget -= len(node.children)
                    below += node.children
            level = below

    # Changing

    def changed(self, ids: Iterable[str]) -> None:
        """Count these tasks anew."""
        for id in ids:
            node = self.by_id.get(id)
            if node is None:
                continue
            own = self._own(node)
            if own != node.own:
                difference = own.minus(node.own)
                node.own = own
                for ancestor in node.ancestors():
                    ancestor.inner = ancestor.inner.plus(difference)

    def regrow(self, ids: Iterable[str]) -> None:
        """These tasks declared their children, perhaps anew."""
        for id in ids:
            node = self.by_id.get(id)
            if node is None:
                continue
            for below in list(node.walk())[1:]:
                self.by_id.pop(below.key, None)
            before = node.own.plus(node.inner)
            self._grow(node)
            self._add_up(node)
            difference = node.own.plus(node.inner).minus(before)
            for ancestor in node.ancestors():
                ancestor.inner = ancestor.inner.plus(difference)
            self._unfold_some(node)
        if self.root is not None:
            self.rows = list(self._shown(self.root))

    def mark(self, marks: dict[str, str]) -> None:
        """Take in what a resume would run, and which tasks are edited."""
        edited = _edited(self.state, self.run)
        touched = {*self.marks, *marks, *(self.edited ^ edited)}
        self.marks, self.edited = marks, edited
        if len(touched) < MANY:
            self.changed(touched)
        elif self.root is not None:
            self._add_up(self.root)

    def _grow(self, top: Node) -> None:
        stack = [top]
        while stack:
            node = stack.pop()
            assert node.task is not None
            node.children = self._children(node, node.task)
            for child in node.children:
                stack += [each for each in child.children or (child,) if each.task is not None and each.task.type != "llm"]

    def _children(self, node: Node, task: Task) -> list[Node]:
        declared = self.state.children(self.run, task)
        if declared is None:
            return []
        tasks = [found for number in declared.tasks if (found := self.state.tasks.get(number)) is not None]
        sizes: dict[str | None, int] = {}
        for found in tasks:
            sizes[found.function] = sizes.get(found.function, 0) + 1
        groups: dict[str | None, Node] = {}
        children: list[Node] = []
        for found in tasks:
            if found.id in self.by_id:  # only in a damaged trace
                continue
            function, parent = found.function, node
            if function is not None and sizes[function] >= FAN_OUT:
                group = groups.get(function)
                if group is None:
                    group = groups[function] = Node(f"{node.key}/{function}[*]", None, node)
                    group.children = []
                    children.append(group)
                parent = group
            child = self.by_id[found.id] = Node(found.id, found, parent)
            if parent is node:
                children.append(child)
            else:
                parent.children.append(child)  # type: ignore[union-attr]
        return children

    def _add_up(self, top: Node) -> None:
        for node in reversed(list(top.walk())):
            node.own = self._own(node)
            inner = _NOTHING
            if node.children:
                inner = Tally()
                for child in node.children:
                    inner.take(child.own)
                    if child.children:
                        inner.take(child.inner)
            node.inner = inner

    def _own(self, node: Node) -> Tally:
        if node.task is None:
            return _NOTHING
        id = node.task.id
        return Tally.of(self.state.seen(self.run, id), self.run, self.marks.get(id), id in self.edited)


def _edited(state: State, run: int) -> set[str]:
    """The tasks that are edited in a run, or that resuming it will edit."""
    in_force = {task for task, _ in state.edits_in_force(run)}
    return in_force | {task for task, _ in state.edits_to_apply(run)}

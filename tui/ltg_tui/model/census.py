"""Which tasks a run has, and what each part of it adds up to: counted in slices, and kept up to date by what happens.

Counting a large trace takes longer than a person waits, so it is done a few milliseconds at a time; what is shown needs none of
it. A change of one task costs in proportion to its depth, and many at once are added up together. Nothing here recurses: graphs
nest as deep as their loops ran.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Set
from typing import Final

from llmtaskgraph import Children, State, Task

from .node import Node
from .tally import Tally

FAN_OUT: Final = 10
"""So many siblings of one function are put together as a group, which starts folded."""

_SLICE: Final = 256
COUNT_FOR: Final = 0.008
"""Seconds of a slice of counting that somebody waits for."""

_WAITING: Final = Tally(1)


class Census:
    """The tasks of one run.

    Attributes:
        root: the node of the root task; None in a damaged trace.
        tasks: the tasks that are known so far, by id.
        nodes: the nodes of tasks, as far as there are any, by id.
        groups: the nodes of groups, by scope and function.
        complete: whether everything is counted.
        marks: task id -> `run` or `maybe`: what a resume would do.
        edited: ids of tasks with an edit.
    """

    def __init__(self, state: State, run: int) -> None:
        self.state, self.run = state, run
        self.marks: dict[str, str] = {}
        self.edited: set[str] = _edited(state, run)
        self._marked: tuple[Set[str], Set[str]] = frozenset(), self.edited  # as they are counted
        self.tasks: dict[str, Task] = {}
        self.nodes: dict[str, Node] = {}
        self.root: Node | None = None
        self.groups: dict[tuple[str, str], Node] = {}
        self._waiting: set[str] = set()
        self._running: dict[str, Tally] = {}
        self._todo: list[Node] = []
        root = state.tasks.get(state.runs[run].root)
        if root is not None:
            self.tasks[root.id] = root
            self.root = self.nodes[root.id] = Node(root.id, root, None)
            self._todo.append(self.root)
        self._counting = self._count()
        self.complete = self.root is None

    # Reading

    def node(self, id: str) -> Node | None:
        """The node of a task, which is made if need be; None for a task that is not in the run."""
        node = self.nodes.get(id)
        if node is None and not self.complete and id not in self.tasks:
            self.advance(None)
        if node is None and (task := self.tasks.get(id)) is not None:
            node = self.nodes[id] = Node(id, task, self.above(task))
        return node

    def above(self, task: Task) -> Node | None:
        """The group of a task, or the graph that it belongs to; None for the root."""
        if task.scope is None:
            return None
        group = self.groups.get((task.scope, task.function)) if task.function is not None else None
        return group if group is not None else self.nodes.get(task.scope)

    def kids(self, node: Node) -> list[Task | Node]:
        """What is directly below: tasks, and groups of them."""
        if node.kids is None:
            asked = node.task is not None and node.link is None
            self._lay_out(node, self.state.children(self.run, node.task) if asked and node.task is not None else None)
            assert node.kids is not None
        return node.kids

    def own(self, node: Node) -> Tally:
        """What a row adds by itself."""
        if node.task is None or node.link is not None:
            return Tally()
        own = Tally.of(self.state.seen(self.run, node.task.id), self.run)
        own.stale, own.edited = node.task.id in self.marks, node.task.id in self.edited
        return own

    @property
    def total(self) -> Tally:
        """What the whole run adds up to, as far as it is counted."""
        return Tally() if self.root is None else self.own(self.root).plus(self.root.inner)

    # Counting

    def advance(self, seconds: float | None) -> bool:
        """Count on for so long; None is to the end. Returns whether something was left to count."""
        if self.complete:
            return False
        end = None if seconds is None else time.perf_counter() + seconds
        deltas: dict[Node, Tally] = {}
        self._deltas = deltas
        for _ in self._counting:
            if end is not None and time.perf_counter() > end:
                break
        else:
            self._counting, self.complete = self._count(), True
        self._spread(deltas)
        if self.complete:
            self._count_marks()
        return True

    def counting(self) -> Iterator[None]:
        """Count to the end, a slice at a time."""
        while self.advance(COUNT_FOR):
            yield

    def all(self) -> Iterator[Task | None]:
        """All tasks, in the order in which they were counted; None while they are counted still."""
        yield from self.counting()
        yield from list(self.tasks.values())  # what changes on the way does no harm

    def _count(self) -> Iterator[None]:
        """Count the tasks below what is still to do, depth first. Sums go to `_deltas`."""
        todo, seen_in, run, nodes = self._todo, self.state.seen, self.run, self.nodes
        stale, edited = self._marked
        done = 0
        while todo:
            node = todo.pop()
            below: list[Node] = []
            for part in list(self.kids(node)):
                above, tasks = (node, [part]) if isinstance(part, Task) else (part, part.kids or [])
                for task in tasks:
                    assert isinstance(task, Task)
                    id = task.id
                    seen = seen_in(run, id)
                    tally = self._deltas.get(above)
                    if tally is None:
                        tally = self._deltas[above] = Tally()
                    tally.count(seen, run)
                    if id in stale:
                        tally.stale += 1
                    if id in edited:
                        tally.edited += 1
                    if seen is None:
                        self._waiting.add(id)
                    else:
                        if seen.status == "running":
                            self._running[id] = Tally.of(seen, run)
                        if above is not node and seen.run == run:
                            above.cover(seen.started, seen.ended)
                    if task.type != "llm":
                        declared = nodes.get(id)
                        if declared is None and (children := self.state.children(run, task)) is not None:
                            declared = nodes[id] = Node(id, task, above)
                            self._lay_out(declared, children)
                        if declared is not None:
                            below.append(declared)
                    done += 1
                    if not done % _SLICE:
                        yield
            todo.extend(reversed(below))

    def _spread(self, deltas: dict[Node, Tally]) -> None:
        """Add sums to these nodes and to all above them, each once."""
        levels: dict[int, dict[Node, Tally]] = {}
        for node, tally in deltas.items():
            levels.setdefault(node.depth, {})[node] = tally
        for depth in range(max(levels, default=-1), -1, -1):
            for node, tally in levels.get(depth, {}).items():
                inner = Tally()
                inner.take(node.inner)
                inner.take(tally)
                node.inner = inner
                if node.parent is not None:
                    above = levels.setdefault(depth - 1, {})
                    if node.parent in above:
                        above[node.parent].take(tally)
                    else:
                        above[node.parent] = tally.plus(Tally())

    def _lay_out(self, node: Node, declared: Children | None) -> None:
        """Put what a task declared into order, and siblings of one function into groups."""
        known, found = self.tasks, self.state.tasks
        tasks: list[Task] = []
        sizes: dict[str | None, int] = {}
        for number in () if declared is None else declared.tasks:
            each = found.get(number)
            if each is not None and each.id not in known:  # otherwise in a damaged trace only
                known[each.id] = each
                tasks.append(each)
                sizes[each.function] = sizes.get(each.function, 0) + 1
        kids: list[Task | Node] = []
        node.kids = kids
        for each in tasks:
            function = each.function
            if function is None or sizes[function] < FAN_OUT:
                kids.append(each)
                continue
            group = self.groups.get((node.key, function))
            if group is None:
                group = self.groups[node.key, function] = Node(f"{node.key}/{function}[*]", None, node)
                group.kids = []
                kids.append(group)
            group.kids.append(each)  # type: ignore[union-attr]

    # Changing

    def changed(self, ids: Iterable[str]) -> None:
        """Count these tasks anew."""
        deltas: dict[Node, Tally] = {}
        for id in ids:
            before = _WAITING if id in self._waiting else self._running.get(id)
            if before is None:  # it has ended, and will not change any more; or it is not counted yet
                continue
            task, seen = self.tasks[id], self.state.seen(self.run, id)
            own = Tally.of(seen, self.run)
            self._note(id, own, waiting=seen is None)
            above = self.above(task)
            if above is None or seen is None:
                continue
            if above.task is None and seen.run == self.run:
                above.cover(seen.started, seen.ended)
            if own != before:
                deltas.setdefault(above, Tally()).take(own.minus(before))
        self._spread(deltas)

    def _note(self, id: str, own: Tally, *, waiting: bool = False) -> None:
        """Remember what is counted of a task as long as it can change."""
        if waiting:
            return
        self._waiting.discard(id)
        if own.running:
            self._running[id] = own
        else:
            self._running.pop(id, None)

    def regrow(self, ids: Iterable[str]) -> list[Node]:
        """These tasks declared their children, perhaps anew. Returns those below which something is different."""
        self.advance(None)
        regrown = []
        for id in ids:
            task = self.tasks.get(id)
            declared = None if task is None else self.state.children(self.run, task)
            numbers = [] if declared is None else declared.tasks
            node = self.node(id) if numbers else self.nodes.get(id)
            if node is None or (node.kids is None and not numbers):
                continue
            if node.kids is not None and sorted(each.number for each in _tasks(node.kids)) == sorted(numbers):
                continue
            self._forget(node)
            self._todo.append(node)
            regrown.append(node)
        if regrown:
            self.complete = False
            self.advance(None)
        return regrown

    def _forget(self, node: Node) -> None:
        gone = node.inner
        stack = [node]
        while stack:
            each = stack.pop()
            for task in _tasks(each.kids or []):
                self.tasks.pop(task.id, None)
                self._waiting.discard(task.id)
                self._running.pop(task.id, None)
                if task.function is not None:
                    self.groups.pop((each.key, task.function), None)
                below = self.nodes.pop(task.id, None)
                if below is not None:
                    stack.append(below)
        node.kids = node.children = None
        self._spread({node: Tally().minus(gone)})

    def mark(self, marks: dict[str, str]) -> None:
        """Take in what a resume would run, and which tasks are edited."""
        self.marks, self.edited = marks, _edited(self.state, self.run)
        if self.complete:
            self._count_marks()

    def _count_marks(self) -> None:
        """Add up what became marked, and what no longer is."""
        stale, edited = self._marked
        now_stale, now_edited = self.marks.keys(), self.edited
        self._marked = now_stale, now_edited
        deltas: dict[Node, Tally] = {}
        for ids, step in ((now_stale - stale, 1), (stale - now_stale, -1)):
            for id in ids:
                if (tally := self._tally_above(id, deltas)) is not None:
                    tally.stale += step
        for ids, step in ((now_edited - edited, 1), (set(edited) - now_edited, -1)):
            for id in ids:
                if (tally := self._tally_above(id, deltas)) is not None:
                    tally.edited += step
        self._spread(deltas)

    def _tally_above(self, id: str, deltas: dict[Node, Tally]) -> Tally | None:
        task = self.tasks.get(id)
        above = None if task is None else self.above(task)
        return None if above is None else deltas.setdefault(above, Tally())


def _tasks(kids: Iterable[Task | Node]) -> Iterator[Task]:
    """The tasks of one scope, those in groups included; not always in the order of their declaration."""
    for part in kids:
        if isinstance(part, Task):
            yield part
        else:
            yield from (task for task in part.kids or () if isinstance(task, Task))


def _edited(state: State, run: int) -> set[str]:
    """The tasks that are edited in a run, or that resuming it will edit."""
    in_force = {task for task, _ in state.edits_in_force(run)}
    return in_force | {task for task, _ in state.edits_to_apply(run)}

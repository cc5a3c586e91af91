"""What a task depends on and what depends on it, and through which argument. Pure.

A graph task stands for two things: the call, which declares what is inside of it, and the output, which is made of
what is inside. Kept apart, causes and effects never run in a circle: a node is (task id, "call" or "output").
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple, TypeAlias

from msgspec import UNSET

from .._events import Run
from .._graph import Arg, Task
from .._state import State

Node: TypeAlias = tuple[str, Literal["call", "output"]]


class Link(NamedTuple):
    """One task uses another. `through`: the argument, such as `text` or `verdicts[2]`; or a phrase."""

    task: str
    through: str


class Links:
    """All the links of a run."""

    def __init__(self, state: State, run: Run) -> None:
        self.tasks: dict[str, Task] = {}
        self._causes: dict[Node, list[tuple[Node, str]]] = {}
        self._effects: dict[Node, list[tuple[Node, str]]] = {}
        for task in state.walk(run.id):
            self.tasks[task.id] = task
        for task in self.tasks.values():
            self._add_task(state, run, task)

    def _add_task(self, state: State, run: Run, task: Task) -> None:
        call: Node = (task.id, "call")
        for name, arg in _arguments(task):
            for path, ref in _refs(name, arg):
                self._add(call, (ref, "output"), path)
        if task.scope in self.tasks:
            self._add(call, (task.scope, "call"), "declared by it")
        self._add((task.id, "output"), call, "")
        children = state.children(run.id, task) if task.type != "llm" else None
        if children is not None:
            for path, ref in _refs("", children.result):
                self._add((task.id, "output"), (ref, "output"), f"its output{path}")

    def _add(self, user: Node, used: Node, through: str) -> None:
        if used[0] in self.tasks:
            self._causes.setdefault(user, []).append((used, through))
            self._effects.setdefault(used, []).append((user, through))

    def causes(self, task: str) -> list[Link]:
        """What a task uses directly."""
        return self._direct(task, self._causes)

    def effects(self, task: str) -> list[Link]:
        """What uses a task directly."""
        return self._direct(task, self._effects)

    def all_causes(self, task: str) -> list[str]:
        """All that a task depends on, the nearest first."""
        return self._reach(task, self._causes, [(task, "output")])

    def all_effects(self, task: str) -> list[str]:
        """All that depends on a task, the nearest first."""
        return self._reach(task, self._effects, [(task, "call"), (task, "output")])

    def _direct(self, task: str, links: dict[Node, list[tuple[Node, str]]]) -> list[Link]:
        ends = [*links.get((task, "call"), []), *links.get((task, "output"), [])]
        return list(dict.fromkeys(Link(node[0], through) for node, through in ends if node[0] != task))

    def _reach(self, task: str, links: dict[Node, list[tuple[Node, str]]], start: list[Node]) -> list[str]:
        reached = dict.fromkeys(start)
        queue = list(start)
        for node in queue:  # grows while it is walked
            for further, _ in links.get(node, ()):
                if further not in reached:
                    reached[further] = None
                    queue.append(further)
        return list(dict.fromkeys(id for id, _ in reached if id != task))


def _arguments(task: Task) -> Iterator[tuple[str, Arg]]:
    for number, arg in enumerate(task.args, 1):
        yield f"argument {number}", arg
    yield from task.kwargs.items()


def _refs(name: str, arg: Arg) -> Iterator[tuple[str, str]]:
    stack = [(name, arg)]
    while stack:
        path, each = stack.pop()
        if each.ref is not UNSET:
            yield path, each.ref
        elif each.items is not UNSET:
            stack.extend(reversed([(f"{path}[{i}]", item) for i, item in enumerate(each.items)]))
        elif each.entries is not UNSET:
            stack.extend(reversed([(f"{path}[{key!r}]", item) for key, item in each.entries.items()]))

"""What a task depends on and what depends on it, and through which argument. Pure.

A graph task stands for two things: the call, which declares what is inside of it, and the output, which is made of
what is inside. Kept apart, causes and effects never run in a circle: an end is (task id, "call" or "output").

Tasks are linked only to others of their scope, to the graph that declared them, and to what they declare. So links are made for a
scope when somebody asks for them, and a large trace costs no more than what is looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

from msgspec import UNSET

from ._graph import Arg, Task
from ._state import State

LinkEnd: TypeAlias = tuple[str, Literal["call", "output"]]


class Link(NamedTuple):
    """A direct cause or effect. `through`: the argument, such as `text` or `verdicts[2]`; or a phrase."""

    task: str
    through: str


@dataclass
class _Scope:
    """The tasks of one graph, who uses whose output, and what the graph's own output is made of."""

    tasks: dict[str, Task] = field(default_factory=dict)
    users: dict[str, list[str]] = field(default_factory=dict)
    result: list[tuple[str, str]] = field(default_factory=list)
    used: set[str] = field(default_factory=set)


def _scope(state: State, run: int, graph: Task) -> _Scope:
    declared = None if graph.type == "llm" else state.children(run, graph)
    if declared is None:
        return _NOTHING
    scope = _Scope({task.id: task for number in declared.tasks if (task := state.tasks.get(number)) is not None})
    for task in scope.tasks.values():
        for ref in task.dependencies():
            scope.users.setdefault(ref, []).append(task.id)
    scope.result = [(path, ref) for path, ref in named_refs("", declared.result) if ref in scope.tasks]
    scope.used = {ref for _, ref in scope.result}
    return scope


_NOTHING: Final = _Scope()


class Links:
    """The links of a run.

    Args:
        find: gives the task of an id in that run.
    """

    def __init__(self, state: State, run: int, find: Callable[[str], Task | None]) -> None:
        self._state, self._run, self._find = state, run, find
        self._scopes: dict[str, _Scope] = {}

    def forget(self, graphs: set[str]) -> None:
        """These graphs declared their tasks, perhaps anew."""
        for graph in graphs:
            self._scopes.pop(graph, None)

    def causes(self, task: Task) -> list[Link]:
        """What a task uses directly."""
        beside = self._beside(task)
        found = [
            Link(ref, path) for name, arg in named_arguments(task) for path, ref in named_refs(name, arg) if ref in beside.tasks
        ]
        found += [Link(ref, f"its output{path}") for path, ref in self._inside(task).result]
        if task.scope is not None:
            found.append(Link(task.scope, "declared by it"))
        return list(dict.fromkeys(found))

    def effects(self, task: Task) -> list[Link]:
        """What uses a task directly."""
        beside = self._beside(task)
        found = []
        for user in beside.users.get(task.id, ()):
            arguments = named_arguments(beside.tasks[user])
            found += [Link(user, path) for name, arg in arguments for path, ref in named_refs(name, arg) if ref == task.id]
        if task.scope is not None:
            found += [Link(task.scope, f"its output{path}") for path, ref in beside.result if ref == task.id]
        found += [Link(id, "declared by it") for id in self._inside(task).tasks]
        return list(dict.fromkeys(found))

    def upstream(self, task: Task) -> Iterator[str]:
        """The task and all that it depends on, the nearest first, each once."""
        return self._reach([(task.id, "output")], self._causes_of)

    def downstream(self, task: Task) -> Iterator[str]:
        """The task and all that depends on it, the nearest first, each once."""
        return self._reach([(task.id, "call"), (task.id, "output")], self._effects_of)

    def in_order(self, task: Task) -> Iterator[LinkEnd]:
        """The task and all that it depends on, each end after its own causes: the output of the task itself comes last."""
        start: LinkEnd = (task.id, "output")
        entered: set[LinkEnd] = {start}
        stack: list[tuple[LinkEnd, Iterator[LinkEnd]]] = [(start, self._causes_of(start))]
        while stack:
            end, causes = stack[-1]
            further = next(causes, None)
            if further is None:
                stack.pop()
                yield end
            elif further not in entered:
                entered.add(further)
                stack.append((further, self._causes_of(further)))

    def _reach(self, start: list[LinkEnd], further: Callable[[LinkEnd], Iterator[LinkEnd]]) -> Iterator[str]:
        reached = dict.fromkeys(start)
        told: set[str] = set()
        queue = list(start)
        for end in queue:  # grows while it is walked
            if end[0] not in told:
                told.add(end[0])
                yield end[0]
            for each in further(end):
                if each not in reached:
                    reached[each] = None
                    queue.append(each)

    def _causes_of(self, end: LinkEnd) -> Iterator[LinkEnd]:
        task = self._find(end[0])
        if task is None:
            return
        if end[1] == "output":
            yield task.id, "call"
            for _, ref in self._inside(task).result:
                yield ref, "output"
            return
        for ref in task.dependencies():
            yield ref, "output"
        if task.scope is not None:
            yield task.scope, "call"

    def _effects_of(self, end: LinkEnd) -> Iterator[LinkEnd]:
        task = self._find(end[0])
        if task is None:
            return
        if end[1] == "call":
            yield task.id, "output"
            for id in self._inside(task).tasks:
                yield id, "call"
            return
        beside = self._beside(task)
        for user in beside.users.get(task.id, ()):
            yield user, "call"
        if task.scope is not None and task.id in beside.used:
            yield task.scope, "output"

    def _beside(self, task: Task) -> _Scope:
        graph = None if task.scope is None else self._find(task.scope)
        return _NOTHING if graph is None else self._inside(graph)

    def _inside(self, graph: Task) -> _Scope:
        found = self._scopes.get(graph.id)
        if found is None:
            found = self._scopes[graph.id] = _scope(self._state, self._run, graph)
        return found


def named_arguments(task: Task) -> Iterator[tuple[str, Arg]]:
    """The arguments with their names; `argument 1` for a positional one."""
    for number, arg in enumerate(task.args, 1):
        yield f"argument {number}", arg
    yield from task.kwargs.items()


def named_refs(name: str, arg: Arg) -> Iterator[tuple[str, str]]:
    """The tasks that an argument draws on, each with the path in the argument at which its output stands."""
    stack = [(name, arg)]
    while stack:
        path, each = stack.pop()
        if each.ref is not UNSET:
            yield path, each.ref
        elif each.items is not UNSET:
            stack.extend(reversed([(f"{path}[{i}]", item) for i, item in enumerate(each.items)]))
        elif each.entries is not UNSET:
            stack.extend(reversed([(f"{path}[{key!r}]", item) for key, item in each.entries.items()]))

"""Tasks as declared: the data of a graph, before and after it has run.

A task names its function and says where each argument comes from; it holds no code. The arguments form a small
tree of their own (`Arg`), so user data is never searched for references. `number` tells declarations apart: a task
that a later run declares otherwise keeps its id and gets a new number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal, TypeAlias

from msgspec import UNSET, Raw, Struct, UnsetType, field

from . import _values
from ._errors import CycleError, DuplicateTask, UnknownDependency

TaskType: TypeAlias = Literal["llm", "python", "graph"]


class Arg(Struct, omit_defaults=True, gc=False):
    """Where an argument comes from: exactly one of the four.

    Attributes:
        value: a JSON value, known when the graph was built.
        ref: id of the task whose output it is.
        items: a list of such arguments (`list` in JSON).
        entries: a dict of such arguments (`dict` in JSON).
    """

    value: Raw | UnsetType = UNSET
    ref: str | UnsetType = UNSET
    items: list[Arg] | UnsetType = field(default=UNSET, name="list")
    entries: dict[str, Arg] | UnsetType = field(default=UNSET, name="dict")

    def refs(self) -> Iterator[str]:
        """Ids of the tasks it draws on, in order, with repeats."""
        stack = [self]
        while stack:
            arg = stack.pop()
            if arg.ref is not UNSET:
                yield arg.ref
            elif arg.items is not UNSET:
                stack.extend(reversed(arg.items))
            elif arg.entries is not UNSET:
                stack.extend(reversed(arg.entries.values()))

    def compose(self, outputs: Mapping[str, bytes]) -> bytes:
        """The JSON text of the value, given the recorded outputs of the tasks it draws on."""
        if self.value is not UNSET:
            return bytes(self.value)
        if self.ref is not UNSET:
            return outputs[self.ref]
        if self.items is not UNSET:
            return b"[" + b",".join([arg.compose(outputs) for arg in self.items]) + b"]"
        assert self.entries is not UNSET
        pairs = [_values.encode(name) + b":" + arg.compose(outputs) for name, arg in self.entries.items()]
        return b"{" + b",".join(pairs) + b"}"


class Task(Struct, omit_defaults=True, gc=False):
    """A declared unit of work.

    Attributes:
        type: `llm`, `python` or `graph`.
        id: path of scope, function and name or ordinal, such as `main/judge[style]`; the same from run to run.
        number: of this declaration, unique in the trace.
        function: name in the registry; None for a graph that is written out (`children`, `result`).
        scope: id of the graph task that it belongs to; None for the root.
        added_by: the task run that declared it; None when it was known before the run.
        args: positional arguments.
        kwargs: keyword arguments.
        parser: for `llm` tasks of the explicit layer: name of the parser, or of the output type, in the registry.
        model: `PROVIDER:MODEL`, for `llm`.
        params: passed to the provider as they are, for `llm`.
        retries: further attempts after a failed one; None for the default (4 for `llm`, else 0).
        timeout: seconds that one attempt may take in all; None for the default (600 for `llm`, else no limit).
        idle_timeout: seconds without new content after which a streamed attempt is given up; None for 120.
        effect: `once` when a repetition would do harm (mail, money): such a task never runs again by itself.
        children: numbers of the tasks of a graph that is written out.
        result: what a graph that is written out gives as its output.
    """

    type: TaskType
    id: str
    number: int
    function: str | None = None
    scope: str | None = None
    added_by: int | None = None
    args: tuple[Arg, ...] = ()
    kwargs: dict[str, Arg] = field(default_factory=dict)
    parser: str | None = None
    model: str | None = None
    params: dict[str, Any] = field(default_factory=dict)
    retries: int | None = None
    timeout: float | None = None
    idle_timeout: float | None = None
    effect: Literal["once"] | None = None
    children: list[int] | None = None
    result: Arg | None = None

    @property
    def name(self) -> str:
        """The last part of the id: `judge[style]`."""
        return self.id if self.scope is None else self.id[len(self.scope) + 1 :]

    @property
    def facts_name(self) -> str:
        """Under which name the trace keeps the facts of its function."""
        return (self.function or "") if self.parser is None else f"{self.function} > {self.parser}"

    def arguments(self) -> Iterator[Arg]:
        """All arguments, positional ones first."""
        yield from self.args
        yield from self.kwargs.values()

    def dependencies(self) -> list[str]:
        """Ids of the tasks it needs, each once, in the order of the arguments."""
        if len(self.args) == 1 and not self.kwargs:
            ref = self.args[0].ref
            if ref is not UNSET:
                return [ref]
        found: dict[str, None] = {}
        for arg in self.args if not self.kwargs else self.arguments():
            if arg.ref is not UNSET:
                found[arg.ref] = None
            elif arg.value is UNSET:
                found.update(dict.fromkeys(arg.refs()))
        return list(found)


class Children(Struct, omit_defaults=True, gc=False):
    """What a graph function gave back: numbers of the tasks it declared, and where its output comes from."""

    tasks: list[int]
    result: Arg


def validate(tasks: Iterable[Task], scope: str | None) -> None:
    """Check the tasks of one scope.

    Raises:
        DuplicateTask: two of them have one id.
        UnknownDependency: one depends on a task that is not among them.
        CycleError: they wait for each other.
    """
    by_id: dict[str, Task] = {}
    for task in tasks:
        if task.id in by_id or task.id == scope:
            raise DuplicateTask(task.id)
        by_id[task.id] = task
    for task in by_id.values():
        for dependency in task.dependencies():
            if dependency not in by_id:
                raise UnknownDependency(task.id, dependency)
    order(by_id)


def order(tasks: Mapping[str, Task]) -> list[Task]:
    """The tasks, each after those it depends on; dependencies outside the mapping are ignored.

    Raises:
        CycleError: there is no such order.
    """
    dependents: dict[str, list[str]] = {}
    missing: dict[str, int] = {}
    for task in tasks.values():
        inside = [ref for ref in task.dependencies() if ref in tasks]
        missing[task.id] = len(inside)
        for ref in inside:
            dependents.setdefault(ref, []).append(task.id)
    ready = [id for id, count in missing.items() if count == 0]
    for id in ready:  # grows while it is walked
        for dependent in dependents.get(id, ()):
            missing[dependent] -= 1
            if missing[dependent] == 0:
                ready.append(dependent)
    if len(ready) < len(tasks):
        raise CycleError(_cycle(tasks, {id for id, count in missing.items() if count}))
    return [tasks[id] for id in ready]


def _cycle(tasks: Mapping[str, Task], stuck: set[str]) -> list[str]:
    path: list[str] = []
    id = min(stuck)
    while id not in path:
        path.append(id)
        id = next(ref for ref in tasks[id].dependencies() if ref in stuck)
    return [*path[path.index(id) :], id]

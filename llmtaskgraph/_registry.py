"""name -> function. A graph and its trace hold names; only the registry holds code."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any

from msgspec import UNSET, structs

from . import _values
from ._errors import GraphError, UnregisteredFunction
from ._events import FunctionFacts
from ._fingerprint import fingerprint
from ._function import Function, unwrapped
from ._graph import Task, TaskType


class Functions:
    """Names and their functions. `name` is for messages.

    Functions of the explicit layer are registered bare (`register`): what they are for, a task says.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._functions: dict[str, Function] = {}
        self._bare: dict[str, Any] = {}
        self._of_bare: dict[tuple[TaskType, str], Function] = {}
        self._of_tasks: dict[TaskType, dict[str | None, Function]] = {"llm": {}, "python": {}, "graph": {}}

    def add(self, function: Function) -> Function:
        """Register a function; the same one again is let pass, so that a module may be loaded twice.

        Raises:
            GraphError: another one has that name.
        """
        known = self._functions.get(function.name)
        for other in (self._bare.get(function.name), known.call if known else None):
            if other is not None and not same_place(other, function.call):
                raise GraphError(
                    f"two functions named {function.name!r} in the registry {self.name!r}; rename one, or give name="
                )
        if known is not function:
            self._functions[function.name] = function
            function.named = self._settings
            self._forget_tasks()
        return function

    def _settings(self) -> dict[str, list[Any]]:
        return {name: [function.type, *function.settings()] for name, function in self._functions.items()}

    def register(self, call: Callable[..., Any]) -> str:
        """Register a bare function, or an output type, under its own name, which is returned."""
        name = getattr(call, "__name__", None)
        if not isinstance(name, str) or name == "<lambda>":
            raise GraphError(f"{call!r} has no name to be found by; write it as a function with def")
        decorated = self._functions.get(name)
        for known in (self._bare.get(name), decorated.call if decorated else None):
            if known is not None and not same_function(known, call):
                raise GraphError(f"two functions named {name!r} in the registry {self.name!r}; rename one")
        if self._bare.get(name) is not call:
            self._bare[name] = call
            self._of_bare.clear()
            self._forget_tasks()
        return name

    def _forget_tasks(self) -> None:
        for functions in self._of_tasks.values():
            functions.clear()

    def of(self, task: Task) -> Function:
        """The function of a task.

        Raises:
            UnregisteredFunction: there is none of that name.
            GraphError: it is for tasks of another type.
        """
        functions = self._of_tasks[task.type]
        name = task.function if task.parser is None else task.facts_name
        found = functions.get(name)
        if found is None:
            found = functions[name] = self._find(task)
        return found

    def _find(self, task: Task) -> Function:
        found = self._functions.get(task.facts_name)
        if found is not None and found.type == task.type:
            return found
        key = task.type, task.facts_name
        if key not in self._of_bare:
            self._of_bare[key] = self._from_bare(task)
        return self._of_bare[key]

    def _from_bare(self, task: Task) -> Function:
        name = task.function or ""
        decorated = self._functions.get(name)
        if decorated is not None and decorated.type != task.type and name not in self._bare:
            raise GraphError(f"{name} is a function for {decorated.type} tasks, not for a {task.type} task")
        call = self._bare_named(name)
        names: dict[str, Any] = {"function": task.function, "parser_name": task.parser}
        if task.parser is None:
            return Function(task.type, task.facts_name, call, **names)
        parser = self._bare_named(task.parser)
        role = "output" if isinstance(parser, type) else "parser"
        return Function(task.type, task.facts_name, call, **names, **{role: parser})

    def _bare_named(self, name: str) -> Any:
        if name in self._bare:
            return self._bare[name]
        if name in self._functions:
            return self._functions[name].call
        raise UnregisteredFunction(name, self.name, [*self._functions, *self._bare])

    def __contains__(self, name: object) -> bool:
        return name in self._functions or name in self._bare

    def facts(self, tasks: Iterable[Task] = ()) -> dict[str, FunctionFacts]:
        """The facts of all functions whose use is known, by name.

        Args:
            tasks: they make known what bare functions are used for.
        """
        kinds = {(task.type, task.function, task.parser): task for task in tasks if task.function is not None}
        for task in kinds.values():
            with contextlib.suppress(GraphError):
                self.of(task)
        facts: dict[str, FunctionFacts] = {}
        for function in (*self._functions.values(), *(self._of_bare[key] for key in sorted(self._of_bare))):
            facts[function.name] = _joined(facts[function.name], function.facts) if function.name in facts else function.facts
        return facts


def _joined(one: FunctionFacts, other: FunctionFacts) -> FunctionFacts:
    """The facts of a function that is used for tasks of two types."""
    code = one.code if one.code == other.code else _values.digest(f"{one.code}\0{other.code}".encode())
    return structs.replace(
        one,
        code=code,
        parser=one.parser or other.parser,
        schema=one.schema or other.schema,
        tools=one.tools or other.tools,
        output=UNSET,
    )


def same_function(one: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """Whether two bare functions are one, so that either may run for the other.

    Those that one factory made are if they do the same: what they got from it counts.
    """
    if one is other or not same_place(one, other):
        return one is other
    return "<locals>" not in unwrapped(other).__qualname__ or fingerprint(one) == fingerprint(other)


def same_place(one: Callable[..., Any], other: Callable[..., Any]) -> bool:
    """Whether two functions are one: the same object, or made by the same lines of a module that was loaded again."""
    if one is other:
        return True
    codes = [getattr(unwrapped(call), "__code__", None) for call in (one, other)]
    if None in codes:
        return False
    a, b = codes
    return (a.co_filename, a.co_qualname) == (b.co_filename, b.co_qualname)  # type: ignore[union-attr]

"""Building one scope: the tasks that a graph function, or a graph that is written out, declares.

Calling a registered function declares a task and gives back a `Future`, which stands for its output and can be
passed on, alone or in lists and dicts. Ids are given here: scope, function, then the name or the ordinal among equals.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final, Literal, NoReturn

import msgspec
from msgspec import Raw, Struct, structs

from . import _values
from ._errors import DuplicateTask, FutureUsed, GraphError, UnknownDependency, UnrecordableValue
from ._function import Function
from ._graph import Arg, Task
from ._settings import check_settings, recordable_params

current: ContextVar[Scope | None] = ContextVar("llmtaskgraph_scope", default=None)
"""The scope that is being built by the graph function that runs now."""


class Options(Struct, frozen=True):
    """What a single call may set otherwise than its function. None is: as the function says."""

    name: str | None = None
    model: str | None = None
    params: dict[str, Any] | None = None
    retries: int | None = None
    timeout: float | None = None
    idle_timeout: float | None = None
    effect: Literal["once"] | None = None


def check_options(function: str, options: Options) -> Options:
    """Options of a call that can be recorded.

    Raises:
        GraphError: one of them has the wrong type, or makes no sense.
        UnrecordableValue: a parameter has no JSON form.
    """
    check_settings(function, options.model, options.retries, options.timeout, options.idle_timeout)
    if options.params:
        return structs.replace(options, params=recordable_params(function, options.params))
    return options


class Future:
    """The output of a task that has not run. To the type checker it is that output; at run time it can only be passed on."""

    __slots__ = ("_ltg_scope", "_ltg_task")

    def __init__(self, scope: Scope, task: str) -> None:
        self._ltg_scope, self._ltg_task = scope, task

    def __repr__(self) -> str:
        return f"<the output of {self._ltg_task}, not known yet>"

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("__"):
            raise AttributeError(name)
        raise FutureUsed(self._ltg_task, f"it has no attribute {name!r} yet")

    def __copy__(self) -> Future:
        return self

    def __deepcopy__(self, memo: object) -> Future:
        return self

    __hash__ = object.__hash__


def _forbid(names: str, use: str) -> None:
    def forbidden(self: Future, *_: object) -> NoReturn:
        raise FutureUsed(self._ltg_task, use)

    for name in names.split():
        setattr(Future, f"__{name}__", forbidden)


_forbid("bool", "`if`, `and`, `or`, `not` and `while` cannot look at it")
_forbid("iter len contains reversed getitem", "it cannot be iterated, measured or indexed")
_forbid("str format bytes fspath", "it cannot be put into a string")
_forbid("eq ne lt le gt ge", "it cannot be compared")
_forbid("setitem delitem aiter", "it cannot be iterated, measured or indexed")
_forbid("int float index complex round trunc floor ceil", "it cannot be made a number")
_forbid("add sub mul matmul truediv floordiv mod divmod pow lshift rshift or and xor", "it has no operators")
_forbid("radd rsub rmul rmatmul rtruediv rfloordiv rmod rdivmod rpow rlshift rrshift ror rand rxor", "it has no operators")
_forbid("neg pos abs invert", "it has no operators")
_forbid("call await enter aenter", "it cannot be called, awaited or entered")


_FUTURES = ("of type llmtaskgraph._scope.Future", "of type llmtaskgraph._explicit.", "of type Future")
"""How an `UnrecordableValue` names what stands for a task."""

MAX_DEPTH: Final = 2_000
"""How deep graphs may lie in each other. Ids are paths, so a recursion costs the square of its depth."""

NOTHING: dict[str, Any] = {}
"""What all tasks without keyword arguments or parameters share. Nobody changes it."""


class Handle:
    """A task as an object of the explicit layer: where it stands as an argument, it means its output."""

    __slots__ = ("future",)

    def __init__(self) -> None:
        self.future: Future | None = None


class Scope:
    """The tasks declared so far.

    Attributes:
        id: of the graph task whose scope this is.
        tasks: declarations, with numbers below 0 that the engine replaces.
    """

    def __init__(self, id: str) -> None:
        self.id = id
        self.tasks: list[Task] = []
        self._ids: set[str] = set()
        self._ordinals: dict[str, int] = {}
        self._last_number = 0

    def declare(
        self, function: Function, args: tuple[Any, ...], kwargs: dict[str, Any], options: Options, *, item: bool = False
    ) -> Future:
        """Declare a task.

        Args:
            function: what it runs.
            args: positional arguments; they may be or hold futures of this scope.
            kwargs: keyword arguments, likewise.
            options: what is different from the function's defaults.
            item: it is one of a fan-out: the first has an ordinal, too.

        Raises:
            WrongArguments: the call does not fit the signature.
            GraphError: it has an effect and retries.
            DuplicateTask: the name is taken.
            UnknownDependency: a future of another scope is passed.
            UnrecordableValue: an argument has no JSON form.
        """
        args, kwargs = function.bind(args, kwargs)
        effect, retries = options.effect or function.effect, _first(options.retries, function.retries)
        if effect is not None and retries:
            raise GraphError(f"{function.name}: effect='once' is had once, so it cannot have retries={retries}")
        id = self.new_id(function.function, options.name, item=item)
        if function.type == "graph" and id.count("/") > MAX_DEPTH:
            raise GraphError(f"{function.name} is {MAX_DEPTH:,} graphs deep: does the recursion end?")
        task = Task(
            function.type,
            id,
            self.next_number(),
            function.function,
            self.id,
            args=tuple([self.arg(value, id) for value in args]),
            kwargs={name: self.arg(value, id) for name, value in kwargs.items()} if kwargs else NOTHING,
            parser=function.parser_name,
            model=_model(function, options),
            params={**function.params, **(options.params or {})} if function.params or options.params else NOTHING,
            retries=retries,
            timeout=_first(options.timeout, function.timeout),
            idle_timeout=_first(options.idle_timeout, function.idle_timeout),
            effect=effect,
        )
        return self.take(task)

    def take(self, task: Task) -> Future:
        """Add a declaration that is complete."""
        self.tasks.append(task)
        return Future(self, task.id)

    def next_number(self) -> int:
        """A number for a declaration, below 0."""
        self._last_number -= 1
        return self._last_number

    def copy(self, other: Scope) -> None:
        """Take over the declarations of a scope with the same id, as copies."""
        self.tasks, self._last_number = [structs.replace(task) for task in other.tasks], other._last_number

    def inner(self, id: str) -> Scope:
        """A scope for a graph that is written out in this one; its declarations stand before that of the graph."""
        scope = Scope(id)
        scope.tasks, scope._last_number = self.tasks, self._last_number
        return scope

    def leave(self, inner: Scope) -> None:
        """Go on after an inner scope."""
        self._last_number = inner._last_number

    def new_id(self, function: str, name: str | None = None, *, item: bool = False) -> str:
        """An id for a task of that function."""
        if name is not None:
            if not isinstance(name, str) or not name or not name.isprintable() or "]/" in name:
                raise GraphError(f"{function}: a name is printable text without ']/', not {_shown(name)}")
            id = f"{self.id}/{function}[{name}]"
        else:
            ordinal = self._ordinals.get(function, 0)
            self._ordinals[function] = ordinal + 1
            id = f"{self.id}/{function}[{ordinal}]" if ordinal or item else f"{self.id}/{function}"
        if id in self._ids:
            raise DuplicateTask(id)
        self._ids.add(id)
        return id

    def arg(self, value: Any, task: str, what: str = "an argument of") -> Arg:
        """Where a value comes from: futures become references. `what` says in messages what it is of the task."""
        if isinstance(value, Handle):
            if value.future is None:
                raise UnknownDependency(task, repr(value))
            value = value.future
        kind = type(value)
        if kind is Future:
            if value._ltg_scope is not self:
                raise UnknownDependency(task, value._ltg_task)
            return Arg(ref=value._ltg_task)
        if kind in (list, tuple) and _holds_future(value):
            return Arg(items=[self.arg(item, task) for item in value])
        if kind is dict and _holds_future(value.values()):
            return Arg(entries={_text_key(name, task): self.arg(item, task) for name, item in value.items()})
        try:
            return Arg(value=Raw(_values.encode(value)))
        except UnrecordableValue as error:
            if any(name in error.what for name in _FUTURES):
                where = f" (at {error.where})" if error.where else ""
                raise GraphError(
                    f"{task}: the output of another task may stand in lists and as a value in dicts, "
                    f"not inside another object{where}; "
                    "have an @app.task function put the object together"
                ) from None
            raise UnrecordableValue(f"{error.what} ({what} {task})", error.where) from None


def _text_key(name: Any, task: str) -> str:
    if not isinstance(name, str):
        raise GraphError(f"{task}: a dict that holds futures has text keys, not {name!r}")
    return name


def _holds_future(values: Any, depth: int = 0) -> bool:
    if depth > _values.MAX_DEPTH:
        return False  # recording it will be refused
    for value in values:
        kind = type(value)
        if kind is Future or isinstance(value, Handle):
            return True
        if kind in (list, tuple) and _holds_future(value, depth + 1):
            return True
        if kind is dict and _holds_future(value.values(), depth + 1):
            return True
    return False


def _shown(name: Any) -> str:
    shown = repr(name)
    return shown if len(shown) < 80 else shown[:77] + "..."


def _model(function: Function, options: Options) -> str | None:
    model = options.model or function.model
    if function.type == "llm" and model is None:
        raise GraphError(f'{function.name} has no model; give one, such as model="openai:gpt-5-mini"')
    return model


def _first(value: Any, default: Any) -> Any:
    return default if value is None else value


def _same_params(task: Task, old: Task) -> bool:
    """Whether parameters that are equal are so in JSON, too: 1, 1.0 and True are not."""
    if not task.params:
        return True
    return msgspec.json.encode(task.params, order="sorted") == msgspec.json.encode(old.params, order="sorted")


class Numbering:
    """Gives declarations their numbers. One that the trace holds already, just so, keeps its number.

    Args:
        known: declarations of the trace, by number.
    """

    def __init__(self, known: Mapping[int, Task]) -> None:
        self._next = max(known, default=0) + 1
        self._known: dict[str, list[Task]] = {}
        for task in known.values():
            self._known.setdefault(task.id, []).append(task)

    def number(self, scope: Scope, added_by: int | None) -> tuple[list[Task], list[int]]:
        """Number the declarations of a scope. Returns those that are new, and the numbers of the scope's own tasks."""
        inner: dict[int, int] = {}  # tasks of graphs that are written out in this scope: those of a graph stand before it
        new: list[Task] = []
        own: list[int] = []
        id, take = scope.id, self.take
        for task in scope.tasks:
            if task.children is not None:
                task.children = [inner[child] for child in task.children]
            if task.scope == id:
                own.append(take(task, added_by, new))
            else:
                local = task.number
                inner[local] = take(task, added_by, new)
        return new, own

    def take(self, task: Task, added_by: int | None, new: list[Task]) -> int:
        """Number one declaration; it is added to `new` if it is."""
        if self._known:
            for old in self._known.get(task.id, ()):
                if structs.replace(task, number=old.number, added_by=old.added_by) == old and _same_params(task, old):
                    task.number = old.number
                    return old.number
        number = task.number = self._next
        task.added_by = added_by
        self._next = number + 1
        new.append(task)
        return number

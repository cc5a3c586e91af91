"""What users hold: the registry, and graph functions that can be run."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable, Container, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar, overload

import msgspec

from . import _store
from ._author import Decorators, TaskFunction
from ._context import Context
from ._errors import NotInGraph, WrongArguments
from ._events import Run
from ._function import Function
from ._graph import Task
from ._plan import Plan
from ._registry import Functions
from ._roots import plan_with, with_input
from ._run import PathLike, Result, Settings, raise_if_failed, run_at, run_sync, settings_from
from ._scope import Options, Scope
from ._state import State
from ._store import MemoryStore

P = ParamSpec("P")
T = TypeVar("T")


class GraphFunction(TaskFunction[P, T]):
    """A graph function. In another graph function a call declares a sub-graph; by itself it can be run."""

    registry: Functions

    @overload
    def run(self, *args: P.args, **kwargs: P.kwargs) -> T: ...
    @overload
    def run(self, *args: Any, trace: PathLike | None, **kwargs: Any) -> T: ...
    def run(self, *args: Any, **kwargs: Any) -> T:
        """Run it as a program and return its output.

        Args:
            args, kwargs: its arguments; besides them `trace` (path of the trace to record to; an existing one gains a run),
                and the fields of `Settings`. A parameter of its own that is called so comes first.

        Raises:
            RunFailed: a task failed. All else is recorded, and can be resumed.
            WrongArguments: the arguments do not fit.
            TraceError: the trace cannot be read or written.
        """
        return run_sync(partial(self.arun, *args, **kwargs))

    @overload
    async def arun(self, *args: P.args, **kwargs: P.kwargs) -> T: ...
    @overload
    async def arun(self, *args: Any, trace: PathLike | None, **kwargs: Any) -> T: ...
    async def arun(self, *args: Any, **kwargs: Any) -> T:
        """`run`, for async code."""
        trace, settings, given = _split(kwargs, self._app(), self.function.signature.parameters)
        root = self.root_from(args, given)
        result, _ = await run_at(trace, MemoryStore(), self.registry, lambda state, parent: (root, None), False, settings)
        raise_if_failed(result, trace)
        return self._typed(result)

    def resume(self, trace: PathLike, *, run: int | None = None, **settings: Any) -> T:
        """Resume a run of its trace, with the edits made on it, and return the output.

        Args:
            trace: path of the trace.
            run: the run to resume; the newest without it.
            settings: fields of `Settings`.

        Raises:
            RunFailed, TraceError: as for `run`.
        """
        return run_sync(partial(self.aresume, trace, run=run, **settings))

    async def aresume(self, trace: PathLike, *, run: int | None = None, **settings: Any) -> T:
        """`resume`, for async code."""
        made = settings_from(settings, self._app())
        result, _ = await run_at(trace, MemoryStore(), self.registry, self.root_of, run, made)
        raise_if_failed(result, trace)
        return self._typed(result)

    def plan(self, trace: PathLike, *, run: int | None = None, **settings: Any) -> Plan:
        """What `resume` with the same settings would run, and why. Executes nothing."""
        made = settings_from(settings, self._app())
        return plan_with(self.registry, self.root_of, _store.read(trace).state, run, model=made.model, scripted=made.scripted)

    def root_from(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Task:
        """The root task for these arguments.

        Raises:
            WrongArguments: they do not fit the signature, or the types of the parameters.
        """
        function = self.function
        args, kwargs = _named(function, *function.bind(args, kwargs))
        scope = Scope("")
        task = Task(
            "graph",
            function.name,
            0,
            function.name,
            args=tuple([scope.arg(value, function.name) for value in args]),
            kwargs={name: scope.arg(value, function.name) for name, value in kwargs.items()},
        )
        function.read_arguments(task, {})
        return task

    def root_of(self, state: State, parent: Run | None) -> tuple[Task, Scope | None]:
        """The root task of a run that resumes another."""
        assert parent is not None
        root = with_input(state.tasks[parent.root], state, parent)
        if root.function is None:
            raise WrongArguments(f"run {parent.id} is one of a graph that is written out, not of {self.function.name}")
        if root.function != self.function.name:  # it was renamed: its tasks are found by what they are made of
            root = Task("graph", self.function.name, 0, self.function.name, args=root.args, kwargs=root.kwargs)
        return root, None

    def _typed(self, result: Result) -> T:
        assert result.output_json is not None
        kind = self.function.types.get("return", Any)
        try:
            return msgspec.json.decode(result.output_json, type=kind)  # type: ignore[no-any-return]
        except (TypeError, ValueError):
            return result.output  # type: ignore[no-any-return]

    def _app(self) -> str | None:
        code = getattr(inspect.unwrap(self.fn), "__code__", None)
        if code is None or code.co_filename.startswith("<"):
            return None
        file = Path(code.co_filename)
        with contextlib.suppress(ValueError):
            file = file.resolve().relative_to(Path.cwd())
        return f"{file}:{self.fn.__name__}"

    def _called_outside(self, *args: Any, **kwargs: Any) -> T:
        raise NotInGraph(self.function.name, f"to run it as a program, use {self.function.name}.run(...)")


def _named(function: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The input of a program is known by its names, however it was given; `*args` and what is positional only have none."""
    parameters = list(function.signature.parameters.values())
    if any(parameter.kind in (parameter.POSITIONAL_ONLY, parameter.VAR_POSITIONAL) for parameter in parameters):
        return args, kwargs
    return (), {**{parameter.name: value for parameter, value in zip(parameters, args, strict=False)}, **kwargs}


def _split(
    kwargs: Mapping[str, Any], app: str | None, parameters: Container[str]
) -> tuple[PathLike | None, Settings, dict[str, Any]]:
    """Tell the settings of a run from the arguments of its function, whose parameters come first."""
    given = dict(kwargs)
    settings = {
        name: given.pop(name) for name in ("trace", *Settings.__struct_fields__) if name in given and name not in parameters
    }
    trace = settings.pop("trace", None)
    return trace, settings_from(settings, app), given


class Registry(Decorators):
    """Holds the functions of a program by name, and registers them.

    Args:
        name: for messages.
        model: what `@app.llm` uses where it names none.

    `llm` registers a prompt function, `task` a plain function, `graph` a function that declares tasks by calling the others.
    """

    @overload
    def graph(self, call: Callable[Concatenate[Context, P], T], /) -> GraphFunction[P, T]: ...
    @overload
    def graph(self, call: Callable[P, T], /) -> GraphFunction[P, T]: ...
    def graph(self, call: Callable[..., Any], /) -> Any:
        """Register a graph function: it runs when its arguments are known, and calls in it declare tasks.

        What it returns (futures, alone or in lists and dicts, or values) is the output of the sub-graph.
        """
        frame = inspect.currentframe()
        outer = frame.f_back if frame is not None else None
        names = {} if outer is None or outer.f_locals is outer.f_globals else dict(outer.f_locals)
        made: GraphFunction[Any, Any] = GraphFunction(self.add(Function("graph", call.__name__, call, names=names)), Options())
        made.registry = self
        return made

"""What users hold: the registry, graph functions that can be run, graphs that are written out, programs by name.

Each way in comes down to the same steps: open the store, find the root task, let the engine make a run, fold the journal.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import time
from collections.abc import Callable, Container, Coroutine, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, overload

import anyio
import anyio.to_thread
import msgspec
from msgspec import UNSET, Raw, Struct, structs

from . import _edit, _store, _trace, _values
from ._author import Decorators, TaskFunction
from ._context import Context
from ._engine import Engine, input_of
from ._errors import GraphError, NotInGraph, RunFailed, TraceError, UnknownDependency, UnknownTask, WrongArguments
from ._events import Edit, EditMade, EditName, Failure, FunctionFacts, Run, RunEnded, Status, TasksAdded
from ._explicit import GraphBuilder, SpecT
from ._graph import Arg, Task, validate
from ._memo import Memo
from ._plan import Plan, Planner
from ._registry import Function, Functions
from ._scope import Numbering, Options, Scope
from ._sending import Recorder, Sender
from ._state import State, TaskRun
from ._store import Listener, MemoryStore, Store
from .providers import Provider
from .providers._every import providers_for

P = ParamSpec("P")
T = TypeVar("T")
PathLike = str | os.PathLike[str]


_CLOSING = 5.0
"""Seconds that a provider has to close its connections. How that ends does not change how the run did."""


class Result(Struct):
    """How a run ended.

    Attributes:
        run: its id.
        status: succeeded, failed or cancelled.
        output: builtins; None when it failed.
        failures: why tasks failed, by id.
        executed: ids of the tasks of which something was executed, in order.
        output_json: the output as it is recorded.
    """

    run: int
    status: Status
    output: Any
    failures: dict[str, Failure]
    executed: list[str]
    output_json: bytes | None = None


class Settings(Struct, frozen=True):
    """How to make a run.

    Attributes:
        model: replaces the model of every task, as `PROVIDER:MODEL`.
        script: a script that answers instead of the providers; a resumed run takes over that of its parent.
        online: do not take it over.
        fail_fast: end the run at the first failed task.
        limits: concurrent sends by provider name.
        workers: tasks that may be under way at once.
        threads: sync functions that may be under way at once.
        on_event: called with each event and the state after it.
        app: the program, as `file.py:name`.
    """

    model: str | None = None
    script: Path | None = None
    online: bool = False
    fail_fast: bool = False
    limits: dict[str, int] = {}
    workers: int = 2000
    threads: int = 40
    on_event: Listener | None = None
    app: str | None = None


RootOf = Callable[[State, Run | None], tuple[Task, Scope | None]]
"""Makes the root task of a run, with the scope of its children where the trace may not have them: a graph that is written out."""


async def _run(
    store: Store | MemoryStore, functions: Functions, root_of: RootOf, parent: Run | None, settings: Settings
) -> Result:
    """Make one run in an open store."""
    state = store.state
    edits = state.edits_to_apply(parent.id) if parent is not None else {}
    script = settings.script
    if script is None and parent is not None and parent.scripted and not settings.online:
        script = Path(parent.scripted)
    providers = providers_for(getattr(functions, "providers", {}), script)
    root, scope = root_of(state, parent)
    added = _number(state, root, scope)
    store.listener = settings.on_event
    if added:
        store.append(TasksAdded(added))
    run = Run(
        max(state.runs, default=0) + 1,
        root.number,
        time.time(),
        parent.id if parent is not None else None,
        edits=[edit.id for edit in edits.values()],
        last_edit=max(state.edits, default=0),
        app=settings.app or (parent.app if parent is not None else None),
        model=settings.model or (parent.model if parent is not None else None),
        scripted=str(script) if script is not None else None,
    )
    recorder = Recorder(store)
    sender = Sender(recorder, providers, settings.limits)
    engine = Engine(
        store,
        functions,
        sender,
        recorder,
        run,
        workers=settings.workers,
        threads=settings.threads,
        fail_fast=settings.fail_fast,
    )
    try:
        await engine.execute(root)
    finally:
        store.listener = None
        await _close_all(providers)
    return result_of(state, run.id)


async def _close_all(providers: Mapping[str, Provider]) -> None:
    for provider in {id(provider): provider for provider in providers.values()}.values():
        close = getattr(provider, "aclose", None)
        if close is not None:
            with anyio.move_on_after(_CLOSING, shield=True), contextlib.suppress(Exception):
                await close()


def result_of(state: State, run: int) -> Result:
    """How a run that is over ended."""
    found = state.runs[run]
    root = state.tasks[found.root]
    stored = state.in_run(run)
    failures = {id: task_run.error for id, task_run in stored.items() if task_run.error is not None}
    executed = [id for id, task_run in stored.items() if _executed(task_run)]
    seen = state.seen(run, root.id)
    data = bytes(seen.output.value) if found.status == "succeeded" and seen is not None and seen.output is not None else None
    return Result(run, found.status, None if data is None else _values.decode(data), failures, executed, data)


def _executed(task_run: TaskRun) -> bool:
    """Whether a function was called or a request sent; putting together the output of a graph is neither."""
    stages = (task_run.prompt, task_run.response, task_run.output if task_run.response is not None else None)
    return bool(task_run.attempts) or any(stage is not None and stage.origin == "executed" for stage in stages)


def _number(state: State, root: Task, scope: Scope | None) -> list[Task]:
    """Number the root and what comes with it. Returns the declarations that the trace does not have."""
    numbering = Numbering(state.tasks)
    added: list[Task] = []
    if scope is not None:
        added, root.children = numbering.number(scope, None)
    numbering.take(root, None, added)
    return added


async def _run_at(
    trace: PathLike | None,
    memory: MemoryStore,
    functions: Functions,
    root_of: RootOf,
    resume: int | bool | None,
    settings: Settings,
    opened: Callable[[Store | MemoryStore], None] = lambda store: None,
) -> tuple[Result, Store | MemoryStore]:
    """Make a run in the trace at a path, or in memory.

    Args:
        resume: False for a run without a parent; else the run to resume, None for the newest.
        opened: called with the store before the run begins.
    """
    if trace is None:
        store: Store | MemoryStore = memory
    else:
        store = Store.open(trace, create=resume is False, doing="resume" if resume is not False else "run")
    fold = True
    try:
        if store is not memory:
            _bring_edits(store, memory)
        opened(store)
        parent = None if resume is False else store.state.run(resume)
        return await _run(store, functions, root_of, parent, settings), store
    except GraphError:
        fold = bool(store.state.runs)
        raise
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(partial(store.close, fold=fold))


def _bring_edits(store: Store | MemoryStore, memory: MemoryStore) -> None:
    """Record the edits that were made on a graph in memory."""
    if memory.state.edits and memory.state.id == store.state.id:
        for id, edit in memory.state.edits.items():
            if id not in store.state.edits:
                store.append(EditMade(edit))


def _raise_if_failed(result: Result, trace: PathLike | None) -> None:
    if result.status != "succeeded":
        told = {id: failure.message for id, failure in result.failures.items() if failure.type != "ChildFailed"}
        raise RunFailed(told, None if trace is None else str(trace))


def _sync(call: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run from synchronous code."""
    if _in_event_loop():
        raise GraphError(
            "this is called in an event loop; await the method with an `a` before its name instead, such as main.arun(...)"
        )
    try:
        return anyio.run(call)
    except BaseExceptionGroup as group:
        if group.subgroup(KeyboardInterrupt) is not None:
            raise KeyboardInterrupt from None
        raise


def _in_event_loop() -> bool:
    try:
        return anyio.get_current_task() is not None
    except RuntimeError:
        return False


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
        return _sync(partial(self.arun, *args, **kwargs))

    @overload
    async def arun(self, *args: P.args, **kwargs: P.kwargs) -> T: ...
    @overload
    async def arun(self, *args: Any, trace: PathLike | None, **kwargs: Any) -> T: ...
    async def arun(self, *args: Any, **kwargs: Any) -> T:
        """`run`, for async code."""
        trace, settings, given = _split(kwargs, self._app(), self.function.signature.parameters)
        root = self.root_from(args, given)
        result, _ = await _run_at(trace, MemoryStore(), self.registry, lambda state, parent: (root, None), False, settings)
        _raise_if_failed(result, trace)
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
        return _sync(partial(self.aresume, trace, run=run, **settings))

    async def aresume(self, trace: PathLike, *, run: int | None = None, **settings: Any) -> T:
        """`resume`, for async code."""
        made = _settings(settings, self._app())
        result, _ = await _run_at(trace, MemoryStore(), self.registry, self.root_of, run, made)
        _raise_if_failed(result, trace)
        return self._typed(result)

    def plan(self, trace: PathLike, *, run: int | None = None) -> Plan:
        """What `resume` would run, and why. Executes nothing."""
        return plan_with(self.registry, self.root_of, _store.read(trace).state, run)

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
        root = state.tasks[parent.root]
        if root.function != self.function.name:
            raise WrongArguments(
                f"run {parent.id} is a run of {root.function}, not of {self.function.name}; give --app the right one"
            )
        return _with_input(root, state, parent), None

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
    return trace, _settings(settings, app), given


def _settings(given: dict[str, Any], app: str | None) -> Settings:
    unknown = given.keys() - set(Settings.__struct_fields__)
    if unknown:
        raise WrongArguments(f"there is no setting {sorted(unknown)[0]!r}; there are {', '.join(Settings.__struct_fields__)}")
    if given.get("script") is not None:
        given = {**given, "script": Path(given["script"])}
    made = Settings(**{"app": app, **given})
    counts = {"workers": made.workers, "threads": made.threads, **{f"limits[{name!r}]": n for name, n in made.limits.items()}}
    for name, count in counts.items():
        if not isinstance(count, int) or count < 1:
            raise WrongArguments(f"{name} is a number from 1 on, not {count!r}")
    return made


def _with_input(root: Task, state: State, parent: Run) -> Task:
    """The root with the recorded input, or that which an edit has put in its place."""
    edit = state.edits_to_apply(parent.id).get((root.id, "input"))
    if edit is None or edit.value is UNSET:
        unedited = (run for run in state.lineage(parent.id) if (root.id, "input") not in state.edits_in_force(run.id))
        given = state.tasks[next(unedited).root]
        return structs.replace(root, args=given.args, kwargs=given.kwargs)
    if root.function is None:
        return structs.replace(root, args=(Arg(value=edit.value),))
    fields = msgspec.json.decode(edit.value, type=dict[str, Raw])
    return structs.replace(root, args=(), kwargs={name: Arg(value=value) for name, value in fields.items()})


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


class TaskGraph(GraphBuilder, Generic[T]):
    """A graph that is written out, with its trace.

    Args:
        functions: the registry; functions that are not in it are registered by their names.
        name: first part of all ids.
    """

    def __init__(self, functions: Functions | None = None, name: str = "main") -> None:
        super().__init__(functions, name)
        self._memory: Store | MemoryStore = MemoryStore()
        self._loaded = self._running = False

    def add_task(self, task: SpecT) -> SpecT:
        if self._loaded:
            raise GraphError("a graph that was read from a trace is as it was recorded; add tasks where it is written")
        return super().add_task(task)

    add_task.__doc__ = GraphBuilder.add_task.__doc__

    async def run(self, input: Any = None, *, trace: PathLike | None = None, **settings: Any) -> Any:
        """Run the graph.

        Args:
            input: what functions find in their context's `input`.
            trace: path of the trace to record to; an existing one gains a run. Without it the trace is in memory: see `to_json`.
            settings: fields of `Settings`.

        Returns:
            The output, as builtins.

        Raises:
            RunFailed: a task failed. All else is recorded, and can be resumed.
        """
        made = _settings(settings, None)

        def root_of(state: State, parent: Run | None) -> tuple[Task, Scope | None]:
            if self._loaded:
                return self._loaded_root(state, input), None
            scope = Scope(self.name)
            return self.root(input, scope), scope

        return await self._made(trace, root_of, False, made)

    async def resume(self, run: int | None = None, *, trace: PathLike | None = None, **settings: Any) -> Any:
        """Resume a run with the edits made on it; only what depends on a change runs again.

        Args:
            run: the run to resume; the newest without it.
            trace: path of the trace; without it the trace in memory.
            settings: fields of `Settings`.

        Returns:
            The output, as builtins.

        Raises:
            RunFailed: a task failed.
        """
        return await self._made(trace, self.root_of, run, _settings(settings, None))

    async def _made(self, trace: PathLike | None, root_of: RootOf, resume: int | bool | None, settings: Settings) -> Any:
        if self._running:
            raise GraphError("this graph is being run; wait for that, or make another graph")
        before = MemoryStore(self._memory.trace)

        def show(store: Store | MemoryStore) -> None:
            self._memory = store

        self._running = True
        try:
            result, _ = await _run_at(trace, before, self.functions, root_of, resume, settings, show)
        finally:
            self._memory, self._running = MemoryStore(self._memory.trace), False
        _raise_if_failed(result, trace)
        return result.output

    def root_of(self, state: State, parent: Run | None) -> tuple[Task, Scope | None]:
        """The root task of a run that resumes another: the graph as it is written now, with the recorded input."""
        assert parent is not None
        recorded = _with_input(state.tasks[parent.root], state, parent)
        if self._loaded or recorded.function is not None:
            return recorded, None
        scope = Scope(self.name)
        root = self.root(None, scope)
        root.args = recorded.args
        return root, scope

    def _loaded_root(self, state: State, input: Any) -> Task:
        root = structs.replace(_root_task(state))
        if input is not None:
            root.args = (Arg(value=Raw(_values.encode(input))),)
        return root

    def edit(self, task: str, stage: EditName, value: Any, *, run: int | None = None) -> Edit:
        """Put a value into a stage; the next resume of that run takes it up.

        Args:
            task: id of the task.
            stage: `prompt`, `response`, `output`, `model`, `params` or `input`.
            value: text or messages for prompt and response; any recordable value for the others.
            run: the run to edit; the newest without it.
        """
        state = self._memory.state
        found = state.run(run)
        text = value if isinstance(value, str) and stage in ("prompt", "response", "model") else _values.encode(value).decode()
        edit = _edit.edit(state, found.id, _one_task(state, found.id, task), stage, text, time.time())
        self._memory.append(EditMade(edit))
        return edit

    def revert(self, task: str, stage: EditName, *, run: int | None = None) -> Edit:
        """Take an edit back."""
        state = self._memory.state
        found = state.run(run)
        edit = _edit.revert(state, found.id, _one_task(state, found.id, task), stage, time.time())
        self._memory.append(EditMade(edit))
        return edit

    def plan(self, run: int | None = None) -> Plan:
        """What `resume` would run, and why. Executes nothing."""
        return plan_with(self.functions, self.root_of, self._memory.state, run)

    @property
    def state(self) -> State:
        """All that is recorded in memory: tasks, runs, task runs, edits."""
        return self._memory.state

    def to_json(self) -> bytes:
        """The graph and all that is recorded of it: a trace. Before the first run it is the graph alone."""
        if not self._memory.state.runs and not self._loaded:
            scope = Scope(self.name)
            root = self.root(None, scope)
            for task in _number(self._memory.state, root, scope):
                self._memory.state.tasks[task.number] = task
        return self._memory.trace.encode()

    @classmethod
    def from_json(cls, data: bytes | str, registry: Functions) -> TaskGraph[Any]:
        """A graph from a trace.

        Args:
            data: as `to_json` gives it, or a `trace.json`.
            registry: holds the functions that the graph names.

        Raises:
            TraceError: the data is no trace, or is damaged.
            UnregisteredFunction: the registry lacks a function.
            GraphError: tasks depend on each other in a circle, or on unknown ones.
        """
        trace = _trace.decode(data.encode() if isinstance(data, str) else data)
        root = _root_task(trace.state)
        graph: TaskGraph[Any] = cls(registry, root.id)
        graph._memory, graph._loaded = MemoryStore(trace), True
        _check(trace.state, root, registry)
        for run in [run for run in trace.state.runs.values() if run.status == "running"]:  # read while it was live
            graph._memory.append(RunEnded(run.id, "cancelled", time.time(), "the trace was read before the run ended"))
        return graph


def _root_task(state: State) -> Task:
    if state.runs:
        return state.tasks[state.run().root]
    roots = [task for task in state.tasks.values() if task.scope is None]
    if not roots:
        raise TraceError("trace", "there is no root task in it", "give a trace that TaskGraph.to_json or a run has written")
    return roots[-1]


def _check(state: State, root: Task, registry: Functions) -> None:
    """Check a graph that was read."""
    stack = [root]
    while stack:
        task = stack.pop()
        if task.function is not None:
            registry.of(task)
        if task.children is not None:
            children = [state.tasks[number] for number in task.children if number in state.tasks]
            if len(children) < len(task.children):
                raise GraphError(f"{task.id}: a task of it is missing in the trace")
            validate(children, task.id)
            known = {child.id for child in children}
            missing = next((ref for ref in (task.result.refs() if task.result is not None else ()) if ref not in known), None)
            if missing is not None:
                raise UnknownDependency(task.id, missing)
            stack += children


def _one_task(state: State, run: int, id: str) -> Task:
    found = _edit.matching(state, run, id)
    if len(found) > 1:
        raise UnknownTask(f"{id!r} matches {len(found)} tasks; name one, such as {found[0].id}")
    return found[0]


# Plans


def plan_with(functions: Functions, root_of: RootOf, state: State, run: int | None = None) -> Plan:
    """What resuming a run would run with these functions."""
    parent = state.run(run)
    root, scope = root_of(state, parent)
    declared = {task.number: task for task in _number(state, root, scope)}
    facts = functions.facts([*state.tasks.values(), *declared.values()])
    return _planned(state, parent, root, declared, facts, code_checked=True)


def plan_recorded(state: State, run: int | None = None) -> Plan:
    """What resuming a run would run if no code has changed. Needs no code, only the trace."""
    parent = state.run(run)
    root = _with_input(state.tasks[parent.root], state, parent)
    declared = {task.number: task for task in _number(state, root, None)}
    return _planned(state, parent, root, declared, state.functions, code_checked=False)


def _planned(
    state: State, parent: Run, root: Task, declared: Mapping[int, Task], facts: Mapping[str, FunctionFacts], *, code_checked: bool
) -> Plan:
    edits = state.edits_to_apply(parent.id)
    memo = Memo(state, parent.id, facts, edits, model=parent.model, scripted=parent.scripted is not None)
    memo.set_input(input_of(root))
    return Planner(memo, root, declared).plan(parent.id, code_checked=code_checked)


# Edits in files


@contextlib.contextmanager
def _opened(path: PathLike, run: int | None, doing: str) -> Iterator[tuple[Store, Run]]:
    store = Store.open(path, doing=doing)
    large = store.path.stat().st_size > 8 << 20
    try:
        yield store, store.state.run(run)
    finally:
        store.close(fold=not large)


def edit_trace(path: PathLike, run: int | None, task: str, stage: EditName, text: str) -> Edit:
    """Edit a stage of a task in a trace file; see `TaskGraph.edit`. `text` is what a person typed."""
    with _opened(path, run, "edit") as (store, found):
        edit = _edit.edit(store.state, found.id, _one_task(store.state, found.id, task), stage, text, time.time())
        store.append(EditMade(edit))
    return edit


def revert_trace(path: PathLike, run: int | None, task: str, stage: EditName) -> Edit:
    """Take back an edit in a trace file."""
    with _opened(path, run, "edit") as (store, found):
        edit = _edit.revert(store.state, found.id, _one_task(store.state, found.id, task), stage, time.time())
        store.append(EditMade(edit))
    return edit


def again_trace(path: PathLike, run: int | None, task: str) -> Edit:
    """Ask for a new sample of a task in a trace file; the next resume makes it."""
    with _opened(path, run, "edit") as (store, found):
        edit = _edit.again(store.state, found.id, _one_task(store.state, found.id, task), time.time())
        store.append(EditMade(edit))
    return edit


# Programs


class Program:
    """A program that was named on the command line, loaded.

    Attributes:
        app: its name, as `file.py:name`.
        target: a graph function, or a graph that is written out.
    """

    def __init__(self, app: str, target: GraphFunction[..., Any] | TaskGraph[Any]) -> None:
        self.app, self.target = app, target

    @property
    def functions(self) -> Functions:
        """Its registry."""
        return self.target.registry if isinstance(self.target, GraphFunction) else self.target.functions

    def root_from(self, input: Any) -> RootOf:
        """The root task for an input.

        Raises:
            WrongArguments: it does not fit the signature.
        """
        target = self.target
        if isinstance(target, TaskGraph):
            scope = Scope(target.name)
            root = target.root(input, scope)
            return lambda state, parent: (root, scope)
        if input is not None and not isinstance(input, dict):
            raise WrongArguments(
                f'the input of {target.function.name}{target.function.signature} is an object such as {{"name": ...}}'
            )
        made = target.root_from((), input or {})
        return lambda state, parent: (made, None)


async def start(program: Program, *, input: Any = None, trace: PathLike, **settings: Any) -> Result:
    """Make a run without a parent. `settings` are fields of `Settings`."""
    made = _settings(settings, program.app)
    root_of = program.root_from(input)
    result, _ = await _run_at(trace, MemoryStore(), program.functions, root_of, False, made)
    return result


async def resume(program: Program, *, trace: PathLike, run: int | None = None, **settings: Any) -> Result:
    """Resume a run. `settings` are fields of `Settings`."""
    made = _settings(settings, program.app)
    result, _ = await _run_at(trace, MemoryStore(), program.functions, program.target.root_of, run, made)
    return result


def plan(program: Program, state: State, run: int | None = None) -> Plan:
    """What resuming a run would run. Executes nothing but the import of the program."""
    return plan_with(program.functions, program.target.root_of, state, run)

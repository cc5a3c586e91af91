"""Graphs that are written out, with their trace in memory or in a file: run, look, edit, resume."""

from __future__ import annotations

import time
from typing import Any, Generic, TypeVar

from msgspec import Raw, structs

from . import _edit, _trace, _values
from ._errors import GraphError, TraceError, UnknownDependency
from ._events import Edit, EditMade, EditName, Run, RunEnded
from ._explicit import GraphBuilder, SpecT
from ._graph import Arg, Task, validate
from ._plan import Plan
from ._registry import Functions
from ._roots import RootOf, number_root, plan_with, with_input
from ._run import PathLike, Settings, raise_if_failed, run_at, settings_from
from ._scope import Scope
from ._state import State
from ._store import MemoryStore, Store

T = TypeVar("T")


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
        made = settings_from(settings, None)

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
        return await self._made(trace, self.root_of, run, settings_from(settings, None))

    async def _made(self, trace: PathLike | None, root_of: RootOf, resume: int | bool | None, settings: Settings) -> Any:
        if self._running:
            raise GraphError("this graph is being run; wait for that, or make another graph")
        before = MemoryStore(self._memory.trace)

        def show(store: Store | MemoryStore) -> None:
            self._memory = store

        self._running = True
        try:
            result, _ = await run_at(trace, before, self.functions, root_of, resume, settings, show)
        finally:
            self._memory, self._running = MemoryStore(self._memory.trace), False
        raise_if_failed(result, trace)
        return result.output

    def root_of(self, state: State, parent: Run | None) -> tuple[Task, Scope | None]:
        """The root task of a run that resumes another: the graph as it is written now, with the recorded input."""
        assert parent is not None
        recorded = with_input(state.tasks[parent.root], state, parent)
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
        edit = _edit.edit(state, found.id, _edit.one_task(state, found.id, task), stage, text, time.time())
        self._memory.append(EditMade(edit))
        return edit

    def revert(self, task: str, stage: EditName, *, run: int | None = None) -> Edit:
        """Take an edit back."""
        state = self._memory.state
        found = state.run(run)
        edit = _edit.revert(state, found.id, _edit.one_task(state, found.id, task), stage, time.time())
        self._memory.append(EditMade(edit))
        return edit

    def plan(self, run: int | None = None, **settings: Any) -> Plan:
        """What `resume` with the same settings would run, and why. Executes nothing."""
        made = settings_from(settings, None)
        return plan_with(self.functions, self.root_of, self._memory.state, run, model=made.model, scripted=made.scripted)

    @property
    def state(self) -> State:
        """All that is recorded in memory: tasks, runs, task runs, edits."""
        return self._memory.state

    def to_json(self) -> bytes:
        """The graph and all that is recorded of it: a trace. Before the first run it is the graph alone."""
        if not self._memory.state.runs and not self._loaded:
            scope = Scope(self.name)
            root = self.root(None, scope)
            for task in number_root(self._memory.state, root, scope):
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

"""Make a run: open the store, number the root task, let the engine execute it, fold the journal.

Each way in, a graph function, a graph that is written out or a program by name, comes down to `run_at`.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Coroutine, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import anyio
import anyio.to_thread
from msgspec import Struct, structs

from . import _values
from ._engine import Engine
from ._errors import GraphError, RunFailed, UnknownTask, WrongArguments
from ._events import EditMade, Failure, Run, Status, TasksAdded
from ._registry import Functions
from ._roots import RootOf, number_root
from ._sending import Recorder, Sender
from ._state import State, TaskRun
from ._store import Listener, MemoryStore, Store
from .providers import Provider
from .providers._every import providers_for

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

    @property
    def scripted(self) -> bool | None:
        """Whether a script answers; None for as in the run that is resumed."""
        return True if self.script is not None else False if self.online else None


async def run_in(
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
    added = number_root(state, root, scope)
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
    executed = [id for id, task_run in stored.items() if task_run.attempts or _executed(task_run)]
    seen = state.seen(run, root.id)
    data = bytes(seen.output.value) if found.status == "succeeded" and seen is not None and seen.output is not None else None
    return Result(run, found.status, None if data is None else _values.decode(data), failures, executed, data)


def _executed(task_run: TaskRun) -> bool:
    """Whether a prompt or a parser was executed, where no attempt tells; putting together the output of a graph is neither."""
    stages = (task_run.prompt, task_run.response, task_run.output if task_run.response is not None else None)
    return any(stage is not None and stage.origin == "executed" for stage in stages)


async def run_at(
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
        return await run_in(store, functions, root_of, parent, settings), store
    except GraphError:
        fold = bool(store.state.runs)
        raise
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(partial(store.close, fold=fold))


def _bring_edits(store: Store | MemoryStore, memory: MemoryStore) -> None:
    """Record the edits that were made on a graph in memory."""
    state = store.state
    if memory.state.id != state.id:
        return
    for id, edit in memory.state.edits.items():
        if state.edits.get(id) == edit:
            continue
        if edit.run not in state.runs:
            raise UnknownTask(
                f"the edit of {edit.task} is of run {edit.run}, which this trace does not have; edit a run of the trace"
            )
        store.append(EditMade(structs.replace(edit, id=max(state.edits, default=0) + 1)))


def raise_if_failed(result: Result, trace: PathLike | None) -> None:
    if result.status != "succeeded":
        told = {id: failure.message for id, failure in result.failures.items() if failure.type != "ChildFailed"}
        raise RunFailed(told, None if trace is None else str(trace))


def run_sync(call: Callable[[], Coroutine[Any, Any, T]]) -> T:
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


def settings_from(given: dict[str, Any], app: str | None) -> Settings:
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

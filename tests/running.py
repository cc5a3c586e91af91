"""Run small programs in memory, with a model that answers as a test says, and look at all that was recorded."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import msgspec

from llmtaskgraph import (
    Delta,
    Message,
    Registry,
    Request,
    Response,
    Result,
    RunFailed,
    State,
    TaskGraph,
    TaskRun,
    TextPart,
    Usage,
    _run,
    _store,
    _trace,
)
from llmtaskgraph._store import MemoryStore


def said(text: str) -> Response:
    """A whole answer."""
    return Response(Message("assistant", [TextPart(text)], "stop"), "small-1", Usage(10, 5), 0.25)


class Model:
    """A provider in this process.

    Args:
        answer: called with each request; gives text, a `Response`, an exception to raise, or an awaitable of one of these.
            With a second parameter it gets `on_delta`, too.

    `requests` are those that reached it, in order.
    """

    def __init__(self, answer: Callable[..., Any] = lambda request: f"echo: {request.messages[-1].text}") -> None:
        self._answer = answer
        self._wants_deltas = len(inspect.signature(answer).parameters) > 1
        self.requests: list[Request] = []

    async def send(self, request: Request, on_delta: Callable[[Delta], None]) -> Response:
        self.requests.append(msgspec.convert(msgspec.to_builtins(request), Request))
        found = self._answer(request, on_delta) if self._wants_deltas else self._answer(request)
        if inspect.isawaitable(found):
            found = await found
        if isinstance(found, BaseException):
            raise found
        return said(found) if isinstance(found, str) else found

    @property
    def prompts(self) -> list[str]:
        """The last message of each request."""
        return [request.messages[-1].text for request in self.requests]

    @property
    def tasks(self) -> list[str]:
        """The task of each request."""
        return [request.task for request in self.requests]


def registry(model: Any = None) -> Registry:
    """A registry whose functions use `model` where they name none."""
    made = Registry("test", model="mine:small")
    made.provider("mine", model if model is not None else Model())
    return made


class Ran:
    """A run that is over, however it ended."""

    def __init__(self, result: Result, state: State) -> None:
        self.result, self.state = result, state
        self.status, self.output, self.executed = result.status, result.output, result.executed

    @property
    def failures(self) -> dict[str, str]:
        """Task -> type and message of its error."""
        return {id: f"{found.type}: {found.message}" for id, found in self.result.failures.items()}

    @property
    def statuses(self) -> dict[str, str]:
        """Task -> status."""
        return {id: found.status for id, found in self.state.in_run(self.result.run).items()}

    @property
    def tasks(self) -> list[str]:
        """Ids of all tasks, as they are declared."""
        return [task.id for task in self.state.walk(self.result.run)]

    def task(self, id: str) -> TaskRun:
        """What is recorded of a task."""
        return self.state.in_run(self.result.run)[id]


class Meeting:
    """All are here only when as many have come as are expected."""

    def __init__(self, expected: int) -> None:
        self.missing = expected
        self.all_here = anyio.Event()

    async def come(self) -> None:
        self.missing -= 1
        if self.missing == 0:
            self.all_here.set()
        with anyio.fail_after(60):
            await self.all_here.wait()


async def run(target: Any, *args: Any, **kwargs: Any) -> Ran:
    """Run a graph function in memory; `settings=` are those of the run."""
    settings, trace = _run.Settings(**kwargs.pop("settings", {})), kwargs.pop("trace", None)
    root = target.root_from(args, kwargs)
    result, store = await _run.run_at(trace, MemoryStore(), target.registry, lambda state, parent: (root, None), False, settings)
    assert_readable(store.state)
    return Ran(result, store.state)


async def failing(main: Any, *args: Any, **kwargs: Any) -> str:
    """What a graph function that fails alone says."""
    ran = await run(main, *args, **kwargs)
    assert ran.status == "failed"
    assert list(ran.failures) == ["main"]
    return ran.failures["main"]


async def run_graph(graph: TaskGraph[Any], input: Any = None, **settings: Any) -> Ran:
    """Run a graph that is written out."""
    with contextlib.suppress(RunFailed):
        await graph.run(input, **settings)
    state = graph.state
    assert_readable(state)
    return Ran(_run.result_of(state, state.run().id), state)


def assert_readable(state: State) -> None:
    """What was recorded can be read back, and is written the same again."""
    written = _trace.Trace(state).encode()
    assert _trace.decode(written).encode() == written


def trace_of(path: Path) -> State:
    """The trace in a file."""
    return _store.read(path).state

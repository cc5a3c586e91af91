"""What the sender sees to, whatever the provider: an answer that is paid for is recorded, and deadlines are those of the task."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from running import Model, registry, run, said, trace_of

from llmtaskgraph import Registry, Response, RunFailed
from llmtaskgraph.providers.openai import Provider, preload

pytestmark = pytest.mark.anyio

Step = dict[str, Any] | str | float | Callable[[], object]
"""A chunk, a comment, a pause in seconds, or something to do."""


@pytest.fixture(scope="module", autouse=True)
def imported() -> None:
    """Importing the SDK takes as long as some of the deadlines here."""
    preload()


def text(piece: str) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": piece}, "finish_reason": None}]}


def arguments(piece: str) -> dict[str, Any]:
    call = {"index": 0, "id": "c", "function": {"name": "look", "arguments": piece}}
    return {"choices": [{"index": 0, "delta": {"tool_calls": [call]}, "finish_reason": None}]}


STOP: dict[str, Any] = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
USAGE: dict[str, Any] = {"choices": [], "usage": {"prompt_tokens": 10, "completion_tokens": 5}}


class Line(httpx2.AsyncBaseTransport):
    """Sends the same stream for each request."""

    def __init__(self, *steps: Step) -> None:
        self.steps, self.sends = steps, 0

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.sends += 1
        return httpx2.Response(200, headers={"content-type": "text/event-stream"}, stream=Body(self.steps))


class Body(httpx2.AsyncByteStream):
    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._steps = iter(steps)

    def __aiter__(self) -> Body:
        return self

    async def __anext__(self) -> bytes:
        await anyio.lowlevel.checkpoint()
        for step in self._steps:
            if isinstance(step, dict):
                return b"data: " + json.dumps(step).encode() + b"\n\n"
            if isinstance(step, str):
                return f": {step}\n\n".encode()
            if callable(step):
                step()
                continue
            await anyio.sleep(step)
        raise StopAsyncIteration


def asking(model: Any, **options: Any) -> tuple[Registry, Any]:
    made = registry(model)

    @made.llm(**options)
    def ask(q: str) -> str:
        return q

    @made.llm()
    def other(q: str) -> str:
        return q

    @made.graph
    def main(q: str, both: bool = False) -> Any:
        return [ask(q), other("bad")] if both else ask(q)

    return made, main


def talking(*steps: Step, **options: Any) -> tuple[Line, Provider]:
    line = Line(*steps)
    return line, Provider("http://line.invalid/v1", "k", http_client=httpx2.AsyncClient(transport=line), **options)


@pytest.mark.parametrize("late", [0.05, 3.0])
@pytest.mark.parametrize("comment", [(), ("still here",)])
async def test_an_answer_that_is_complete_outlives_a_cancelled_run(tmp_path: Path, late: float, comment: tuple[str, ...]) -> None:
    trace = tmp_path / "trace.json"
    with anyio.CancelScope() as scope:
        line, provider = talking(text("paid"), STOP, *comment, scope.cancel, late, USAGE)
        began = anyio.current_time()
        await asking(provider)[1].arun("q", trace=trace)
    assert scope.cancelled_caught
    assert anyio.current_time() - began < 1.5
    [ask] = [found for found in trace_of(trace).task_runs.values() if found.task == "main/ask"]
    assert ask.response is not None
    assert ask.attempts[-1].status == "succeeded"
    assert (ask.attempts[-1].usage is not None) == (late < 1)
    assert await asking(provider)[1].aresume(trace) == "paid"
    assert line.sends == 1
    gc.collect(1)


@pytest.mark.parametrize("options", [{"timeout": 0.3}, {"idle_timeout": 0.3}])
async def test_an_answer_that_is_complete_outlives_the_deadline_of_its_task(options: dict[str, float]) -> None:
    line, provider = talking(text("paid"), STOP, 3.0)
    _, main = asking(provider, retries=0, **options)
    began = anyio.current_time()
    assert (await run(main, "q")).output == "paid"
    assert anyio.current_time() - began < 1.5
    assert line.sends == 1


async def test_an_answer_that_is_complete_outlives_the_failure_of_another_task(tmp_path: Path) -> None:
    finished = anyio.Event()
    line, provider = talking(text("paid"), STOP, finished.set, 3.0)

    class Both:
        async def send(self, request: Any, on_delta: Any) -> Response:
            if request.task == "main/other":
                await finished.wait()
                raise ValueError("bad")
            return await provider.send(request, on_delta)

    _, main = asking(Both())
    with pytest.raises(RunFailed):
        await main.arun("q", both=True, trace=tmp_path / "t.json", fail_fast=True)
    [ask] = [found for found in trace_of(tmp_path / "t.json").task_runs.values() if found.task == "main/ask"]
    assert ask.response is not None
    assert line.sends == 1


async def test_an_answer_is_recorded_although_a_cancellation_is_pending(tmp_path: Path) -> None:
    """Of any provider: nothing waits between its return and the record."""
    trace = tmp_path / "trace.json"
    with anyio.CancelScope() as scope:

        async def answer(_: Any) -> Response:
            await anyio.lowlevel.checkpoint()
            scope.cancel()
            return said("just in time")

        model = Model(answer)
        await asking(model)[1].arun("q", trace=trace)
    assert scope.cancelled_caught
    assert await asking(model)[1].aresume(trace) == "just in time"
    assert len(model.requests) == 1

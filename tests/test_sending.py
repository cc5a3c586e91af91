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
from trio.testing import MockClock

from llmtaskgraph import (
    Delta,
    Message,
    ProviderError,
    Registry,
    Request,
    Response,
    RunFailed,
    TextPart,
    ToolCall,
    user,
)
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


@pytest.mark.parametrize("late", [0.05, 60.0])
@pytest.mark.parametrize("comment", [(), ("still here",)])
async def test_an_answer_that_is_complete_outlives_a_cancelled_run(tmp_path: Path, late: float, comment: tuple[str, ...]) -> None:
    trace = tmp_path / "trace.json"
    waited: list[float] = []
    with anyio.CancelScope() as scope:
        line, provider = talking(text("paid"), STOP, *comment, scope.cancel, late, lambda: waited.append(late), USAGE)
        await asking(provider)[1].arun("q", trace=trace)
    assert scope.cancelled_caught
    assert bool(waited) == (late < 1)
    [ask] = [found for found in trace_of(trace).task_runs.values() if found.task == "main/ask"]
    assert ask.response is not None
    assert ask.attempts[-1].status == "succeeded"
    assert (ask.attempts[-1].usage is not None) == (late < 1)
    assert await asking(provider)[1].aresume(trace) == "paid"
    assert line.sends == 1
    gc.collect(1)


@pytest.mark.parametrize("options", [{"timeout": 1}, {"idle_timeout": 1}])
async def test_an_answer_that_is_complete_outlives_the_deadline_of_its_task(options: dict[str, float]) -> None:
    waited: list[int] = []
    line, provider = talking(text("paid"), STOP, 60.0, lambda: waited.append(1))
    _, main = asking(provider, retries=0, **options)
    assert (await run(main, "q")).output == "paid"
    assert not waited
    assert line.sends == 1


async def test_an_answer_that_is_complete_outlives_the_failure_of_another_task(tmp_path: Path) -> None:
    finished = anyio.Event()
    line, provider = talking(text("paid"), STOP, finished.set, 60.0)

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


async def minutes(*steps: Step, provider: dict[str, float] | None = None, **options: Any) -> str:
    """The answer, or the error, of one call: on a clock that jumps over the pauses."""
    _, model = talking(*steps, **(provider or {}))
    ran = await run(asking(model, retries=0, **options)[1], "q")
    return ran.failures.get("main/ask") or ran.output


LONG = [
    ((700.0, text("a"), 100.0, text("b"), STOP), {"timeout": 1800}, "ab"),
    ((599.0, text("a"), STOP), {}, "a"),
    ((text("a"), 200.0, text("b"), STOP), {"idle_timeout": 300}, "ab"),
    ((text("a"), *(arguments("1"), 100.0) * 4, text("b"), STOP), {}, "ab"),
    ((text("a"), arguments("1"), 121.0, STOP), {}, "idle_timeout"),
    ((text("a"), *("still here", 50.0) * 3, STOP), {}, "idle_timeout"),
    ((601.0, text("a"), STOP), {}, "raise the task's timeout"),
    ((*(text("a"), 100.0) * 20, STOP), {"timeout": 1800}, "raise the task's timeout"),
]


@pytest.mark.parametrize("anyio_backend", [("trio", {"clock": MockClock(autojump_threshold=0.02)})], ids=["trio"])
@pytest.mark.parametrize(("steps", "options", "told"), LONG)
async def test_the_deadlines_are_those_of_the_task(steps: tuple[Step, ...], options: dict[str, float], told: str) -> None:
    assert told in await minutes(*steps, **options)


@pytest.mark.parametrize("anyio_backend", [("trio", {"clock": MockClock(autojump_threshold=0.02)})], ids=["trio"])
@pytest.mark.parametrize(
    ("steps", "limits", "told"),
    [
        ((700.0, text("a"), STOP), {"timeout": 650}, "no end after 650 s"),
        ((60.0, text("a"), STOP), {"first_timeout": 50}, "no content within 50 s"),
        ((60.0, text("a"), STOP), {"idle_timeout": 10}, "no content for 10 s (50 s before the first)"),
        ((40.0, text("a"), 11.0, STOP), {"idle_timeout": 10}, "no content for 10 s"),
        ((arguments("1"), *("still here", 4.0) * 3, STOP), {"idle_timeout": 10}, "no content for 10 s"),
    ],
)
async def test_limits_that_a_provider_was_given_hold(steps: tuple[Step, ...], limits: dict[str, float], told: str) -> None:
    _, provider = talking(*steps, **limits)
    with pytest.raises(ProviderError) as caught:
        await provider.send(Request("small", [user("q")]), lambda _: None)
    assert caught.value.fault == "timeout"
    assert told in str(caught.value)
    assert told in await minutes(*steps, provider=limits, timeout=1800)


@pytest.mark.parametrize("streamed", ["", "the paid", "the paid text"])
async def test_the_text_of_an_answer_that_cannot_be_recorded_is_kept(streamed: str) -> None:
    deep: list[Any] = []
    for _ in range(300):
        deep = [deep]

    async def answer(_: Any, on_delta: Callable[[Delta], None]) -> Response:
        if streamed:
            on_delta(Delta(streamed))
        await anyio.sleep(0.1)
        return Response(Message("assistant", [TextPart("the paid text"), ToolCall("c", "look", deep)], "stop"))

    ran = await run(asking(Model(answer))[1], "q")
    [attempt] = ran.task("main/ask").attempts
    assert attempt.partial == "the paid text"
    assert "cannot be recorded" in ran.failures["main/ask"]


@pytest.mark.parametrize("answer", [None, Response(None), Response(Message("assistant", [TextPart(1)]))])  # type: ignore[arg-type]
async def test_what_is_no_answer_has_no_text_to_keep(answer: Any) -> None:
    class Wrong:
        async def send(self, request: Request, on_delta: Callable[[Delta], None]) -> Any:
            return answer

    ran = await run(asking(Wrong())[1], "q")
    assert "gave back" in ran.failures["main/ask"]
    assert ran.task("main/ask").attempts[0].partial is None

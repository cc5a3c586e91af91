"""Answers as they stream in, from a provider of ours and from the real SDK against a server on loopback."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import anyio
import msgspec
import pytest
import trio
import trio.testing
from running import Model, registry, run, trace_of
from servers import ChatServer

from llmtaskgraph import (
    Delta,
    Event,
    Message,
    ProviderError,
    Registry,
    Request,
    ResponseStreamed,
    State,
    Tool,
    ToolCall,
    image,
    read,
    user,
)
from llmtaskgraph.providers.openai import Provider

pytestmark = pytest.mark.anyio


class Heard:
    """What a listener heard of the streams."""

    def __init__(self) -> None:
        self.pieces: list[ResponseStreamed] = []

    def __call__(self, event: Event, state: State) -> None:
        if isinstance(event, ResponseStreamed):
            self.pieces.append(event)

    async def until(self, text: str) -> None:
        """Wait until a text has come as far as the listener."""
        with anyio.fail_after(60):
            while self.text() != text:
                await anyio.sleep(0.01)

    def text(self, kind: str = "text") -> str:
        return "".join(piece.content for piece in self.pieces if piece.kind == kind)


def asking(model: Any, **llm: Any) -> Any:
    """A program of one call."""
    app = registry(model)

    @app.llm(**llm)
    def ask() -> str:
        return "go"

    @app.graph
    def main() -> Any:
        return ask()

    return main


def test_text_that_streams_in_is_put_together_about_twenty_times_a_second() -> None:
    """500 pieces in ten seconds, on a clock that jumps."""

    async def answer(request: Request, on_delta: Any) -> str:
        for i in range(500):
            await anyio.sleep(0.02)
            on_delta(Delta(f"{i} "))
        return "".join(f"{i} " for i in range(500))

    main, heard = asking(Model(answer)), Heard()

    async def go() -> Any:
        return await run(main, settings={"on_event": heard})

    ran = trio.run(go, clock=trio.testing.MockClock(autojump_threshold=0))
    assert ran.output == "".join(f"{i} " for i in range(500))
    assert 150 <= len(heard.pieces) <= 205
    assert ran.output.startswith(heard.text())  # the last pieces came with the answer


async def test_many_pieces_at_once_become_one_event_for_each_task() -> None:
    async def answer(request: Request, on_delta: Any) -> str:
        for _ in range(1000):
            on_delta(Delta("x"))
        with anyio.fail_after(60):
            while len(heard.pieces) < 10:
                await anyio.sleep(0.01)
        return "x" * 1000

    app, heard = registry(Model(answer)), Heard()

    @app.llm()
    def ask(i: int) -> str:
        return str(i)

    @app.graph
    def main() -> list[str]:
        return ask.map(range(10))

    ran = await run(main, settings={"on_event": heard})
    assert ran.output == ["x" * 1000] * 10
    assert Counter(piece.task_run for piece in heard.pieces) == Counter({ran.task(f"main/ask[{i}]").id: 1 for i in range(10)})


async def test_reasoning_is_told_apart_from_text() -> None:
    async def answer(request: Request, on_delta: Any) -> str:
        on_delta(Delta("let me think", "reasoning"))
        on_delta(Delta("so: "))
        on_delta(Delta("yes"))
        await heard.until("so: yes")
        return "so: yes"

    heard = Heard()
    await run(asking(Model(answer)), settings={"on_event": heard})
    assert (heard.text("reasoning"), heard.text()) == ("let me think", "so: yes")


async def test_the_state_shows_what_has_arrived_while_it_streams() -> None:
    seen: list[Any] = []

    async def answer(request: Request, on_delta: Any) -> str:
        on_delta(Delta("half"))
        with anyio.fail_after(60):
            while not seen:
                await anyio.sleep(0.01)
        return "half done"

    def listen(event: Event, state: State) -> None:
        if isinstance(event, ResponseStreamed):
            seen.append(["".join(texts) for texts in state.streaming[event.task_run]])

    ran = await run(asking(Model(answer)), settings={"on_event": listen})
    assert seen == [["half", ""]]
    assert ran.state.streaming == {}


async def test_surrogate_pairs_cut_between_pieces_are_joined() -> None:
    async def answer(request: Request, on_delta: Any) -> str:
        for piece in ("a\ud83d", "\ude00b"):
            on_delta(Delta(piece))
        await heard.until("a😀b")
        return "a\ud83d\ude00b"

    heard = Heard()
    ran = await run(asking(Model(answer)), settings={"on_event": heard})
    assert heard.text() == ran.output == "a😀b"


async def test_partial_text_of_a_failed_attempt_is_kept_with_it() -> None:
    async def answer(request: Request, on_delta: Any) -> Any:
        on_delta(Delta("first "))
        if not heard.pieces:
            await heard.until("first ")
        on_delta(Delta("second"))
        if len(model.requests) == 1:
            return ProviderError("cut", fault="truncated", partial="something else")
        return "whole"

    model, heard = Model(answer), Heard()
    ran = await run(asking(model), settings={"on_event": heard})
    assert [(attempt.status, attempt.partial) for attempt in ran.task("main/ask").attempts] == [
        ("failed", "first second"),
        ("succeeded", None),
    ]


async def test_partial_text_of_a_cancelled_call_is_kept_and_a_call_with_none_has_none(tmp_path: Path) -> None:
    streaming = anyio.Event()

    async def answer(request: Request, on_delta: Any) -> str:
        on_delta(Delta("half a"))
        streaming.set()
        await anyio.sleep_forever()
        return ""

    main = asking(Model(answer))
    async with anyio.create_task_group() as group:

        async def go() -> None:
            await main.arun(trace=tmp_path / "trace.json")

        group.start_soon(go)
        await streaming.wait()
        group.cancel_scope.cancel()
    (attempt,) = trace_of(tmp_path / "trace.json").in_run(1)["main/ask"].attempts
    assert (attempt.status, attempt.partial, attempt.ended) == ("cancelled", "half a", None)


async def test_a_piece_that_comes_after_its_attempt_is_over_is_dropped() -> None:
    kept: list[Any] = []

    async def answer(request: Request, on_delta: Any) -> Any:
        kept.append(on_delta)
        if len(kept) == 1:
            return ProviderError("cut", fault="truncated", retry_after=0)
        kept[0](Delta("stray"))
        on_delta(Delta("own"))
        await heard.until("own")
        return "own"

    heard = Heard()
    ran = await run(asking(Model(answer)), settings={"on_event": heard})
    kept[1](Delta("late"))
    assert heard.text() == ran.output == "own"


@pytest.mark.parametrize("piece", ["text", Delta(5), None])  # type: ignore[arg-type]
async def test_a_piece_that_is_none_fails_the_task_of_its_provider(piece: Any) -> None:
    async def answer(request: Request, on_delta: Any) -> str:
        on_delta(piece)
        return "x"

    ran = await run(asking(Model(answer)))
    assert ran.failures["main/ask"].startswith("TypeError: on_delta takes a Delta with text, not ")


# The real SDK


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ChatServer]:
    with ChatServer(tmp_path_factory.mktemp("server") / "log.jsonl") as running:
        yield running


@pytest.fixture
async def app(server: ChatServer, anyio_backend: str) -> AsyncIterator[Registry]:
    """A registry whose `openai` is the server. What was left half-read would warn when it is collected."""
    made = Registry("test", model="openai:small")
    made.provider("openai", Provider(server.base_url, "sk-very-secret"))
    yield made
    gc.collect(1)


def prompts(server: ChatServer, mark: str) -> list[str]:
    return [prompt for prompt in server.prompts() if mark in prompt]


async def test_refused_sends_are_attempts_and_then_comes_the_answer(
    app: Registry, server: ChatServer, anyio_backend_name: str, tmp_path: Path
) -> None:
    mark = f"twice {anyio_backend_name}"

    @app.llm()
    def ask() -> str:
        return f"{mark} [[429x1]] [[503x2]] [[retry-after-ms=1x2]]"

    @app.graph
    def main() -> str:
        return ask()

    trace = tmp_path / "trace.json"
    assert (await main.arun(trace=trace)).startswith(f"echo: {mark}")
    assert len(prompts(server, mark)) == 3
    attempts = read(trace).state.in_run(1)["main/ask"].attempts
    assert [attempt.status for attempt in attempts] == ["failed", "failed", "succeeded"]
    assert [attempt.error.fault for attempt in attempts[:2] if attempt.error] == ["rate_limit", "server"]
    last = attempts[2]
    assert (last.model, last.finish_reason, last.cost) == ("small", "stop", None)
    assert last.usage is not None
    assert last.usage.output_tokens
    assert b"sk-very-secret" not in trace.read_bytes()


async def test_a_cut_stream_is_sent_again_and_its_partial_text_kept(
    app: Registry, server: ChatServer, anyio_backend_name: str
) -> None:
    @app.llm()
    def ask() -> str:
        return f"cut {anyio_backend_name} [[answer=one two three four]] [[cutx1]]"

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    assert ran.output == "one two three four"
    first, second = ran.task("main/ask").attempts
    assert (first.status, second.status) == ("failed", "succeeded")
    assert first.partial
    assert "one two three four".startswith(first.partial)


async def test_tool_calls_and_reasoning_come_back(app: Registry) -> None:
    @app.llm(tools=[Tool("weather")], output=Message)
    def tools() -> str:
        return "which [[tools]]"

    @app.llm(output=Message)
    def reasons() -> str:
        return "why [[reasoning=because it is]] [[answer=so]]"

    @app.graph
    def main() -> Any:
        return [tools(), reasons()]

    ran = await run(main)
    called, reasoned = msgspec.convert(ran.output, list[Message])
    assert called.tool_calls == [ToolCall("call-a", "weather", {"city": "Ulm"}), ToolCall("call-b", "time", "not json")]
    assert called.finish_reason == "tool_call"
    assert (reasoned.reasoning, reasoned.text) == ("because it is", "so")


async def test_a_schema_and_an_image_are_sent(app: Registry, server: ChatServer, anyio_backend_name: str) -> None:
    @app.llm(output=int)
    def ask() -> list[Message]:
        return [user(f'picture {anyio_backend_name} [[answer={{"value": 5}}]]', image(b"\x89PNG1234"))]

    @app.graph
    def main() -> int:
        return ask()

    ran = await run(main)
    sent = [request["body"] for request in server.requests() if f"picture {anyio_backend_name}" in request["prompt"]][-1]
    assert sent["response_format"]["type"] == "json_schema"
    assert sent["messages"][0]["content"][1]["image_url"]["url"].startswith("data:image/png;base64,")
    assert ran.output == 5


async def test_cancelling_a_stream_closes_its_connection(app: Registry, server: ChatServer, anyio_backend_name: str) -> None:
    mark = f"stall {anyio_backend_name}"

    @app.llm()
    def ask() -> str:
        return f"{mark} [[stall]]"

    @app.graph
    def main() -> str:
        return ask()

    heard = anyio.Event()

    def listen(event: Event, state: State) -> None:
        if isinstance(event, ResponseStreamed):
            heard.set()

    async with anyio.create_task_group() as group:

        async def go() -> None:
            await main.arun(trace=None, on_event=listen)

        group.start_soon(go)
        with anyio.fail_after(60):
            await heard.wait()
        group.cancel_scope.cancel()
    with anyio.fail_after(60):
        while True:
            (request,) = [found for found in server.requests() if mark in found["prompt"]]
            if "ended" in request:
                break
            await anyio.sleep(0.01)
    assert request["delivered"] is False


@pytest.mark.slow
async def test_a_thousand_streams_at_once_lose_nothing(
    app: Registry, server: ChatServer, anyio_backend_name: str, tmp_path: Path
) -> None:
    text = "".join(f"{i:03} " for i in range(50))

    @app.llm()
    def ask(i: int) -> str:
        return f"many {anyio_backend_name} {i} [[answer={text}{i}]] [[chunks=50]] [[delay=0.02]]"

    @app.graph
    def main() -> list[str]:
        return ask.map(range(1000))

    trace = tmp_path / "trace.json"
    assert await main.arun(trace=trace, limits={"openai": 1000}) == [f"{text}{i}" for i in range(1000)]
    mine = [request for request in server.requests() if f"many {anyio_backend_name}" in request["prompt"]]
    assert len(mine) == 1000
    assert all(request["delivered"] for request in mine)
    task_runs = read(trace).state.in_run(1)
    assert all(len(task_runs[f"main/ask[{i}]"].attempts) == 1 for i in range(1000))
    assert all(
        msgspec.json.decode(task_runs[f"main/ask[{i}]"].response.value, type=Message).text == f"{text}{i}"  # type: ignore[union-attr]
        for i in range(1000)
    )

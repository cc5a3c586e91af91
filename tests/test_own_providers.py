"""Providers that users bring: one method, and whatever it does fails its own task alone."""

from __future__ import annotations

from typing import Any

import pytest
from running import Model, registry, run, said

from llmtaskgraph import (
    GraphError,
    Message,
    ProviderError,
    Registry,
    Request,
    Response,
    TextPart,
    Usage,
    assistant,
    image,
    user,
)

pytestmark = pytest.mark.anyio


async def test_anything_with_a_method_send_is_a_provider() -> None:
    class Parrot:
        async def send(self, request: Request, on_delta: Any) -> Response:
            return Response(assistant(request.messages[0].text * 2))

    app = Registry("test")
    app.provider("parrot", Parrot())

    @app.llm(model="parrot:grey")
    def ask() -> str:
        return "ha"

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    assert ran.output == "haha"
    attempt = ran.task("main/ask").attempts[0]
    assert (attempt.model, attempt.usage, attempt.cost) == ("grey", None, None)
    with pytest.raises(GraphError, match=r"provider 'x': int has no method send\(request, on_delta\)"):
        app.provider("x", 5)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "response",
    [
        None,
        5,
        Response(None),  # type: ignore[arg-type]
        Response("text"),  # type: ignore[arg-type]
        Response(Message("assistant", "text")),  # type: ignore[arg-type]
        Response(Message("assistant", [TextPart(5)])),  # type: ignore[arg-type]
        Response(Message("robot", [])),  # type: ignore[arg-type]
        Response(assistant("x"), model=5),  # type: ignore[arg-type]
        Response(assistant("x"), usage=Usage("9")),  # type: ignore[arg-type]
        Response(assistant("x"), cost="cheap"),  # type: ignore[arg-type]
        Response(Message("assistant", [], object())),  # type: ignore[arg-type]
    ],
)
async def test_a_provider_that_gives_back_rubbish_fails_its_task_and_nothing_else(response: Any) -> None:
    class Odd:
        async def send(self, request: Request, on_delta: Any) -> Any:
            return response

    app = registry(Odd())

    @app.llm()
    def ask() -> str:
        return "x"

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    assert ran.failures["main/ask"].startswith("TypeError: provider 'mine' gave back ")
    assert len(ran.task("main/ask").attempts) == 1


async def test_an_unknown_price_that_is_no_number_is_no_price() -> None:
    app = registry(Model(lambda request: Response(assistant("x"), cost=float("nan"))))

    @app.llm()
    def ask() -> str:
        return "x"

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    assert ran.output == "x"
    assert ran.task("main/ask").attempts[0].cost is None


async def test_what_a_provider_does_to_its_request_changes_nothing() -> None:
    class Rude(Model):
        async def send(self, request: Request, on_delta: Any) -> Response:
            self.requests.append(request)
            request.messages.append(user("more"))
            request.messages[0].parts.clear()
            request.params["seed"] = 5
            request.tools.clear()
            if len(self.requests) < 3:
                raise ProviderError("busy", fault="server", retry_after=0)
            return said("x")

    model = Rude()
    app = registry(model)

    @app.llm(params={"temperature": 1})
    def ask() -> str:
        return "hello"

    @app.llm()
    def bare() -> str:
        return "hello"

    @app.graph
    def main() -> Any:
        return [ask(), bare()]

    ran = await run(main)
    assert ran.output == ["x", "x"]
    assert [task.params for task in ran.state.tasks.values()] == [{}, {"temperature": 1}, {}]
    assert b"more" not in bytes(ran.task("main/ask").prompt.value)  # type: ignore[union-attr]
    assert b"hello" in bytes(ran.task("main/ask").prompt.value)  # type: ignore[union-attr]


@pytest.mark.parametrize("model", ["nowhere:m", "small", "mine:", ":x"])
async def test_a_model_of_no_known_provider_fails_its_task_and_names_the_known_ones(model: str) -> None:
    app = registry()

    @app.llm(model=model)
    def ask() -> str:
        return "x"

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    told = ran.failures["main/ask"]
    assert told.startswith(f"UnknownProvider: model {model!r} names no known provider; write it as PROVIDER:MODEL with one of ")
    assert "mine, openai, or register yours with app.provider(NAME, ...)" in told
    assert ran.task("main/ask").prompt is not None
    assert ran.task("main/ask").attempts == ()


async def test_a_provider_that_cannot_be_closed_does_not_spoil_the_run() -> None:
    class Sticky(Model):
        closed = 0

        async def aclose(self) -> None:
            self.closed += 1
            raise OSError("stuck")

    model = Sticky()
    app = registry(model)

    @app.llm()
    def ask() -> str:
        return "x"

    @app.graph
    def main() -> str:
        return ask()

    assert await main.arun() == "echo: x"
    assert model.closed == 1


async def test_images_reach_the_model_and_the_record() -> None:
    model = Model(lambda request: "a cat")
    app = registry(model)
    picture = image(b"\x89PNG1234")

    @app.llm()
    def ask() -> list[Message]:
        return [user("What is this?", picture)]

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    assert ran.output == "a cat"
    assert model.requests[0].messages[0].parts[1] == picture
    assert b'"mime_type":"image/png"' in bytes(ran.task("main/ask").prompt.value)  # type: ignore[union-attr]

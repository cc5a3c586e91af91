"""What is sent to a model, and how the output is made of what it answers."""

from __future__ import annotations

import datetime
import functools
import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from kinds import Colour, Person, Place, Verdict
from running import Model, Ran, registry, run, said

from llmtaskgraph import (
    Context,
    GraphError,
    Message,
    Request,
    Response,
    TextPart,
    Tool,
    ToolCall,
    ToolResult,
    UriPart,
    assistant,
    image,
    system,
    user,
)

pytestmark = pytest.mark.anyio


# Prompts


async def sent(prompt: Any) -> list[Message]:
    """The messages that reach the model for what a prompt function returns."""
    model = Model()
    app = registry(model)

    @app.llm()
    def ask() -> Any:
        return prompt

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    assert ran.status == "succeeded", ran.failures
    return model.requests[0].messages


CALL = ToolCall("c1", "weather", {"city": "Ulm"})


@pytest.mark.parametrize(
    ("prompt", "messages"),
    [
        ("hi", [user("hi")]),
        ("", [user("")]),
        (user("hi"), [user("hi")]),
        ([system("be"), user("hi")], [system("be"), user("hi")]),
        ((user("hi"),), [user("hi")]),
        ({"role": "user", "content": "hi"}, [user("hi")]),
        ([{"role": "system", "parts": [{"type": "text", "content": "be"}]}, user("hi")], [system("be"), user("hi")]),
        ([user("what?", image("https://example.org/cat.png"))], [user("what?", UriPart("image", "https://example.org/cat.png"))]),
        ([user("what?", image(b"\x89PNG1234"))], [user("what?", image(b"\x89PNG1234"))]),
        (
            [user("hi"), assistant("", CALL), Message("tool", [ToolResult("c1", {"sky": "blue"})]), user("so?")],
            [user("hi"), assistant("", CALL), Message("tool", [ToolResult("c1", {"sky": "blue"})]), user("so?")],
        ),
        ("a\ud83d", [user("a\ufffd")]),
    ],
)
async def test_a_prompt_is_text_or_messages_in_every_form(prompt: Any, messages: list[Message]) -> None:
    assert await sent(prompt) == messages


@pytest.mark.parametrize(
    ("prompt", "told"),
    [
        (None, "TypeError: ask is to return text or messages, and returned a NoneType"),
        ([], "TypeError: ask returned an empty prompt"),
        ([5], "TypeError: ask is to return text or messages, and returned a int"),
        ({"role": "king", "content": "hi"}, "TypeError: ask returned a message that is none: Invalid enum value 'king'"),
        ({"content": "hi"}, "TypeError: ask returned a message that is none"),
        (Message("user", "hi"), "TypeError: ask returned a message that is none: Expected `array`, got `str`"),  # type: ignore[arg-type]
        ([Message("user", [TextPart(5)])], "TypeError: ask returned a message that is none: Expected `str`, got `int`"),  # type: ignore[arg-type]
    ],
)
async def test_a_prompt_that_is_none_fails_its_task_at_the_prompt_and_nothing_is_sent(prompt: Any, told: str) -> None:
    model = Model()
    app = registry(model)

    @app.llm()
    def ask() -> Any:
        return prompt

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    assert ran.failures["main/ask"].startswith(told)
    assert ran.task("main/ask").error.stage == "prompt"  # type: ignore[union-attr]
    assert model.requests == []
    assert ran.task("main/ask").prompt is None


# Outputs


async def answered(text: str, **llm: Any) -> Ran:
    """A program of one call whose answer is this text."""
    app = registry(Model(lambda request: text))

    @app.llm(**llm)
    def ask() -> str:
        return "go"

    @app.graph
    def main() -> Any:
        return ask()

    return await run(main)


@pytest.mark.parametrize(
    ("output", "text", "expected"),
    [
        (str, "plain", "plain"),
        (Verdict, '{"score": 3}', {"score": 3, "issues": []}),
        (Verdict, '```json\n{"score": 3, "issues": ["x"]}\n```', {"score": 3, "issues": ["x"]}),
        (Person, '{"name": "Ada", "tags": ["b", "a", "a"]}', {"name": "Ada", "tags": ["a", "b"]}),
        (Place, '{"name": "Ulm", "size": 3}', {"name": "Ulm", "size": 3}),
        (list[str], '{"value": ["a"]}', ["a"]),
        (list[str], '["a"]', ["a"]),
        (list[Verdict], '{"value": [{"score": 1}]}', [{"score": 1, "issues": []}]),
        (list[dict[int, str]], '{"value": [{"1": "a"}]}', [{"1": "a"}]),
        (int, '{"value": 5}', 5),
        (int, "5", 5),
        (bool, '{"value": true}', True),
        (Verdict | None, '{"value": null}', None),
        (Colour, '{"value": "red"}', "red"),
        (tuple[int, str], '{"value": [1, "a"]}', [1, "a"]),
        (dict[str, int], '{"value": 3}', {"value": 3}),
        (dict, '{"any": [1]}', {"any": [1]}),
        (datetime.date, '{"value": "2020-01-02"}', "2020-01-02"),
    ],
)
async def test_a_declared_output_is_parsed_from_the_answer(output: Any, text: str, expected: Any) -> None:
    ran = await answered(text, output=output)
    assert ran.status == "succeeded", ran.failures
    assert ran.output == expected


@pytest.mark.parametrize(
    ("output", "text"),
    [
        (Verdict, "I would say 3."),
        (Verdict, '{"score": "high"}'),
        (Verdict, '{"score": 3'),
        (Verdict, "[" * 5_000),
        (list[str], '{"value": [1]}'),
        (list[str], '{"other": []}'),
        (int, '{"value": 1.5}'),
        (Place, '{"name": "Ulm"}'),
        (Colour, '{"value": "blue"}'),
    ],
)
async def test_an_answer_that_does_not_fit_fails_its_task_at_the_output_and_is_kept(output: Any, text: str) -> None:
    ran = await answered(text, output=output)
    assert ran.failures["main/ask"].startswith("OutputError: the response does not fit ")
    task_run = ran.task("main/ask")
    assert task_run.error.stage == "output"  # type: ignore[union-attr]
    assert task_run.response is not None
    assert msgspec.json.decode(task_run.response.value, type=Message).text == text
    assert len(task_run.attempts) == 1


async def test_a_message_output_is_the_whole_message() -> None:
    ran = await answered("hello", output=Message)
    assert ran.output == {"role": "assistant", "parts": [{"type": "text", "content": "hello"}], "finish_reason": "stop"}


async def test_the_schema_of_a_list_is_wrapped_in_an_object_and_the_text_has_none() -> None:
    model = Model(lambda request: "[]")
    app = registry(model)

    @app.llm(output=list[Verdict])
    def many() -> str:
        return "m"

    @app.llm()
    def text() -> str:
        return "t"

    @app.graph
    def main() -> Any:
        return [many(), text()]

    await run(main)
    by_task = {request.task: request.output for request in model.requests}
    assert by_task["main/text"] is None
    sent_schema = by_task["main/many"]
    assert sent_schema is not None
    assert sent_schema.name == "many"
    assert sent_schema.schema["type"] == "object"
    assert sent_schema.schema["properties"]["value"]["type"] == "array"
    assert "Verdict" in sent_schema.schema["$defs"]


def test_an_output_type_without_a_schema_says_so() -> None:
    app = registry()

    class Odd:
        pass

    @app.llm(output=Odd)
    def ask() -> str:
        return "x"

    @app.graph
    def main() -> Any:
        return ask()

    with pytest.raises(GraphError, match="ask: output=Odd has no JSON Schema"):
        main.run()


# Parsers


async def test_a_parser_makes_the_output_of_the_text() -> None:
    app = registry(Model(lambda request: "a, b"))

    @app.llm()
    def ask() -> str:
        return "go"

    @ask.parser
    def _(text: str) -> list[str]:
        return text.split(", ")

    @app.llm(parser=lambda text: len(text))
    def measure() -> str:
        return "go"

    @app.llm(parser=json.dumps)
    def dump() -> str:
        return "go"

    @app.llm(parser=str.upper)
    def upper() -> str:
        return "go"

    @app.graph
    def main() -> Any:
        return [ask(), measure(), dump(), upper()]

    assert (await run(main)).output == [["a", "b"], 4, '"a, b"', "A, B"]


async def test_a_parser_gets_the_message_if_it_asks_for_one() -> None:
    def answer(request: Request) -> Response:
        return Response(assistant("hm", ToolCall("1", "look", {"x": 1})))

    app = registry(Model(answer))

    @app.llm(parser=lambda text: text)
    def ask() -> str:
        return "go"

    @ask.parser
    def calls(message: Message) -> list[str]:
        return [call.name for call in message.tool_calls]

    @app.graph
    def main() -> Any:
        return ask()

    assert (await run(main)).output == ["look"]


async def test_a_parser_that_raises_fails_its_task_at_the_output_and_the_response_is_kept() -> None:
    app = registry(Model(lambda request: "text"))

    @app.llm()
    def ask() -> str:
        return "go"

    @ask.parser
    def parse(text: str) -> int:
        return int(text)

    @app.graph
    def main() -> Any:
        return ask()

    ran = await run(main)
    error = ran.task("main/ask").error
    assert error is not None
    assert (error.type, error.stage) == ("ValueError", "output")
    assert error.frames[-1].code == "return int(text)"
    assert ran.task("main/ask").response is not None


@pytest.mark.parametrize("parse", [lambda: 1, lambda a, b: 1, 5])
def test_a_parser_that_cannot_take_an_answer_is_refused(parse: Any) -> None:
    app = registry()

    @app.llm()
    def ask() -> str:
        return "go"

    with pytest.raises(GraphError, match="ask: a parser is a function of one argument"):
        ask.parser(parse)


def test_an_async_parser_is_refused() -> None:
    app = registry()

    async def parse(text: str) -> str:
        return text

    with pytest.raises(GraphError, match="its parser is async; do the waiting"):
        app.llm(parser=parse)(lambda: "x")


# Tools


async def test_tools_are_described_from_functions_dicts_and_tools_and_their_calls_are_recorded() -> None:
    def weather(city: str, days: int = 1, *, unit: Colour = Colour.RED) -> str:
        """How the weather will be."""
        return "fine"

    def answer(request: Request) -> Response:
        return Response(Message("assistant", [ToolCall("1", "weather", {"city": "Ulm"})], "tool_call"))

    model = Model(answer)
    app = registry(model)

    @app.task
    def search(ctx: Context, query: str) -> list[str]:
        """Find pages."""
        return []

    described = {"type": "function", "function": {"name": "now", "description": "The time.", "parameters": {"type": "object"}}}

    @app.llm(tools=[weather, search, described, Tool("own")], output=Message)
    def ask() -> str:
        return "go"

    @app.graph
    def main() -> Any:
        return ask()

    ran = await run(main)
    tools = {tool.name: tool for tool in model.requests[0].tools}
    assert list(tools) == ["weather", "search", "now", "own"]
    assert tools["weather"].description == "How the weather will be."
    assert tools["weather"].parameters["required"] == ["city"]
    assert list(tools["weather"].parameters["properties"]) == ["city", "days", "unit"]
    assert list(tools["search"].parameters["properties"]) == ["query"]
    assert ran.output["parts"] == [{"type": "tool_call", "id": "1", "name": "weather", "arguments": {"city": "Ulm"}}]
    assert ran.task("main/ask").attempts[0].finish_reason == "tool_call"
    response = ran.task("main/ask").response
    assert response is not None
    assert msgspec.json.decode(response.value, type=Message).tool_calls == [ToolCall("1", "weather", {"city": "Ulm"})]


def odd(x: Callable[[int], int]) -> int:
    return 1


@pytest.mark.parametrize("tool", [5, "weather", functools.partial(print), odd])
def test_a_tool_that_cannot_be_described_is_refused(tool: Any) -> None:
    with pytest.raises(GraphError, match="tool"):
        registry().llm(tools=[tool])(lambda: "x")


async def test_an_llm_task_can_be_named_optioned_and_mapped_at_once() -> None:
    model = Model(lambda request: said("x"))
    app = registry(model)

    @app.llm()
    def ask(x: int) -> str:
        return str(x)

    @app.graph
    def main() -> list[str]:
        return ask.options(model="mine:big").map([1, 2])

    await run(main)
    assert {(request.task, request.model) for request in model.requests} == {("main/ask[0]", "big"), ("main/ask[1]", "big")}


def test_a_program_with_options_can_still_be_run() -> None:
    app = registry()

    @app.graph
    def main() -> int:
        return 1

    assert main.options(retries=1).named("x").run() == 1

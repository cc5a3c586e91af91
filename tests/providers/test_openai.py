"""The OpenAI provider: the real SDK against a real server on loopback, on both event loops."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import anyio
import httpx2
import msgspec
import pytest
from asking import Send, asking, failure
from servers import ChatServer

from llmtaskgraph._chat import (
    Delta,
    Message,
    OutputSchema,
    ReasoningPart,
    TextPart,
    Tool,
    ToolCall,
    ToolResult,
    Usage,
    assistant,
    file,
    image,
    system,
    user,
)
from llmtaskgraph.providers.openai import Provider

pytestmark = pytest.mark.anyio


def last(server: ChatServer) -> dict[str, object]:
    return server.requests()[-1]["body"]


async def test_an_answer_comes_with_its_text_usage_model_and_finish_reason(ask: Send) -> None:
    got = await ask("hello")
    assert got.message == Message("assistant", [TextPart("echo: hello")], "stop")
    assert got.usage == Usage(10, 3, 1, 0)
    assert got.model == "gpt-5-mini"


async def test_text_streams_in_pieces_that_make_up_the_answer(ask: Send) -> None:
    deltas: list[Delta] = []
    got = await ask("stream this [[chunks=5]]", deltas)
    assert len(deltas) == 5
    assert "".join(delta.content for delta in deltas) == got.text


async def test_one_send_is_one_request_also_when_it_fails(ask: Send, server: ChatServer) -> None:
    before = len(server.requests())
    await failure(ask("[[503]]"))
    await failure(ask("[[drop]]"))
    await failure(ask("[[429]] [[retry-after=0]]"))
    assert len(server.requests()) == before + 3


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
@pytest.mark.parametrize("whole", ["", "[[whole]]"])
async def test_reasoning_is_kept_apart_from_the_text(ask: Send, field: str, whole: str) -> None:
    deltas: list[Delta] = []
    got = await ask(f"q[[reasoning=because]][[field={field}]]{whole}", deltas)
    assert got.message.parts == [ReasoningPart("because"), TextPart("echo: q")]
    assert "".join(delta.content for delta in deltas if delta.kind == "reasoning") == "because"
    assert got.usage is not None
    assert got.usage.reasoning_tokens == 2


@pytest.mark.parametrize("whole", ["", "[[whole]]"])
async def test_tool_calls_are_put_together_from_their_pieces(ask: Send, whole: str) -> None:
    got = await ask(f"[[tools]]{whole}")
    assert got.message.tool_calls == [ToolCall("call-a", "weather", {"city": "Ulm"}), ToolCall("call-b", "time", "not json")]
    assert got.message.finish_reason == "tool_call"


async def test_emoji_that_were_cut_apart_are_joined_again(ask: Send) -> None:
    deltas: list[Delta] = []
    got = await ask("a😀b[[split]]", deltas)
    assert got.text == "echo: a😀b"
    assert "".join(delta.content for delta in deltas) == got.text


async def test_a_whole_body_in_place_of_a_stream_is_taken(ask: Send) -> None:
    assert (await ask("q[[whole]]")).text == "echo: q"


async def test_streaming_can_be_turned_off_by_the_params(ask: Send, server: ChatServer) -> None:
    assert (await ask("q off", params={"stream": False})).text == "echo: q off"
    assert "stream_options" not in last(server)


async def test_params_pass_as_they_are_also_those_the_sdk_does_not_know(ask: Send, server: ChatServer) -> None:
    await ask("q", params={"temperature": 0.5, "top_k": 3, "seed": None})
    body = last(server)
    assert (body["temperature"], body["top_k"], body["seed"]) == (0.5, 3, None)
    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})


@pytest.mark.parametrize("params", [{"model": "x"}, {"messages": []}, {"n": 2}])
async def test_params_that_contradict_the_request_are_refused_before_it_is_sent(
    ask: Send, server: ChatServer, params: dict[str, object]
) -> None:
    before = len(server.requests())
    assert (await failure(ask("q", params=params))).fault == "request"
    assert len(server.requests()) == before


async def test_messages_of_all_roles_and_parts_are_written_in_the_words_of_the_protocol(ask: Send, server: ChatServer) -> None:
    await ask(
        [
            system("be brief"),
            user("look", image(b"\x89PNG1"), image("https://example.org/cat.png"), file(b"%PDF-1", name="a.pdf")),
            assistant("", ToolCall("c1", "weather", {"city": "Ulm"})),
            Message("tool", [ToolResult("c1", {"sky": "grey"}), ToolResult("c2", "plain")]),
            Message("assistant", [ReasoningPart("secret thought"), TextPart("said")]),
            user("go on \ud83d"),
        ]
    )
    assert last(server)["messages"] == [
        {"role": "system", "content": "be brief"},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "look"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORzE="}},
                {"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}},
                {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0x"}},
            ],
        },
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"city":"Ulm"}'}}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": '{"sky":"grey"}'},
        {"role": "tool", "tool_call_id": "c2", "content": "plain"},
        {"role": "assistant", "content": "said"},
        {"role": "user", "content": "go on \ufffd"},
    ]


async def test_tools_and_the_output_schema_are_sent(ask: Send, server: ChatServer) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer", "default": 1}}}
    await ask("q", tools=[Tool("weather", "of a city")], output=OutputSchema("Ver dict", schema))
    body = last(server)
    function = {"name": "weather", "description": "of a city", "parameters": {"type": "object", "properties": {}}}
    assert body["tools"] == [{"type": "function", "function": function}]
    strict = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"], "additionalProperties": False}
    expected = {"type": "json_schema", "json_schema": {"name": "Ver_dict", "schema": strict, "strict": True}}
    assert body["response_format"] == expected


async def test_task_and_sample_are_not_sent(ask: Send, server: ChatServer) -> None:
    await ask("q", task="main/secret-name[1]", sample=7)
    record = server.requests()[-1]
    assert "secret-name" not in str(record)
    assert not [name for name in record["headers"] if name.startswith("x-ltg")]


FAULTS = [
    ("[[400]]", "request", 400),
    ("[[401]]", "authentication", 401),
    ("[[403]]", "authentication", 403),
    ("[[404]]", "not_found", 404),
    ("[[408]]", "server", 408),
    ("[[409]]", "server", 409),
    ("[[413]]", "request", 413),
    ("[[422]]", "request", 422),
    ("[[429]]", "rate_limit", 429),
    ("[[quota]]", "quota", 429),
    ("[[500]]", "server", 500),
    ("[[502]] [[body=<html>\x1b[31mBad gateway\n</html>]]", "server", 502),
    ("[[503]]", "server", 503),
    ("[[529]]", "server", 529),
    ("[[drop]]", "connection", None),
    ("[[cut]]", "truncated", None),
    ("[[cut]] [[answer=]]", "connection", None),
    ("[[nofinish]]", "truncated", None),
    ("[[nofinish]] [[nodone]]", "truncated", None),
    ("[[malformed]]", "malformed", None),
    ("[[malformed]] [[whole]]", "malformed", None),
    ("[[badutf8]]", "malformed", None),
    ("[[html]]", "malformed", None),
    ("[[nullchoices]]", "malformed", None),
    ("[[emptychoices]]", "malformed", None),
    ("[[nullchoices]] [[whole]]", "malformed", None),
    ("[[emptychoices]] [[whole]]", "malformed", None),
    ("[[midstream=server_error]]", "server", None),
    ("[[midstream=rate_limit_exceeded]]", "rate_limit", None),
    ("[[midstream=insufficient_quota]]", "quota", None),
    ("[[midstream=context_length_exceeded]]", "request", None),
    ("[[midstream=502]]", "server", None),
    ("[[midstream=429]]", "rate_limit", None),
    ("[[onlycomments]]", "timeout", None),
    ("[[comments]]", "timeout", None),
    ("[[stall]]", "timeout", None),
    ("[[first=30]]", "timeout", None),
    ("[[redirect=http://127.0.0.1:9/elsewhere]]", "request", 307),
]


@pytest.mark.parametrize(("marks", "fault", "status"), FAULTS, ids=[marks for marks, _, _ in FAULTS])
async def test_every_failure_is_a_provider_error_with_its_fault(
    ask: Send, ask_hastily: Send, marks: str, fault: str, status: int | None
) -> None:
    error = await failure((ask_hastily if fault == "timeout" else ask)(f"tell me {marks}"))
    assert (error.fault, error.status) == (fault, status)
    assert str(error).startswith("gpt-5-mini at 127.0.0.1:")
    assert str(error).isprintable()


@pytest.mark.parametrize("marks", ["cut", "nofinish", "malformed", "badutf8", "midstream=x", "comments", "stall"])
async def test_the_text_before_a_failure_is_kept(ask: Send, ask_hastily: Send, marks: str) -> None:
    error = await failure((ask_hastily if marks in ("comments", "stall") else ask)(f"[[{marks}]][[answer=0123456789]]"))
    assert error.partial == ("0123456789" if marks == "nofinish" else "012345")


@pytest.mark.parametrize("after", ["cut", "hang", "error"])
async def test_nothing_after_the_finish_reason_can_spoil_an_answer(ask: Send, ask_hastily: Send, after: str) -> None:
    got = await (ask_hastily if after == "hang" else ask)(f"[[answer=paid for]][[after={after}]]")
    assert (got.text, got.message.finish_reason) == ("paid for", "stop")


async def test_an_answer_without_usage_has_unknown_usage(ask: Send) -> None:
    assert (await ask("q[[nousage]][[nodone]]")).usage is None


@pytest.mark.parametrize(
    ("mark", "least", "most"),
    [("retry-after=3", 3, 3), ("retry-after-ms=250", 0.25, 0.25), ("retry-date=30", 27, 31), ("retry-after=soon", None, None)],
)
async def test_the_wait_that_a_server_asks_for_is_told(ask: Send, mark: str, least: float, most: float) -> None:
    asked = (await failure(ask(f"[[429]][[{mark}]]"))).retry_after
    assert asked is None if least is None else asked is not None and least <= asked <= most


async def test_a_key_that_the_server_repeats_is_masked(ask: Send) -> None:
    assert "***" in str(await failure(ask("[[401]][[key=sk-very-secret]]")))


async def test_a_missing_key_is_told_in_one_line_with_what_to_do() -> None:
    error = await failure(Provider().send(asking("q"), print))
    assert error.fault == "authentication"
    assert "export OPENAI_API_KEY=" in str(error)
    assert "--offline" in str(error)


async def test_a_key_with_odd_characters_is_refused_without_showing_it(server: ChatServer) -> None:
    error = await failure(Provider(server.base_url, "“sk-very-secret”").send(asking("q"), print))
    assert error.fault == "authentication"


@pytest.mark.parametrize("base_url", ["localhost:8000", "http://[::1", "nonsense"])
async def test_a_base_url_that_is_none_is_told(base_url: str) -> None:
    error = await failure(Provider(base_url, "k").send(asking("q"), print))
    assert error.fault == "not_found"  # the environment is at fault: exit code 3
    assert "https://HOST/v1" in str(error)


async def test_a_server_without_keys_and_the_environment_are_enough(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
    provider = Provider()
    assert (await provider.send(asking("q"), lambda _: None)).text == "echo: q"
    await provider.aclose()


async def test_nobody_listening_is_a_connection_failure() -> None:
    provider = Provider("http://127.0.0.1:9/v1", "k")
    assert (await failure(provider.send(asking("q"), print))).fault == "connection"
    await provider.aclose()


async def test_the_total_deadline_ends_an_answer_that_only_drips(server: ChatServer) -> None:
    provider = Provider(server.base_url, "k", idle_timeout=60, timeout=3)
    error = await failure(provider.send(asking("[[answer=0123456789]][[chunks=10]][[delay=0.5]]"), print))
    assert error.fault == "timeout"
    assert error.partial
    assert "0123456789".startswith(error.partial)
    await provider.aclose()


async def test_cancelling_passes_through_at_once_and_ends_the_request(provider: Provider, server: ChatServer) -> None:
    mark = f"cancelled at {time.monotonic()}"

    def records(field: str) -> list[Any]:
        return [request[field] for request in server.requests() if mark in request["prompt"] and field in request]

    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            group.start_soon(provider.send, asking(f"{mark} [[first=3600]]"), print)
            while not records("at"):
                await anyio.sleep(0.02)
            group.cancel_scope.cancel()
        while not records("ended"):
            await anyio.sleep(0.02)
    assert records("delivered") == [False]


async def test_a_proxy_that_cannot_be_used_is_told(server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://there")
    error = await failure(Provider(server.base_url, "k").send(asking("q"), print))
    assert error.fault == "request"
    assert "proxy" in str(error)


@pytest.mark.parametrize("bug", [ZeroDivisionError, OSError, ValueError])
async def test_an_exception_of_who_takes_the_pieces_is_no_provider_error(provider: Provider, bug: type[Exception]) -> None:
    """A full disk must not look like a network failure that is worth another, paid, attempt."""

    def on_delta(delta: Delta) -> None:
        raise bug

    with pytest.raises(bug):
        await provider.send(asking("q"), on_delta)


async def test_three_hundred_streams_at_once_all_arrive(server: ChatServer) -> None:
    provider = Provider(server.base_url, "k", max_concurrency=300)
    texts: list[str] = []

    async def one(number: int) -> None:
        texts.append((await provider.send(asking(f"{number}[[chunks=9]][[delay=0.02]]"), lambda _: None)).text)

    async with anyio.create_task_group() as group:
        for number in range(300):
            group.start_soon(one, number)
    assert sorted(texts) == sorted(f"echo: {number}" for number in range(300))
    await provider.aclose()


def test_one_provider_serves_loop_after_loop(server: ChatServer) -> None:
    """asyncio, trio, asyncio: each gets connections of its own."""
    provider = Provider(server.base_url, "k")

    async def main() -> str:
        got = await provider.send(asking("q"), lambda _: None)
        await provider.aclose()
        return got.text

    assert [anyio.run(main, backend=name) for name in ("asyncio", "trio", "asyncio")] == ["echo: q"] * 3


def test_importing_the_providers_imports_no_sdk() -> None:
    """The SDK takes half a second, so only a send pays for it."""
    code = (
        "import sys, llmtaskgraph.providers.openai, llmtaskgraph.providers.scripted, llmtaskgraph._retry;"
        "sys.exit(str({'openai', 'httpx2', 'genai_prices', 'pydantic'} & sys.modules.keys() or '') or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_files_are_told_by_name_or_by_their_bytes(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("hi")
    part = file(tmp_path / "notes.txt")
    assert msgspec.to_builtins(part) == {
        "type": "blob", "modality": "file", "mime_type": "text/plain", "content": "aGk=", "name": "notes.txt"
    }  # fmt: skip
    assert msgspec.to_builtins(image(b"GIF89a"))["mime_type"] == "image/gif"
    assert msgspec.to_builtins(file("https://example.org/a.pdf"))["uri"] == "https://example.org/a.pdf"


@pytest.mark.parametrize(
    ("base_url", "priced"), [(None, True), ("https://eu.api.openai.com/v1", True), ("https://openai.com.example.org/v1", False)]
)
async def test_only_what_openai_is_paid_has_a_price(base_url: str | None, priced: bool) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 100}
    choice = {"message": {"content": "hi"}, "finish_reason": "stop"}
    body = {"model": "gpt-5-mini-2025-08-07", "choices": [choice], "usage": usage}
    async with httpx2.AsyncClient(transport=httpx2.MockTransport(lambda _: httpx2.Response(200, json=body))) as client:
        got = await Provider(base_url, "k", http_client=client).send(asking("q"), lambda _: None)
    assert (got.cost is not None and got.cost > 0) == priced


@pytest.mark.parametrize(
    "base_url",
    [
        "http://user:s3cret-word@127.0.0.1:9/v1",
        "http://s3cret-word@127.0.0.1:9/v1",
        "http://user:s3cret%2Dword@127.0.0.1:9/v1",
        "http://user:p@s3cret-word@127.0.0.1:9/v1",
        "http://user:a/s3cret-word@127.0.0.1:9/v1",
        "user:s3cret-word@127.0.0.1:9/v1",
        "httpx://user:s3cret-word@127.0.0.1:9/v1",
        "http://user:s3cret-word@[::1/v1",
        "http://user:s3cret-word@/v1",
        "http://user:s3cret-word@127.0.0.1:port/v1",
    ],
)
async def test_user_and_password_of_the_base_url_are_not_told(base_url: str) -> None:
    provider = Provider(base_url, "sk-very-secret")
    told = str(await failure(provider.send(asking("q"), print)))
    assert "s3cret" not in told
    assert "user" not in told
    await provider.aclose()


async def test_the_password_of_a_proxy_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "nonsense://user:s3cret-word@there")
    assert "s3cret" not in str(await failure(Provider("http://user:w0rd@127.0.0.1:9/v1", "k").send(asking("q"), print)))


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(307, headers={"location": "http://user:s3cret-word@there/"}),
        httpx2.Response(400, json={"error": {"message": "no http://user:s3cret-word@there/ with Bearer sk-very-secret"}}),
        httpx2.Response(500, text="user:s3cret-word@there sk-very-secret"),
        ValueError("sk-very-secret and s3cret-word"),
        httpx2.ConnectError("to http://user:s3cret-word@there failed with sk-very-secret"),
    ],
)
async def test_what_others_say_is_told_without_secrets(answer: httpx2.Response | Exception) -> None:
    def handle(_: httpx2.Request) -> httpx2.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    async with httpx2.AsyncClient(transport=httpx2.MockTransport(handle)) as client:
        provider = Provider("http://user:s3cret-word@there.invalid/v1", "sk-very-secret", http_client=client)
        told = str(await failure(provider.send(asking("q"), print)))
    assert told.startswith("gpt-5-mini at there.invalid: ")
    assert "s3cret" not in told

"""The scripted model: the real SDK over a transport in the process, on both event loops."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from asking import asking, failure

from llmtaskgraph._chat import Delta, ReasoningPart, TextPart, ToolCall
from llmtaskgraph._errors import ScriptError
from llmtaskgraph.providers.scripted import Provider, load_script, script_path

pytestmark = pytest.mark.anyio


def script(folder: Path, *rules: dict[str, Any], **fields: Any) -> Path:
    path = folder / "story.script.json"
    path.write_text(json.dumps({"format": "llmtaskgraph-script/1", "rules": list(rules)} | fields))
    return path


def model(folder: Path, *rules: dict[str, Any], **options: Any) -> Provider:
    return Provider(load_script(script(folder, *rules)), **({"speed": 0, "idle_timeout": 60, "timeout": 120} | options))


async def say(provider: Provider, *prompts: str, **fields: Any) -> list[str]:
    return [(await provider.send(asking(prompt, **fields), lambda _: None)).text for prompt in prompts]


async def test_the_first_rule_that_fits_answers(tmp_path: Path) -> None:
    provider = model(
        tmp_path,
        {"match": "cat", "task": "main/fix[[]*", "replies": ["never: brackets are no classes"]},
        {"match": "cat", "task": "main/fix[*]", "model": "gpt-?", "replies": ["a fix"]},
        {"pattern": "^name: (?P<who>\\w+) (\\w+)$", "replies": ["Dear $who, $2 $$3 $unknown"]},
        {"match": "cat", "replies": ["miau"]},
    )
    assert await say(provider, "a cat", task="main/fix[2]", model="gpt-5") == ["a fix"]
    assert await say(provider, "a cat", task="main/fix[2]", model="gpt-5-mini") == ["miau"]
    assert await say(provider, "x\nname: Ada L\ny") == ["Dear Ada, L $3 $unknown"]


async def test_the_same_prompt_gets_the_replies_in_turn_and_then_again(tmp_path: Path) -> None:
    provider = model(tmp_path, {"replies": ["one", "two", {"score": 3}]})
    assert await say(provider, "q", "q", "other", "q", "q") == ["one", "two", "one", '{"score": 3}', "one"]


async def test_a_new_sample_gets_the_next_reply_also_in_a_new_process(tmp_path: Path) -> None:
    rule = {"replies": ["one", "two", "three"]}
    assert await say(model(tmp_path, rule), "q", sample=1) == ["two"]
    assert await say(model(tmp_path, rule), "q", sample=2) == ["three"]


async def test_by_task_the_reply_hangs_on_nothing_but_the_task(tmp_path: Path) -> None:
    provider = model(tmp_path, {"by": "task", "replies": ["zero", "one", "two"]})
    assert await say(provider, "q", "q", task="main/fix[1]") == ["one", "one"]
    assert await say(provider, "q", task="main/fix") == ["zero"]
    assert await say(provider, "q", task="main/fix[1]", sample=1) == ["two"]
    assert await say(provider, "q", task="main/judge[style]") == await say(provider, "q", task="main/judge[style]")


async def test_by_rule_different_prompts_share_the_turn(tmp_path: Path) -> None:
    provider = model(tmp_path, {"by": "rule", "replies": ["bad", "good"]})
    assert await say(provider, "first", "second") == ["bad", "good"]


@pytest.mark.parametrize("stream", [True, False])
async def test_reasoning_tools_and_json_come_as_from_a_real_model(tmp_path: Path, stream: bool) -> None:
    provider = model(
        tmp_path,
        {"match": "think", "replies": [{"text": "so", "reasoning": "hmm"}]},
        {"match": "tool", "replies": [{"tool_calls": [{"name": "weather", "arguments": {"city": "Ulm"}}]}]},
        {"pattern": "json (\\w+)", "replies": [{"json": {"text": "$1", "n": [1]}, "finish_reason": "length"}]},
        stream=stream,
    )
    got = await provider.send(asking("think"), lambda _: None)
    assert got.message.parts == [ReasoningPart("hmm"), TextPart("so")]
    got = await provider.send(asking("tool"), lambda _: None)
    assert got.message.parts == [ToolCall("call_0", "weather", {"city": "Ulm"})]
    assert got.message.finish_reason == "tool_call"
    got = await provider.send(asking("json Ada"), lambda _: None)
    assert json.loads(got.text) == {"text": "Ada", "n": [1]}
    assert got.message.finish_reason == "length"


async def test_tokens_are_counted_and_cost_nothing_that_could_be_claimed(tmp_path: Path) -> None:
    got = await model(tmp_path, {"replies": ["12345678"]}).send(asking("1234"), lambda _: None)
    assert got.usage is not None
    assert (got.usage.input_tokens, got.usage.output_tokens, got.cost) == (1, 2, None)


FAULTS = {
    "400": "request",
    "401": "authentication",
    "404": "not_found",
    "409": "server",
    "429": "rate_limit",
    "500": "server",
    "quota": "quota",
    "cut": "truncated",
    "drop": "connection",
    "stall": "timeout",
    "malformed": "malformed",
    "html": "malformed",
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_strikes_as_often_as_it_says_and_then_the_reply_is_given(tmp_path: Path, fault: str) -> None:
    patience = {"idle_timeout": 0.5, "first_timeout": 60} if fault == "stall" else {}
    provider = model(tmp_path, {"replies": [{"fault": fault, "text": "abcdefghijklmnop", "times": 2}, "next"]}, **patience)
    for _ in range(2):
        error = await failure(provider.send(asking("q"), lambda _: None))
        assert error.fault == FAULTS[fault]
        assert "story.script.json (--offline)" in str(error)
        assert bool(error.partial) == (fault in {"cut", "stall", "malformed"})
    assert await say(provider, "q", "q") == ["abcdefghijklmnop", "next"]


async def test_a_fault_without_an_answer_strikes_always_and_one_with_an_answer_once(tmp_path: Path) -> None:
    provider = model(
        tmp_path,
        {"match": "always", "replies": [{"fault": "429", "retry_after": 2}]},
        {"match": "ever", "replies": [{"fault": "cut", "text": "abcdefgh", "times": "always"}]},
        {"match": "once", "replies": [{"fault": "500", "text": "fine"}]},
    )
    for prompt in ("always", "ever") * 3:
        assert (await failure(provider.send(asking(prompt), lambda _: None))).fault in {"rate_limit", "truncated"}
    assert (await failure(provider.send(asking("always"), lambda _: None))).retry_after == 2
    await failure(provider.send(asking("once"), lambda _: None))
    assert await say(provider, "once") == ["fine"]


async def test_each_task_meets_its_own_faults_and_keeps_its_reply_through_its_retries(tmp_path: Path) -> None:
    provider = model(tmp_path, {"replies": [{"fault": "500", "text": "one"}, {"fault": "500", "text": "two"}]})
    for task in ("a", "b"):
        await failure(provider.send(asking("q", task=task), lambda _: None))
    assert await say(provider, "q", task="b") == ["two"]
    assert await say(provider, "q", task="a") == ["one"]


async def test_a_prompt_that_no_rule_fits_is_told_with_the_script_and_its_start(tmp_path: Path) -> None:
    error = await failure(model(tmp_path).send(asking("Judge\nthis", task="main/judge[a]"), lambda _: None))
    assert error.fault == "request"
    for words in ("story.script.json", "main/judge[a]", "Judge this", "add a rule"):
        assert words in str(error)


async def test_the_answer_is_paced_token_by_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = script(tmp_path, {"replies": ["1234" * 10]}, tokens_per_second=50, delay=0.1)
    deltas: list[Delta] = []
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        await anyio.lowlevel.checkpoint()

    monkeypatch.setattr(anyio, "sleep", sleep)
    await Provider(load_script(path), speed=1).send(asking("q"), deltas.append)
    assert len(deltas) == 10
    assert sum(pauses) == pytest.approx(0.1 + 10 / 50)


async def test_the_environment_sets_the_speed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LTG_OFFLINE_SPEED", "0")
    path = script(tmp_path, {"replies": ["1234" * 1000]}, tokens_per_second=1)
    with anyio.fail_after(60):
        await Provider(load_script(path)).send(asking("q"), lambda _: None)


async def test_no_key_or_address_of_the_environment_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    assert await say(model(tmp_path, {"replies": ["here"]}), "q") == ["here"]


def test_the_script_of_a_program_is_beside_it() -> None:
    assert script_path("examples/review.py") == Path("examples/review.script.json")


WRONG: list[tuple[str, list[str]]] = [
    ("", ["is not a script"]),
    ('{"format": "llmtaskgraph-script/1",\n "rules": [}', ["line 2"]),
    ('{"format": "llmtaskgraph-script/2"}', ["$.format"]),
    ('{"rules": []}', ["format"]),
    ('{"format": "llmtaskgraph-script/1", "rule": []}', ["rule"]),
    ('{"format": "llmtaskgraph-script/1", "rules": [{"match": "a"}]}', ["replies", "$.rules[0]"]),
    ('{"format": "llmtaskgraph-script/1", "rules": [{"replies": []}]}', ["$.rules[0].replies"]),
    ('{"format": "llmtaskgraph-script/1", "rules": [{"replies": [""], "pattern": "("}]}', ["$.rules[0].pattern"]),
    ('{"format": "llmtaskgraph-script/1", "rules": [{"replies": ["", {"fault": "418"}]}]}', ["$.rules[0].replies[1].fault"]),
    ('{"format": "llmtaskgraph-script/1", "rules": [{"replies": [{"text": "", "score": 1}]}]}', ["score", '{"json": {...}}']),
    ('{"format": "llmtaskgraph-script/1", "rules": [{"replies": [{"text": "", "json": 1}]}]}', ["both text and json"]),
]


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_a_wrong_script_is_told_in_one_line_with_the_place(tmp_path: Path, text: str, told: list[str]) -> None:
    path = tmp_path / "story.script.json"
    path.write_text(text)
    with pytest.raises(ScriptError) as caught:
        load_script(path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith(str(path))
    for words in told:
        assert words in message


def test_a_script_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match="--offline takes its answers from this file"):
        load_script(tmp_path / "none.script.json")

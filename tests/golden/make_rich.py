"""Writes the richer golden traces: `python -m tests.golden.make_rich`, from the top folder.

    nested.json                  sub-graphs, a loop, a fan-out whose items move, tasks that a task added; forks
    edits.json                   an edit of every stage and setting, some taken back, some not yet run; forks
    troubles.json                what was tried again, failed, was blocked or cancelled, or may be had only once
    values.json                  every kind of part of a message; numbers, keys and letters that readers get wrong
    spaced.json                  that trace as other programs format JSON
    explicit.json                a graph that is written out, with another one in it
    torn.json, torn.json.journal a resumed run that was killed; the last line of its journal is cut off

Times and keys differ from one writing to the next, so they are written again only when there is something new in them.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import msgspec

from llmtaskgraph import (
    BlobPart,
    Context,
    Delta,
    LLMTask,
    Message,
    ProviderError,
    PythonTask,
    ReasoningPart,
    Registry,
    Request,
    Response,
    RunFailed,
    TaskGraph,
    TaskGraphTask,
    TextPart,
    Tool,
    ToolCall,
    ToolResult,
    UriPart,
    Usage,
    again_trace,
    edit_trace,
    read,
    revert_trace,
    user,
)

HERE = Path("tests/golden")
app = Registry("rich", model="lab:small")


class Verdict(msgspec.Struct):
    """What a judge says."""

    score: float
    issues: list[str] = []


class Lab:
    """A provider that answers, refuses, breaks off and dies as the prompt tells it."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}

    async def send(self, request: Request, on_delta: Callable[[Delta], None]) -> Response:
        prompt = request.messages[-1].text
        number = self.asked[prompt] = self.asked.get(prompt, 0) + 1
        if "break off" in prompt and number < 3:
            on_delta(Delta("half an ans"))
            await anyio.sleep(0.06)
            raise ProviderError("lab: the stream ended early", fault="truncated", partial="half an ans")
        if "refuse" in prompt:
            raise ProviderError("lab: this prompt is refused (400)", fault="request", status=400)
        if "for ever" in prompt:
            on_delta(Delta("one moment", "reasoning"))
            on_delta(Delta("it begins 🦔"))
            await anyio.sleep(0.2)
            if "and die" in prompt:
                os.kill(os.getpid(), signal.SIGKILL)
            await anyio.sleep(60)
        if "Judge" in prompt:
            return self._answer(request, json.dumps({"score": 0.5 + number, "issues": ["a “quoted” one"][: len(prompt) % 2]}))
        if "odd" in prompt:
            parts = [
                ReasoningPart("first this\n"),
                TextPart(ODD_TEXT),
                ToolCall("c1", "look_up", ODD),
                ToolCall("c2", "x", "not json {"),
            ]
            return Response(Message("assistant", parts, "tool_call"), "small-2", Usage(30, 40, 10, 7), None)
        return self._answer(request, f"answer {number} to: {prompt}")

    def _answer(self, request: Request, text: str) -> Response:
        message = Message("assistant", [TextPart(text)], "stop")
        return Response(message, request.model, Usage(len(request.messages[-1].text), len(text)), len(text) / 8192)


app.provider("lab", Lab())

# nested.json


@app.llm()
def ask(item: str) -> str:
    """Ask about an item."""
    return f"What of {item}?"


@app.llm()
def improve(text: str) -> str:
    """Make a text better."""
    return f"Improve: {text}"


@app.graph
def loop(text: str, rounds: int) -> object:
    """Improve a text, again and again."""
    better = improve(text)
    return better if rounds < 2 else loop(better, rounds - 1)


@app.task
def gather(context: Context, answers: list[str]) -> object:
    """Put answers together, with a task for the longest."""
    context.log(f"{len(answers)} answers", "debug")
    longest = context.add_task(LLMTask(improve, max(answers, key=len), name="longest"))
    return {"answers": len(answers), 'it\'s the "longest"\n\u202e': longest}


@app.graph
def each(items: list[str]) -> object:
    """Ask about each item."""
    return gather(ask.map(items))


@app.graph
def nested(items: list[str], rounds: int) -> object:
    """Ask, and improve in a loop."""
    return {"each": each(items), "loop": [loop(items[0], rounds), {"deep": [ask.named("alone")("nothing")]}]}


def make_nested(path: Path) -> None:
    nested.run(items=["ant", "bee", "cow"], rounds=3, trace=path)
    edit_trace(path, 1, "nested", "input", '{"items": ["zebu", "ant", "cow"], "rounds": 3}')
    nested.resume(path)
    edit_trace(path, 1, "nested", "input", '{"items": ["ant", "bee", "cow"], "rounds": 1}')
    nested.resume(path, run=1)
    edit_trace(path, 2, "nested/each", "output", '{"made": "by a person"}')
    nested.resume(path, run=2)


# edits.json


@app.llm(params={"temperature": 0.5, "stop": ["\n\n"]})
def outline(topic: str) -> list[Message]:
    """Plan a text."""
    return [Message("system", [TextPart("You are brief.")]), user(f"Outline {topic}")]


@app.llm(output=Verdict)
def judge(text: str, aspect: str) -> str:
    """Judge one aspect of a text."""
    return f"Judge the {aspect} of: {text}"


@app.task
def merge(verdicts: list[Verdict]) -> dict[str, float]:
    """The mean score."""
    return {"mean": sum(verdict.score for verdict in verdicts) / len(verdicts)}


@app.llm()
def polish(text: str, mean: dict[str, float]) -> str:
    """Write the text."""
    return f"Write {text}, {mean['mean']}"


@app.graph
def story(topic: str) -> str:
    """Outline, judge, write."""
    text = outline(topic)
    verdicts = [judge.named(aspect)(text, aspect) for aspect in ("style", "facts")]
    return polish(text, merge(verdicts))


def make_edits(path: Path) -> None:
    story.run(topic="hedgehogs", trace=path)
    edit_trace(path, 1, "story/outline", "prompt", "Outline hedgehogs in one line")
    story.resume(path)
    edit_trace(
        path,
        1,
        "story/judge[style]",
        "response",
        '{"role":"assistant","parts":[{"type":"text","content":"{\\"score\\": 9.25}"}]}',
    )
    revert_trace(path, 1, "story/judge[style]", "response")
    edit_trace(path, 1, "story/judge[style]", "response", '{"score": 9.5, "issues": ["dull"]}')
    story.resume(path, run=1)
    edit_trace(path, 3, "story/polish", "model", "lab:large")
    edit_trace(path, 3, "story/judge[facts]", "params", '{"seed": 18446744073709551617, "top_p": 1e-7}')
    story.resume(path, run=3)
    revert_trace(path, 4, "story/judge[style]", "response")
    again_trace(path, 4, "story/outline")
    story.resume(path, run=4)
    edit_trace(path, 2, "story", "input", '{"topic": "newts"}')
    story.resume(path, run=2)
    edit_trace(path, 5, "story/merge", "output", '{"mean": 1.0}')
    edit_trace(path, 5, "story/polish", "output", "a person wrote this")
    revert_trace(path, 4, "story/polish", "model")
    again_trace(path, 6, "story/polish")
    edit_trace(path, 6, "story/judge[facts]", "output", '{"score": 3.0, "issues": ["one", "two"]}')


# troubles.json


@app.llm(retries=3)
def write(prompt: str) -> str:
    """Write what is asked."""
    return prompt


@app.llm(retries=0)
def count(prompt: str) -> str:
    """Count something."""
    return prompt


@count.parser
def number(text: str) -> int:
    return int(text)


_tries: dict[str, int] = {}


@app.task(retries=2)
def flaky(name: str, fails: int) -> str:
    """Fails as often as it is told."""
    _tries[name] = _tries.get(name, 0) + 1
    if _tries[name] <= fails:
        raise LookupError(f"{name} failed the {_tries[name]}. time")
    return name


@app.task(effect="once")
def mail(text: str) -> str:
    """Send a mail."""
    return f"sent {text}"


@app.graph
def inner(bad: str) -> object:
    """One that fails, and what it blocks."""
    return mail.named("after")(write.named("bad")(bad))


@app.graph
def troubles(bad: str, slow: bool) -> object:
    """A bit of everything."""
    calm = write("calm")
    if slow:
        return [calm, write("for ever"), flaky.named("soon")("fails soon", 9), mail(calm)]
    return {
        "tried": write("break off"),
        "twice": flaky("twice", 1),
        "mail": mail(calm),
        "inner": inner(bad),
        "parsed": count("seven"),
        "after": flaky.named("after")(inner.named("second")("calm"), 0),
    }


def make_troubles(path: Path) -> None:
    with contextlib.suppress(RunFailed):
        troubles.run(bad="refuse", slow=False, trace=path)
    edit_trace(path, 1, "troubles/count", "response", "7")
    edit_trace(path, 1, "troubles/write", "response", "changed")
    with contextlib.suppress(RunFailed):
        troubles.resume(path)
    with contextlib.suppress(RunFailed):
        troubles.run(bad="", slow=True, fail_fast=True, trace=path)
    edit_trace(path, 2, "troubles/inner/write[bad]", "prompt", "do it")
    troubles.resume(path, run=2)
    again_trace(path, 4, "troubles/mail")


# values.json

ODD_TEXT = (
    "bidi \u202eevil\u202c, zero\u0000, esc \x1b[31m, del \x7f, c1 \x85, astral 🦔👩‍👩‍👧, line \u2028 sep, bom \ufeff, "
    'tag \U000e0041, "\\/\b\f\n\r\t'
)
ODD = {
    "10": 1,
    "2": 2,
    "b": 9007199254740993,
    "a": [1e-7, 1e16, 123456789012345678901234567890, -0.0, 0.1, 5e-324, 1.7976931348623157e308, 100.0, -18446744073709551617],
    "": {"__proto__": {"constructor": None}, "toString": True},
    "\u202e\x1f": [[], {}, [[]], {"": {}}, ODD_TEXT],
}

ODD_CALLS = [ToolCall("c1", "look_up", ODD), ToolCall("c2", "x", "not json {")]


def look_up(name: str) -> str:
    """A tool."""
    return name


@app.llm(tools=[Tool("look_up", "Looks up a name")])
def odd(value: dict[str, Any]) -> list[Message]:
    """A prompt with all parts that there are."""
    return [
        Message("system", [TextPart(ODD_TEXT)]),
        Message(
            "user",
            [
                TextPart("an odd picture"),
                BlobPart("image", "image/png", "iVBORw0KGgo="),
                BlobPart("file", "text/plain", "aGk=", "hi.txt"),
                UriPart("image", "https://example.org/a.png"),
                UriPart("file", "https://example.org/b.pdf", "application/pdf"),
            ],
        ),
        Message("assistant", [ReasoningPart("hm"), ToolCall("c0", "look_up", {"name": ODD})], "tool_call"),
        Message("tool", [ToolResult("c0", value)]),
        user("odd"),
    ]


@odd.parser
def whole(message: Message) -> list[Any]:
    return [call.arguments for call in message.tool_calls]


@app.task
def same(value: Any, **named: Any) -> Any:
    """Gives back what it is given."""
    return {"zz": value, "1": named, "0": None, "aa": ""}


@app.graph
def values(value: dict[str, Any]) -> object:
    """Odd values, through every kind of task."""
    made = odd(value)
    return [same(value), same.named("10")(made, ünï=[made, {"10": made, "9": 1e-7, "é'": made}]), ODD["a"], made]


def make_values(path: Path) -> None:
    values.run(value=ODD, trace=path)
    edit_trace(
        path,
        1,
        "values/same",
        "output",
        '{"10": 1E5, "2": -0, "x": 1.50, "big": 12345678901234567890123, "x": "\\u00e9\\ud83e\\udd94"}',
    )
    values.resume(path)


def make_spaced(path: Path) -> None:
    document = json.loads((HERE / "values.json").read_text())
    document["runs"].reverse()
    path.write_text(json.dumps(document, indent=1, ensure_ascii=True).replace("100000.0", "1E5").replace("1e-07", "0.0000001"))


# explicit.json


def topic_of(input: dict[str, str]) -> str:
    """The topic."""
    return f"Name things about {input['topic']}"


def compare(left: str, right: str) -> str:
    return f"Compare {left} and {right}"


def length(text: str) -> int:
    return len(text)


def join(*texts: Any) -> list[Any]:
    return list(texts)


def make_explicit(path: Path) -> None:
    inside = TaskGraph(app, name="inside")
    first = inside.add_task(LLMTask(topic_of, {"topic": "the inside"}, model="lab:small"))
    inside.add_output_task(LLMTask(compare, first, "nothing", model="lab:small", parser=length))
    graph = TaskGraph(app, name="whole")
    one = graph.add_task(LLMTask(topic_of, {"topic": "one"}, model="lab:small"))
    two = graph.add_task(LLMTask(topic_of, {"topic": "two"}, model="lab:small", name="two"))
    sub = graph.add_task(TaskGraphTask(inside))
    both = graph.add_task(LLMTask(compare, one, right=two, model="lab:small", output=str))
    graph.add_output_task(PythonTask(join, one, [two, {"x": both}], sub))
    graph.add_output_task(both)
    anyio.run(lambda: graph.run(input={"topic": "graphs"}, trace=path))
    edit_trace(path, 1, "whole/topic_of", "response", "something else")
    edit_trace(path, 1, "whole", "input", '{"topic": "trees", "more": [1, 2.50]}')
    anyio.run(lambda: graph.resume(trace=path))


# torn.json


@app.graph
def torn(topic: str, last: str) -> object:
    """Outline, judge, and a call in which it is killed."""
    text = outline(topic)
    verdict = judge(text, "end")
    answer = write.named("last")(f"{last}: a task without an end")
    after = {"open": [polish(answer, merge([verdict]))], "mail": mail.named("done")(text)}
    return [each([topic, "break off"]), answer, verdict, after]


def make_torn(path: Path) -> None:
    torn.run(topic="moles", last="calm", trace=path)
    edit_trace(path, 1, "torn", "input", '{"topic": "moles", "last": "for ever and die"}')
    edit_trace(path, 1, "torn/outline", "response", "1. moles 2. more moles")
    if not os.fork():
        torn.resume(path)
        os._exit(1)
    os.wait()
    Path(f"{path}.lock").unlink()
    journal = Path(f"{path}.journal")
    data = journal.read_bytes()
    journal.write_bytes(data + data.splitlines()[-1][:40])


MAKERS: dict[str, Callable[[Path], None]] = {
    "nested": make_nested,
    "edits": make_edits,
    "troubles": make_troubles,
    "values": make_values,
    "spaced": make_spaced,
    "explicit": make_explicit,
    "torn": make_torn,
}


def write_all(names: list[str]) -> None:
    """Write those of these names; all without one."""
    for name in names or MAKERS:
        for left in HERE.glob(f"{name}.json*"):
            left.unlink()
        path = HERE / f"{name}.json"
        MAKERS[name](path)
        for made in HERE.glob(f"{name}.json*"):  # the paths of tracebacks are those of this machine
            made.write_bytes(made.read_bytes().replace(f"{Path.cwd()}/".encode(), b""))
            made.chmod(0o644)
        read(path)


if __name__ == "__main__":
    write_all(sys.argv[1:])

"""What users write, and mypy --strict has nothing to say against."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Literal, TypedDict, assert_type

import msgspec

from llmtaskgraph import (
    Context,
    Delta,
    LLMTask,
    Message,
    PythonTask,
    Registry,
    Request,
    Response,
    TaskGraph,
    TaskGraphTask,
    Tool,
    assistant,
    image,
    read,
    system,
    user,
)
from llmtaskgraph.providers.openai import Provider

app = Registry("review", model="openai:gpt-5-mini")
app.provider("local", Provider("http://localhost:8000/v1"))


class Verdict(msgspec.Struct):
    score: int
    issues: list[str] = []


class Place(TypedDict):
    name: str


@dataclasses.dataclass
class Person:
    name: str


class Parrot:
    async def send(self, request: Request, on_delta: Any) -> Response:
        on_delta(Delta("x"))
        return Response(assistant("x"))


app.provider("parrot", Parrot())


@app.llm(model="openai:gpt-5-mini", output=Verdict)
def judge(text: str, aspect: str = "style") -> str:
    return f"Judge the {aspect} of: {text}"


@app.llm(output=list[str], params={"temperature": 0}, retries=2, timeout=30)
def names(topic: str) -> list[Message]:
    return [system("Be brief."), user(topic, image("cat.png"))]


@app.llm()
def free(ctx: Context, text: str) -> str:
    return f"{ctx.input} {text}"


@app.llm(output=Place)
def place() -> str:
    return "where?"


@app.llm(output=Person, tools=[Tool("look"), {"name": "find"}, len])
def person() -> str:
    return "who?"


@app.llm(output=Message)
def whole() -> str:
    return "say"


@app.llm(output=Verdict | None)
def maybe() -> str:
    return "if any"


@app.llm(output=Literal["yes", "no"])
def choice() -> str:
    return "yes or no"


def words(text: str) -> list[str]:
    return text.split()


def calls(message: Message) -> int:
    return len(message.tool_calls)


@app.llm(parser=words)
def parsed() -> str:
    return "some words"


@app.llm(parser=calls)
def counted() -> str:
    return "call"


@free.parser
def shout(text: str) -> str:
    return text.upper()


@app.task
def issues(verdicts: list[Verdict]) -> list[str]:
    return sorted({issue for verdict in verdicts for issue in verdict.issues})


@app.task(retries=3, timeout=5, effect="once")
async def send(ctx: Context, text: str) -> int:
    ctx.log(text)
    return len(text)


@app.task
async def double(x: int) -> int:
    return 2 * x


@app.task
def with_context(ctx: Context, x: int) -> str:
    return str(x)


@app.task()
def nothing(path: str | None = None) -> None:
    return None


@app.graph
def repair(todo: list[str], text: str) -> list[str]:
    return names.map(todo)[0]


@app.graph
def with_input(ctx: Context, text: str) -> str:
    assert_type(ctx.add_task(PythonTask(issues)), PythonTask)
    return free(text)


@app.graph
def main(text: str, limit: int = 3) -> list[str]:
    assert_type(judge(text, "facts"), Verdict)
    assert_type(judge(text, aspect="facts"), Verdict)
    assert_type(judge.named("style")(text), Verdict)
    assert_type(judge.options(model="openai:other", params={"seed": 1}).named("x")(text), Verdict)
    assert_type(judge.map(["a", "b"]), list[Verdict])
    assert_type(judge.map(["a"], ["facts"], unknown=1), list[Verdict])
    assert_type(names(text), list[str])
    assert_type(free(text), str)
    assert_type(place(), Place)
    assert_type(person(), Person)
    assert_type(whole(), Message)
    assert_type(maybe(), Any)
    assert_type(choice(), Any)
    assert_type(parsed(), list[str])
    assert_type(counted(), int)
    assert_type(issues([judge(text)]), list[str])
    assert_type(send(text), int)
    assert_type(double(double(1)), int)
    assert_type(double.map(range(3)), list[int])
    assert_type(with_context(1), str)
    nothing()
    assert_type(repair(issues([judge(text)]), text), list[str])
    assert_type(with_input(text), str)
    return main(text, limit - 1) if limit else repair([], text)


assert_type(words("a"), list[str])
assert_type(shout("a"), str)
judge.fn("a")


def by_hand() -> None:
    assert_type(main.run("text"), list[str])
    assert_type(main.run(text="text", limit=2), list[str])
    assert_type(main.run(text="text", trace="trace.json"), list[str])
    assert_type(main.run("text", trace=Path("trace.json"), limits={"openai": 3}, fail_fast=True), list[str])
    assert_type(main.resume("trace.json"), list[str])
    assert_type(main.resume(Path("trace.json"), run=2, model="openai:other"), list[str])
    assert_type(main.plan("trace.json").run, int)
    assert_type(issues([]), list[str])
    read("trace.json").state.run()


async def in_a_loop() -> None:
    assert_type(await main.arun("text"), list[str])
    assert_type(await main.arun("text", trace="trace.json"), list[str])
    assert_type(await main.aresume("trace.json"), list[str])


async def explicit() -> None:
    graph = TaskGraph[Any](app)
    lists = [graph.add_task(LLMTask(names, "maths", model="openai:gpt-5-mini", parser=words)) for _ in range(3)]
    assert_type(lists, list[LLMTask])
    inner = TaskGraph[Any](name="inner")
    assert_type(graph.add_task(TaskGraphTask(inner)), TaskGraphTask)
    assert_type(graph.add_output_task(PythonTask(words, *lists)), PythonTask)
    await graph.run(input={"topic": "x"}, trace="trace.json")
    graph.edit("main/names", "response", "other")
    await graph.resume()
    loaded = TaskGraph.from_json(Path("trace.json").read_bytes(), app)
    assert_type(loaded.to_json(), bytes)

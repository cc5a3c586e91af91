"""Programs that are killed, and the two ways in which a child runs them."""

from __future__ import annotations

import os
import time
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import anyio._backends._asyncio
import anyio._backends._trio
import openai  # noqa: F401
import trio  # noqa: F401

from llmtaskgraph import Context, GraphFunction, Registry, UnknownTask
from llmtaskgraph.providers import openai as provider

provider.preload()
app = Registry("victims", model="lab:small")


@app.llm()
def ask(topic: str, about: str, marks: str = "") -> str:
    """Each prompt is sent once in a run: its text tells who asked."""
    return f"{topic}: {about} {marks}"


@app.llm()
def plan(topic: str) -> str:
    return f"{topic}: list [[answer={topic} one,{topic} two,{topic} three]]"


@plan.parser
def _(text: str) -> list[str]:
    return text.split(",")


@app.task
def join(parts: list[str]) -> str:
    return " | ".join(parts)


@app.task
async def slow(text: str) -> str:
    await anyio.sleep(0.01)
    return text.upper()


@app.task
def in_a_thread(context: Context, text: str) -> str:
    context.log(f"working on {text}")
    time.sleep(0.005)
    return text[::-1]


@app.graph
def chain(topic: str) -> str:
    """One call after the other, with functions between them."""
    first = ask(topic, "first")
    second = ask(slow(first), "second", "[[chunks=8]]")
    return ask(in_a_thread(second), "third")


@app.graph
def fan(topic: str) -> str:
    """Calls side by side; some are refused at first."""
    marks = ["", "[[429x1]][[retry-after-ms=5]]", "[[delay=0.01]]", "[[cutx1]]", "[[chunks=20]][[delay=0.002]]", "[[503x1]]"]
    return join([ask.named(str(i))(topic, f"aspect {i}", mark) for i, mark in enumerate(marks)])


@app.graph
def unfold(topic: str) -> str:
    """A sub-graph that fans out over what a model answered."""
    return expand(plan(topic), topic)  # type: ignore[arg-type]


@app.graph
def expand(items: list[str], topic: str) -> str:
    return join([join(ask.map(items, about=topic)), last(topic, 2)])


@app.graph
def last(topic: str, depth: int) -> str:
    """Sub-graphs in sub-graphs."""
    if depth == 0:
        return ask(topic, "the end", "[[reasoning=thinking about it]][[delay=0.005]]")
    return last(f"{topic} deeper", depth - 1)


OPTIONS: dict[str, dict[str, Any]] = {"asyncio": {}, "trio": {"restrict_keyboard_interrupt_to_checkpoints": True}}
"""For `anyio.run`. Without this, trio raises a Ctrl-C wherever the code stands, also between the opening and the entering of a
task group of anyio, whose tasks nobody awaits then: it ends with an internal error of trio. See docs/authoring.md."""

PROGRAMS: dict[str, GraphFunction[[str], str]] = {"chain": chain, "fan": fan, "unfold": unfold}


def go(program: str, trace: str, base_url: str, topic: str, backend: str, output: str) -> int:
    """Resume the trace if there is something to resume, else run; the output goes to a file."""
    app.provider("lab", provider.Provider(base_url, "no-key"))
    function = PROGRAMS[program]
    steps: list[Any] = [partial(function.aresume, trace), partial(function.arun, topic, trace=trace)]
    if not os.path.exists(trace):
        steps.pop(0)
    for step in steps:
        try:
            text = anyio.run(step, backend=backend, backend_options=OPTIONS[backend])
        except UnknownTask:  # it was killed before its run was recorded
            continue
        Path(output).write_text(text)
        return 0
    return 1

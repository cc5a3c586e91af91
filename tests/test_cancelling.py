"""Cancelling and Ctrl-C end quickly, and what is left can be resumed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
from running import Meeting, Model, assert_readable, registry, trace_of

from llmtaskgraph import (
    ProviderError,
    Request,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Lets threads go that were left behind."""
    event = threading.Event()
    yield event
    event.set()


async def test_cancelling_ends_quickly_and_the_trace_can_be_resumed(tmp_path: Path, release: threading.Event) -> None:
    """With a call, an async function, a thread and a backoff under way."""
    entered = Meeting(4)
    resumed = False

    async def answer(request: Request) -> Any:
        if request.task == "main/ask[busy]" and not resumed:
            entered.missing -= 1
            return ProviderError("busy", fault="rate_limit", retry_after=500)
        if not resumed:
            entered.missing -= 1
            await anyio.sleep_forever()
        return "x"

    model = Model(answer)
    app = registry(model)

    @app.llm()
    def ask() -> str:
        return "x"

    @app.task
    async def waits() -> int:
        if not resumed:
            entered.missing -= 1
            await anyio.sleep_forever()
        return 1

    @app.task
    def blocks() -> int:
        if not resumed:
            entered.missing -= 1
            release.wait(60)
        return 2

    @app.task
    async def quick() -> int:
        return 3

    @app.graph
    def main() -> Any:
        return [ask(), ask.named("busy")(), waits(), blocks(), quick()]

    trace = tmp_path / "trace.json"
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:

            async def go() -> None:
                await main.arun(trace=trace)

            group.start_soon(go)
            while entered.missing > 0 or "main/quick" not in (trace.parent / "trace.json.journal").read_text():
                await anyio.sleep(0.005)
            await anyio.sleep(0.02)
            group.cancel_scope.cancel()
    state = trace_of(trace)
    assert state.run().status == "cancelled"
    assert {id: found.status for id, found in state.in_run(1).items()} == {
        "main": "cancelled",
        "main/ask": "cancelled",
        "main/ask[busy]": "cancelled",
        "main/waits": "cancelled",
        "main/blocks": "cancelled",
        "main/quick": "succeeded",
    }
    assert state.in_run(1)["main/ask"].attempts[0].ended is None
    assert not Path(f"{trace}.journal").exists()
    assert not Path(f"{trace}.lock").exists()
    resumed = True
    assert await main.aresume(trace) == ["x", "x", 1, 2, 3]
    assert_readable(trace_of(trace))


async def test_a_run_in_a_scope_with_a_deadline_ends_with_it() -> None:
    app = registry()
    ended: list[int] = []

    @app.task
    async def slow() -> int:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(1)

    @app.graph
    def main() -> int:
        return slow()

    with anyio.move_on_after(0.05) as scope:
        await main.arun()
    assert scope.cancelled_caught
    assert ended == [1]


async def test_an_answer_that_came_before_the_cancellation_is_kept(tmp_path: Path) -> None:
    arrived = anyio.Event()

    async def answer(request: Request) -> Any:
        if request.task == "main/ask[1]" and not arrived.is_set():
            arrived.set()
            await anyio.sleep_forever()
        return "x"

    model = Model(answer)
    app = registry(model)

    @app.llm()
    def ask() -> str:
        return "x"

    @app.graph
    def main() -> list[str]:
        return [ask(), ask()]

    trace = tmp_path / "trace.json"
    async with anyio.create_task_group() as group:

        async def go() -> None:
            await main.arun(trace=trace)

        group.start_soon(go)
        await arrived.wait()
        await anyio.sleep(0.02)
        group.cancel_scope.cancel()
    assert await main.aresume(trace) == ["x", "x"]
    assert sorted(model.tasks) == ["main/ask", "main/ask[1]", "main/ask[1]"]


PROGRAM = """
import sys, time
import anyio
from llmtaskgraph import Registry, assistant, Response

app = Registry("test", model="mine:m")


class Slow:
    async def send(self, request, on_delta):
        if "go on" in sys.argv:
            return Response(assistant("x"))
        await anyio.sleep_forever()


app.provider("mine", Slow())


@app.llm()
def ask():
    return "x"


@app.task
async def waits():
    if "go on" not in sys.argv:
        await anyio.sleep_forever()
    return 1


@app.task
def blocks():
    if "go on" not in sys.argv:
        print("in", flush=True)
        time.sleep(60)
    return 2


@app.graph
def main():
    return [ask(), waits(), blocks()]


async def go():
    await main.arun(trace=sys.argv[1])


if "go on" in sys.argv:
    print(main.resume(sys.argv[1]))
elif "run" in sys.argv:
    main.run(trace=sys.argv[1])
else:
    anyio.run(go, backend=sys.argv[2])
"""


@pytest.mark.parametrize("how", ["asyncio", "trio", "run"])
def test_ctrl_c_ends_the_process_and_leaves_a_trace_that_can_be_resumed(how: str, tmp_path: Path) -> None:
    program, trace = tmp_path / "program.py", tmp_path / "trace.json"
    program.write_text(textwrap.dedent(PROGRAM))
    command = [sys.executable, str(program), str(trace), how]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "in\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        try:
            _, told = process.communicate(timeout=60)
        finally:
            process.kill()  # one that did not end is not waited for without end
    assert process.returncode != 0
    assert "KeyboardInterrupt" in told
    assert not Path(f"{trace}.journal").exists()
    assert not Path(f"{trace}.lock").exists()
    state = trace_of(trace)
    assert state.run().status == "cancelled"
    done = subprocess.run([sys.executable, str(program), str(trace), "go on"], capture_output=True, text=True, timeout=60)
    assert done.stdout == "['x', 1, 2]\n", done.stderr

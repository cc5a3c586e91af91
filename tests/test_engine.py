"""The engine: what runs at once, what a failure stops, contexts, effects, listeners, and the ways in."""

from __future__ import annotations

import asyncio
import threading
import time
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import anyio
import pytest
import trio
from kinds import Verdict
from running import Meeting, Model, assert_readable, failing, registry, run, run_graph, trace_of

from llmtaskgraph import (
    Context,
    Event,
    GraphError,
    PythonTask,
    Request,
    RunFailed,
    State,
    TaskGraph,
    WrongArguments,
)

pytestmark = pytest.mark.anyio


# What runs at once


@pytest.mark.parametrize("count", [2, 300])
async def test_async_tasks_really_run_at_once(count: int) -> None:
    app, meeting = registry(), Meeting(count)

    @app.task
    async def f(x: int) -> int:
        await meeting.come()
        return x

    @app.graph
    def main() -> list[int]:
        return f.map(range(count))

    assert (await run(main)).output == list(range(count))


async def test_calls_of_models_really_run_at_once_also_across_graphs() -> None:
    meeting = Meeting(6)

    async def answer(request: Request) -> str:
        await meeting.come()
        return "here"

    app = registry(Model(answer))

    @app.llm()
    def ask() -> str:
        return "come"

    @app.graph
    def inner() -> list[str]:
        return [ask(), ask()]

    @app.graph
    def main() -> list[list[str]]:
        return [inner(), inner(), inner()]

    assert (await run(main)).output == [["here"] * 2] * 3


async def test_sync_functions_really_run_at_once_in_threads() -> None:
    app, barrier = registry(), threading.Barrier(8, timeout=60)

    @app.task
    def f(x: int) -> bool:
        barrier.wait()
        return threading.current_thread() is threading.main_thread()

    @app.graph
    def main() -> list[bool]:
        return f.map(range(8))

    assert (await run(main)).output == [False] * 8


async def test_no_more_sync_functions_run_at_once_than_threads_are_allowed() -> None:
    app = registry()
    lock, now, most = threading.Lock(), 0, 0

    @app.task
    def f(x: int) -> int:
        nonlocal now, most
        with lock:
            now += 1
            most = max(now, most)
        time.sleep(0.002)
        with lock:
            now -= 1
        return x

    @app.graph
    def main() -> list[int]:
        return f.map(range(20))

    await run(main, settings={"threads": 3})
    assert 1 <= most <= 3


@pytest.mark.parametrize("start", [asyncio.run, anyio.run, trio.run], ids=["asyncio", "anyio", "trio"])
async def test_a_sync_function_may_run_an_event_loop_of_its_own(start: Any) -> None:
    app = registry()

    @app.graph
    def inner(x: int) -> int:
        return x + 1

    async def nested() -> int:
        return await inner.arun(4)

    @app.task
    def f() -> int:
        return start(nested() if start is asyncio.run else nested)  # type: ignore[no-any-return]

    @app.task
    def g() -> int:
        return inner.run(7)

    @app.graph
    def main() -> list[int]:
        return [f(), g()]

    ran = await run(main)
    assert ran.output == [5, 8], ran.failures


async def test_a_thousand_sync_functions_take_no_more_threads_than_are_allowed_and_leave_none() -> None:
    app = registry()
    names: set[int] = set()

    @app.task
    def f(x: int) -> int:
        names.add(threading.get_ident())
        return x

    @app.graph
    def main() -> list[int]:
        return f.map(range(1000))

    ran = await run(main, settings={"threads": 5})
    assert ran.output == list(range(1000))
    assert len(names) <= 5
    with anyio.fail_after(60):
        while any(thread.name == "llmtaskgraph worker" for thread in threading.enumerate()):
            await anyio.sleep(0.001)


async def test_context_variables_reach_sync_functions() -> None:
    app = registry()
    variable: ContextVar[str] = ContextVar("variable", default="unset")

    @app.task
    def f() -> str:
        return variable.get()

    @app.graph
    def main() -> str:
        return f()

    variable.set("set")
    assert (await run(main)).output == "set"


async def test_no_more_tasks_are_under_way_than_there_are_workers() -> None:
    app = registry()
    now = most = 0

    @app.task
    async def f(x: int) -> int:
        nonlocal now, most
        now += 1
        most = max(now, most)
        await anyio.sleep(0)
        now -= 1
        return x

    @app.graph
    def inner(n: int) -> list[int]:
        return f.map(range(n))

    @app.graph
    def main() -> Any:
        return [inner(5), inner(5), *f.map(range(10))]

    ran = await run(main, settings={"workers": 2})
    assert ran.status == "succeeded"
    assert most == 2


async def test_a_task_starts_the_moment_its_own_dependencies_are_settled() -> None:
    """Not when all that were declared before it are: the slow one ends only when the last of the other chain has run."""
    app, done = registry(), anyio.Event()

    @app.task
    async def slow() -> int:
        with anyio.fail_after(60):
            await done.wait()
        return 1

    @app.task
    async def step(x: int) -> int:
        if x == 3:
            done.set()
        return x + 1

    @app.graph
    def main() -> Any:
        return [slow(), step(step(step(step(0))))]

    assert (await run(main)).output == [1, 4]


async def test_a_graph_is_settled_when_its_output_is_and_not_when_all_its_tasks_are() -> None:
    app, done = registry(), anyio.Event()

    @app.task
    async def slow() -> int:
        with anyio.fail_after(60):
            await done.wait()
        return 1

    @app.task
    async def finish(x: int) -> int:
        done.set()
        return x

    @app.graph
    def inner() -> int:
        slow()
        return 5

    @app.graph
    def main() -> int:
        return finish(inner())

    ran = await run(main)
    assert ran.output == 5
    assert ran.statuses["main/inner/slow"] == "succeeded"


# Context


async def test_logs_from_threads_stand_with_their_task_in_order() -> None:
    app = registry()

    @app.task
    def f(ctx: Context, x: int) -> int:
        for i in range(20):
            ctx.log(f"{x}: {i}", "debug" if i % 2 else "info")
        return x

    @app.llm()
    def ask(ctx: Context) -> str:
        ctx.log({"any": 1}, 10)  # type: ignore[arg-type]
        ctx.log("\ud800")
        return "x"

    @app.graph
    def main(ctx: Context) -> Any:
        ctx.log("graph")
        return [*f.map(range(5)), ask()]  # type: ignore[arg-type, call-arg]

    ran = await run(main)
    for x in range(5):
        logs = ran.task(f"main/f[{x}]").logs
        assert [log.text for log in logs] == [f"{x}: {i}" for i in range(20)]
        assert [log.level for log in logs[:2]] == ["info", "debug"]
    assert [(log.text, log.level) for log in ran.task("main/ask").logs] == [("{'any': 1}", "10"), ("\ufffd", "info")]
    assert [log.text for log in ran.task("main").logs] == ["graph"]


async def test_logs_of_a_failed_task_are_kept() -> None:
    app = registry()

    @app.task
    def f(ctx: Context) -> int:
        ctx.log("before")
        raise ValueError("no")

    @app.graph
    def main() -> int:
        return f()

    assert [log.text for log in (await run(main)).task("main/f").logs] == ["before"]


# Effects


async def test_a_task_with_an_effect_runs_once_also_when_its_input_changes(tmp_path: Path) -> None:
    app = registry()
    sent: list[str] = []

    @app.llm()
    def write() -> str:
        return "mail"

    @app.task(effect="once")
    def send(text: str) -> str:
        sent.append(text)
        return f"sent {text}"

    @app.graph
    def main() -> str:
        return send(write())

    graph: TaskGraph[Any]
    await main.arun(trace=tmp_path / "trace.json")
    graph = TaskGraph.from_json((tmp_path / "trace.json").read_bytes(), app)
    graph.edit("main/write", "response", "another")
    assert await graph.resume() == "sent echo: mail"
    assert sent == ["echo: mail"]


# Listeners and ways in


async def test_a_listener_hears_each_event_with_the_state_after_it() -> None:
    app = registry()
    heard: list[str] = []

    @app.llm()
    def ask() -> str:
        return "x"

    @app.graph
    def main() -> str:
        return ask()

    def listen(event: Event, state: State) -> None:
        heard.append(type(event).__name__)
        if type(event).__name__ == "RunEnded":
            assert state.run().status == "succeeded"

    await run(main, settings={"on_event": listen})
    assert heard == [
        "TasksAdded",
        "RunStarted",
        "TaskStarted",
        "TasksAdded",
        "StageSettled",
        "TaskStarted",
        "StageSettled",
        "AttemptStarted",
        "AttemptSucceeded",
        "TaskSucceeded",
        "TaskSucceeded",
        "RunEnded",
    ]


MOMENTS = ["RunStarted", "TaskStarted", "StageSettled", "AttemptSucceeded", "TaskSucceeded", "TaskFailed", "RunEnded"]


@pytest.mark.parametrize("at", MOMENTS)
async def test_a_listener_that_raises_ends_the_run_with_its_own_error_and_loses_nothing(at: str, tmp_path: Path) -> None:
    model = Model()
    app = registry(model)
    called: list[int] = []

    @app.llm()
    def ask() -> str:
        return "x"

    @app.task
    async def bad(text: str) -> str:
        called.append(1)
        if len(called) == 1:
            raise ValueError("no")
        return text

    @app.graph
    def main() -> str:
        return bad(ask())

    def listen(event: Event, state: State) -> None:
        if type(event).__name__ == at:
            raise LookupError("the listener's own")

    trace = tmp_path / "trace.json"
    with pytest.raises(LookupError, match="the listener's own"):
        await main.arun(trace=trace, on_event=listen)
    state = trace_of(trace)
    assert_readable(state)
    assert not Path(f"{trace}.lock").exists()
    if not called:
        called.append(0)
    assert await main.aresume(trace) == "echo: x"
    assert len(model.requests) == 1


def test_run_inside_a_running_loop_gives_a_clear_error() -> None:
    app = registry()

    @app.graph
    def main() -> int:
        return 1

    async def inside() -> None:
        with pytest.raises(GraphError, match=r"this is called in an event loop; await .* such as main.arun\(...\)"):
            main.run()
        with pytest.raises(GraphError, match="event loop"):
            main.resume("nowhere.json")
        assert await main.arun() == 1

    anyio.run(inside, backend="asyncio")
    anyio.run(inside, backend="trio")
    assert main.run() == 1


def test_a_runtime_error_of_users_code_is_not_taken_for_another() -> None:
    app = registry()

    @app.graph
    def main() -> int:
        raise RuntimeError("Already running")

    with pytest.raises(RunFailed, match="Already running"):
        main.run()


async def test_two_runs_in_one_loop_do_not_mix() -> None:
    app, meeting = registry(), Meeting(2)

    @app.task
    async def f(x: int, ctx: Context) -> Any:
        await meeting.come()
        return [x, ctx.input]

    @app.graph
    def main(x: int) -> Any:
        return f(x)  # type: ignore[call-arg]

    found: list[Any] = []

    async def go(x: int) -> None:
        found.append(await main.arun(x))

    async with anyio.create_task_group() as group:
        group.start_soon(go, 1)
        group.start_soon(go, 2)
    assert sorted(found) == [[1, {"x": 1}], [2, {"x": 2}]]


async def test_the_output_comes_as_the_declared_type() -> None:
    app = registry()

    @app.graph
    def main() -> list[Verdict]:
        return [Verdict(3)]

    assert await main.arun() == [Verdict(3)]


async def test_errors_before_a_run_leave_no_trace_behind(tmp_path: Path) -> None:
    app = registry()

    @app.graph
    def main(x: int) -> int:
        return x

    with pytest.raises(WrongArguments):
        await main.arun("five", trace=tmp_path / "trace.json")
    assert list(tmp_path.iterdir()) == []


# The same in memory


async def test_a_failed_graph_in_memory_can_be_looked_at_and_resumed() -> None:
    app = registry()
    good = False

    @app.task
    async def f() -> int:
        if not good:
            raise ValueError("no")
        return 1

    graph: TaskGraph[Any] = TaskGraph(app)
    graph.add_output_task(PythonTask(f))
    ran = await run_graph(graph)
    assert ran.failures["main/f"] == "ValueError: no"
    good = True
    assert await graph.resume() == 1


async def test_a_program_that_fails_at_once_says_why() -> None:
    app = registry()

    @app.graph
    def main() -> int:
        raise ValueError("at once")

    assert await failing(main) == "ValueError: at once"

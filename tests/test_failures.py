"""What a failure stops, and what is recorded of whatever users' code raises or returns."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kinds import Verdict
from running import Model, registry, run, run_graph, trace_of

from llmtaskgraph import Context, PythonTask, RunFailed, TaskGraph, TaskGraphTask

pytestmark = pytest.mark.anyio


async def test_independent_branches_finish_and_dependents_are_blocked_through_sub_graphs() -> None:
    app = registry()
    called: list[str] = []

    @app.task
    async def f(name: str, *inputs: Any) -> str:
        called.append(name)
        if name == "bad":
            raise ValueError("no good")
        return name

    @app.graph
    def inner(x: str) -> str:
        return f("inner", x)

    @app.graph
    def broken() -> str:
        return f("after bad", f("bad"))

    @app.graph
    def main() -> Any:
        bad = broken()
        return [inner(bad), f("after", inner.named("two")(bad)), f("good"), inner.named("fine")(f("fine"))]

    ran = await run(main)
    assert ran.status == "failed"
    assert sorted(called) == ["bad", "fine", "good", "inner"]
    assert ran.statuses == {
        "main": "failed",
        "main/broken": "failed",
        "main/broken/f": "failed",
        "main/broken/f[1]": "blocked",
        "main/inner": "blocked",
        "main/inner[two]": "blocked",
        "main/f": "blocked",
        "main/f[1]": "succeeded",
        "main/f[2]": "succeeded",
        "main/inner[fine]": "succeeded",
        "main/inner[fine]/f": "succeeded",
    }
    failed = ran.task("main/broken/f").id
    assert ran.task("main/inner").inputs == (failed,)
    assert ran.failures == {
        "main/broken/f": "ValueError: no good",
        "main/broken": "ChildFailed: main/broken/f failed",
        "main": "ChildFailed: main/broken/f failed",
    }


async def test_a_failed_task_that_nothing_needs_fails_the_run_and_not_its_graph() -> None:
    app = registry()

    @app.task
    async def bad() -> int:
        raise ValueError("no")

    @app.graph
    def main() -> int:
        bad()
        return 5

    ran = await run(main)
    assert (ran.status, ran.statuses["main"], ran.output) == ("failed", "succeeded", None)


async def test_fail_fast_ends_the_run_at_the_first_failure() -> None:
    app = registry()
    ended: list[str] = []

    @app.task
    async def bad() -> int:
        raise ValueError("no")

    @app.task
    async def slow() -> int:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append("slow")

    @app.graph
    def main() -> Any:
        return [slow(), bad()]

    ran = await run(main, settings={"fail_fast": True})
    assert ran.status == "failed"
    assert ended == ["slow"]
    assert ran.statuses == {"main": "failed", "main/slow": "cancelled", "main/bad": "failed"}


async def test_the_error_names_the_failed_task_and_how_many_more() -> None:
    app = registry()

    @app.task
    async def bad(x: int) -> int:
        raise ValueError(f"no {x}")

    @app.graph
    def main() -> Any:
        return bad.map([1, 2, 3])

    with pytest.raises(RunFailed) as caught:
        await main.arun()
    assert str(caught.value) in {f"the run failed at main/bad[{i}]: no {i + 1} (and 2 more)" for i in range(3)}
    assert sorted(caught.value.failures) == ["main/bad[0]", "main/bad[1]", "main/bad[2]"]


async def test_a_failure_is_recorded_with_the_users_own_frames() -> None:
    app = registry()

    def helper(x: int) -> int:
        return 1 // x

    @app.task
    def f() -> int:
        return helper(0)

    @app.graph
    def main() -> int:
        return f()

    error = (await run(main)).task("main/f").error
    assert error is not None
    assert (error.type, error.message, error.stage) == ("ZeroDivisionError", "integer division or modulo by zero", "output")
    assert [(frame.function, frame.code) for frame in error.frames] == [("f", "return helper(0)"), ("helper", "return 1 // x")]


class Unprintable(Exception):
    def __str__(self) -> str:
        raise RuntimeError("not even this")


def endless() -> int:
    return endless()


def raises(error: BaseException) -> Any:
    raise error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Unprintable(), "Unprintable: (its message cannot be shown)"),
        (ValueError("x" * 5_000_000), "ValueError: " + "x" * 100),
        (ValueError("\ud800 \x1b[31m"), "ValueError: \ufffd \x1b[31m"),
        (ExceptionGroup("two", [ValueError("a"), KeyError("b")]), "ExceptionGroup: two (2 sub-exceptions); ValueError: a; Key"),
        (ExceptionGroup("one", [ExceptionGroup("more", [ValueError("a")])]), "ValueError: a"),
        (RecursionError("deep"), "RecursionError: deep"),
        (MemoryError(), "MemoryError: "),
        (SystemExit(3), "SystemExit: 3"),
        (asyncio.CancelledError(), "CancelledError: "),
        (BaseException("odd"), "BaseException: odd"),
        (BaseExceptionGroup("g", [SystemExit(1)]), "SystemExit: 1"),
        (StopAsyncIteration(), "StopAsyncIteration: "),
        (StopIteration(4), "RuntimeError: coroutine raised StopIteration"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
@pytest.mark.parametrize("where", ["async task", "task", "graph", "prompt", "parser", "model"])
async def test_whatever_users_code_raises_fails_its_task_alone(error: BaseException, told: str, where: str) -> None:
    """SystemExit and stray cancellations included: the other branch finishes, and the record is whole."""
    model = Model(lambda request: raises(error) if where == "model" else "x")
    app = registry(model)

    @app.task
    async def other() -> int:
        await anyio.sleep(0.001)
        return 1

    @app.task
    async def async_task() -> int:
        return raises(error)  # type: ignore[no-any-return]

    @app.task
    def task() -> int:
        return raises(error)  # type: ignore[no-any-return]

    @app.graph
    def graph() -> int:
        return raises(error)  # type: ignore[no-any-return]

    @app.llm()
    def prompt() -> str:
        return raises(error)  # type: ignore[no-any-return]

    @app.llm(parser=lambda text: raises(error))
    def parser() -> str:
        return "go"

    @app.llm()
    def ask() -> str:
        return "go"

    makers: dict[str, Any] = {
        "async task": async_task,
        "task": task,
        "graph": graph,
        "prompt": prompt,
        "parser": parser,
        "model": ask,
    }

    @app.graph
    def main() -> Any:
        return [makers[where](), other()]

    ran = await run(main)
    assert ran.status == "failed"
    assert ran.statuses["main/other"] == "succeeded"
    (failed,) = [id for id in ran.failures if id != "main"]
    expected = "StopIteration: 4" if isinstance(error, StopIteration) and where in ("prompt", "parser") else told
    assert ran.failures[failed].startswith(expected)
    assert len(ran.failures[failed]) < 21_000


async def test_endless_recursion_is_recorded_with_some_of_its_frames() -> None:
    app = registry()

    @app.task
    def f() -> int:
        return endless()

    @app.graph
    def main() -> int:
        return f()

    error = (await run(main)).task("main/f").error
    assert error is not None
    assert error.type == "RecursionError"
    assert error.frames[0].function == "f"
    assert len(error.frames) <= 50


@pytest.mark.parametrize("where", ["async task", "task", "graph", "prompt"])
@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_ctrl_c_raised_in_users_code_ends_the_run_in_order(where: str, backend: str, tmp_path: Path) -> None:
    app = registry()
    ended: list[str] = []

    @app.task
    async def other() -> int:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append("other")

    async def async_task() -> int:
        raise KeyboardInterrupt

    def task() -> Any:
        raise KeyboardInterrupt

    makers: dict[str, Any] = {
        "async task": lambda: app.task(async_task),
        "task": lambda: app.task(task),
        "graph": lambda: app.graph(task),
        "prompt": lambda: app.llm()(task),
    }
    made = makers[where]()

    @app.graph
    def main() -> Any:
        return [other(), made()]

    async def go() -> None:
        await main.arun(trace=tmp_path / "trace.json")

    with pytest.raises(KeyboardInterrupt):
        anyio.run(go, backend=backend)
    assert ended == ["other"]
    state = trace_of(tmp_path / "trace.json")
    assert state.run().status == "cancelled"
    assert not (tmp_path / "trace.json.journal").exists()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (object(), "a value of type object"),
        ([{"a": float("nan")}], "at [0]['a'] cannot be recorded"),
        ((i for i in "ab"), "a value of type generator"),
        ({1: 1, "1": 2}, "two keys that JSON writes alike"),
        (Verdict, "a value of type msgspec."),
    ],
)
async def test_a_value_that_cannot_be_recorded_fails_its_task_naming_the_type(value: Any, told: str) -> None:
    app = registry(Model(lambda request: "x"))

    @app.task
    def f() -> Any:
        return value

    @app.llm(parser=lambda text: value)
    def ask() -> str:
        return "x"

    @app.graph
    def inner() -> Any:
        return value

    @app.graph
    def main() -> Any:
        return [f(), ask(), inner()]

    ran = await run(main)
    for id in ("main/f", "main/ask", "main/inner"):
        assert ran.failures[id].startswith("UnrecordableValue: ")
        assert told in ran.failures[id]
    assert "(returned by main/inner)" in ran.failures["main/inner"]


# Any graph


@st.composite
def shapes(draw: st.DrawFn) -> tuple[dict[str, list[str]], set[str]]:
    """Tasks with those they depend on, and the ones that fail."""
    names = [f"t{i}" for i in range(draw(st.integers(1, 9)))]
    needed = {name: sorted(draw(st.sets(st.sampled_from(names[:i]), max_size=3))) if i else [] for i, name in enumerate(names)}
    return needed, draw(st.sets(st.sampled_from(names), max_size=3))


@given(shapes(), st.sampled_from(["asyncio", "trio"]), st.integers(1, 3))
@settings(max_examples=60, deadline=None)
def test_in_any_graph_each_task_runs_once_or_is_blocked_by_a_failure(
    shape: tuple[dict[str, list[str]], set[str]], backend: str, workers: int
) -> None:
    """Whatever mixture of sync and async functions and sub-graphs it is, and however few workers there are."""
    needed, failing = shape
    called: list[str] = []

    def sync(name: str, *inputs: Any) -> str:
        called.append(name)
        if name in failing:
            raise ValueError(name)
        return name

    async def waits(name: str, *inputs: Any) -> str:
        await anyio.sleep(0)
        return sync(name)

    def graph(ctx: Context, name: str, *inputs: Any) -> Any:
        return ctx.add_task(PythonTask(waits, name, name="inner"))

    written: TaskGraph[Any] = TaskGraph(registry())
    tasks: dict[str, Any] = {}
    for i, (name, inputs) in enumerate(needed.items()):
        given = [tasks[other] for other in inputs]
        kind = (PythonTask(waits, name, *given), PythonTask(sync, name, *given), TaskGraphTask(graph, name, *given))[i % 3]
        tasks[name] = written.add_output_task(kind)
    blocked: set[str] = set()
    for name, inputs in needed.items():
        if set(inputs) & (failing | blocked):
            blocked.add(name)

    async def go() -> Any:
        return await run_graph(written, workers=workers)

    ran = anyio.run(go, backend=backend)
    expected = {name: "blocked" if name in blocked else "failed" if name in failing else "succeeded" for name in needed}
    assert {name: ran.statuses[tasks[name].id] for name in needed} == expected
    assert sorted(called) == sorted(set(needed) - blocked)
    assert ran.status == ("failed" if failing - blocked else "succeeded")

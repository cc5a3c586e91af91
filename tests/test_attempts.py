"""Attempts: retries, waiting, timeouts, and limits that are held only while sending."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
import trio
import trio.testing
from running import Meeting, Model, registry, run

from llmtaskgraph import (
    Context,
    Delta,
    ProviderError,
    PythonTask,
    Request,
    TaskGraph,
    Usage,
    WrongArguments,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Lets threads go that were left behind."""
    event = threading.Event()
    yield event
    event.set()


# Attempts


async def test_a_function_with_retries_is_called_again_and_each_call_is_an_attempt() -> None:
    app = registry()
    called: list[int] = []

    @app.task(retries=3)
    def flaky(x: list[int]) -> int:
        x.append(1)
        called.append(len(x))
        if len(called) < 3:
            raise ValueError(f"call {len(called)}")
        return len(called)

    @app.graph
    def main() -> int:
        return flaky([])

    ran = await run(main)
    assert ran.output == 3
    assert called == [1, 1, 1]  # each call got a copy of its own
    attempts = ran.task("main/flaky").attempts
    assert [attempt.status for attempt in attempts] == ["failed", "failed", "succeeded"]
    assert [attempt.error.message if attempt.error else None for attempt in attempts] == ["call 1", "call 2", None]
    assert all(attempt.wait is not None and 0 <= attempt.wait <= 1 for attempt in attempts[:2])
    assert all(attempt.ended is not None for attempt in attempts)


async def test_a_function_without_retries_is_called_once() -> None:
    app = registry()
    called: list[int] = []

    @app.task
    def bad() -> int:
        called.append(1)
        raise ValueError("no")

    @app.graph
    def main() -> int:
        return bad()

    ran = await run(main)
    assert called == [1]
    assert [attempt.status for attempt in ran.task("main/bad").attempts] == ["failed"]


async def test_arguments_that_do_not_fit_are_no_reason_to_try_again() -> None:
    app = registry()

    @app.task
    def text() -> Any:
        return "x"

    @app.task(retries=5)
    def f(x: int) -> int:
        return x

    @app.graph
    def main() -> int:
        return f(text())

    ran = await run(main)
    assert "WrongArguments" in ran.failures["main/f"]
    assert not ran.task("main/f").attempts, "it was not called"


async def test_tasks_of_a_failed_attempt_are_forgotten() -> None:
    """Also those that a thread left behind adds after its time is up."""
    app = registry()
    left, told = threading.Event(), threading.Event()
    late: list[str] = []

    @app.task
    def f(x: int) -> int:
        return x

    @app.task(retries=1, timeout=1)
    def plan(ctx: Context) -> Any:
        ctx.add_task(PythonTask(f, 1))
        if not left.is_set():
            left.set()
            told.wait(60)
            try:
                ctx.add_task(PythonTask(f, 2))
            except RuntimeError as error:
                late.append(str(error))
            return None
        told.set()
        while not late:
            time.sleep(0.001)
        return ctx.add_task(PythonTask(f, 3))

    @app.graph
    def main() -> Any:
        return plan()

    ran = await run(main)
    assert ran.output == 3, ran.failures
    assert [id for id in ran.tasks if "/f" in id] == ["main/plan/f", "main/plan/f[1]"]
    assert late == ["main/plan: its function has ended, so no task can be added to it any more"]


@pytest.mark.parametrize("fault", ["rate_limit", "server", "connection", "truncated", "malformed", "timeout"])
async def test_a_call_that_fails_in_passing_is_sent_again(fault: Any) -> None:
    answers = iter([ProviderError("later", fault=fault, partial="half"), ProviderError("later", fault=fault), "fine"])
    model = Model(lambda request: next(answers))
    app = registry(model)

    @app.llm()
    def ask() -> str:
        return "go"

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    assert ran.output == "fine"
    assert len(model.requests) == 3
    attempts = ran.task("main/ask").attempts
    assert [attempt.status for attempt in attempts] == ["failed", "failed", "succeeded"]
    assert [attempt.error.fault if attempt.error else None for attempt in attempts] == [fault, fault, None]
    assert [attempt.partial for attempt in attempts] == ["half", None, None]
    assert (attempts[2].model, attempts[2].finish_reason, attempts[2].cost) == ("small-1", "stop", 0.25)
    assert attempts[2].usage == Usage(10, 5)


@pytest.mark.parametrize("fault", ["quota", "authentication", "not_found", "request"])
async def test_a_call_that_will_never_be_answered_is_sent_once(fault: Any) -> None:
    model = Model(lambda request: ProviderError("never", fault=fault))
    app = registry(model)

    @app.llm()
    def ask() -> str:
        return "go"

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    assert len(model.requests) == 1
    error = ran.task("main/ask").error
    assert error is not None
    assert (error.type, error.fault, error.stage) == ("ProviderError", fault, "response")


@pytest.mark.parametrize(("retries", "sends"), [(None, 5), (0, 1), (2, 3)])
async def test_retries_are_counted_and_the_last_failure_is_the_tasks(retries: int | None, sends: int) -> None:
    model = Model(lambda request: ProviderError(f"failure {len(model.requests)}", fault="server", retry_after=0))
    app = registry(model)

    @app.llm(retries=retries)
    def ask() -> str:
        return "go"

    @app.graph
    def main() -> str:
        return ask()

    def go() -> Any:
        return trio.run(run, main, clock=trio.testing.MockClock(autojump_threshold=0))

    ran = await anyio.to_thread.run_sync(go)
    assert len(model.requests) == sends
    assert ran.failures["main/ask"] == f"ProviderError: failure {sends}"
    assert len(ran.task("main/ask").attempts) == sends


def on_a_fast_clock(main: Any) -> tuple[Any, float]:
    """Run on a clock that jumps over all waiting; also how many seconds passed on it."""

    async def timed() -> tuple[Any, float]:
        start = trio.current_time()
        return await run(main), trio.current_time() - start

    return trio.run(timed, clock=trio.testing.MockClock(autojump_threshold=0))  # type: ignore[no-any-return]


def test_a_long_backoff_is_waited_for_and_recorded() -> None:
    model = Model(lambda request: ProviderError("busy", fault="server"))
    app = registry(model)

    @app.llm(retries=200)
    def ask() -> str:
        return "go"

    @app.graph
    def main() -> str:
        return ask()

    ran, seconds = on_a_fast_clock(main)
    waits = [attempt.wait for attempt in ran.task("main/ask").attempts]
    assert len(waits) == 201
    assert waits[-1] is None
    assert sum(waits[:-1]) == pytest.approx(seconds, abs=1)
    assert seconds > 1800
    assert max(waits[:-1]) <= 60


def test_what_a_server_asks_to_wait_is_waited_for_and_too_long_is_given_up() -> None:
    waits_asked = iter([90, 7200])
    model = Model(lambda request: ProviderError("busy", fault="rate_limit", retry_after=next(waits_asked)))
    app = registry(model)

    @app.llm()
    def ask() -> str:
        return "go"

    @app.graph
    def main() -> str:
        return ask()

    ran, seconds = on_a_fast_clock(main)
    assert len(model.requests) == 2
    assert 90 <= seconds < 95
    waits = [attempt.wait for attempt in ran.task("main/ask").attempts]
    assert 90 <= waits[0] < 95
    assert waits[1] is None


# Timeouts


async def test_an_async_function_that_takes_too_long_is_cancelled_and_its_task_fails() -> None:
    app = registry()
    ended: list[int] = []

    @app.task(timeout=0.02)
    async def slow() -> int:
        try:
            await anyio.sleep_forever()
        finally:
            ended.append(1)

    @app.graph
    def main() -> int:
        return slow()

    ran = await run(main)
    assert ran.failures["main/slow"] == "TimeoutError: main/slow took longer than 0.02 s"
    assert ended == [1]


async def test_a_sync_function_that_takes_too_long_is_left_behind_and_its_task_fails(release: threading.Event) -> None:
    app = registry()

    @app.task(timeout=0.02)
    def slow() -> int:
        release.wait(60)
        return 1

    @app.graph
    def main() -> int:
        return slow()

    with anyio.fail_after(60):
        ran = await run(main)
    assert ran.failures["main/slow"] == "TimeoutError: main/slow took longer than 0.02 s"


async def test_a_timeout_is_for_each_attempt() -> None:
    app = registry()
    called: list[int] = []

    @app.task(timeout=0.2, retries=2)
    async def slow() -> int:
        called.append(1)
        if len(called) < 3:
            await anyio.sleep_forever()
        return 5

    @app.graph
    def main() -> int:
        return slow()

    ran = await run(main)
    assert ran.output == 5
    assert [attempt.status for attempt in ran.task("main/slow").attempts] == ["failed", "failed", "succeeded"]


async def test_a_call_without_an_answer_in_time_is_given_up_and_sent_again() -> None:
    async def answer(request: Request) -> str:
        if len(model.requests) == 1:
            await anyio.sleep_forever()
        return "fine"

    model = Model(answer)
    app = registry(model)

    @app.llm(timeout=0.2)
    def ask() -> str:
        return "go"

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    assert ran.output == "fine"
    error = ran.task("main/ask").attempts[0].error
    assert error is not None
    assert (error.fault, error.message) == ("timeout", "small: no answer within 0.2 s; raise the task's timeout")


async def test_a_stream_that_stalls_is_given_up_with_its_partial_text() -> None:
    async def answer(request: Request, on_delta: Any) -> str:
        on_delta(Delta("half a "))
        on_delta(Delta("word"))
        await anyio.sleep_forever()
        return ""

    app = registry(Model(answer))

    @app.llm(idle_timeout=0.02, retries=0)
    def ask() -> str:
        return "go"

    @app.graph
    def main() -> str:
        return ask()

    ran = await run(main)
    assert ran.failures["main/ask"] == "ProviderError: small: no new text for 0.02 s; raise the task's idle_timeout"
    assert ran.task("main/ask").attempts[0].partial == "half a word"


# Limits


async def test_the_limit_of_a_provider_holds_for_sends_at_once() -> None:
    now = most = 0

    async def answer(request: Request) -> str:
        nonlocal now, most
        now += 1
        most = max(now, most)
        await anyio.sleep(0)
        await anyio.sleep(0)
        now -= 1
        return "x"

    model = Model(answer)
    app = registry(model)

    @app.llm()
    def ask(x: int) -> str:
        return str(x)

    @app.graph
    def main() -> list[str]:
        return ask.map(range(20))

    await run(main, settings={"limits": {"mine": 3}})
    assert most == 3
    model.max_concurrency = 2  # type: ignore[attr-defined]
    now = most = 0
    await run(main)
    assert most == 2


async def test_each_provider_has_a_limit_of_its_own() -> None:
    meeting = Meeting(2)

    async def answer(request: Request) -> str:
        await meeting.come()
        return "x"

    app = registry(Model(answer))
    app.provider("other", Model(answer))

    @app.llm()
    def ask() -> str:
        return "x"

    @app.graph
    def main() -> list[str]:
        return [ask(), ask.options(model="other:m")()]

    ran = await run(main, settings={"limits": {"mine": 1, "other": 1}})
    assert ran.status == "succeeded"


def test_no_limit_is_held_while_backing_off() -> None:
    """With one send at a time, the second call is answered while the first waits to be sent again."""
    answered: list[tuple[str, float]] = []

    def answer(request: Request) -> Any:
        answered.append((request.task, trio.current_time()))
        if request.task == "main/ask" and len([task for task, _ in answered if task == "main/ask"]) == 1:
            return ProviderError("busy", fault="rate_limit", retry_after=100)
        return "x"

    app = registry(Model(answer))

    @app.llm()
    def ask() -> str:
        return "x"

    @app.graph
    def main() -> list[str]:
        return [ask(), ask()]

    async def go() -> Any:
        return await run(main, settings={"limits": {"mine": 1}})

    ran = trio.run(go, clock=trio.testing.MockClock(autojump_threshold=0))
    assert ran.output == ["x", "x"]
    assert [task for task, _ in answered] == ["main/ask", "main/ask[1]", "main/ask"]
    assert answered[1][1] - answered[0][1] < 1
    assert answered[2][1] - answered[0][1] >= 100


async def test_no_limit_is_held_while_waiting_for_dependencies() -> None:
    app = registry()

    @app.llm()
    def ask(text: str) -> str:
        return text + "!"

    @app.graph
    def main() -> str:
        text = "a"
        for _ in range(5):
            text = ask(text)
        return text

    ran = await run(main, settings={"limits": {"mine": 1}, "workers": 1})
    assert ran.status == "succeeded"


@pytest.mark.parametrize("settings", [{"limits": {"mine": 0}}, {"workers": 0}, {"threads": -1}, {"limits": {"mine": "3"}}])
async def test_limits_that_are_none_are_refused(settings: Any) -> None:
    app = registry()

    @app.graph
    def main() -> int:
        return 1

    with pytest.raises(WrongArguments, match="is a number from 1 on"):
        await main.arun(**settings)


async def test_an_unknown_setting_is_refused_and_the_others_are_named() -> None:
    graph: TaskGraph[Any] = TaskGraph()
    with pytest.raises(WrongArguments, match=r"there is no setting .worker.; there are model, "):
        await graph.run(worker=3)


async def test_a_provider_whose_own_limit_is_none_fails_its_tasks() -> None:
    model = Model()
    model.max_concurrency = "many"  # type: ignore[attr-defined]
    app = registry(model)

    @app.llm()
    def ask() -> str:
        return "x"

    @app.graph
    def main() -> str:
        return ask()

    assert "its limit of concurrent sends is a number from 1 on, not 'many'" in (await run(main)).failures["main/ask"]

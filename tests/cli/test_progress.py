"""What a run shows of itself on stderr."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any

import pytest

from llmtaskgraph import _events as ev
from llmtaskgraph._chat import Usage
from llmtaskgraph.cli import progress as module
from llmtaskgraph.cli.progress import Progress, Ticker

from .conftest import llm, stage


def fed(*events: ev.Event) -> Progress:
    progress = Progress()
    for event in events:
        progress.take(event)
    return progress


def begun(number: int) -> ev.TaskStarted:
    return ev.TaskStarted(number, 1, f"t{number}", 0.0)


RUN = ev.RunStarted(ev.Run(1, 1, 0.0))


def test_it_counts_tasks_tokens_and_cost() -> None:
    declared = ev.TasksAdded([llm(2, "t2"), llm(3, "t3")])
    answered = ev.AttemptSucceeded(2, 1.0, stage("x"), usage=Usage(1200, 34), cost=0.0021)
    progress = fed(RUN, begun(1), declared, begun(2), answered, ev.TaskSucceeded(2, 1.0, stage(1)))
    assert progress.line(65) == "1/3 tasks · 1 running · 1,234 tokens · $0.0021 · 1m05s"


def test_it_counts_failures_and_what_they_block() -> None:
    error = ev.Failure("ValueError", "odd")
    progress = fed(
        RUN, ev.TasksAdded([llm(2, "t2"), llm(3, "b")]), begun(2), ev.TaskFailed(2, 1.0, error), ev.TasksBlocked(1, 5, ["b"], 2)
    )
    assert progress.line(1) == "2/2 tasks · 1 failed · 1 blocked · 1.0s"


def test_it_tells_why_calls_are_repeated() -> None:
    progress = fed(RUN, begun(1), ev.AttemptFailed(1, 1.0, ev.Failure("RateLimit", "slow\x1b down"), 2.0))
    assert progress.line(1) == "0/1 tasks · 1 running · 1.0s · 1 repeated call (RateLimit: slow␛ down)"


def test_a_resumed_run_counts_what_was_planned() -> None:
    started = ev.RunStarted(ev.Run(2, 1, 0.0, parent=1, open=["a", "b", "c"]))
    assert fed(started, ev.TaskKept(2, "a")).line(0) == "1/3 tasks · 0.0s"


def until(condition: Callable[[], object]) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "often"), [(Terminal(), True), (io.StringIO(), False)])
def test_it_rewrites_a_line_on_a_terminal_and_writes_seldom_elsewhere(
    monkeypatch: pytest.MonkeyPatch, stream: Any, often: bool
) -> None:
    monkeypatch.setattr(module, "OFTEN", 0.01)
    progress = fed(RUN, begun(1))
    with Ticker(progress, stream):
        time.sleep(0.25)
        until(lambda: stream.getvalue() or not often)
        progress.take(ev.TaskSucceeded(1, 1.0, stage(1)))
    assert ("\r\x1b[K0/1 tasks" in stream.getvalue()) == often
    assert stream.getvalue().endswith("\r\x1b[K") == often
    assert "\n" not in stream.getvalue()


def test_it_is_a_line_now_and_then_in_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SELDOM", 0.02)
    stream = io.StringIO()
    with Ticker(fed(RUN, begun(1)), stream):
        until(lambda: stream.getvalue().count("\n") > 1)
    lines = stream.getvalue().splitlines()
    assert len(lines) > 1
    assert all(line.startswith("0/1 tasks · 1 running") for line in lines)
    assert "\x1b" not in stream.getvalue()

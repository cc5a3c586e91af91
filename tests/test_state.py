"""Folding: the transition table holds, events that do not follow are refused, and a fold can be cut anywhere."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
from msgspec import Raw

from llmtaskgraph import (
    Arg,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Edit,
    EditMade,
    Event,
    Failure,
    JournalOpened,
    Log,
    Logged,
    ResponseStreamed,
    Run,
    RunEnded,
    RunStarted,
    Stage,
    StageSettled,
    State,
    Task,
    TaskFailed,
    TaskKept,
    TasksAdded,
    TasksBlocked,
    TaskStarted,
    TaskSucceeded,
    Usage,
    fold,
)
from llmtaskgraph import _journal as journal
from llmtaskgraph import _state as state_module
from llmtaskgraph import _trace as trace
from llmtaskgraph._state import InconsistentEvents
from llmtaskgraph._store import read

GOLDEN = Path(__file__).parent / "golden"
ROOT = Task("graph", "main", 1, "main")
VALUE = Stage(Raw(b'"x"'), "k", "executed")
WHY = Failure("Error", "no")


def started(*more: Event) -> State:
    """A run with one task that runs."""
    return fold([TasksAdded([ROOT]), RunStarted(Run(1, 1, 1.0)), TaskStarted(1, 1, "main", 1.0, (), 1), *more], State("t"))


MOVES: dict[str, Event] = {
    "task.started": TaskStarted(1, 1, "main", 1.0),
    "tasks.blocked": TasksBlocked(1, 1, ["main"], 1),
    "task.succeeded": TaskSucceeded(1, 2.0, VALUE),
    "task.failed": TaskFailed(1, 2.0, WHY),
    "run.ended": RunEnded(1, "cancelled", 2.0),
}
BEFORE: dict[str | None, list[Event]] = {
    None: [],
    "running": [MOVES["task.started"]],
    "succeeded": [MOVES["task.started"], MOVES["task.succeeded"]],
    "failed": [MOVES["task.started"], MOVES["task.failed"]],
}


@pytest.mark.parametrize(("status", "event"), state_module.TRANSITIONS)
def test_each_transition_of_the_table_happens(status: str | None, event: str) -> None:
    state = fold([TasksAdded([ROOT]), RunStarted(Run(1, 1, 1.0)), *BEFORE[status], MOVES[event]], State("t"))
    assert state.task_runs[1].status == state_module.TRANSITIONS[status, event]  # type: ignore[index]


@pytest.mark.parametrize(
    ("status", "event"),
    [(None, "task.succeeded"), (None, "task.failed")]
    + [(s, e) for s in ("succeeded", "failed") for e in ("task.started", "task.succeeded", "task.failed")]
    + [("running", "task.started")],
)
def test_any_other_transition_is_refused(status: str | None, event: str) -> None:
    state = fold([TasksAdded([ROOT]), RunStarted(Run(1, 1, 1.0)), *BEFORE[status]], State("t"))
    with pytest.raises(InconsistentEvents):
        state.apply(MOVES[event])


@pytest.mark.parametrize(
    "event",
    [
        JournalOpened("other"),
        TasksAdded([ROOT]),
        RunStarted(Run(1, 1, 1.0)),
        RunStarted(Run(2, 9, 1.0)),
        RunStarted(Run(2, 1, 1.0, parent=7)),
        RunStarted(Run(2, 1, 1.0, edits=[4])),
        TaskStarted(1, 1, "main/other", 1.0),
        TaskStarted(2, 1, "main", 1.0),
        TaskStarted(2, 9, "main", 1.0),
        StageSettled(9, "output", VALUE),
        AttemptStarted(9, 1, 1.0),
        AttemptSucceeded(9, 1.0, VALUE),
        AttemptFailed(9, 1.0, WHY),
        Logged(9, Log(1.0, "x")),
        RunEnded(9, "failed", 1.0),
    ],
    ids=lambda event: type(event).__name__,
)
def test_an_event_that_does_not_follow_is_refused(event: Event) -> None:
    with pytest.raises(InconsistentEvents, match=r"\w+"):
        started().apply(event)


@pytest.mark.parametrize("event", [AttemptSucceeded(2, 1.0, VALUE), AttemptFailed(2, 1.0, WHY)])
def test_an_attempt_that_did_not_start_cannot_end(event: Event) -> None:
    with pytest.raises(InconsistentEvents):
        started(TaskStarted(2, 1, "main/a", 1.0)).apply(event)


def test_an_edit_is_made_once() -> None:
    edit = EditMade(Edit(1, 1, "main", "output", 1.0, Raw(b"1")))
    with pytest.raises(InconsistentEvents):
        started(edit).apply(edit)


def test_a_run_ends_once_and_cancels_what_runs() -> None:
    state = started(TaskStarted(2, 1, "main/a", 1.0), ResponseStreamed(2, "half"), RunEnded(1, "cancelled", 3.0))
    assert [(t.status, t.ended) for t in state.task_runs.values()] == [("cancelled", 3.0)] * 2
    assert state.streaming == {}
    with pytest.raises(InconsistentEvents):
        state.apply(RunEnded(1, "cancelled", 3.0))


def test_an_attempt_that_was_cut_off_has_no_end_and_keeps_what_arrived() -> None:
    state = started(
        TaskStarted(2, 1, "main/a", 1.0),
        AttemptStarted(2, 1, 1.0, "m"),
        ResponseStreamed(2, "hel"),
        ResponseStreamed(2, "thinking", "reasoning"),
        ResponseStreamed(2, "lo"),
        RunEnded(1, "cancelled", 3.0),
    )
    (attempt,) = state.task_runs[2].attempts
    assert (attempt.status, attempt.ended, attempt.partial) == ("cancelled", None, "hello")


def test_a_retry_drops_the_text_of_the_attempt_before_it() -> None:
    state = started(
        TaskStarted(2, 1, "main/a", 1.0),
        AttemptStarted(2, 1, 1.0, "m"),
        ResponseStreamed(2, "first"),
        AttemptFailed(2, 2.0, WHY, 0.5),
        AttemptStarted(2, 2, 3.0, "m"),
        ResponseStreamed(2, "second"),
    )
    assert state.streaming == {2: (["second"], [])}
    state.apply(AttemptSucceeded(2, 4.0, VALUE, "m-1", "stop", Usage(1, 2), 0.5))
    first, second = state.task_runs[2].attempts
    assert (first.status, first.partial, first.wait, first.ended) == ("failed", "first", 0.5, 2.0)
    assert (second.status, second.model, second.cost, second.partial) == ("succeeded", "m-1", 0.5, None)
    assert state.streaming == {}


def test_what_a_resumed_run_did_not_store_is_seen_through_its_parent() -> None:
    child = Task("python", "main/a", 2, "a", "main", args=(Arg(value=Raw(b"1")),))
    state = started(
        TasksAdded([child]),
        TaskStarted(2, 1, "main/a", 1.0, (), 1),
        TaskSucceeded(2, 1.0, VALUE),
        TaskSucceeded(1, 1.0, VALUE),
        RunEnded(1, "succeeded", 2.0),
        RunStarted(Run(2, 1, 3.0, parent=1, open=["main"])),
    )
    assert state.seen(2, "main/a") is state.task_runs[2]
    assert state.seen(2, "main") is None, "it has to be settled anew"
    state.apply(TaskKept(2, "main"))
    assert state.seen(2, "main") is state.task_runs[1]
    state.apply(RunEnded(2, "succeeded", 4.0))
    assert state.runs[2].open == []


def test_blocked_tasks_tell_what_blocked_them() -> None:
    state = started(TaskFailed(1, 2.0, WHY), TasksBlocked(1, 5, ["main/a", "main/b"], 1))
    assert [(t.id, t.task, t.status, tuple(t.inputs)) for t in state.task_runs.values()][1:] == [
        (5, "main/a", "blocked", (1,)),
        (6, "main/b", "blocked", (1,)),
    ]


@pytest.mark.parametrize("cut", range(0, 29, 4))
def test_a_fold_can_be_cut_into_a_snapshot_and_the_events_after_it(cut: int) -> None:
    """A snapshot of a live run, decoded again, goes on as the state would have: but for text that was streaming."""
    data = (GOLDEN / "crashed.json.journal").read_bytes()
    events = [event for _, event in journal.recover(data, "j").events if not isinstance(event, ResponseStreamed)]
    before = trace.decode((GOLDEN / "crashed.json").read_bytes())
    whole = fold(copy.deepcopy(events), trace.decode(before.encode()).state)
    fold(copy.deepcopy(events[:cut]), before.state)
    again = trace.decode(before.encode())
    fold(copy.deepcopy(events[cut:]), again.state)
    for name in ("tasks", "runs", "task_runs", "edits", "functions"):
        assert getattr(again.state, name) == getattr(whole, name), name


def test_the_golden_crash_shows_what_was_under_way() -> None:
    state = read(GOLDEN / "crashed.json").state
    assert state.run().status == "running"
    running = [t for t in state.task_runs.values() if t.status == "running"]
    assert {t.task for t in running} >= {"main", "main/fix"}
    assert state.streaming
    assert next(t.id for t in state.walk(2)) == "main"

"""A trace at a glance: the same facts as its state holds, from the file alone, whatever state the file is in."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from llmtaskgraph import NotATrace, TraceError, glance, read
from llmtaskgraph._glance import Glance
from llmtaskgraph._store import Store, journal_path

GOLDEN = Path(__file__).parent / "golden"


def whole(path: Path) -> Glance:
    """What a glance has found when it is done."""
    *_, last = glance(path)
    assert last.done
    return last


@pytest.mark.parametrize("name", ["crashed", "failed", "finished", "resumed"])
def test_a_glance_agrees_with_the_state(name: str) -> None:
    path = GOLDEN / f"{name}.json"
    found, state = whole(path), read(path).state
    attempts = [attempt for run in state.task_runs.values() for attempt in run.attempts]
    assert sorted(found.runs) == sorted(state.runs)
    assert found.tasks == len({task.id for task in state.tasks.values()})
    assert found.newest is not None
    assert found.newest.status == ("cancelled" if name == "crashed" else state.run().status)
    costs = [attempt.cost for attempt in attempts if attempt.cost is not None]
    assert found.cost == (pytest.approx(sum(costs)) if costs else None)
    assert found.unpriced == sum(1 for attempt in attempts if attempt.usage is not None and attempt.cost is None)
    newest = state.run().id
    failed = {id for id in {task.id for task in state.tasks.values()} if _failed(state.seen(newest, id))}
    assert found.failed == len(failed)
    assert (found.problem, found.live) == ("", False)


def _failed(seen: object) -> bool:
    error = getattr(seen, "error", None)
    return getattr(seen, "status", "") == "failed" and error.type != "ChildFailed"  # type: ignore[union-attr]


def test_a_glance_fills_in_slices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llmtaskgraph._glance.SLICE", 100)
    steps = [(found.tasks, len(found.runs), found.done) for found in glance(GOLDEN / "resumed.json")]
    assert len(steps) > 10
    assert steps == sorted(steps)
    found = whole(GOLDEN / "resumed.json")
    assert steps[-1] == (found.tasks, len(found.runs), True)


def test_a_trace_that_another_program_formatted_is_read_all_the_same(tmp_path: Path) -> None:
    data = json.loads((GOLDEN / "resumed.json").read_bytes())
    (tmp_path / "t.json").write_text(json.dumps(data, indent=2))
    ours, theirs = whole(GOLDEN / "resumed.json"), whole(tmp_path / "t.json")
    assert (theirs.runs, theirs.tasks, theirs.failed, theirs.cost) == (ours.runs, ours.tasks, ours.failed, ours.cost)
    assert theirs.problem == ""


def test_a_damaged_trace_tells_why_and_what_is_readable(tmp_path: Path) -> None:
    data = (GOLDEN / "failed.json").read_bytes()
    path = tmp_path / "t.json"
    path.write_bytes(data[:-40])
    assert "cut off" in whole(path).problem or "cannot be read" in whole(path).problem
    assert whole(path).tasks == whole(GOLDEN / "failed.json").tasks
    path.write_bytes(data.replace(b'"number":2', b'"number":2,,', 1))
    assert "a line of tasks cannot be read" in whole(path).problem
    path.write_bytes(data.replace(b"llmtaskgraph/1", b"llmtaskgraph/7", 1))
    assert "newer" in whole(path).problem


@pytest.mark.parametrize("data", [b"", b"{}", b'{"a": "llmtaskgraph/1"}', b"\x00" * 5000])
def test_what_is_no_trace_is_told_from_its_head(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "t.json").write_bytes(data)
    with pytest.raises(NotATrace):
        next(glance(tmp_path / "t.json"))
    with pytest.raises(TraceError):
        next(glance(tmp_path / "none.json"))


def test_a_pipe_is_no_trace_and_nobody_waits_for_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.json"
    os.mkfifo(pipe)
    with pytest.raises(TraceError, match="regular file"):
        next(glance(pipe))
    path = tmp_path / "trace.json"
    Store.open(path, create=True).close()
    os.mkfifo(journal_path(path))
    assert list(glance(path))[-1].problem

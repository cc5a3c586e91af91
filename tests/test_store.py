"""One trace on disk: one writer at a time, nothing lost at a crash, and one clear line for what cannot be done."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import stat
import time
from pathlib import Path

import pytest
from counting import steps
from msgspec import Raw
from writers import begin, child, end, say, write

from llmtaskgraph import (
    DamagedTrace,
    Failure,
    Frame,
    Log,
    Logged,
    Stage,
    Task,
    TaskFailed,
    TasksAdded,
    TaskSucceeded,
    TraceError,
    read,
)
from llmtaskgraph import _journal as journal
from llmtaskgraph._state import InconsistentEvents
from llmtaskgraph._store import MemoryStore, Store, journal_path
from llmtaskgraph._trace import decode

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace.json"


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


# What is on the disk, when


def test_a_live_run_is_in_the_journal_and_a_finished_one_in_the_snapshot(path: Path) -> None:
    store = Store.open(path, create=True, doing="run")
    first = begin(store)
    say(store, first, "hello")
    assert names(path.parent) == ["trace.json", "trace.json.journal", "trace.json.lock"]
    assert json.loads(path.read_bytes())["task_runs"] == []
    assert read(path).state.streaming == {1: (["hello"], [])}
    end(store)
    store.close()
    assert names(path.parent) == ["trace.json"]
    assert [t["status"] for t in json.loads(path.read_bytes())["task_runs"]] == ["succeeded"]


def test_the_names_of_a_new_trace_are_on_the_disk_before_anything_is_in_its_journal(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[list[str], int]] = []

    def watched(fd: int) -> None:
        fsync(fd)
        if stat.S_ISDIR(os.fstat(fd).st_mode):
            synced.append((names(path.parent), journal_path(path).stat().st_size))

    fsync = os.fsync
    monkeypatch.setattr(os, "fsync", watched)
    store = Store.open(path, create=True)
    assert synced == [(["trace.json", "trace.json.journal", "trace.json.lock"], 0)]
    store.close()


def test_all_files_are_for_their_owner_alone(path: Path) -> None:
    old = os.umask(0)
    try:
        store = Store.open(path, create=True)
        begin(store)
        assert {oct(found.stat().st_mode & 0o777) for found in path.parent.iterdir()} == {"0o600"}
        store.close()
        assert oct(path.stat().st_mode & 0o777) == "0o600"
    finally:
        os.umask(old)


def test_a_run_without_a_parent_leaves_every_line_of_the_first_as_it_was(path: Path) -> None:
    path.write_bytes((GOLDEN / "failed.json").read_bytes())
    before = [line.rstrip(b",") for line in path.read_bytes().splitlines()]
    write(path)
    after = [line.rstrip(b",") for line in path.read_bytes().splitlines()]
    gone = [line for line in before if line not in after]
    assert [line.partition(b":")[0] for line in gone] == [b'"sequence"']
    assert len(read(path).state.runs) == 3


def test_closing_without_folding_leaves_the_journal_to_the_next_writer(path: Path) -> None:
    before = write(path)
    store = Store.open(path)
    begin(store)
    end(store)
    store.close(fold=False)
    assert path.read_bytes() == before
    assert len(read(path).state.runs) == 2
    write(path)
    assert names(path.parent) == ["trace.json"]
    assert len(read(path).state.runs) == 3


def test_sequence_numbers_go_on_from_run_to_run(path: Path) -> None:
    write(path, runs=2)
    store = Store.open(path)
    begin(store)
    found = journal.recover(journal_path(path).read_bytes(), path)
    assert found.events[0].sequence == json.loads(path.read_bytes())["sequence"] + 1
    store.close()


@pytest.mark.slow
def test_a_very_large_trace_is_read_and_gains_a_run(path: Path) -> None:
    write(path, tasks=100_000)
    write(path)
    assert len(read(path).state.task_runs) == 100_001


def test_ten_times_the_tasks_cost_ten_times_as_much(tmp_path: Path) -> None:
    def cost(tasks: int) -> int:
        path = tmp_path / f"{tasks}.json"
        write(path, tasks=tasks)
        return steps(lambda: (write(path), read(path)))

    cost(10)
    assert cost(3_000) < 12 * cost(300)


# Crashes


def states_of_folding(folder: Path) -> list[dict[str, bytes]]:
    """What a crash can leave: files as they are before and after each step of folding."""
    path = folder / "trace.json"
    write(path)
    store = Store.open(path)
    begin(store)
    end(store)
    open_ = {"trace.json": path.read_bytes(), "trace.json.journal": journal_path(path).read_bytes()}
    store.close()
    new = path.read_bytes()
    path.unlink()
    half = {**open_, ".trace.json.new.tmp": new[: len(new) // 2]}
    return [open_, half, {**open_, ".trace.json.new.tmp": new}, {**open_, "trace.json": new}, {"trace.json": new}]


@pytest.mark.parametrize("step", range(5))
def test_a_crash_at_any_step_of_folding_loses_nothing(step: int, path: Path) -> None:
    for name, data in states_of_folding(path.parent)[step].items():
        (path.parent / name).write_bytes(data)
    assert [run.status for run in read(path).state.runs.values()] == ["succeeded", "succeeded"]
    store = Store.open(path)
    assert store.recovered == 0
    begin(store)
    assert len(read(path).state.runs) == 3
    end(store)
    store.close()
    assert [run.status for run in read(path).state.runs.values()] == ["succeeded"] * 3
    assert names(path.parent) == ["trace.json"]


@pytest.mark.parametrize("kept", [0, 1, 3, -1])
def test_a_journal_that_lost_its_end_after_folding_is_no_gap(kept: int, path: Path) -> None:
    """The snapshot is on the disk before its journal is removed, but the end of the journal need not be."""
    before, *_, after = states_of_folding(path.parent)
    lines = before["trace.json.journal"].splitlines(keepends=True)
    path.write_bytes(after["trace.json"])
    journal_path(path).write_bytes(b"".join(lines[:kept] if kept >= 0 else lines) + b"torn")
    for _ in range(2):
        store = Store.open(path)
        begin(store)
        end(store)
        store.close(fold=False)
    assert len(read(path).state.runs) == 4


EDITS = """
for n in range(100_000):
    store = Store.open(path)
    store.append(EditMade(Edit(max(store.state.edits, default=0) + 1, 1, "main", "output", 1.0, Raw(b'"%d"' % n))))
    store.flush()
    print(store.state.sequence, flush=True)
    store.close()
"""


@pytest.mark.slow
def test_kills_while_folding_never_lose_what_was_written(path: Path) -> None:
    write(path, tasks=2000)
    dice = random.Random(7)
    last = 0
    for _ in range(25):
        writer = child("from msgspec import Raw\n" + EDITS, path)
        assert writer.stdout is not None
        for _ in range(3):
            last = int(writer.stdout.readline())
        time.sleep(dice.uniform(0, 0.03))
        writer.send_signal(signal.SIGKILL)
        last = int((writer.communicate()[0].split() or [str(last)])[-1])
        state = read(path).state
        assert state.sequence >= last
        assert sorted(state.edits) == list(range(1, len(state.edits) + 1))
        assert len(state.task_runs) == 2000
    write(path)
    assert names(path.parent) == ["trace.json"]


def test_a_trace_that_is_deleted_while_a_run_is_live_is_there_again_at_its_end(path: Path) -> None:
    store = Store.open(path, create=True)
    begin(store)
    path.unlink()
    with pytest.raises(TraceError, match="there is no such trace"):
        read(path)
    end(store)
    store.close()
    assert read(path).state.run().status == "succeeded"
    assert names(path.parent) == ["trace.json"]


def test_a_journal_without_its_snapshot_is_not_overwritten(path: Path) -> None:
    store = Store.open(path, create=True)
    begin(store)
    store.close(fold=False)
    path.unlink()
    before = journal_path(path).read_bytes()
    with pytest.raises(DamagedTrace, match=r"but no snapshot; put the snapshot back, or move trace\.json\.journal away"):
        Store.open(path, create=True)
    assert journal_path(path).read_bytes() == before
    assert names(path.parent) == ["trace.json.journal"]


def test_the_journal_of_another_trace_is_refused(path: Path, tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        store = Store.open(tmp_path / name / "t.json", create=True)
        begin(store)
        store.close(fold=False)
    shutil.copy(tmp_path / "a/t.json.journal", tmp_path / "b/t.json.journal")
    for attempt in (lambda: read(tmp_path / "b/t.json"), lambda: Store.open(tmp_path / "b/t.json")):
        with pytest.raises(DamagedTrace, match=r"the journal belongs to another trace; move t\.json\.journal away"):
            attempt()


def test_a_journal_that_does_not_follow_its_snapshot_is_refused(path: Path) -> None:
    old = write(path)
    write(path)
    store = Store.open(path)
    begin(store)
    store.close(fold=False)
    path.write_bytes(old)
    for attempt in (lambda: read(path), lambda: Store.open(path)):
        with pytest.raises(DamagedTrace, match=r"events \d+ to \d+ are missing before it; put back the trace\.json"):
            attempt()
    assert read(path, salvage=True).problems


# What cannot be recorded


@pytest.mark.parametrize("kept", ["file", "memory"])
def test_half_characters_in_an_event_are_replaced(kept: str, path: Path) -> None:
    store = Store.open(path, create=True) if kept == "file" else MemoryStore()
    first = begin(store)
    store.append(Logged(first, Log(1.0, "half \ud83d", "\udc00")))
    say(store, first, "whole \ud83d\ude00")
    store.append(TaskFailed(first, 2.0, Failure("E", "\ud800", frames=[Frame("f\udcff", 1, "g")])))
    end(store, "failed")
    store.close()
    found = read(path).state if kept == "file" else decode(store.trace.encode()).state
    assert list(found.task_runs[first].logs) == [Log(1.0, "half \ufffd", "\ufffd")]
    assert found.task_runs[first] == store.state.task_runs[first]


def test_an_event_that_is_refused_leaves_no_gap(path: Path) -> None:
    store = Store.open(path, create=True)
    before = store.state.sequence
    for bad in (
        TaskSucceeded(9, 1.0, Stage(Raw(b"1"), "k", "executed")),
        TasksAdded([Task("llm", "x", 1, params={"a": object()})]),
    ):
        with pytest.raises((InconsistentEvents, TypeError)):
            store.append(bad)
    assert store.state.sequence == before
    begin(store)
    end(store)
    assert read(path).state.run().status == "succeeded"
    store.close()

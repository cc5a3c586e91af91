"""Following: every event in order, exactly once, whatever happens to the writer, and the writer is not disturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import anyio
import pytest
from writers import begin, child, end, say, told_by, write

from llmtaskgraph import (
    Change,
    DamagedTrace,
    Event,
    Follower,
    JournalOpened,
    ResponseStreamed,
    RunEnded,
    RunStarted,
    TraceError,
    edit_trace,
    follow,
    read,
)
from llmtaskgraph._store import Store, journal_path

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace.json"


def watch(follower: Follower, until: Callable[[Change], object], seconds: float = 60) -> tuple[list[Event], int]:
    """All events until something has been seen, and how often the trace was read anew."""
    events: list[Event] = []
    resets = 0
    stop = time.monotonic() + seconds
    while time.monotonic() < stop:
        change = follower.poll()
        if change is None:
            time.sleep(0.001)
            continue
        events += change.events
        resets += change.reset
        if until(change):
            return events, resets
    raise AssertionError(f"not seen after {len(events)} events: {events[-3:]}")


def pieces(events: list[Event]) -> list[str]:
    return [event.content for event in events if isinstance(event, ResponseStreamed)]


def ended(runs: int) -> Callable[[Change], bool]:
    return lambda change: len(change.state.runs) == runs and change.state.run().status != "running"


def document(state: object) -> dict[str, object]:
    """What of a state is recorded."""
    return {name: getattr(state, name) for name in ("id", "sequence", "tasks", "runs", "task_runs", "edits")}


WRITE = """
store = Store.open(path, create=True)
print("open", flush=True)
sys.stdin.readline()
for run in range(int(sys.argv[2])):
    if run:
        store = Store.open(path)
    first = begin(store)
    for n in range(300):
        say(store, first, f"{run}.{n} “word” ")
        if n % 50 == 0:
            time.sleep(0.005)
    end(store)
    sys.stdin.readline()  # who follows has seen it
    store.close()
"""


def started(code: str, *args: object) -> subprocess.Popen[str]:
    """A child that has come to its `readline`."""
    process = child(code, *args)
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def test_a_run_is_seen_whole_in_order_and_once(path: Path) -> None:
    writer = started(WRITE, path, 1)
    followers = [Follower(path) for _ in range(5)]
    for follower in followers:
        change = follower.poll()
        assert change is not None
        assert change.reset
        assert [type(event) for event in change.events] == [JournalOpened]
    go_on(writer)
    for follower in followers:
        events, resets = watch(follower, ended(1))
        go_on(writer)
        assert resets == 0
        assert pieces(events) == [f"0.{n} “word” " for n in range(300)]
        assert [type(event) for event in events if isinstance(event, (RunStarted, RunEnded))] == [RunStarted, RunEnded]
    assert told_by(writer) == ""
    for follower in followers:
        assert follower.poll() is None
        assert follower.trace is not None
        assert document(follower.trace.state) == document(read(path).state)
        follower.close()


def go_on(writer: subprocess.Popen[str]) -> None:
    """Let a child go on."""
    assert writer.stdin is not None
    writer.stdin.write("\n")
    writer.stdin.flush()


def test_several_runs_are_seen_across_folding(path: Path) -> None:
    writer = started(WRITE, path, 4)
    follower = Follower(path)
    follower.poll()
    events: list[Event] = []
    for run in range(4):
        go_on(writer)
        more, resets = watch(follower, ended(run + 1))
        assert resets == 0
        events += more
    assert pieces(events) == [f"{run}.{n} “word” " for run in range(4) for n in range(300)]
    assert told_by(writer) == ""
    follower.close()


def test_a_follower_that_comes_first_waits_for_the_file(path: Path) -> None:
    follower = Follower(path)
    assert follower.poll() is None
    writer = started(WRITE, path, 1)
    go_on(writer)
    watch(follower, ended(1))
    assert told_by(writer) == ""
    assert follower.trace is not None
    assert document(follower.trace.state) == document(read(path).state)
    follower.close()


def test_a_follower_that_comes_late_sees_what_has_streamed_so_far(path: Path) -> None:
    store = Store.open(path, create=True)
    first = begin(store)
    say(store, first, "one ")
    follower = Follower(path)
    change = follower.poll()
    assert change is not None
    assert change.state.streaming == {first: (["one "], [])}
    say(store, first, "two")
    change = follower.poll()
    assert change is not None
    assert (pieces(change.events), change.state.streaming) == (["two"], {first: (["one ", "two"], [])})
    assert not change.reset
    end(store)
    store.close()
    follower.close()


CRASH = """
store = Store.open(path, create=True)
first = begin(store)
for n in range(100):
    say(store, first, f"{n} ")
with open(f"{path}.journal", "ab") as file:
    file.write(b'{"seq":104,"crc":1,"event":{"event":"resp')
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_crash_and_the_resume_after_it_are_seen(path: Path) -> None:
    told_by(child(CRASH, path))
    follower = Follower(path)
    events, resets = watch(follower, lambda change: True)
    assert resets == 1
    assert pieces(events) == [f"{n} " for n in range(100)]
    assert follower.poll() is None
    assert told_by(child(WRITE, path, 1), "\n") == "open\n"
    events, resets = watch(follower, ended(2))
    assert resets == 0
    assert pieces(events) == [f"0.{n} “word” " for n in range(300)]
    assert [type(event) for event in events if isinstance(event, (RunStarted, RunEnded))] == [RunEnded, RunStarted, RunEnded]
    follower.close()


def test_a_torn_line_that_is_cut_off_while_following_is_not_mixed_with_the_next(path: Path) -> None:
    told_by(child(CRASH, path))
    follower = Follower(path)
    follower.poll()
    store = Store.open(path)
    for n in range(3):
        begin(store)
        end(store)
        change = follower.poll()
        assert change is not None
        assert not change.reset
        assert len(change.state.runs) == n + 2
    store.close()
    follower.close()


def test_runs_that_were_slept_through_are_read_anew(path: Path) -> None:
    write(path)
    follower = Follower(path)
    follower.poll()
    write(path, runs=3)
    change = follower.poll()
    assert change is not None
    assert change.reset
    assert len(change.state.runs) == 4
    assert follower.poll() is None
    follower.close()


def test_a_run_that_was_slept_through_and_the_next_one_live_are_both_seen(path: Path) -> None:
    write(path)
    follower = Follower(path)
    follower.poll()
    write(path)
    store = Store.open(path)
    begin(store)
    change = follower.poll()
    assert change is not None
    assert change.reset
    assert [run.status for run in change.state.runs.values()] == ["succeeded", "succeeded", "running"]
    end(store)
    store.close()
    assert watch(follower, ended(3))[1] == 0
    follower.close()


def test_edits_are_seen(path: Path) -> None:
    path.write_bytes((GOLDEN / "finished.json").read_bytes())
    follower = Follower(path)
    follower.poll()
    for n in range(3):
        edit_trace(path, None, "main/fix", "response", f"edit {n}")
        change = follower.poll()
        assert change is not None
        assert len(change.state.edits) == n + 1
        assert follower.poll() is None
    follower.close()


@pytest.mark.parametrize("unlinked", [False, True])
def test_another_trace_under_the_name_is_read_anew(unlinked: bool, path: Path, tmp_path: Path) -> None:
    write(path)
    write(tmp_path / "other.json", runs=2)
    follower = Follower(path)
    follower.poll()
    if unlinked:
        path.unlink()
        assert follower.poll() is None
    os.replace(tmp_path / "other.json", path)
    change = follower.poll()
    assert change is not None
    assert change.reset
    assert len(change.state.runs) == 2
    follower.close()


def test_a_link_is_followed_to_the_journal_of_its_trace(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.json"
    link.symlink_to(path)
    store = Store.open(path, create=True)
    begin(store)
    follower = Follower(link)
    change = follower.poll()
    assert change is not None
    assert change.state.run().status == "running"
    end(store)
    store.close()
    follower.close()


def test_damage_is_told_where_it_is(path: Path) -> None:
    store = Store.open(path, create=True)
    first = begin(store)
    follower = Follower(path)
    follower.poll()
    sequence = store.state.sequence
    with journal_path(path).open("ab") as file:
        file.write(b"damage\n")
    with pytest.raises(DamagedTrace, match=rf"trace\.json\.journal: the line after event {sequence} is damaged"):
        follower.poll()
    say(store, first, "x")
    store.close(fold=False)
    follower.close()


def test_a_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(TraceError, match="this is a folder"):
        Follower(tmp_path).poll()


@pytest.mark.anyio
async def test_following_yields_each_change_and_ends_with_its_reader(path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    writer = child(WRITE, path, 2)
    go_on(writer)
    seen: list[str] = []
    with anyio.fail_after(60):
        changes = follow(path, interval=0.005)
        async for change in changes:
            if change.reset:
                seen = [f"{run}" for run in change.state.runs]
            seen += pieces(change.events)
            if ended(1)(change):
                go_on(writer)
            if ended(2)(change):
                break
        await changes.aclose()  # type: ignore[attr-defined]
    assert told_by(writer) == "open\n"
    assert seen[-300:] == [f"1.{n} “word” " for n in range(300)]
    assert len(os.listdir("/proc/self/fd")) <= before


KILLED = """
store = Store.open(path, create=True)
first = begin(store)
print("open", flush=True)
for n in range(100_000):
    say(store, first, f"{n} ")
"""


@pytest.mark.slow
def test_what_a_follower_saw_before_a_kill_is_what_the_next_writer_finds(path: Path) -> None:
    follower = Follower(path)
    seen: list[Event] = []
    for kill in range(20):
        writer = started(KILLED, path)
        if kill % 3:
            seen += watch(follower, lambda change: pieces(change.events))[0]
        change = follower.poll()
        seen += change.events if change is not None else []
        writer.send_signal(signal.SIGKILL)
        told_by(writer)
    change = follower.poll()
    seen += change.events if change is not None else []
    assert follower.trace is not None
    assert document(follower.trace.state) == document(read(path).state)
    by_run: dict[int, list[str]] = {}
    for event in seen:
        if isinstance(event, ResponseStreamed):
            by_run.setdefault(event.task_run, []).append(event.content)
    assert len(by_run) > 10
    for texts in by_run.values():
        assert texts == [f"{n} " for n in range(len(texts))]
    follower.close()


def test_a_long_journal_can_be_read_in_slices(path: Path) -> None:
    store = Store.open(path, create=True)
    task_run = begin(store)
    store.flush()
    follower = Follower(path)
    assert follower.poll() is not None
    for number in range(500):
        say(store, task_run, f"piece {number} ")
    store.close()
    found: list[Event] = []
    count = 0
    while (change := follower.poll(2000)) is not None:
        assert not change.reset
        found += change.events
        count += 1
    assert count > 10
    assert pieces(found) == [f"piece {number} " for number in range(500)]
    follower.close()


def test_a_file_system_that_refuses_is_told_as_the_trace_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    store = Store.open(path, create=True)
    store.close()
    follower = Follower(path)
    assert follower.poll() is not None
    path.unlink()
    path.mkdir()
    with pytest.raises(TraceError, match="folder"):
        follower.poll()
    follower.close()


def test_a_pipe_in_the_place_of_a_journal_does_not_stop_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    Store.open(path, create=True).close()
    os.mkfifo(journal_path(path))
    follower = Follower(path)
    with pytest.raises(TraceError):
        follower.poll()
    follower.close()


def test_a_pipe_in_the_place_of_a_trace_that_is_followed_does_not_stop_the_reader(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    Store.open(path, create=True).close()
    follower = Follower(path)
    assert follower.poll() is not None
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(TraceError):
        follower.poll()
    follower.close()

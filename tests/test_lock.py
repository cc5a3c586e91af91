"""The lock: one writer at a time, and the others are told who it is."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import time
from pathlib import Path

import pytest
from writers import child, told_by, write

from llmtaskgraph import TraceError, TraceLocked, holder, read
from llmtaskgraph._lock import lock_path, release
from llmtaskgraph._store import Store, journal_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace.json"


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_second_writer_is_told_who_holds_the_lock(path: Path) -> None:
    store = Store.open(path, create=True, doing="resume")
    found = holder(path)
    assert found is not None
    assert (found.pid, found.host, found.doing) == (os.getpid(), socket.gethostname(), "resume")
    told = told_by(child("try: Store.open(path)\nexcept TraceLocked as error: print(error)", path))
    who = f"process {os.getpid()} on {socket.gethostname()}"
    assert told == f"{path}: {who} is writing this trace (resume); wait until it ends, or stop it\n"
    with pytest.raises(TraceLocked):
        Store.open(path)
    store.close()
    assert holder(path) is None
    assert names(path.parent) == ["trace.json"]


def test_the_lock_of_a_dead_process_is_taken_over_and_its_run_ended(path: Path) -> None:
    told_by(child("store = Store.open(path, create=True); begin(store); os.kill(os.getpid(), signal.SIGKILL)", path))
    assert "trace.json.lock" in names(path.parent)
    assert holder(path) is None
    died = journal_path(path).stat().st_mtime
    time.sleep(0.05)
    store = Store.open(path)
    assert store.recovered == 1
    run = store.state.run()
    assert (run.status, run.ended, run.error) == ("cancelled", died, "the process ended before the run did")
    assert [t.status for t in store.state.task_runs.values()] == ["cancelled"]
    assert [attempt.ended for t in store.state.task_runs.values() for attempt in t.attempts] == [None]
    store.close()
    assert names(path.parent) == ["trace.json"]


@pytest.mark.parametrize("content", ["", "garbage", '{"pid":1e99}', f'{{"pid":{2**70},"host":"HERE","since":1}}'])
def test_a_lock_file_that_nobody_holds_does_not_matter(content: str, path: Path) -> None:
    write(path)
    lock_path(path).write_text(content.replace("HERE", socket.gethostname()))
    holder(path)
    write(path)
    assert names(path.parent) == ["trace.json"]


def test_a_lock_that_is_a_link_is_not_followed(path: Path) -> None:
    write(path)
    victim = path.parent / "victim"
    victim.write_text("precious")
    lock_path(path).symlink_to(victim)
    with pytest.raises(TraceError):
        Store.open(path)
    assert victim.read_text() == "precious"


def test_letting_go_leaves_a_lock_that_another_took(path: Path) -> None:
    store = Store.open(path, create=True)
    lock_path(path).unlink()
    other = Store.open(path)
    store._journal.close()
    release(path, store._lock)
    assert lock_path(path).exists()
    other.close()


def test_a_file_system_without_locks_is_told(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_locks(fd: int, how: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", no_locks)
    with pytest.raises(TraceError, match=r"this file system has no locks \(No locks available\); give a path on a local disk"):
        Store.open(path, create=True)


RACE = """
written = 0
sys.stdin.readline()
while written < 5:
    try:
        store = Store.open(path, doing="race")
    except TraceLocked:
        time.sleep(0.005)
        continue
    begin(store)
    assert os.getpid() == holder(path).pid
    end(store)
    store.close(fold=written % 2 == 0)
    written += 1
"""


@pytest.mark.slow
def test_of_twenty_processes_one_writes_at_a_time(path: Path) -> None:
    write(path)
    racers = [child(RACE, path) for _ in range(20)]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    for racer in racers:
        assert told_by(racer) == ""
    state = read(path).state
    assert sorted(state.runs) == list(range(1, 102))
    assert {run.status for run in state.runs.values()} == {"succeeded"}
    assert not lock_path(path).exists()

"""Folders and disks: what they do not allow is told in one line, and nothing is lost."""

from __future__ import annotations

import errno
import itertools
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from writers import begin, child, end, told_by, write

from llmtaskgraph import NotATrace, TraceError, TraceLocked, holder, read
from llmtaskgraph import _files as files
from llmtaskgraph._store import Store, journal_path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "trace.json"


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def test_a_folder_that_is_missing_is_told(path: Path) -> None:
    with pytest.raises(TraceError, match=r"there is no folder .*; make it, or give another path"):
        Store.open(path.parent / "no" / "t.json", create=True)


@pytest.mark.parametrize("name", [".", "..", "/", "folder"])
def test_a_folder_is_no_trace(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    for attempt in (lambda: read(name), lambda: Store.open(name), lambda: Store.open(name, create=True)):
        with pytest.raises(TraceError, match=r"this is a folder; give the path of a trace\.json in it"):
            attempt()
    assert names(tmp_path) == ["folder"]


@pytest.mark.parametrize("name", ["a\0b", "x" * 300, "no/t.json", "t.json/x.json"])
def test_a_path_that_cannot_be_is_told_in_one_line(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.json").write_text("{}")
    for attempt in (lambda: read(name), lambda: Store.open(name), lambda: Store.open(name, create=True)):
        with pytest.raises(TraceError, match=r"^[^\n\0]+; [^\n]+$"):
            attempt()
    assert names(tmp_path) == ["t.json"]


def test_a_pipe_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    for attempt in (lambda: read(path), lambda: Store.open(path)):
        with pytest.raises(TraceError, match="this is not a regular file"):
            attempt()


def test_an_empty_file_is_no_trace_and_stays(path: Path) -> None:
    path.touch()
    with pytest.raises(NotATrace, match="the file is empty"):
        Store.open(path, create=True)
    assert names(path.parent) == ["trace.json"]


def test_writers_that_come_by_a_link_share_the_lock_and_the_journal(path: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.json"
    link.symlink_to(path)
    store = Store.open(link, create=True)
    begin(store)
    with pytest.raises(TraceLocked):
        Store.open(path)
    assert holder(link) == holder(path)
    assert read(link).state.run().status == read(path).state.run().status == "running"
    end(store)
    store.close()
    assert link.is_symlink()
    assert names(link.parent) == ["link.json"]
    assert read(link).state.run().status == "succeeded"


def test_a_program_may_go_to_another_folder(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other").mkdir()
    store = Store.open("trace.json", create=True)
    begin(store)
    os.chdir("other")
    end(store)
    store.close()
    assert (names(tmp_path), os.listdir()) == (["other", "trace.json"], [])
    assert read(path).state.run().status == "succeeded"


NOBODY = """
os.setgid(65534); os.setuid(65534)
try:
    if sys.argv[2] == "read":
        print(len(read(path).state.runs))
    else:
        store = Store.open(path, create=True); begin(store); end(store); store.close(); print(len(read(path).state.runs))
except TraceError as error:
    print(error)
"""


@pytest.fixture
def shared() -> Any:
    """A folder that other users can reach."""
    folder = Path("/tmp") / f"shared-{os.getpid()}"
    folder.mkdir(mode=0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(os.getuid() != 0, reason="needs root, to become somebody else")
@pytest.mark.parametrize(
    ("mode", "doing", "told"),
    [
        (
            0o755,
            "write",
            r"t\.json: cannot be read or written here \(Permission denied\); check its owner and mode, .*",
        ),
        (0o755, "read", "1"),
        (0o711, "read", "1"),
        (0o733, "write", "2"),  # cannot be listed
        (0o700, "read", r"t\.json: cannot be read or written here \(Permission denied\); .*"),
    ],
)
def test_what_a_folder_allows_is_done_and_the_rest_told(mode: int, doing: str, told: str, shared: Path) -> None:
    path = shared / "t.json"
    write(path)
    path.chmod(0o644)
    os.chown(path, 65534, 65534)
    shared.chmod(mode)
    assert re.fullmatch(rf"({re.escape(str(shared))}/)?{told}\n", told_by(child(NOBODY, path, doing)))
    assert names(shared) == ["t.json"]


FULL = """
import resource
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store.open(path)
first = begin(store)
size = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
try:
    for n in range(10_000):
        say(store, first, f"piece {n} ")
    end(store)
except JournalBroken as error:
    print(error)
try:
    store.close()
except TraceError as error:
    print(error)
"""


def test_a_disk_that_fills_up_in_a_run_keeps_all_before_it(path: Path) -> None:
    before = write(path, tasks=20)
    told = told_by(child(FULL, path, 20_000))
    assert (
        told
        == f"{journal_path(path)}: cannot be written (File too large); free the disk, then resume: nothing before this is lost\n"
    )
    assert path.read_bytes() == before
    pieces = "".join(read(path).state.streaming[21][0])
    assert pieces == "".join(f"piece {n} " for n in range(pieces.count("piece")))
    write(path)
    assert [run.status for run in read(path).state.runs.values()] == ["succeeded", "cancelled", "succeeded"]


def test_a_disk_that_is_full_at_folding_keeps_the_journal(path: Path) -> None:
    before = write(path, tasks=200)
    code = FULL.replace("range(10_000)", "range(3)")
    told = told_by(child(code, path, len(before) // 2))
    assert told == f"{path}: cannot be written (File too large); nothing is lost: free the disk and try again\n"
    assert path.read_bytes() == before
    assert names(path.parent) == ["trace.json", "trace.json.journal"]
    assert [run.status for run in read(path).state.runs.values()] == ["succeeded", "succeeded"]


@pytest.mark.parametrize("name", ["trace.json", "trace.json.journal"])
def test_replacing_leaves_the_old_file_when_it_fails(name: str, path: Path) -> None:
    path.write_text("old")

    def blocks() -> Any:
        yield b"half of the "
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(TraceError, match="No space left"):
        files.replace(path, blocks())
    assert path.read_text() == "old"
    assert names(path.parent) == ["trace.json"]


def test_files_are_closed_whatever_happens(path: Path) -> None:
    write(path)
    before = len(os.listdir("/proc/self/fd"))
    store = Store.open(path)
    for _ in itertools.repeat(None, 3):
        with pytest.raises(TraceLocked):
            Store.open(path)
    store.close()
    path.write_bytes(b"damage")
    with pytest.raises(TraceError):
        Store.open(path)
    assert len(os.listdir("/proc/self/fd")) == before

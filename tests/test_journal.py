"""The journal: what was appended comes back, a torn tail is cut off and kept, and a disk that fails is told once."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from llmtaskgraph import (
    AttemptStarted,
    DamagedTrace,
    Event,
    JournalBroken,
    JournalOpened,
    Log,
    Logged,
    ResponseStreamed,
    Stage,
    StageSettled,
    TaskStarted,
)
from llmtaskgraph import _journal as journal
from llmtaskgraph._journal import Journal, Numbered, line, parse, recover

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(ResponseStreamed, st.integers(1, 99), texts),
    st.builds(Logged, st.integers(1, 99), st.builds(Log, st.floats(0, 2e9), texts)),
    st.builds(TaskStarted, st.integers(1, 99), st.just(1), texts, st.floats(0, 2e9)),
    st.builds(AttemptStarted, st.integers(1, 99), st.integers(1, 5), st.floats(0, 2e9), st.none() | texts),
    st.builds(lambda text: StageSettled(1, "output", Stage(Raw(json.dumps(text).encode()), "k", "executed")), texts),
)
SOME: list[Event] = [
    JournalOpened("t"),
    ResponseStreamed(1, "half a “word"),
    ResponseStreamed(1, "ü" * 30),
    TaskStarted(2, 1, "main", 1.5),
]
LINES = [line(sequence, event) for sequence, event in enumerate(SOME, 1)]
WHOLE = b"".join(LINES)


@settings(deadline=None)
@given(st.lists(events, max_size=12), st.integers(1, 10**12))
def test_what_was_appended_is_recovered_in_order(made: list[Event], first: int) -> None:
    data = b"".join(line(sequence, event) for sequence, event in enumerate(made, first))
    assert recover(data, "j") == ([Numbered(sequence, event) for sequence, event in enumerate(made, first)], len(data))


@pytest.mark.parametrize("cut", range(len(LINES[-1])))
def test_a_last_line_torn_at_any_byte_is_no_damage(cut: int) -> None:
    found = recover(WHOLE[: len(WHOLE) - len(LINES[-1]) + cut], "j")
    lacks_only_its_end = cut == len(LINES[-1]) - 1
    assert [number for number, _ in found.events] == ([1, 2, 3, 4] if lacks_only_its_end else [1, 2, 3])
    assert found.good == (len(WHOLE) - 1 if lacks_only_its_end else len(WHOLE) - len(LINES[-1]))


@pytest.mark.parametrize("cut", [0, 1, 20, len(LINES[-1]) - 2])
def test_a_torn_tail_is_cut_off_before_appending_and_kept_beside(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "j"
    torn = LINES[-1][:cut]
    path.write_bytes(b"".join(LINES[:-1]) + torn)
    for sequence in (4, 5):
        made = Journal(path, recover(path.read_bytes(), path).good)
        made.append(line(sequence, SOME[1]))
        made.close()
    assert [number for number, _ in recover(path.read_bytes(), path).events] == [1, 2, 3, 4, 5]
    kept = Path(f"{path}.torn")
    assert (kept.read_bytes() if kept.exists() else b"\n") == torn + b"\n"


def test_a_last_line_without_its_end_gets_one(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(WHOLE[:-1])
    made = Journal(path, recover(path.read_bytes(), path).good)
    made.append(line(5, SOME[1]))
    made.close()
    assert path.read_bytes() == WHOLE + line(5, SOME[1])
    assert os.listdir(tmp_path) == ["j"]


@pytest.mark.parametrize("padding", [1, 511, 4096, 100_000])
def test_zeros_that_a_power_loss_leaves_are_a_torn_tail(padding: int) -> None:
    assert recover(WHOLE + b"\0" * padding, "j").good == len(WHOLE)
    assert recover(LINES[0] + b"\0" * padding, "j").good == len(LINES[0])


@settings(deadline=None)
@given(st.integers(0, len(WHOLE) - len(LINES[-1]) - 2), st.integers(1, 255))
def test_damage_before_the_tail_is_refused_with_its_line(at: int, flip: int) -> None:
    data = bytearray(WHOLE)
    data[at] ^= flip
    if (data[at] == 10) != (WHOLE[at] == 10):
        return  # another number of lines: told, too, but with another number
    number = WHOLE[:at].count(b"\n") + 1
    with pytest.raises(DamagedTrace, match=rf"^j: line ({number}|{number + 1}) is damaged \(.+\); "):
        recover(bytes(data), "j")


@settings(deadline=None)
@given(st.binary(max_size=60), st.integers(0, len(WHOLE)), st.integers(0, 60))
def test_no_damage_leads_to_another_error(garbage: bytes, at: int, deleted: int) -> None:
    with contextlib.suppress(DamagedTrace):
        found = recover(WHOLE[:at] + garbage + WHOLE[at + deleted :], "j")
        assert [number for number, _ in found.events] == list(range(1, len(found.events) + 1))


@pytest.mark.parametrize("lost", [0, 1, 2])
def test_a_gap_in_the_numbers_is_refused(lost: int) -> None:
    data = b"".join(one for i, one in enumerate([*LINES, line(5, SOME[1])]) if i != lost + 1)
    with pytest.raises(DamagedTrace, match=rf"line {lost + 2} is damaged \(event {lost + 1} is followed by {lost + 3}\)"):
        recover(data, "j")


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"\n",
        b"{}\n",
        b"[" * 100_000,
        WHOLE,
        LINES[1].replace(b"half", b"hals"),
        LINES[1].replace(b"response.streamed", b"response.strained"),
        LINES[1].replace("“".encode(), b"\xff\xff\xff"),
        line(3, SOME[1]).replace(b'"seq":3', b'"seq":"3"'),
    ],
)
def test_what_is_no_event_is_a_value_error(bad: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse(bad)


# Disks that fail


def broken_by(made: Journal, data: bytes) -> str:
    with pytest.raises(JournalBroken) as caught:
        made.append(data)
    return str(caught.value)


LIMITED = """
import resource, signal, sys
from pathlib import Path
from llmtaskgraph import JournalBroken, ResponseStreamed
from llmtaskgraph._journal import Journal, line
path, limit = Path(sys.argv[1]), int(sys.argv[2])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
made = Journal(path)
try:
    for first in range(1, 10_000, 10):
        made.append(b"".join(line(first + i, ResponseStreamed(1, "some text " * 3)) for i in range(10)))
except JournalBroken as error:
    print(error)
try:
    made.append(line(1, ResponseStreamed(1, "more")))
except JournalBroken as error:
    print(error)
print(made.broken)
made.close()
"""


@pytest.mark.parametrize("limit", [1, 100, 5000, 4096, 65_537])
def test_a_short_write_keeps_the_whole_lines_and_is_told_in_one_line(limit: int, tmp_path: Path) -> None:
    path = tmp_path / "j"
    done = subprocess.run([sys.executable, "-c", LIMITED, str(path), str(limit)], capture_output=True, text=True, timeout=300)
    told = f"{path}: cannot be written (File too large); free the disk, then resume: nothing before this is lost"
    assert (done.returncode, done.stdout.splitlines(), done.stderr) == (0, [told, told, "True"], "")
    data = path.read_bytes()
    found = recover(data, path)
    assert found.good == len(data), "no torn line is left"
    assert limit - len(data) < len(line(10_000, ResponseStreamed(1, "some text " * 3)))
    assert [number for number, _ in found.events] == list(range(1, len(found.events) + 1))


def test_a_full_device_is_told_in_one_line(tmp_path: Path) -> None:
    made = Journal(tmp_path / "j")
    full = os.open("/dev/full", os.O_RDWR)
    os.dup2(full, made._fd)
    os.close(full)
    assert re.search(r"/j: cannot be written \(No space left on device\); free the disk, then resume", broken_by(made, WHOLE))
    assert made.broken
    with pytest.raises(JournalBroken):
        made.sync()
    made.close()


def test_a_sync_that_fails_ends_the_journal_for_good(tmp_path: Path) -> None:
    made = Journal(tmp_path / "j")
    made.append(WHOLE)
    read_end, write_end = os.pipe()  # a pipe cannot be synced
    kept = os.dup(made._fd)
    os.dup2(write_end, made._fd)
    for fd in (read_end, write_end):
        os.close(fd)
    with pytest.raises(JournalBroken, match=r"cannot be written \(Invalid argument\)"):
        made.sync()
    os.dup2(kept, made._fd)
    os.close(kept)
    for again in (made.sync, lambda: made.append(LINES[0])):
        with pytest.raises(JournalBroken, match="Invalid argument"):
            again()
    made.close()
    assert (tmp_path / "j").read_bytes() == WHOLE


def test_torn_bytes_that_cannot_be_kept_are_not_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "j"
    path.write_bytes(WHOLE + b"torn")
    os.symlink("/dev/full", f"{path}.torn")
    before = len(os.listdir("/proc/self/fd"))
    with pytest.raises(OSError, match="No space left"):
        Journal(path, len(WHOLE))
    assert path.read_bytes() == WHOLE + b"torn"
    assert len(os.listdir("/proc/self/fd")) == before


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "j"
    Journal(path).close()
    path.write_bytes(b"torn")
    Journal(path).close()
    assert {name.name: oct(name.stat().st_mode & 0o777) for name in tmp_path.iterdir()} == {"j": "0o600", "j.torn": "0o600"}


def test_a_line_is_one_write(tmp_path: Path) -> None:
    """So that no reader and no second thread ever sees half of one."""
    made = Journal(tmp_path / "j")
    made.append(WHOLE)
    assert (tmp_path / "j").read_bytes() == WHOLE, "nothing waits in a buffer"
    made.close()
    assert journal.line(1, SOME[0]).count(b"\n") == 1

"""Edits of a trace that is being followed: the same as by reading it, without reading it; and read it when that is needed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tui.traces import review, wide

from llmtaskgraph import (
    Edit,
    EditRefused,
    Follower,
    JournalBroken,
    TraceError,
    TraceLocked,
    UnknownTask,
    UnsavedEdit,
    _edit_file,
    _edit_followed,
    again_followed,
    again_trace,
    edit_followed,
    edit_trace,
    read,
    revert_followed,
    revert_trace,
)
from llmtaskgraph import _events as ev
from llmtaskgraph._journal import Journal
from llmtaskgraph._store import Store, journal_path

STYLE, FACTS, ISSUES = "main/judge[style]", "main/judge[facts]", "main/issues"


@pytest.fixture(autouse=True)
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every trace counts as a large one."""
    monkeypatch.setattr(_edit_followed, "FOLDED_UP_TO", 0)
    monkeypatch.setattr(_edit_file, "FOLDED_UP_TO", 0)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.json"
    review(path).store.close()
    return path


def following(path: Path) -> Follower:
    follower = Follower(path)
    assert follower.poll() is not None
    return follower


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often a trace was read to be written."""
    found: list[str] = []
    open_it = Store.open.__func__  # type: ignore[attr-defined]

    def counted(cls: type[Store], *args: Any, **kwargs: Any) -> Store:
        found.append(str(args[0]))
        return open_it(cls, *args, **kwargs)  # type: ignore[no-any-return]

    monkeypatch.setattr(Store, "open", classmethod(counted))
    return found


def values(path: Path) -> list[tuple[str, str, Any]]:
    return [(e.task, e.stage, json.loads(bytes(e.value)) if e.value else None) for e in read(path).state.edits.values()]


def test_edits_are_appended_and_nothing_is_read_again(trace: Path, reads: list[str]) -> None:
    follower = following(trace)
    before = trace.read_bytes()
    for position, text in enumerate(["one", "two", "three"], 1):
        saved = edit_followed(follower, 1, STYLE, "output", json.dumps(text)).save()
        assert saved.id == position
        change = follower.poll()
        assert change is not None
        assert [type(event) for event in change.events][-1:] == [ev.EditMade]
    revert_followed(follower, 1, STYLE, "output").save()
    follower.poll()
    again_followed(follower, 1, FACTS).save()
    assert reads == []
    assert trace.read_bytes() == before
    assert values(trace) == [
        *((STYLE, "output", text) for text in ("one", "two", "three")),
        (STYLE, "output", None),
        (FACTS, "sample", 1),
    ]
    follower.close()


def test_the_next_writer_folds_what_was_appended(trace: Path) -> None:
    follower = following(trace)
    edit_followed(follower, 1, STYLE, "response", "new").save()
    sequence = read(trace).state.sequence
    Store.open(trace).close()
    assert not journal_path(trace).exists()
    assert len(read(trace).state.edits) == 1
    assert read(trace).state.sequence == sequence
    follower.close()


def test_the_journal_is_private_and_brought_to_the_disk(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[Path] = []
    sync = Journal.sync
    monkeypatch.setattr(Journal, "sync", lambda self: (synced.append(self.path), sync(self))[1])
    follower = following(trace)
    edit_followed(follower, 1, STYLE, "response", "new").save()
    assert synced == [journal_path(trace)]
    assert journal_path(trace).stat().st_mode & 0o777 == 0o600
    follower.close()


def _other_edit(path: Path) -> None:
    edit_trace(path, 1, FACTS, "output", "7")


def _folded(path: Path) -> None:
    edit_trace(path, 1, FACTS, "output", "7")
    Store.open(path).close()


def _torn(path: Path) -> None:
    edit_trace(path, 1, FACTS, "output", "7")
    with journal_path(path).open("ab") as file:
        file.write(b'{"seq":99,"crc":1,"ev')


def _replaced(path: Path) -> None:
    path.write_bytes(path.read_bytes())


def _not_folded(path: Path) -> None:
    """As after a crash between writing the snapshot and removing the journal."""
    edit_trace(path, 1, FACTS, "output", "7")
    journal = journal_path(path).read_bytes()
    Store.open(path).close()
    journal_path(path).write_bytes(journal)


@pytest.mark.parametrize("somebody", [_other_edit, _folded, _torn, _replaced, _not_folded])
@pytest.mark.parametrize("edits_before", [0, 1])
def test_what_somebody_else_wrote_meanwhile_is_read(
    trace: Path, reads: list[str], somebody: Callable[[Path], None], edits_before: int
) -> None:
    follower = following(trace)
    for _ in range(edits_before):
        edit_followed(follower, 1, STYLE, "output", '"first"').save()
        follower.poll()
    unsaved = edit_followed(follower, 1, STYLE, "output", '"mine"')
    somebody(trace)
    del reads[:]
    saved = unsaved.save()
    assert reads == [str(trace)]
    others = [] if somebody is _replaced else [(FACTS, "output", 7)]
    assert values(trace) == [(STYLE, "output", "first")] * edits_before + others + [(STYLE, "output", "mine")]
    assert read(trace).state.edits[saved.id].task == STYLE
    follower.close()


def test_a_journal_that_was_taken_away_is_not_continued(trace: Path) -> None:
    """The events that were in it are lost; a journal that goes on after them would make the trace unreadable."""
    follower = following(trace)
    edit_followed(follower, 1, STYLE, "output", '"first"').save()
    follower.poll()
    journal_path(trace).unlink()
    follower.poll()
    edit_followed(follower, 1, STYLE, "output", '"second"').save()
    assert values(trace) == [(STYLE, "output", "second")]
    follower.close()


def test_the_journal_of_another_trace_is_not_continued(trace: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    review(other).store.close()
    edit_trace(other, 1, FACTS, "output", "7")
    follower = following(trace)
    unsaved = edit_followed(follower, 1, STYLE, "output", '"mine"')
    journal_path(trace).write_bytes(journal_path(other).read_bytes())
    with pytest.raises(Exception, match="belongs to another trace"):
        unsaved.save()
    follower.close()


def test_two_who_follow_one_trace_lose_no_edit(trace: Path) -> None:
    one, two = following(trace), following(trace)
    for number in range(6):
        first = edit_followed(one, 1, STYLE, "output", f'"one {number}"')
        second = edit_followed(two, 1, FACTS, "output", f'"two {number}"')
        first.save()
        second.save()
        if number % 2:
            one.poll(), two.poll()
    found = values(trace)
    assert [value for task, _, value in found if task == STYLE] == [f"one {n}" for n in range(6)]
    assert [value for task, _, value in found if task == FACTS] == [f"two {n}" for n in range(6)]
    assert list(read(trace).state.edits) == list(range(1, 13))
    one.close(), two.close()


def test_a_writer_is_not_overtaken(trace: Path) -> None:
    follower = following(trace)
    unsaved = edit_followed(follower, 1, STYLE, "output", '"mine"')
    writer = Store.open(trace)
    with pytest.raises(TraceLocked, match="is writing this trace"):
        unsaved.save()
    writer.close()
    unsaved.save()
    assert values(trace) == [(STYLE, "output", "mine")]
    follower.close()


def test_a_run_that_a_crash_cut_off_is_ended_first(tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    by = review(path)
    by.start(1, open=[ISSUES])
    by.store.flush()
    by.store._journal.close()  # type: ignore[union-attr]
    path.with_name("trace.json.lock").unlink()
    follower = following(path)
    edit_followed(follower, 1, STYLE, "output", '"mine"').save()
    assert read(path).state.runs[2].status == "cancelled"
    assert values(path) == [(STYLE, "output", "mine")]
    follower.close()


def test_a_write_that_fails_says_so_and_leaves_the_trace_whole(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    follower = following(trace)
    unsaved = edit_followed(follower, 1, STYLE, "output", '"mine"')
    write = os.write

    def full(fd: int, data: bytes) -> int:
        if b"edit.made" in bytes(data):
            raise OSError(28, "No space left on device")
        return write(fd, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(JournalBroken, match="No space left"):
        unsaved.save()
    monkeypatch.undo()
    assert values(trace) == []
    edit_trace(trace, 1, STYLE, "output", '"mine"')
    assert values(trace) == [(STYLE, "output", "mine")]
    follower.close()


def test_what_cannot_be_is_refused_before_anything_is_locked(trace: Path) -> None:
    follower = following(trace)
    with pytest.raises(EditRefused, match="has no response"):
        edit_followed(follower, 1, ISSUES, "response", "x")
    with pytest.raises(EditRefused, match="is not edited"):
        revert_followed(follower, 1, ISSUES, "output")
    with pytest.raises(UnknownTask):
        edit_followed(follower, 1, "main/nobody", "output", "1")
    assert not journal_path(trace).exists()
    follower.close()


def test_a_small_trace_is_folded_as_ever(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_edit_followed, "FOLDED_UP_TO", 1 << 20)
    monkeypatch.setattr(_edit_file, "FOLDED_UP_TO", 1 << 20)
    follower = following(trace)
    edit_followed(follower, 1, STYLE, "output", '"mine"').save()
    assert not journal_path(trace).exists()
    assert b'"mine"' in trace.read_bytes()
    follower.close()


OPERATIONS = st.tuples(
    st.sampled_from(["edit", "revert", "again"]),
    st.sampled_from(["main", STYLE, FACTS, ISSUES, "main/judge*", "nobody"]),
    st.sampled_from(["prompt", "response", "output", "model", "params", "input"]),
    st.sampled_from(['"x"', "7", "text", '{"a": 1}', "openai:gpt-5", "[", "\ud800", ""]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(OPERATIONS, max_size=8))
def test_it_is_the_same_as_reading_the_trace(
    tmp_path_factory: pytest.TempPathFactory, operations: list[tuple[Any, str, Any, str]]
) -> None:
    folder = tmp_path_factory.mktemp("same")
    long, short = folder / "long.json", folder / "short.json"
    review(long).store.close()
    short.write_bytes(long.read_bytes())
    follower = following(short)
    for kind, task, stage, text in operations:
        outcomes = []
        for followed in (False, True):
            try:
                edit = _do(kind, short if followed else long, follower if followed else None, task, stage, text)
                outcomes.append((edit.id, edit.run, edit.task, edit.stage, edit.value))
            except Exception as error:
                outcomes.append((type(error), str(error)))
        assert outcomes[0] == outcomes[1]
        follower.poll()
    assert values(long) == values(short)
    Store.open(short).close()
    assert values(long) == values(short)
    follower.close()


def _do(kind: str, path: Path, follower: Follower | None, task: str, stage: Any, text: str) -> Edit:
    if follower is None:
        match kind:
            case "edit":
                return edit_trace(path, 1, task, stage, text)
            case "revert":
                return revert_trace(path, 1, task, stage)
        return again_trace(path, 1, task)
    unsaved: UnsavedEdit
    match kind:
        case "edit":
            unsaved = edit_followed(follower, 1, task, stage, text)
        case "revert":
            unsaved = revert_followed(follower, 1, task, stage)
        case _:
            unsaved = again_followed(follower, 1, task)
    return unsaved.save()


def test_a_task_is_found_down_its_path(tmp_path: Path) -> None:
    path = tmp_path / "wide.json"
    wide(500, path).store.close()
    follower = following(path)
    assert edit_followed(follower, 1, "main/f0[499]", "output", "1").edit.task == "main/f0[499]"
    follower.close()


def test_the_long_way_is_safe_from_a_power_cut_too(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    sync = Journal.sync
    monkeypatch.setattr(Journal, "sync", lambda self: (synced.append(journal_path(trace).stat().st_size), sync(self))[1])
    edit_trace(trace, 1, ISSUES, "output", '["other"]')
    assert synced == [journal_path(trace).stat().st_size]


@pytest.mark.parametrize("known", [True, False])
def test_an_edit_is_not_put_into_another_trace_that_took_its_place(trace: Path, known: bool) -> None:
    if known:
        edit_trace(trace, 1, STYLE, "response", "fine")
    follower = following(trace)
    unsaved = edit_followed(follower, 1, ISSUES, "output", '["other"]')
    trace.unlink()
    journal_path(trace).unlink(missing_ok=True)
    review(trace).store.close()
    with pytest.raises(TraceError, match="another trace"):
        unsaved.save()
    assert values(trace) == []
    follower.close()

"""`ltg check`: what is damaged, and that nothing is changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from llmtaskgraph import _events as ev

from .conftest import Ltg, Scribe, review


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_whole_trace_is_whole(ltg: Ltg, trace: Path) -> None:
    told = ltg("check", trace)
    assert told.code == 0
    assert told.out.startswith(f"{trace}: whole\n  1 run, 4 tasks, 4 task runs, 0 edits")
    assert list(ltg("check", trace, "--json").json) == [
        *("trace", "whole", "damage", "notes", "id", "sequence", "runs", "tasks", "task_runs", "edits", "holder")
    ]


def test_a_damaged_line_is_named_and_the_rest_is_read(ltg: Ltg, trace: Path) -> None:
    lines = trace.read_bytes().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if b'"main/judge[facts]"' in line and b'"run":1' in line)
    lines[at] = b"#" + lines[at][1:]
    trace.write_bytes(b"".join(lines))
    before = files(trace.parent)
    told = ltg("check", trace, "--json")
    assert told.code == 3
    assert any(f"line {at + 1}" in problem for problem in told.json["damage"])
    assert told.json["task_runs"] == 3
    assert files(trace.parent) == before
    shown = ltg("show", trace)
    assert shown.code == 3
    assert "judge[style]" in shown.out
    assert "this is what is readable" in shown.problem


@pytest.mark.parametrize("size", [0.3, 0.6, 0.95])
def test_a_cut_off_trace_is_damaged(ltg: Ltg, trace: Path, size: float) -> None:
    os.truncate(trace, int(trace.stat().st_size * size))
    assert ltg("check", trace, "--json").code == 3


@pytest.fixture
def live(at_home: Path) -> Scribe:
    return review(at_home / "t.json", close=False)


def test_a_run_that_was_cut_off_is_told(ltg: Ltg, at_home: Path) -> None:
    scribe = Scribe(at_home / "t.json")
    run = scribe.start()
    scribe.begin(run, "main")
    Path("t.json.lock").unlink()
    told = ltg("check", "t.json")
    assert told.code == 0
    assert "run 1 was cut off" in told.out
    assert "1 call without a recorded end: main" in told.out


def test_a_live_writer_is_told(ltg: Ltg, live: Scribe) -> None:
    told = ltg("check", "t.json", "--json")
    assert told.code == 0
    assert told.json["holder"]["pid"] == os.getpid()
    live.store.close()


def test_a_torn_tail_is_harmless_and_damage_before_it_is_not(ltg: Ltg, live: Scribe) -> None:
    journal = Path("t.json.journal")
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-20])
    told = ltg("check", "t.json")
    assert told.code == 0
    assert "the last line is cut off" in told.out
    lines = whole.splitlines(keepends=True)
    lines[5] = lines[5].replace(b"main", b"mean")
    journal.write_bytes(b"".join(lines))
    told = ltg("check", "t.json")
    assert told.code == 3
    assert "line 6 is damaged (the check sum is wrong)" in told.out


def test_missing_events_and_strange_journals_are_damage(ltg: Ltg, live: Scribe) -> None:
    journal = Path("t.json.journal")
    lines = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(lines[0] + b"".join(lines[3:]))
    assert ltg("check", "t.json").code == 3
    opened = ev.JournalOpened("another")
    from llmtaskgraph import _journal

    journal.write_bytes(_journal.line(1, opened))
    assert "it belongs to another trace" in ltg("check", "t.json").out


def test_a_journal_without_its_trace_is_damage(ltg: Ltg, live: Scribe) -> None:
    Path("t.json").unlink()
    told = ltg("check", "t.json")
    assert told.code == 3
    assert "there is a journal (t.json.journal) but no snapshot" in told.out

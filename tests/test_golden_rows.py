"""What Python makes of the golden traces is what is written in `golden/rows`, which the tests of TypeScript compare with, too."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import msgspec
import pytest
from golden import edit_rows, feed_rows, write_rows
from golden.rows_of import rows_of

from llmtaskgraph import LLMTaskGraphError, again_trace, edit_trace, read, revert_trace

GOLDEN = Path(__file__).parent / "golden"
FILES = dict(write_rows.files())
LARGEST = 60_000


def test_there_are_rows_of_every_trace_and_no_others() -> None:
    assert {path.name for path in write_rows.ROWS.iterdir()} == FILES.keys()


@pytest.mark.parametrize("name", FILES)
def test_the_rows_are_those_that_are_written(name: str) -> None:
    assert (write_rows.ROWS / name).read_text() == FILES[name], "if that is wanted: python -m tests.golden.write_rows"


def test_golden_files_are_small() -> None:
    assert {path.name for path in GOLDEN.rglob("*.json*") if path.stat().st_size > LARGEST} == set()


def test_a_trace_says_the_same_however_other_programs_have_formatted_it() -> None:
    one, other = (rows_of(read(GOLDEN / name).state) for name in ("values.json", "spaced.json"))
    assert one == other


@pytest.mark.parametrize("name", [path.name.removesuffix(".journal") for path in GOLDEN.glob("*.journal")])
def test_a_page_that_was_told_of_each_event_knows_the_sequence_of_the_last(name: str) -> None:
    rows = feed_rows.feed_rows(GOLDEN / name)
    assert rows["last"] == read(GOLDEN / name).state.sequence
    assert {to for _, to, _ in rows["changes"] if to is not None} >= set(range(rows["first"] + 2, rows["last"] + 1))


@pytest.mark.parametrize("name", edit_rows.SCENARIOS)
def test_edits_in_a_file_are_those_that_the_rows_tell_of(name: str, tmp_path: Path) -> None:
    path = tmp_path / "trace.json"
    shutil.copy(GOLDEN / f"{name}.json", path)
    steps = json.loads(FILES[f"{name}.edited.json"])["steps"]
    for step in edit_rows.SCENARIOS[name]:
        told = steps.pop(0)
        try:
            edit = _do(path, step)
        except LLMTaskGraphError:
            assert "refused" in told
            continue
        value = None if edit.value is msgspec.UNSET else bytes(edit.value).decode()
        assert (edit.id, value) == (told["id"], told["value"])
    rows = rows_of(read(path).state)
    assert rows["runs"] == rows_of(_made(name))["runs"]


def _do(path: Path, step: edit_rows.Step) -> edit_rows.Edit:
    if edit_rows.what(step) == "edit":
        assert step.text is not None
        return edit_trace(path, step.run, step.task, step.stage, step.text)
    if edit_rows.what(step) == "again":
        return again_trace(path, step.run, step.task)
    return revert_trace(path, step.run, step.task, step.stage)


def _made(name: str) -> edit_rows.State:
    trace, _ = edit_rows.edited(name, GOLDEN)
    return trace.state

"""Choosing among the traces of a folder."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from llmtaskgraph import glance
from ltg_tui.io.folder import has_traces, traces
from ltg_tui.model.listing import Entry, heading, row
from ltg_tui.picking import PickerApp

from .conftest import Screen
from .test_safe import acts
from .traces import HOSTILE, review, scribe, wide

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def picking(folder: Path, *, size: tuple[int, int] = (80, 24), at: Path | None = None) -> AsyncIterator[Screen]:
    """The list of the traces of a folder, when it is filled in."""
    app = PickerApp(folder, at)
    async with app.run_test(size=size) as pilot:
        screen = Screen(app, pilot)  # type: ignore[arg-type]
        await pilot.pause(0.02)
        await screen.when(lambda: app.screen_of_traces._next_look and not app.screen_of_traces._waiting)
        await screen.settled()
        yield screen


def aged(path: Path, seconds: float) -> Path:
    """A file as if it had been written that long ago."""
    os.utime(path, (time.time() - seconds,) * 2)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    review(tmp_path / "old.json").store.close()
    aged(tmp_path / "old.json", 7300)
    (tmp_path / "sub").mkdir()
    review(tmp_path / "sub/broke.json", fails=True).store.close()
    aged(tmp_path / "sub/broke.json", 65)
    for name in ("node_modules", ".venv", "a/b/c/d"):
        (tmp_path / name).mkdir(parents=True)
        review(tmp_path / name / "hidden.json").store.close()
    (tmp_path / "package.json").write_text("{}")
    return tmp_path


async def test_the_newest_trace_comes_first_with_how_it_stands(folder: Path) -> None:
    async with picking(folder) as screen:
        lines = screen.text.splitlines()
        assert "2 traces" in lines[0]
        assert lines[2].split() == ["sub/broke.json", "1", "✖", "failed", "4", "✖1", "$0.0008", "1m"]
        assert lines[3].split() == ["old.json", "1", "✔", "succeeded", "4", "$0.0008", "2h"]
        assert "of review.py:main" in screen.text


async def test_enter_opens_the_trace_under_the_cursor_and_q_none(folder: Path) -> None:
    async with picking(folder) as screen:
        await screen.press("j", "enter")
        assert screen.app.chosen == folder / "old.json"  # type: ignore[attr-defined]
    async with picking(folder) as screen:
        await screen.press("q")
        assert screen.app.chosen is None  # type: ignore[attr-defined]
        assert screen.app.return_code == 0


async def test_the_cursor_starts_on_the_trace_one_came_from_and_escape_goes_back_to_it(folder: Path) -> None:
    async with picking(folder, at=folder / "old.json") as screen:
        assert screen.app.screen_of_traces.rows.cursor == 1  # type: ignore[attr-defined]
        await screen.press("escape")
        assert screen.app.chosen == folder / "old.json"  # type: ignore[attr-defined]


async def test_a_trace_that_is_being_written_appears_and_is_marked(tmp_path: Path) -> None:
    async with picking(tmp_path) as screen:
        assert "No trace here yet" in screen.text
        assert "ltg run program.py:main" in screen.text
        assert "there is no trace to open yet" in await screen.press("enter")
        by = scribe(tmp_path / "new.json")
        by.root()
        run = by.start()
        await screen.press("r")
        await screen.until("● running")
        assert "a process is writing it now" in screen.text
        by.end(run)
        by.store.close()
        await screen.press("r")
        await screen.until("✔ succeeded")


async def test_a_damaged_trace_is_listed_with_the_reason(folder: Path) -> None:
    data = (folder / "old.json").read_bytes()
    (folder / "old.json").write_bytes(data[:-20])
    async with picking(folder) as screen:
        assert "damaged" in screen.text.splitlines()[2]
        assert "damaged: " in screen.text.splitlines()[-2]


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (36, 10)])
async def test_nothing_hostile_in_a_name_reaches_the_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    name = HOSTILE.replace("/", "_")
    (tmp_path / name).mkdir()
    review(tmp_path / name / f"{name}.json").store.close()
    (tmp_path / name / f"{name}2.json").write_bytes(b'{"format":"llmtaskgraph/1",\n"id":"' + HOSTILE.encode() + b'"\n')
    async with picking(tmp_path, size=size) as screen:
        assert acts(screen.text, "\n") == []
        assert acts(await screen.press("j", "question_mark"), "\n") == []


def test_only_the_head_of_a_file_tells_that_it_is_a_trace(tmp_path: Path) -> None:
    assert not has_traces(tmp_path)
    (tmp_path / "package.json").write_text("{}")
    assert not has_traces(tmp_path)
    wide(10, tmp_path / "t.json").store.close()
    assert has_traces(tmp_path)
    assert [found.path.name for found in traces(tmp_path) if found is not None] == ["t.json"]


@pytest.mark.parametrize("width", [*range(16, 120, 3), 200])
def test_a_row_is_exactly_as_wide_as_the_screen(tmp_path: Path, width: int) -> None:
    review(tmp_path / "t.json", fails=True).store.close()
    *_, found = glance(tmp_path / "t.json")
    entry = Entry(tmp_path / "t.json", "a/漢字/" * 12 + "t.json", 0.0, 5, found)
    from rich.cells import cell_len

    assert sum(cell_len(text) for text, _ in row(entry, width, 100.0)) == min(width, 130)
    assert len(heading(width)) == min(width, 130)

"""Where there is nothing to show, the screen says why and which key helps."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Opened
from .traces import scribe, wide

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_trace_that_is_not_there_yet_is_waited_for_in_words(
    debugger: Opened, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with debugger(tmp_path / "t.json", wait=True, size=size) as screen:
        assert "There is no trace yet" in screen.text
        assert "q quits" in screen.text
        assert "no task yet" in screen.text
        by = scribe(tmp_path / "t.json")
        by.root()
        run = by.start()
        by.begin(run, "main")
        text = await screen.until("● main")
        assert "There is no trace" not in text
        assert "no task yet" not in await screen.settled()
        by.store.close()


async def test_a_group_says_what_it_is_and_how_to_open_it(debugger: Opened, tmp_path: Path) -> None:
    wide(40, tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        assert "a group of 40 tasks: l unfolds it" in await screen.press("j")
        assert "a group of" not in await screen.press("l", "j")


async def test_a_trace_without_a_run_says_so(debugger: Opened, tmp_path: Path) -> None:
    by = scribe(tmp_path / "t.json")
    by.root()
    by.store.close()
    async with debugger(tmp_path / "t.json") as screen:
        assert "No run has begun yet" in screen.text

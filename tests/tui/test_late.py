"""What comes late never comes over what a person types or reads by then."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmtaskgraph import Child
from ltg_tui import finding, jobs
from ltg_tui.model.sweep import Sweep

from .conftest import Opened
from .test_finding import many
from .traces import review

pytestmark = pytest.mark.anyio


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.json"
    review(path, answer="The zebra crossed twice.").store.close()
    return path


async def test_a_program_that_cannot_start_is_not_told_over_an_editor(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e")
        screen.app.resuming.start(Child(["run", "nowhere.py:main"], "the resume of run 1"))
        child = screen.app.resuming.child
        assert child is not None
        await screen.when(lambda: child.code() is not None)
        await screen.pilot.pause(0.3)
        assert "response of main/judge[style]" in await screen.settled()
        await screen.press("escape")
        await screen.press("L")
        await screen.until("nowhere.py")


class Endless(Sweep[Any]):
    """Comes to some things, and then to no more."""

    def step(self, seconds: float | None) -> None:
        if self.checked < 12:
            super().step(0.0)


async def test_a_search_under_way_leaves_another_line_alone(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(tmp_path / "t.json").store.close()
    monkeypatch.setattr(finding, "Sweep", Endless)
    monkeypatch.setattr(jobs, "TOLD_EVERY", 0.0)
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("slash", *"zebra")
        await screen.until("12 of 32 searched")
        assert "one zebra" in await screen.press("enter", "n")
        before = screen.app.main.chosen.id
        await screen.press("colon")
        assert screen.app.jobs.running("search")
        assert "searched" not in screen.text
        assert screen.app.main.chosen.id == before

"""The plan of a resume follows the code as it is now: what it says will run is what Enter runs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from plans import CODE, NEVER_ENDS

from llmtaskgraph import load_program, trust
from llmtaskgraph._program import start

from .conftest import Opened

pytestmark = pytest.mark.anyio


@pytest.fixture
async def trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One run of a program that a person has said yes to."""
    monkeypatch.chdir(tmp_path)
    Path("steps.py").write_text(CODE)
    await start(load_program("steps.py:main"), trace="t.json")
    trust("steps.py:main", tmp_path)
    return tmp_path / "t.json"


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


async def test_code_that_was_changed_is_in_the_plan_and_nothing_else_runs(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("r")
        text = await screen.until("by your code as it is now")
        assert "nothing has to run; 3 kept" in text
        await screen.press("escape")
        Path("steps.py").write_text(CODE.replace("n * 2", "n * 3"))
        await screen.press("r")
        text = await screen.until("your code has changed since")
        assert "1 task will run, 1 may run, 1 kept" in text
        assert "main/twice  its code changed" in text
        assert "by your code as it is now" in text
        await screen.press("enter")
        await screen.until("run 2/2")
        await screen.until("is done")
        state = screen.app.session.state
        assert state is not None
        assert [each.task for each in state.task_runs.values() if each.run == 2] == ["main/twice", "main"]


async def test_code_that_cannot_be_imported_is_told_in_the_plan(debugger: Opened, trace: Path) -> None:
    Path("steps.py").write_text("import nothing_of_that_name\n" + CODE)
    async with debugger(trace) as screen:
        await screen.press("r")
        text = await screen.until("by the trace alone: ")
        assert "nothing_of_that_name" in text
        assert "nothing has to run; 3 kept" in text


async def test_code_that_a_trace_names_is_not_run_for_a_plan_before_a_person_says_yes(
    debugger: Opened, trace: Path, state_home: Path
) -> None:
    Path("steps.py").write_text("import pathlib\npathlib.Path('imported').touch()\n" + CODE)
    (state_home / "llmtaskgraph" / "trusted.json").unlink()
    async with debugger(trace, size=(120, 24)) as screen:
        await screen.press("r")
        await screen.until("by the trace alone: you have not run its program before, so its code was not looked at")
        assert not Path("imported").exists()


async def test_a_plan_that_is_closed_ends_the_process_that_looks_at_the_code(debugger: Opened, trace: Path) -> None:
    Path("steps.py").write_text(NEVER_ENDS + CODE)
    async with debugger(trace) as screen:
        await screen.pilot.press("r")
        await screen.until("your code is being looked at")
        while not (Path("pid").exists() and Path("pid").read_text()):
            await screen.pilot.pause(0.02)
        await screen.pilot.press("escape")
        process = int(Path("pid").read_text())
        while alive(process):
            await screen.pilot.pause(0.02)
        assert "✔ main" in screen.text


async def test_an_edit_from_elsewhere_is_planned_with_the_code_again(debugger: Opened, trace: Path) -> None:
    from llmtaskgraph import edit_trace

    Path("steps.py").write_text(CODE.replace("n * 2", "n * 3"))
    async with debugger(trace) as screen:
        await screen.press("r")
        await screen.until("your code has changed since")
        edit_trace(trace, 1, "main/step", "output", "7")
        await screen.until("main/step")
        text = await screen.until("by your code as it is now")
        assert "its output is edited" in text
        assert "main/twice  its code changed" in text

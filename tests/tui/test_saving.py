"""While an edit is being saved, and when that fails: nothing that was typed is lost, and nothing is done twice."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from llmtaskgraph import UnsavedEdit, edit_trace, read
from ltg_tui.editing import Editing
from ltg_tui.io import drafts
from ltg_tui.resuming import Resuming

from .conftest import Opened, Screen
from .traces import review, say

pytestmark = pytest.mark.anyio

STYLE = "main/judge[style]"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    review(tmp_path / "t.json").store.close()
    return tmp_path / "t.json"


@pytest.fixture
def go(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set, it lets the edits be saved that wait."""
    event, save = threading.Event(), UnsavedEdit.save

    def waits(unsaved: UnsavedEdit) -> object:
        assert event.wait(60)
        return save(unsaved)

    monkeypatch.setattr(UnsavedEdit, "save", waits)
    return event


def full(*_: object) -> None:
    raise OSError(28, "No space left on device")


def kept(trace: Path) -> list[str]:
    return [draft.text for draft in drafts.kept(trace)]


def edits(trace: Path) -> list[str]:
    return [bytes(edit.value).decode() for edit in read(trace).state.edits.values()]  # type: ignore[arg-type]


async def saving(screen: Screen) -> None:
    """Type into an editor and apply; the save waits."""
    await screen.press("j", "e")
    await screen.keys("A", "ctrl+s")


async def type_more(screen: Screen, text: str) -> None:
    await screen.keys(*text)
    await screen.pilot.pause(0.4)


async def test_what_is_typed_while_it_is_saved_stays_and_is_a_change_of_that(
    debugger: Opened, trace: Path, go: threading.Event
) -> None:
    async with debugger(trace) as screen:
        await saving(screen)
        await type_more(screen, "MORE")
        go.set()
        text = await screen.settled()
        assert "what you typed since is not" in text
        assert len(edits(trace)) == 1
        assert "MORE" not in edits(trace)[0]
        await screen.when(lambda: any("MORE" in draft for draft in kept(trace)))
        await screen.press("ctrl+s")
        assert "MORE" in edits(trace)[1]
        assert kept(trace) == []


async def test_what_is_typed_while_a_save_fails_is_kept(
    debugger: Opened, trace: Path, go: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(unsaved: UnsavedEdit) -> None:
        go.wait(60)
        full()

    monkeypatch.setattr(UnsavedEdit, "save", fails)
    async with debugger(trace) as screen:
        await saving(screen)
        await type_more(screen, "MORE")
        go.set()
        assert "No space left" in await screen.settled()
        await screen.when(lambda: any("MORE" in draft for draft in kept(trace)))


@pytest.mark.parametrize("fails", [False, True])
async def test_an_editor_stays_until_it_is_known_what_became_of_the_text(
    debugger: Opened, trace: Path, go: threading.Event, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    if fails:
        monkeypatch.setattr(UnsavedEdit, "save", lambda unsaved: (go.wait(60), full()))
    async with debugger(trace) as screen:
        await saving(screen)
        await screen.keys("escape", "escape")
        await screen.pilot.pause(0.2)
        assert "throws the change away" not in screen.text
        assert len(screen.app.screen_stack) == 3
        go.set()
        text = await screen.settled()
        assert ("No space left" in text, len(screen.app.screen_stack)) == ((True, 3) if fails else (False, 2))
        assert len(edits(trace)) == (0 if fails else 1)


async def test_the_end_of_the_app_keeps_what_was_typed_last(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e")
        await screen.keys(*"XYZ")
        await screen.pilot.press("ctrl+q")
        await screen.pilot.pause(0.2)
    assert any("XYZ" in draft for draft in kept(trace))


async def test_drafts_that_nobody_looked_at_stay(debugger: Opened, trace: Path) -> None:
    other = drafts.Keeper(trace, 1, STYLE, "response", "text")
    other.keep("typed in another window")
    async with debugger(trace) as screen:
        await screen.press("j", "e", "A", "ctrl+s")
        assert kept(trace) == ["typed in another window"]
        await screen.press("e", "ctrl+r")
        await screen.press("ctrl+s")
        assert kept(trace) == []
    again = drafts.Keeper(trace, 1, STYLE, "response", "text")
    again.keep("typed in a third")
    other.keep("typed on in the other")
    assert set(kept(trace)) == {"typed in a third", "typed on in the other"}


async def test_a_text_from_outside_that_cannot_be_kept_is_in_the_editor(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Editing, "_lend", lambda self, found, text: "x" * 300_000)
    monkeypatch.setattr(drafts.Keeper, "_write", full)
    async with debugger(trace) as screen:
        await screen.press("j", "e")
        assert "cannot be kept as a draft (No space left on device)" in " ".join((await screen.press("ctrl+o")).split())
        await screen.press("ctrl+s")
        assert "x" * 300_000 in edits(trace)[0]


async def test_an_editor_that_cannot_be_told_is_one_line(debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "vi -c 'set tw=72")
    async with debugger(trace) as screen:
        assert "$EDITOR is no command (No closing quotation)" in await screen.press("j", "E")


# What follows from an edit


def two_runs(path: Path) -> Path:
    by = review(path)
    run = by.start(1, open=[STYLE])
    by.answer(by.ask(run, STYLE, "again"), "second")
    by.end(run, "failed")
    by.store.close()
    return path


async def test_a_sample_is_asked_for_once_however_often_the_key_is_pressed(
    debugger: Opened, tmp_path: Path, go: threading.Event
) -> None:
    trace = two_runs(tmp_path / "t.json")
    async with debugger(trace) as screen:
        await screen.press("j")
        await screen.keys("R", "R")
        await screen.until("is being saved")
        go.set()
        await screen.settled()
        assert edits(trace) == ["1"]


async def test_the_plan_of_a_sample_is_of_the_run_that_it_was_asked_for(
    debugger: Opened, tmp_path: Path, go: threading.Event
) -> None:
    trace = two_runs(tmp_path / "t.json")
    async with debugger(trace, size=(160, 40)) as screen:
        await screen.press("j")
        await screen.keys("R", "[")
        go.set()
        text = await screen.settled()
        assert "resume run" not in text
        assert f"in run 2, {STYLE} stays marked to run again" in text


async def test_a_plan_that_is_open_follows_the_trace(debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = two_runs(tmp_path / "t.json")
    started: list[int] = []
    monkeypatch.setattr(Resuming, "_consent", lambda self, run: started.append(run))
    async with debugger(trace, size=(160, 40)) as screen:
        before = await screen.press("j", "r")
        edit_trace(trace, 2, "main/judge[facts]", "prompt", json.dumps([say("other", "user")]))
        after = await screen.until("the trace has changed, and so has this plan")
        assert "judge[facts]" in after
        assert after != before
        await screen.press("enter")
        assert started == [2]

"""Something else happens while a person is about to do something: it is done where they meant it, or not at all."""

from __future__ import annotations

import os
import signal
import threading
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import TextArea

from llmtaskgraph import Arg, NoPlan, Plan, UnsavedEdit, read, resume_words, run_words, state_folder
from llmtaskgraph.cli import arguments
from ltg_tui.io import drafts
from ltg_tui.io.outside import EditorFailed, edit_outside
from ltg_tui.model.flow import Block
from ltg_tui.screens.choice import ChoiceSheet
from ltg_tui.screens.editor import EditorSheet
from ltg_tui.screens.plan import PlanSheet
from ltg_tui.screens.sheet import ReadSheet, Sheet

from .conftest import Opened, Screen
from .traces import llm, review, say, scribe

pytestmark = pytest.mark.anyio

TASK = "main/judge[style]"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.json"
    review(path).store.close()
    return path


def another_run(path: Path) -> None:
    """Somebody resumes the trace, and nothing is different."""
    by = scribe(path)
    by.end(by.start(parent=1))
    by.store.close()


async def taken_in(screen: Screen, path: Path) -> None:
    """Wait until what is in the file now is what the debugger knows, and shows."""
    there = read(path).state

    def known() -> bool:
        here = screen.app.session.state
        return here is not None and (here.id, here.sequence) == (there.id, there.sequence)

    await screen.when(known)
    await screen.settled()


def edits(path: Path) -> list[tuple[int, str]]:
    return [(edit.run, edit.task) for edit in read(path).state.edits.values()]


# Another run is on the screen by now


async def test_an_edit_is_made_on_the_run_that_the_editor_was_opened_in(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e", "x")
        another_run(trace)
        await screen.when(lambda: screen.app.session.run == 2)
        await screen.press("ctrl+s")
        await screen.until("edited in run 1")
    assert edits(trace) == [(1, TASK)]


async def test_what_came_from_outside_is_for_the_run_that_was_on_the_screen(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with debugger(trace) as screen:

        def lend(suspend: object, text: str, suffix: str) -> str:
            another_run(trace)
            screen.app.look()
            return text + "!"

        monkeypatch.setattr("ltg_tui.editing.edit_outside", lend)
        await screen.press("j", "E")
        await screen.until("edited in run 1")
    assert edits(trace) == [(1, TASK)]


async def test_an_edit_is_not_put_into_another_trace_that_took_the_place_of_this_one(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e", "x")
        trace.unlink()
        review(trace).store.close()
        await screen.press("ctrl+s")
        await screen.until("another trace")
        assert [each.text for each in drafts.kept(trace)] == ["xstyle is fine"]
    assert edits(trace) == []


async def test_a_run_that_is_gone_is_not_shown_and_not_resumed(debugger: Opened, trace: Path) -> None:
    another_run(trace)
    async with debugger(trace) as screen:
        await screen.press("B")
        await screen.until("runs: 2")
        trace.unlink()
        review(trace).store.close()
        await taken_in(screen, trace)
        await screen.press("enter")
        await screen.until("there is no run 2")
        screen.app.resuming._consent(2)
        assert "there is no run 2" in await screen.settled()


async def test_an_edit_of_a_trace_that_is_no_longer_there_is_not_taken_back_in_another(debugger: Opened, trace: Path) -> None:
    by = scribe(trace)
    by.edit(1, TASK, "response", {"role": "assistant", "parts": []})
    by.store.close()
    async with debugger(trace) as screen:
        await screen.press("M")
        trace.unlink()
        by = review(trace)
        by.edit(1, TASK, "response", {"role": "assistant", "parts": []})
        by.store.close()
        await taken_in(screen, trace)
        await screen.press("u")
        await screen.until("choose again")
        assert len(read(trace).state.edits) == 1
        await screen.press("u")
        await screen.until("is taken back")


# Keys that are under way


async def slow_plan(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Plans take until the event is set."""
    go = threading.Event()
    advance = screen.app.resuming._advance

    def later(work: object) -> None:
        if go.is_set():
            advance(work)  # type: ignore[arg-type]
        else:
            screen.app.set_timer(0.01, lambda: later(work))

    monkeypatch.setattr(screen.app.resuming, "_advance", later)
    return go


@pytest.mark.parametrize("key", ["e", "/"])
async def test_a_plan_does_not_come_under_what_one_types(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    async with debugger(trace) as screen:
        go = await slow_plan(screen, monkeypatch)
        await screen.press("j", "r", key, "a")
        go.set()
        await screen.settled()
        assert not any(isinstance(each, PlanSheet) for each in screen.app.screen_stack)
        await screen.press("escape", "escape", "r")
        assert isinstance(screen.app.screen, PlanSheet)


async def test_an_editor_closes_when_it_was_saved_though_something_lies_over_it(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    save = UnsavedEdit.save
    monkeypatch.setattr("ltg_tui.editing.UnsavedEdit.save", lambda self: (go.wait(60), save(self)))
    async with debugger(trace) as screen:
        await screen.press("j", "e", "x")
        await screen.keys("ctrl+s")
        sheet = PlanSheet("over it", screen.app.session.plan or _nothing(), _no_code)
        screen.app.push_screen(sheet)
        await screen.pilot.pause(0.05)
        go.set()
        await screen.when(lambda: edits(trace))
        await screen.settled()
        assert screen.app.screen is sheet
        await screen.press("escape")
        assert not any(isinstance(each, EditorSheet) for each in screen.app.screen_stack)
        assert screen.app.screen is screen.app.main


async def _no_code() -> Plan:
    raise NoPlan("there is none")


def _nothing() -> object:
    return Plan(1, [], 0, True)


async def test_leaving_while_an_edit_is_being_saved_saves_it(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    save = UnsavedEdit.save
    monkeypatch.setattr("ltg_tui.editing.UnsavedEdit.save", lambda self: (go.wait(60), save(self)))
    async with debugger(trace) as screen:
        await screen.press("j", "e", "x")
        await screen.keys("ctrl+s")
        threading.Timer(0.5, go.set).start()
        screen.app.exit(0)
        await screen.pilot.pause(0.05)
    assert go.wait(60)
    for _ in range(3000):
        if edits(trace):
            break
        threading.Event().wait(0.02)
    assert edits(trace) == [(1, TASK)]
    assert screen.app.crash_report is None


async def test_throwing_a_text_away_while_it_is_saved_does_no_harm(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()
    save = UnsavedEdit.save
    monkeypatch.setattr("ltg_tui.editing.UnsavedEdit.save", lambda self: (go.wait(60), save(self)))
    async with debugger(trace) as screen:
        await screen.press("j", "e", "x")
        await screen.keys("ctrl+s", "escape", "escape")
        go.set()
        await screen.settled()
        assert screen.app.screen is screen.app.main
        assert screen.app.crash_report is None
    assert edits(trace) == [(1, TASK)]


async def test_a_text_that_was_thrown_away_is_not_kept_by_the_timer_that_was_under_way(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e", "x")
        sheet = screen.app.screen
        assert isinstance(sheet, EditorSheet)
        sheet.action_cancel()
        sheet.action_cancel()
        sheet._settle()
        assert drafts.kept(trace) == []


async def test_a_terminal_that_takes_no_more_keeps_the_last_key(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ltg_tui.terminal._mute", lambda: None)
    async with debugger(trace) as screen:
        await screen.press("j", "e")
        area = screen.app.focused
        assert isinstance(area, TextArea)
        area.insert("last")
        screen.app.told_to_end(signal.SIGHUP)
        assert [each.text for each in drafts.kept(trace)] == ["laststyle is fine"]


@pytest.mark.parametrize("how", ["kill -HUP $$", "exit 1"])
def test_what_an_editor_had_written_before_it_failed_is_not_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setenv("VISUAL", editor(tmp_path, f'printf "half done\\n" > "$1"; {how}'))
    with pytest.raises(EditorFailed) as caught:
        edit_outside(nullcontext, "as it was", ".txt")
    assert caught.value.left == "half done"
    monkeypatch.setenv("VISUAL", editor(tmp_path, how))
    with pytest.raises(EditorFailed) as caught:
        edit_outside(nullcontext, "as it was", ".txt")
    assert caught.value.left is None
    assert list(state_folder().glob("edit-*")) == []


def test_what_an_editor_left_that_is_no_text_stays_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", editor(tmp_path, 'printf "caf\\351" > "$1"'))
    with pytest.raises(EditorFailed, match="stays in"):
        edit_outside(nullcontext, "as it was", ".txt")
    (left,) = state_folder().glob("edit-*")
    assert left.read_bytes() == b"caf\xe9"
    assert left.stat().st_mode & 0o777 == 0o600


def editor(folder: Path, does: str) -> str:
    path = folder / "editor.sh"
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)
    return str(path)


async def test_what_an_editor_had_written_is_offered_again(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lend(suspend: object, text: str, suffix: str) -> str:
        raise EditorFailed("vi ended with -1", "half done")

    monkeypatch.setattr("ltg_tui.editing.edit_outside", lend)
    async with debugger(trace) as screen:
        await screen.press("j", "E")
        await screen.until("is kept as a draft")
        assert [(each.run, each.task, each.text) for each in drafts.kept(trace)] == [(1, TASK, "half done")]
        await screen.press("e")
        assert "half done" in await screen.press("ctrl+r")


async def test_a_crash_keeps_the_last_key(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e")
        area = screen.app.focused
        assert isinstance(area, TextArea)
        area.insert("last")
        screen.app._crashed(ValueError("not foreseen"))
        assert [each.text for each in drafts.kept(trace)] == ["laststyle is fine"]
        screen.app.crash_report = None


# Names


def test_names_that_begin_like_options_are_names() -> None:
    parse = arguments.parse
    args = parse(resume_words(Path("-t.json"), 1, "-m.x:main"))
    assert (args.trace, args.run, args.app, args.yes) == ("-t.json", 1, "-m.x:main", True)
    args = parse(run_words("-m.x:main", Path("-t.json"), input="-1", offline=True))
    assert (args.app, args.trace, args.input, args.offline) == ("-m.x:main", "-t.json", "-1", True)


# The files


async def test_a_trace_that_can_no_longer_be_read_is_told_and_stays_on_the_screen(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with debugger(trace) as screen:
        stat = os.stat

        def refused(path: object, *args: object, **kwargs: object) -> os.stat_result:
            if str(path).endswith(".journal"):
                raise PermissionError(13, "Permission denied")
            return stat(path, *args, **kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr(os, "stat", refused)
        await screen.until("read-only")
        monkeypatch.undo()
        assert "judge[style]" in screen.text
        await screen.press("j", "e")
        assert not isinstance(screen.app.focused, TextArea)


@pytest.mark.parametrize("when", ["before it is opened", "while it is open"])
async def test_a_trace_that_is_whole_again_is_read_again_without_a_restart(debugger: Opened, trace: Path, when: str) -> None:
    whole, journal = trace.read_bytes(), trace.with_name("trace.json.journal")
    if when == "before it is opened":
        trace.write_bytes(whole[:-200])
    async with debugger(trace) as screen:
        if when == "while it is open":
            journal.write_bytes(b"no event\n")
            await screen.until("F reads it again")
        assert "read-only" in screen.text
        assert "it still cannot be read" in await screen.press("j", "F")
        assert "read-only" in await screen.press("e")
        trace.rename(aside := trace.with_name("aside"))
        assert "there is no trace" in await screen.press("F")
        aside.rename(trace)
        journal.unlink(missing_ok=True)
        trace.write_bytes(whole)
        text = await screen.press("F")
        assert "is followed again" in text
        assert "read-only" not in text
        assert screen.app.main.chosen.id == TASK, "one is where one was"
        another_run(trace)
        await screen.until("run 2/2")
        await screen.press("e")
        assert isinstance(screen.app.focused, TextArea)


@pytest.mark.parametrize("how", ["cut", "emptied", "deleted", "folder"])
async def test_a_trace_that_is_damaged_under_us_stays_on_the_screen(debugger: Opened, trace: Path, how: str) -> None:
    async with debugger(trace) as screen:
        data = trace.read_bytes()
        trace.unlink()
        if how == "cut":
            trace.write_bytes(data[:-100])
        elif how == "emptied":
            trace.write_bytes(b"")
        elif how == "folder":
            trace.mkdir()
        await screen.pilot.pause(0.4)
        assert "judge[style]" in screen.text
        assert screen.app.crash_report is None
        await screen.press("j", "e", "x", "ctrl+s", "escape", "escape", "r", "escape")
        assert screen.app.crash_report is None


async def test_a_sheet_that_is_closed_before_its_parts_are_made_closes(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        sheets: list[Sheet[Any]] = [
            PlanSheet("plan", _nothing(), _no_code),
            ReadSheet("keys", [Block("one")]),
            ChoiceSheet("really?", ["Run it?"], {"y": "yes"}),
        ]
        for sheet in sheets:
            screen.app.push_screen(sheet)
            sheet.dismiss(None)
            await screen.settled()
            assert screen.app.screen is screen.app.main


async def test_another_trace_in_its_place_has_no_marks_of_the_one_before(debugger: Opened, tmp_path: Path) -> None:
    path, other = tmp_path / "t.json", tmp_path / "o.json"
    by = review(path)
    by.edit(1, TASK, "prompt", [say("x", "user")])
    by.store.close()
    live = scribe(other)
    live.root(text="x")
    run = live.start()
    root = live.begin(run, "main")
    live.declare(root, [llm(2, TASK)], Arg(ref=TASK))
    live.answer(live.ask(run, TASK, "new"), "new answer")
    async with debugger(path, size=(120, 30)) as screen:
        assert "⟳" in await screen.press("j")
        for end in (".journal", ""):
            os.replace(f"{other}{end}", f"{path}{end}")
        await screen.until("new answer")
        assert "⟳" not in await screen.settled()
    live.store.close()


@pytest.mark.parametrize("number", ["0", "2", "9" * 5_000, "x", "²"])
async def test_a_run_that_is_not_there_is_said(debugger: Opened, trace: Path, number: str) -> None:
    async with debugger(trace) as screen:
        screen.app.do("run", number)
        assert "there is no run" in await screen.settled()

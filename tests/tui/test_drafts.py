"""What is typed is kept: until it is applied, or thrown away on purpose."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path

import pytest
from textual.widgets import TextArea

from llmtaskgraph import read, state_folder
from ltg_tui.io import drafts

from .conftest import Opened, Screen
from .traces import review, scribe

pytestmark = pytest.mark.anyio

TASK = "main/judge[style]"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.json"
    review(path).store.close()
    return path


async def typed(screen: Screen, text: str, trace: Path) -> None:
    """Type, and wait until it is kept."""
    await screen.press(*text)
    await screen.when(lambda: any(text in each.text for each in drafts.kept(trace)))


async def test_what_was_typed_is_kept_and_offered_again(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e")
        await typed(screen, "abc", trace)
        (kept,) = drafts.kept(trace)
        assert (kept.run, kept.task, kept.field, kept.text) == (1, TASK, "response", "abcstyle is fine")
        assert kept.path.stat().st_mode & 0o777 == 0o600
        assert kept.path.parent == state_folder() / "drafts"
        assert kept.path.parent.stat().st_mode & 0o777 == 0o700
    async with debugger(trace) as screen:
        text = await screen.until("was kept: response of main/judge[style]")
        text = await screen.press("j", "e")
        assert "was kept: Ctrl+R takes it up" in text
        assert "abc" not in text
        assert "abcstyle is fine" in await screen.press("ctrl+r")
        await screen.press("ctrl+s")
        await screen.until("response of main/judge[style] edited")
    assert drafts.kept(trace) == []
    assert [edit.task for edit in read(trace).state.edits.values()] == [TASK]


async def test_a_draft_goes_when_it_is_thrown_away_and_stays_when_it_was_not_looked_at(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e")
        await typed(screen, "abc", trace)
    async with debugger(trace) as screen:
        await screen.press("j", "e", "escape")
        assert len(drafts.kept(trace)) == 1
        await screen.press("e", "ctrl+r", "escape")
        assert len(drafts.kept(trace)) >= 1
        await screen.press("escape")
        assert drafts.kept(trace) == []


async def test_typing_anew_does_not_overwrite_an_older_draft(debugger: Opened, trace: Path) -> None:
    for text in ("one", "two"):
        async with debugger(trace) as screen:
            await screen.press("j", "e")
            await typed(screen, text, trace)
    async with debugger(trace) as screen:
        assert "(and 1 more)" in await screen.press("j", "e")
        assert "twostyle" in await screen.press("ctrl+r")
        assert "onestyle" in await screen.press("ctrl+r")
        await screen.press("escape", "escape")
    assert drafts.kept(trace) == []


async def test_a_text_that_is_as_it_was_again_is_no_draft(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e")
        await typed(screen, "q", trace)
        await screen.press("backspace")
        await screen.when(lambda: not drafts.kept(trace))


async def test_a_refused_edit_is_kept(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e", "x")
        other = scribe(trace)
        await screen.press("ctrl+s")
        await screen.until("is writing this trace")
        assert [each.text for each in drafts.kept(trace)] == ["xstyle is fine"]
        other.store.close()


async def test_the_end_of_the_process_keeps_the_last_key(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e")
        area = screen.app.focused
        assert isinstance(area, TextArea)
        area.insert("last")
        screen.app.editing.rescue()
        assert [each.text for each in drafts.kept(trace)] == ["laststyle is fine"]


async def test_a_full_disk_is_told_and_what_was_kept_before_stays(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e")
        await typed(screen, "a", trace)

        def full(*args: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "replace", full)
            await screen.press("b")
            await screen.until("cannot be kept as a draft (No space left on device)")
        assert [each.text for each in drafts.kept(trace)] == ["astyle is fine"]
    assert list((state_folder() / "drafts").glob("*.tmp")) == []


async def test_typing_does_not_wait_for_the_disk_and_the_last_text_is_kept(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, asked, sync = threading.Event(), threading.Event(), os.fsync

    def synced(fd: int) -> None:
        asked.set()
        assert slow.wait(60)
        sync(fd)

    async with debugger(trace) as screen:
        await screen.press("j", "e")
        monkeypatch.setattr(os, "fsync", synced)
        try:
            await screen.pilot.press("a")
            await screen.when(asked.is_set)
            await screen.pilot.press("b")
            await screen.until("abstyle is fine")
            await screen.pilot.pause(0.4)
            await screen.pilot.press("c")
            await screen.until("abcstyle is fine")
            assert not slow.is_set()
        finally:
            slow.set()
        screen.app.editing.rescue()
        assert [each.text for each in drafts.kept(trace)] == ["abcstyle is fine"]
        await screen.settled()
        assert [each.text for each in drafts.kept(trace)] == ["abcstyle is fine"]


def test_a_draft_that_was_asked_for_earlier_never_takes_the_place_of_a_later_one(trace: Path) -> None:
    keeper = drafts.Keeper(trace, 1, TASK, "response", "text")
    one, two = keeper.later("one"), keeper.later("two")
    two()
    one()
    assert [each.text for each in drafts.kept(trace)] == ["two"]
    three = keeper.later("three")
    keeper.drop()
    three()
    assert drafts.kept(trace) == []


async def test_what_came_from_outside_and_was_refused_is_opened_again(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def lend(suspend: object, text: str, suffix: str) -> str:
        opened.append(text)
        return "from outside \x1b" if len(opened) == 1 else text

    monkeypatch.setattr("ltg_tui.editing.edit_outside", lend)
    async with debugger(trace) as screen:
        other = scribe(trace)
        await screen.press("j", "E")
        await screen.until("kept as a draft, E opens it again")
        other.store.close()
        await screen.press("E")
        await screen.until("What shall be opened?")
        await screen.press("d")
        await screen.until("response of main/judge[style] edited")
    assert opened == ["style is fine", "from outside \x1b"]
    assert drafts.kept(trace) == []


def test_files_that_are_no_drafts_are_passed_over(trace: Path) -> None:
    keeper = drafts.Keeper(trace, 1, TASK, "response", "text")
    keeper.keep("\ud800 half")
    assert keeper.path is not None
    stem = keeper.path.name.rpartition("-")[0]
    for number, data in enumerate([b"", b"[]", b'{"trace": 1}', b"\xff"], 7):
        (drafts.folder() / f"{stem}-{number}.json").write_bytes(data)
    assert [each.text for each in drafts.kept(trace)] == ["\ud800 half"]


def test_a_draft_is_on_the_disk_before_it_takes_the_place_of_the_one_before(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    sync, replace = os.fsync, os.replace

    def synced(fd: int) -> None:
        done.append("folder" if os.path.isdir(f"/proc/self/fd/{fd}") else "file")
        sync(fd)

    def replaced(source: Path, target: Path) -> None:
        done.append("replaced")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    drafts.Keeper(trace, 1, TASK, "response", "text").keep("typed")
    assert done == ["file", "replaced", "folder"]

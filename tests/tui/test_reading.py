"""Reading in the panes: other views, wrapping, selecting, copying, writing to a file."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest

from llmtaskgraph import _events as ev
from llmtaskgraph._graph import Arg
from ltg_tui.io import clipboard

from .conftest import Opened, Screen
from .traces import llm, review, scribe

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def no_tmux(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    monkeypatch.chdir(tmp_path)


def answered(path: Path, *answers: str) -> Path:
    by = scribe(path)
    by.root()
    run = by.start()
    root = by.begin(run, "main")
    tasks = [llm(n, f"main/judge[{n}]") for n in range(2, 2 + len(answers))]
    by.declare(root, tasks, Arg(ref=tasks[0].id))
    for task, answer in zip(tasks, answers, strict=True):
        by.answer(by.ask(run, task.id, "Judge"), answer)
    by.succeed(root, None)
    by.end(run)
    by.store.close()
    return path


def clipboard_of(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is copied from now on."""
    copied: list[str] = []
    driver = screen.app._driver
    assert driver is not None
    write = driver.write

    def seen(data: str) -> None:
        if data.startswith("\x1b]52;"):
            copied.append(base64.b64decode(data[7:-1]).decode())
        write(data)

    monkeypatch.setattr(driver, "write", seen)
    return copied


async def test_v_goes_through_the_views_and_each_kind_of_pane_remembers_its_own(debugger: Opened, tmp_path: Path) -> None:
    answered(tmp_path / "t.json", '{"score": 4, "issues": []}', '{"score": 5, "issues": []}')
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "2")
        assert '{"score": 4' in screen.text
        await screen.press("v")
        text = await screen.press("v")
        assert "JSON" in text
        assert '"score": 4,' in text
        assert '{"score": 4' in await screen.press("3")
        await screen.press("escape", "j")
        text = await screen.press("2")
        assert "JSON" in text
        assert '"score": 5,' in text


async def test_a_view_that_does_not_apply_is_left_out_and_says_why(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json", fails=True).store.close()
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("x", "3")
        assert "only one way to look at this" in await screen.press("v")


async def test_lines_that_are_not_wrapped_are_read_from_the_side(debugger: Opened, tmp_path: Path) -> None:
    answered(tmp_path / "t.json", "begin " + "word " * 30 + "the far end")
    async with debugger(tmp_path / "t.json") as screen:
        text = await screen.press("j", "2")
        assert "the far end" in text
        assert "lines are wrapped" in await screen.press("l")
        text = await screen.press("W")
        assert "the far end" not in text
        assert "›" in text
        text = await screen.press("l", "l", "l")
        assert "the far end" in text
        assert "begin" not in text
        assert "begin" in await screen.press("h", "h", "h")


async def test_y_copies_the_pane_exactly_and_says_how_much(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(tmp_path / "t.json", "two\nlines \x1b[31m")
    async with debugger(tmp_path / "t.json") as screen:
        copied = clipboard_of(screen, monkeypatch)
        await screen.press("j", "2", "y")
        assert "copied the response, 15 characters, by OSC 52, which some terminals refuse" in screen.app.main.said
        assert copied == ["two\nlines \x1b[31m"]
        assert "copied the id of the task, 13 characters" in await screen.press("escape", "y")
        assert copied[-1] == "main/judge[2]"


async def test_what_is_too_long_to_copy_is_written_to_a_file(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = "x" * clipboard.LIMIT
    answered(tmp_path / "t.json", answer)
    async with debugger(tmp_path / "t.json") as screen:
        copied = clipboard_of(screen, monkeypatch)
        assert "not copied: 100,000 bytes are too many" in await screen.press("j", "2", "y")
        assert copied == []
        text = await screen.press("Y")
        assert "write the response to: main-judge[2]-response.txt" in text
        assert "wrote the response, 100,000 characters, to main-judge[2]-response.txt" in await screen.press("enter")
        path = tmp_path / "main-judge[2]-response.txt"
        assert path.read_text() == answer
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_file_that_is_there_is_never_overwritten(debugger: Opened, tmp_path: Path) -> None:
    answered(tmp_path / "t.json", "new")
    (tmp_path / "main-judge[2]-response.txt").write_text("old")
    async with debugger(tmp_path / "t.json") as screen:
        assert "main-judge[2]-response-2.txt" in await screen.press("j", "2", "Y")
        await screen.press(*["backspace"] * 6, *".txt", "enter")
        assert "is there already and was not touched" in screen.text
        assert (tmp_path / "main-judge[2]-response.txt").read_text() == "old"


async def test_rows_are_selected_held_extended_and_copied(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(tmp_path / "t.json", "\n".join(f"row {n}" for n in range(50)))
    async with debugger(tmp_path / "t.json") as screen:
        copied = clipboard_of(screen, monkeypatch)
        await screen.press("j", "2", "V", "j", "V", "j", "j")
        view = screen.app.main.panes.here.view
        assert view.selected_text == "row 1\nrow 2\nrow 3"
        assert "copied the selection" in await screen.press("y")
        assert copied == ["row 1\nrow 2\nrow 3"]
        await screen.press("G")
        assert view.selected_text.endswith("row 49")
        await screen.press("escape")
        assert view.selected_text == ""
        assert view.has_focus
        await screen.press("escape")
        assert screen.app.main.task_tree.has_focus


async def test_a_long_response_goes_on_at_its_end_as_it_arrives_unless_one_reads_above(debugger: Opened, tmp_path: Path) -> None:
    by = scribe(tmp_path / "t.json")
    by.root()
    run = by.start()
    root = by.begin(run, "main")
    by.declare(root, [llm(2, "main/judge")], Arg(ref="main/judge"))
    id = by.ask(run, "main/judge", "Judge it")
    by.record(ev.ResponseStreamed(id, "".join(f"line {n}\n" for n in range(3000))))
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "2", "z")
        assert "line 2999" in screen.text
        by.record(ev.ResponseStreamed(id, "line 3000\nand mo"))
        await screen.until("and mo")
        by.record(ev.ResponseStreamed(id, "re"))
        await screen.until("and more")
        text = await screen.press("g")
        assert "line 0" in text
        by.record(ev.ResponseStreamed(id, "\nthe very last"))
        await screen.pilot.pause(0.3)
        assert "line 0" in screen.text
        await screen.press("G")
        await screen.until("the very last")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_megabyte_scrolls_at_once_in_every_view(debugger: Opened, tmp_path: Path, size: tuple[int, int]) -> None:
    answered(tmp_path / "t.json", "word 日本 " * 100_000 + "the end")
    async with debugger(tmp_path / "t.json", size=size) as screen:
        await screen.press("j", "2")
        for _ in range(3):
            assert "word" in await screen.press("g")
            assert "the end" in await screen.press("G")
            await screen.press("pageup", "k", "W", "G", "g", "W")
            await screen.press("v")


async def test_copying_inside_tmux_takes_its_buffer(debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "tmux").write_text(f'#!/bin/sh\necho "$@" > {folder}/words\ncat > {folder}/given\n')
    (folder / "tmux").chmod(0o755)
    monkeypatch.setenv("TMUX", "/tmp/none,1,0")
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    answered(tmp_path / "t.json", "x" * 200_000)
    async with debugger(tmp_path / "t.json") as screen:
        assert "200,000 characters, into tmux's buffer" in await screen.press("j", "2", "y")
    assert (folder / "words").read_text() == "load-buffer -w -\n"
    assert len((folder / "given").read_text()) == 200_000


async def test_text_is_selected_with_the_mouse_too(debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answered(tmp_path / "t.json", "日本 one two\nthree \x85four five\nsix")
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "2")
        view = screen.app.main.panes.here.view
        await screen.pilot.mouse_down(view, offset=(6, 0))
        await screen.pilot.hover(view, offset=(18, 1))
        await screen.pilot.mouse_up(view, offset=(18, 1))
        assert view.selected_text == "one two\nthree \x85four"
        copied = clipboard_of(screen, monkeypatch)
        assert "copied the selection" in await screen.press("y")
        assert copied == ["one two\nthree \x85four"]


async def test_where_one_reads_stays_when_the_terminal_changes_its_size(debugger: Opened, tmp_path: Path) -> None:
    answered(tmp_path / "t.json", "\n".join(f"row {n} " + "word " * 30 for n in range(2000)))
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "2", "z", *["pagedown"] * 30)
        view = screen.app.main.panes.here.view
        seen = view._flow.place(view.scroll_offset.y)
        for size in (200, 60), (120, 40), (40, 12), (80, 24):
            await screen.pilot.resize_terminal(*size)
            await screen.settled()
            now = view._flow.place(view.scroll_offset.y)
            assert abs(now.offset - seen.offset) < 400


async def test_what_is_told_of_a_text_fits_the_room_that_the_text_has_now(debugger: Opened, tmp_path: Path) -> None:
    answered(tmp_path / "t.json", "\n".join(f"row {n}" for n in range(20)))
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "2")
        told = {(80, 24): "129 chars · 30 tokens · top", (80, 60): "129 chars · 30 tokens", (60, 60): "129 chars"}
        for size, facts in told.items():
            await screen.pilot.resize_terminal(*size)
            (tabs,) = (line for line in (await screen.settled()).splitlines() if "1 prompt  2 response" in line)
            assert tabs.partition("4 info")[2].strip(" ·") == facts

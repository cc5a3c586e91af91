"""Finding one's way: the keys of where one is, the command line, a word on the first day."""

from __future__ import annotations

from pathlib import Path

import pytest

from ltg_tui import actions
from ltg_tui.commanding import like
from ltg_tui.guiding import MET
from ltg_tui.model.columns import Entry, Group, laid_out
from ltg_tui.model.words import BadCommand, understood, ways

from .conftest import Opened
from .traces import review, wide

pytestmark = pytest.mark.anyio

KNOWN = actions.of("app", "trace", "tree")


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.json"
    by = review(path)
    by.end(by.start(1))
    by.store.close()
    return path


async def test_help_is_of_the_pane_with_the_focus_and_says_what_cannot_be_done(debugger: Opened, trace: Path) -> None:
    async with debugger(trace, size=(120, 90)) as screen:
        text = await screen.press("question_mark")
        assert "keys in the tree" in text
        assert "next row" in text
        text = await screen.press("escape", "2", "question_mark")
        assert "keys in the response pane" in text
        assert "a line down" in text
        assert "next row" not in text
        screen.app.session.read_only = "damaged"
        assert "(read-only: damaged)" in await screen.press("escape", "question_mark")


def texts(width: int) -> list[str]:
    groups = [Group(f"group {n}", tuple(Entry(f"k{i}", f"does {n}.{i}") for i in range(8))) for n in range(6)]
    return ["".join(text for text, _ in line).rstrip() for line in laid_out(groups, width)]


def test_help_has_two_columns_where_there_is_room_and_loses_nothing() -> None:
    narrow, wide, widest = texts(80), texts(120), texts(200)
    assert len(wide) <= len(narrow) // 2 + 1
    assert len(widest) < len(wide)
    for lines in narrow, wide, widest:
        for n in range(6):
            for i in range(8):
                assert sum(f"does {n}.{i}" in line for line in lines) == 1


@pytest.mark.parametrize("width", [1, 10, 20, 51, 80, 103, 104, 300])
def test_no_line_of_the_help_is_wider_than_the_screen(width: int) -> None:
    groups = [Group("a", (Entry("x", "word " * 30, "no " * 20),)), Group("b", (Entry("y", "z"),))]
    assert max(len("".join(text for text, _ in line)) for line in laid_out(groups, max(width, 30))) <= max(width, 30)


async def test_a_command_is_any_action_by_its_name_or_the_beginning_of_it(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        assert "run 1/2" in await screen.press("colon", *"older-run", "enter")
        assert "run 2/2" in await screen.press("colon", *"newer", "enter")
        assert ":resume" in await screen.press("colon", *"resu", "tab")
        assert "Enter start" in await screen.press("enter")


async def test_commands_take_arguments(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        assert "run 1/2" in await screen.press("colon", *"run 1", "enter")
        assert "there is no run '7'; there are 1 to 2" in await screen.press("colon", *"run 7", "enter")
        await screen.press("colon", *"task main/judge*", "enter")
        assert screen.app.main.chosen is not None
        assert screen.app.main.chosen.id == "main/judge[style]"
        await screen.press("colon", *"task main/judge*", "enter")
        assert screen.app.main.chosen.id == "main/judge[facts]"
        await screen.press("colon", *"theme nord", "enter")
        assert screen.app.theme == "nord"
        assert "there is no theme 'no'" in await screen.press("colon", *"theme no", "enter")


async def test_a_command_in_a_pane_moves_the_text(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json", answer="\n".join(f"line {n}" for n in range(300))).store.close()
    async with debugger(tmp_path / "t.json") as screen:
        assert "line 299" in await screen.press("j", "2", "colon", *"last", "enter")
        assert screen.app.main.at.pane == "response"


async def test_tab_completes_words_and_arguments(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        text = await screen.press("colon", *"the")
        assert "other colours" in text
        text = await screen.press("tab")
        assert "theme ansi-dark" in text
        text = await screen.press(*"nor", "tab", "enter")
        assert screen.app.theme == "nord"
        text = await screen.press("colon", *"task main/judge[", "tab", "tab")
        assert ":task main/judge[facts]" in text
        assert "task main/judge[style]" in text
        text = await screen.press("escape")
        assert ":task" not in text
        assert screen.app.focused is screen.app.main.task_tree


async def test_completion_is_quick_on_many_tasks(debugger: Opened, tmp_path: Path) -> None:
    wide(3000, tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        assert "200 · Tab" in await screen.press("colon", *"task main/f")


async def test_what_is_no_command_is_told(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        assert "there is no 'frobnicate'" in await screen.press("colon", *"frobnicate", "enter")
        assert "'pane' could be pane-prompt, pane-response" in await screen.press("colon", *"pane", "enter")
        assert "quit takes nothing after it" in await screen.press("colon", *"quit now", "enter")
        assert "cannot" not in await screen.press("colon", "enter")


@pytest.mark.parametrize("action", KNOWN, ids=lambda action: action.id)
def test_every_action_can_be_typed_in_full(action: actions.Action) -> None:
    assert understood(f" {actions.word(action)} ", KNOWN)[0].id == action.id
    assert action.id in [understood(way.line, KNOWN)[0].id for way in ways(actions.word(action), KNOWN, lambda id: None)]


def test_words_that_are_none_say_so() -> None:
    for line in "xyzzy", "pane", "undo it":
        with pytest.raises(BadCommand):
            understood(line, KNOWN)


@pytest.mark.parametrize(
    ("pattern", "key", "fits"),
    [
        ("main/judge*", "main/judge[style]", True),
        ("judge", "main/judge[style]", True),
        ("judge*", "main/judge[style]", False),
        ("*[style]", "main/judge[style]", True),
        ("main/judge[?]", "main/judge[2]", True),
        ("main/judge[?]", "main/judge[12]", False),
    ],
)
def test_tasks_are_found_by_a_pattern(pattern: str, key: str, fits: bool) -> None:
    assert (like(pattern).match(key) is not None) is fits


async def test_the_first_time_and_only_then_the_keys_are_named(debugger: Opened, trace: Path, state_home: Path) -> None:
    (state_home / "llmtaskgraph" / MET).unlink()
    async with debugger(trace) as screen:
        assert "first time? j k move" in screen.text
        assert all(len(line) <= 80 for line in screen.text.splitlines())
        assert "first time" not in await screen.press("j")
    async with debugger(trace) as screen:
        assert "first time" not in screen.text
    assert (state_home / "llmtaskgraph" / MET).stat().st_mode & 0o777 == 0o600


async def test_a_state_folder_that_cannot_be_written_is_no_reason_to_repeat_oneself(
    debugger: Opened, trace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    async with debugger(trace) as screen:
        assert "run 2/2" in screen.text


@pytest.mark.parametrize("width", [20, 30, 40, 60, 80, 120, 200])
async def test_the_hint_line_never_overflows_and_keeps_the_help(debugger: Opened, trace: Path, width: int) -> None:
    async with debugger(trace, size=(width, 12)) as screen:
        line = screen.text.splitlines()[-1]
        assert "? help" in line
        assert "…" not in line

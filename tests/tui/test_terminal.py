"""The terminal changes its size, loses the focus, has few colours or plain letters: nothing breaks, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from textual import events

from ltg_tui.config import Settings
from ltg_tui.looks import is_light, settled
from ltg_tui.widgets.plain import LETTERS

from .conftest import Opened
from .traces import review

pytestmark = pytest.mark.anyio

SIZES = [(200, 60), (20, 5), (80, 24), (30, 8), (1, 1), (110, 5), (20, 60), (5, 3), (80, 24)]
SCREENS = {
    "main": (),
    "a pane": ("j", "2"),
    "zoomed": ("j", "z"),
    "help": ("question_mark",),
    "command": ("colon", "r", "tab"),
    "search": ("slash", "j"),
    "editor": ("j", "e"),
    "model": ("j", "m"),
    "plan": ("r",),
    "settings": ("colon", *"settings", "enter"),
}


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    review(tmp_path / "t.json", answer="word " * 200).store.close()
    return tmp_path / "t.json"


@pytest.mark.parametrize("keys", SCREENS.values(), ids=SCREENS)
async def test_every_screen_bears_every_size(debugger: Opened, trace: Path, keys: tuple[str, ...]) -> None:
    async with debugger(trace) as screen:
        before = await screen.press(*keys)
        for size in SIZES:
            await screen.pilot.resize_terminal(*size)
            await screen.pilot.pause(0.02)
            lines = screen.text.splitlines()
            assert len(lines) <= size[1]
            assert all(cell_len(line) <= size[0] for line in lines)
        assert (await screen.settled()).split() == before.split()


async def test_a_window_that_loses_the_focus_keeps_what_is_typed(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        text = await screen.press("slash", *"jud")
        screen.app.post_message(events.AppBlur())
        assert await screen.settled() == text
        screen.app.post_message(events.AppFocus())
        assert await screen.settled() == text
        assert "judge" in await screen.press(*"ge", "enter")


async def test_keys_typed_ahead_close_a_sheet_once(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        for opens in "question_mark", "r":
            await screen.press(opens)
            await screen.when(lambda: screen.app.screen is not screen.app.main)
            for _ in range(3):
                screen.app.post_message(events.Key("escape", None))
            assert "judge" in await screen.settled()
            assert screen.app.screen is screen.app.main


async def test_plain_letters_are_told_in_the_help_too(debugger: Opened, trace: Path) -> None:
    async with debugger(trace, size=(120, 60), settings=settled(Settings(), {}, lofi=True)) as screen:
        text = await screen.press("question_mark")
        assert text.isascii()
        assert "+ x * ." in text


@pytest.mark.parametrize("glyph", LETTERS)
def test_a_plain_letter_is_as_wide_as_the_glyph(glyph: str) -> None:
    assert cell_len(glyph) == len(LETTERS[glyph]) == 1


SSH = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}


@pytest.mark.parametrize(
    ("settings", "environ", "said", "theme", "mouse", "lofi"),
    [
        (Settings(), {}, {}, "textual-dark", True, False),
        (Settings(), {"COLORFGBG": "0;15"}, {}, "textual-light", True, False),
        (Settings(), SSH, {}, "ansi-dark", False, False),
        (Settings(), {"SSH_TTY": "/dev/pts/1", "COLORFGBG": "0;default;15"}, {}, "ansi-light", False, False),
        (Settings(), {"NO_COLOR": ""}, {}, "ansi-dark", True, False),
        (Settings(), {"TERM": "linux"}, {}, "ansi-dark", True, True),
        (Settings(lofi=False), {"TERM": "linux"}, {}, "textual-dark", True, False),
        (Settings(theme="nord", mouse=True), SSH, {}, "nord", True, False),
        (Settings(theme="nord", mouse=False), {}, {"theme": "dracula", "mouse": True, "lofi": True}, "dracula", True, True),
    ],
)
def test_the_command_line_comes_before_the_file_and_that_before_what_suits(
    settings: Settings, environ: dict[str, str], said: dict[str, object], theme: str, mouse: bool, lofi: bool
) -> None:
    found = settled(settings, environ, **said)  # type: ignore[arg-type]
    assert (found.theme, found.mouse, found.lofi) == (theme, mouse, lofi)


def test_a_terminal_tells_its_background_in_several_ways() -> None:
    assert [is_light({"COLORFGBG": told}) for told in ("0;15", "15;0", "0;default;7", "", "x;y", "12;8")] == [
        True,
        False,
        True,
        False,
        False,
        False,
    ]

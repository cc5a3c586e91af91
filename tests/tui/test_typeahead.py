"""Keys that come together have the effect that they have one by one."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from .conftest import Opened, Screen
from .traces import review

pytestmark = pytest.mark.anyio


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.json"
    review(path, answer="The zebra crossed twice.").store.close()
    return path


def at_once(screen: Screen, *keys: str) -> None:
    """Keys of one packet, or that were typed while something took its time."""
    for key in keys:
        screen.app.post_message(events.Key(key, key if len(key) == 1 else {"slash": "/", "colon": ":"}.get(key)))


async def test_letters_after_a_search_key_are_searched_for(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        at_once(screen, "slash", *"zebra")
        await screen.until("/zebra 1")
        assert screen.app.main.ask_line.input.value == "zebra"
        assert len(screen.app.screen_stack) == 2


async def test_keys_after_enter_act_in_the_tree_again(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        at_once(screen, "slash", *"zebra", "enter", "comma")
        await screen.until("/zebra 1")
        await screen.settled()
        assert not screen.app.main.ask_line.asking
        assert screen.app.main.chosen.id == "main"  # `,` went back from what was found


async def test_letters_after_an_editor_was_opened_are_typed_there(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("slash", *"judge", "enter")
        at_once(screen, "e", "ctrl+k", *"quick", "ctrl+s")
        await screen.until("✎ edited, not yet run")
        await screen.until("quick")
        assert len(screen.app.screen_stack) == 2


async def test_a_screen_that_goes_with_the_key_takes_no_other_key_along(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        at_once(screen, "question_mark", "escape", "question_mark", "escape", "slash", *"zebra")
        await screen.until("/zebra 1")
        assert screen.app.main.ask_line.input.value == "zebra"

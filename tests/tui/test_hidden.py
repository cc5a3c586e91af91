"""In a narrowed tree: what is gone to is shown, what is hidden is said to be, and a slip takes nothing away."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Opened, Screen
from .traces import review

pytestmark = pytest.mark.anyio

FACTS = "main/judge[facts]"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    by = review(tmp_path / "t.json", fails=True)
    by.edit(1, FACTS, "response", {"role": "assistant", "parts": [{"type": "text", "content": "edited"}]})
    by.store.close()
    return tmp_path / "t.json"


def here(screen: Screen) -> str:
    task = screen.app.main.chosen
    return "" if task is None else task.id


async def narrowed(screen: Screen) -> None:
    """Only the first judge is shown, and what it is in."""
    screen.app.narrowing.widen()
    await screen.press("g", "j", "C")
    assert screen.app.session.outline is not None
    assert not screen.app.session.outline.shows(FACTS)


async def test_a_task_that_is_gone_to_by_its_name_is_shown(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await narrowed(screen)
        await screen.press("colon", *f"task {FACTS}", "enter")
        assert here(screen) == FACTS
        await narrowed(screen)
        await screen.press("colon", *"task *facts]", "enter")
        assert here(screen) == FACTS


async def test_the_task_of_an_edit_is_shown(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await narrowed(screen)
        await screen.press("M", "enter")
        assert here(screen) == FACTS


async def test_a_failure_that_is_hidden_is_not_said_not_to_be_there(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await narrowed(screen)
        assert "a task that failed is not among those shown: Esc shows all" in await screen.press("x")
        await screen.press("escape", "x")
        assert "failed" in screen.text


async def test_matches_that_are_hidden_are_said_to_be(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await narrowed(screen)
        assert "found, none among the tasks shown: Esc shows all" in await screen.press("slash", *"facts", "enter")


async def test_a_filter_that_cannot_be_read_leaves_the_one_before(debugger: Opened, trace: Path) -> None:
    async with debugger(trace, size=(120, 30)) as screen:
        await screen.press("f", *"status:failed", "enter")
        shown = [row.key for row in screen.app.session.outline.rows]  # type: ignore[union-attr]
        text = await screen.press("f", "ctrl+u", *"foo:bar", "enter")
        assert "foo" in text.split("\n")[-1]
        assert [row.key for row in screen.app.session.outline.rows] == shown  # type: ignore[union-attr]
        assert "f status:failed" in text.split("\n")[-2]


async def test_a_long_message_names_the_key_that_shows_all_of_it(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        screen.app.say("a " + "very " * 30 + "long message")
        assert (await screen.settled()).rstrip().endswith("…  i all")
        text = await screen.press("i")
        assert "what was said, newest first" in text
        assert "long message" in text
        await screen.press("escape")
        screen.app.say("short")
        assert (await screen.settled()).rstrip().endswith("short")


@pytest.mark.parametrize(
    ("typed", "order"), [("time", "duration"), ("begin", "start"), ("duration", "duration"), ("as", "declared")]
)
async def test_an_order_is_known_by_the_word_in_the_menu(debugger: Opened, trace: Path, typed: str, order: str) -> None:
    async with debugger(trace) as screen:
        await screen.press("colon", *f"sort {typed}", "enter")
        assert screen.app.session.order == order

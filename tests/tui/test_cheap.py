"""What a key costs: nothing is laid out or made that nobody sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Opened, Screen
from .traces import review

pytestmark = pytest.mark.anyio


def layouts(screen: Screen) -> list[object]:
    """Grows with each layout of the main screen."""
    found: list[object] = []
    screen.app.main.screen_layout_refresh_signal.subscribe(screen.app.main, found.append)
    return found


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_task_whose_texts_are_longer_is_shown_without_a_new_layout(
    debugger: Opened, tmp_path: Path, size: tuple[int, int]
) -> None:
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=size) as screen:
        before = await screen.press("j")
        found = layouts(screen)
        after = await screen.press("j")
        assert after != before
        assert not found

"""The debugger on a screen of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from ltg_tui.app import DebuggerApp
from ltg_tui.cli import open_trace
from ltg_tui.config import Settings
from ltg_tui.guiding import MET

Opened = Callable[..., AbstractAsyncContextManager["Screen"]]


@pytest.fixture
def anyio_backend() -> str:
    """Textual runs on asyncio only."""
    return "asyncio"


@pytest.fixture(autouse=True)
def state_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing of the person who runs the tests is read or written."""
    home = tmp_path_factory.mktemp("state")
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    (home / "llmtaskgraph").mkdir(mode=0o700)
    (home / "llmtaskgraph" / MET).touch()
    return home


class Screen:
    """What a person sees, and their keys."""

    def __init__(self, app: DebuggerApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> str:
        """Press keys, let everything settle, and give the text of the screen."""
        for key in keys:
            await self.pilot.press(key)
        return await self.settled()

    async def settled(self) -> str:
        """The text of the screen when nothing moves any more."""
        await self.pilot.pause(0.06)
        while self.app.workers._workers:
            await self.app.workers.wait_for_complete()
            await self.pilot.pause(0.02)
        await self.pilot.pause(0.06)
        return self.text

    async def until(self, wanted: str) -> str:
        """Wait until a text is on the screen."""
        for _ in range(300):
            if wanted in self.text:
                return self.text
            await self.pilot.pause(0.02)
        raise AssertionError(f"{wanted!r} did not appear on\n{self.text}")

    @property
    def text(self) -> str:
        """The text of the screen as it is sent to a terminal."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())


@asynccontextmanager
async def opened(
    path: Path, *, size: tuple[int, int] = (80, 24), wait: bool = False, settings: Settings | None = None
) -> AsyncIterator[Screen]:
    """The debugger with a trace open."""
    session, follower = open_trace(path, None, wait=wait)
    app = DebuggerApp(session, follower, settings=settings)
    async with app.run_test(size=size) as pilot:
        screen = Screen(app, pilot)
        await screen.settled()
        yield screen
    if follower is not None:
        follower.close()


@pytest.fixture
def debugger() -> Opened:
    """Opens a trace."""
    return opened

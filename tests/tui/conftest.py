"""The debugger on a screen of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from textual.message_pump import MessagePump
from textual.pilot import Pilot
from textual.timer import Timer

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


TURNS = 3000
"""So often it is looked whether something has come about: other programs, which may be slow, have a part in it."""


class Screen:
    """What a person sees, and their keys."""

    def __init__(self, app: DebuggerApp, pilot: Pilot[int]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> str:
        """Press keys, let everything settle, and give the text of the screen."""
        for key in keys:
            await self.pilot.press(key)
        return await self.settled()

    async def keys(self, *keys: str) -> None:
        """Press keys, and wait until each has had its effect; what goes on behind the screen is not waited for."""
        for key in keys:
            await self.pilot.press(key)
            await self.when(lambda: not self.app._typeahead._busy)
        await self._moved()

    async def settled(self) -> str:
        """The text of the screen when nothing moves any more."""
        await self.pilot.pause(0.06)
        while self.app.workers._workers:
            await self.app.workers.wait_for_complete()
            await self.pilot.pause(0.02)
        await self._moved()
        await self.pilot.pause(0.06)
        return self.text

    async def _moved(self) -> None:
        """Wait for what is put off for a moment; but not for what a test holds up."""
        for _ in range(50):
            if not self._moves():
                return
            await self.pilot.pause(0.02)

    def _moves(self) -> bool:
        places: list[MessagePump] = [self.app]
        for screen in self.app.screen_stack:
            places += screen.walk_children(with_self=True)
        put_off = any(_is_soon(timer) for place in places for timer in place._timers)
        sweeps = self.app.jobs._sweeps if isinstance(self.app, DebuggerApp) else {}
        return put_off or self.app._typeahead._busy or bool(sweeps)

    async def when(self, condition: Callable[[], object]) -> None:
        """Wait until something is so."""
        for _ in range(TURNS):
            if condition():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"it did not come about; on the screen is\n{self.text}")

    async def until(self, wanted: str) -> str:
        """Wait until a text is on the screen."""
        await self.when(lambda: wanted in self.text)
        return self.text

    @property
    def text(self) -> str:
        """The text of the screen as it is sent to a terminal."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())


def _is_soon(timer: Timer) -> bool:
    """Whether a timer is about to ring, for the only time."""
    waits = timer._task is not None and not timer._task.done() and timer._active.is_set()
    return waits and timer._repeat == 0 and timer._interval <= 0.2


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

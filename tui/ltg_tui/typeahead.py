"""Keys one after the other, however fast they come.

Textual hands a key at once to what has the focus, and does there what it stands for some messages later; a new focus is
set later still. Keys that come together (over a slow line, or while something takes its time) would all go to what had
the focus before the first of them: letters that are typed after `/` would act as keys. So the next key waits until what
the one before led to is done: a message goes behind it, all the way from what had the focus up to the app, twice, for
what the key led to are messages, too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final, NamedTuple

from textual.app import App
from textual.events import Callback, Event
from textual.message_pump import MessagePump

ROUNDS: Final = 2
PATIENCE: Final = 0.1
"""Seconds between two looks whether the message is on its way still: what it is sent to may be gone."""

LOOKS: Final = 3
MOUNTS: Final = 25
"""So many times it is looked whether a new screen has taken the focus."""


class Typeahead:
    """Keys and pastes that wait for their turn."""

    def __init__(self, app: App[Any], do: Callable[[Event], Awaitable[None]]) -> None:
        self._app, self._do = app, do
        self._waiting: deque[Event] = deque()
        self._turn = 0
        self._busy = False

    async def take(self, event: Event) -> None:
        """A key was pressed, or something pasted: it has its effect when it is its turn."""
        self._waiting.append(event)
        if not self._busy:
            await self._next()

    async def _next(self) -> None:
        if not self._waiting:
            return
        self._busy, self._turn = True, self._turn + 1
        turn, target = self._turn, self._target()
        try:
            await self._do(self._waiting.popleft())
        finally:
            self._behind(turn, target, target, ROUNDS)
            asyncio.get_running_loop().call_later(PATIENCE, self._look, turn, LOOKS)

    def _target(self) -> MessagePump:
        return (self._app.focused or self._app.screen) if self._app.screen_stack else self._app  # at the end there is none

    def _behind(self, turn: int, target: MessagePump, start: MessagePump, rounds: int) -> None:
        """Go behind all that waits in one place; from there to the place above."""
        step = _Step(self, turn, target, start, rounds)
        if not target.post_message(Callback(callback=step.arrived)) and target is not self._app:  # it is gone
            self._behind(turn, self._app, self._app, rounds)

    async def arrived(self, turn: int, target: MessagePump, start: MessagePump, rounds: int) -> None:
        """Go on, behind what waited in one place."""
        if turn != self._turn:
            return
        above = None if target is self._app else target._parent
        if above is not None:
            self._behind(turn, above, start, rounds)
        elif rounds > 1:
            self._behind(turn, start, start, rounds - 1)
        else:
            await self._done(turn, MOUNTS)

    async def _done(self, turn: int, mounts: int) -> None:
        if turn != self._turn or not self._busy:
            return
        if mounts and self._waiting and self._mounting():
            self._app.set_timer(0.01, lambda: self._done(turn, mounts - 1))
            return
        self._busy = False
        await self._next()

    def _mounting(self) -> bool:
        """Whether a screen is new, and nothing on it has the focus yet."""
        return bool(self._app.screen_stack) and self._app.focused is None

    def _look(self, turn: int, looks: int) -> None:
        """What it was sent to may have gone with it: then go on without."""
        if turn != self._turn or not self._busy:
            return
        if looks:
            asyncio.get_running_loop().call_later(PATIENCE, self._look, turn, looks - 1)
        else:
            self._app.call_later(self._done, turn, 0)


class _Step(NamedTuple):
    """A message on its way. Its method takes nothing: how many arguments a function of its own wants would be looked up anew."""

    keys: Typeahead
    turn: int
    target: MessagePump
    start: MessagePump
    rounds: int

    async def arrived(self) -> None:
        """It is there."""
        await self.keys.arrived(self.turn, self.target, self.start, self.rounds)

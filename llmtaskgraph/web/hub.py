"""One trace, followed once for all who watch it.

The state changes in `Hub.look` only, under `Hub.lock`; whoever reads it for longer than a moment takes the lock. Readers are
woken by a bell, and each asks the feed what it missed: a slow one, or one that stands still, makes nobody wait.
"""

from __future__ import annotations

import gc
import os
import time
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Final

import anyio
import anyio.to_thread
import msgspec

from .. import _store
from .._errors import DamagedTrace, TraceError
from .._events import JournalOpened, RunEnded
from .._files import identity
from .._follow import Change, Follower
from .._lock import holder
from .._state import State
from .._trace import Trace
from .feed import Feed, Missed, Part

INTERVAL: Final = 0.05
"""Seconds between two looks at the trace."""

PAUSE: Final = 0.1
"""Seconds between two changes that one reader is told of."""

QUIET: Final = 10.0
"""Seconds after which a reader to whom nothing is told is told that."""

_BYTES: Final = 1 << 20
_CHECK: Final = 1.0

Told = tuple[str, str, bytes]
"""An event of a stream: its name, its id (empty for none), its data."""


class Hub:
    """What is known of the trace, and who is told of it.

    Attributes:
        path: of the trace.
        lock: held while the state changes, and by whoever reads it for longer than a moment.
        feed: what the page is told.
        read_only: why nothing can be edited; empty when it can.
        problem: why the trace cannot be followed now; empty when it can.
        epoch: counts how often all that was told before has to be read anew.
        ended: whether the server is ending.
    """

    def __init__(self, path: Path, follower: Follower | None, trace: Trace | None, read_only: str = "") -> None:
        self.path, self.follower, self.read_only = path, follower, read_only
        self.lock = anyio.Lock()
        self.feed = Feed(State() if trace is None else trace.state)
        self.problem = ""
        self.epoch = 0
        self.ended = False
        self._kept = trace
        self._bell = anyio.Event()
        self._failed: object = None
        self._checked_at = 0.0
        self._suspected: float | None = None

    @classmethod
    def open(cls, path: Path) -> Hub:
        """Read a trace. One that is not there yet is waited for; one that is damaged is shown as far as it can be read.

        Raises:
            TraceError: there is nothing that could be shown, nor a folder in which it could appear.
        """
        follower = Follower(path)
        try:
            change = _quietly(follower.poll)
        except DamagedTrace as damage:
            follower.close()
            trace = _store.read(path, salvage=True)
            if not trace.state.runs:
                raise damage from None
            return cls(path, None, trace, f"{damage.problem}; this is what is readable")
        if change is None and not (path.suffix == ".json" and path.parent.is_dir() and not os.path.lexists(path)):
            _store.read(path)  # says what is wrong
        hub = cls(path, follower, follower.trace, _newer(follower.trace))
        hub._look_at_runs()
        change = follower.poll()
        if change is not None:
            hub._take(change)
        hub._look_at_runs()
        return hub

    @property
    def trace(self) -> Trace | None:
        """The document in memory; None where there is none yet."""
        return self._kept if self.follower is None or self.follower.trace is None else self.follower.trace

    def end(self) -> None:
        """Let all readers go."""
        self.ended = True
        self.ring()

    def ring(self) -> None:
        """Wake all readers."""
        self._bell.set()
        self._bell = anyio.Event()

    async def rung(self) -> None:
        """Wait for the bell."""
        await self._bell.wait()

    # Following

    async def run(self) -> None:
        """Follow, without end."""
        while True:
            await self.look()
            await anyio.sleep(INTERVAL)

    async def look(self) -> None:
        """Take in what is new."""
        behind = True
        while behind:
            async with self.lock:
                behind = await self._look()

    async def _look(self) -> bool:
        """Read for a moment. Returns whether there may be more."""
        if self.follower is None or not self._may_have_changed():
            return False
        try:
            change = await anyio.to_thread.run_sync(partial(_quietly, partial(self.follower.poll, _BYTES)))
        except TraceError as error:
            self._fail(str(error))
            return False
        if change is not None:
            self._take(change)
            return not change.reset
        if self.feed.state.id and identity(self.path) is None:
            self._trouble(f"{self.path}: the trace is gone; put it back, or end this server")
        elif self.problem:
            self._reset(self.feed.state)
        if time.monotonic() - self._checked_at > _CHECK:
            self._checked_at = time.monotonic()
            self._look_at_runs()
        return False

    def _take(self, change: Change) -> None:
        self.problem = ""
        if change.reset or self._goes_on(change):
            self._reset(change.state)
        else:
            self.feed.take(change)
            self.ring()

    def _goes_on(self, change: Change) -> bool:
        """Whether a run goes on that was taken for cut off."""
        events = (event for event in change.events if not isinstance(event, RunEnded | JournalOpened))
        runs = change.state.runs
        return any(runs[run].status == "running" for run in self.feed.view.cut_off) and any(True for _ in events)

    def _reset(self, state: State) -> None:
        self.problem = ""
        self.read_only = _newer(self.trace)
        self.feed = Feed(state)
        self._kept = self._suspected = None
        self.epoch += 1
        self.ring()

    def _fail(self, problem: str) -> None:
        """What there is cannot be read: keep what was read before, and begin again when the files are others."""
        self._kept = self.trace
        if self.follower is not None:
            self.follower.close()
        self.follower = Follower(self.path)
        self._failed = self._identities()
        self._trouble(problem)

    def _trouble(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            self.ring()

    def _may_have_changed(self) -> bool:
        if self._failed is not None and self._failed == self._identities():
            return False
        self._failed = None
        return True

    def _identities(self) -> object:
        return identity(self.path), identity(_store.journal_path(self.path))

    def _look_at_runs(self) -> None:
        """Is there still a process that writes the runs that are under way? Asked twice: it may end in between as it should."""
        gone = bool(self.feed.live) and not self.problem and holder(self.path) is None
        if gone and self._suspected == self.feed.at:
            for run in self.feed.live:
                self.feed.cut_off(run, _store._last_sign_of_life(self.path))
            self.ring()
        self._suspected = self.feed.at if gone else None

    # Telling

    async def events(self, last: str | None, others: Callable[[], list[Told]]) -> AsyncIterator[bytes]:
        """What happens, as the lines of an event stream.

        Args:
            last: the id of the event that the reader was told last; without it, it is told what happens from now on.
            others: what else there is to tell: it is told when it is not what was told before.
        """
        known, epoch, problem = self._known(last), self.epoch, ""
        left: list[Part] = []
        other: list[Told] = []
        yield b": still here\n\n"
        while not self.ended:
            bell = self._bell
            if known is None or epoch != self.epoch:
                epoch, known, left = self.epoch, self.feed.at, []
                yield _lines("reset", "", b"{}")
            if problem != self.problem:
                problem = self.problem
                if problem:
                    yield _lines("problem", "", msgspec.json.encode({"error": problem}))
            new, other = [each for each in others() if each not in other], others()
            for each in new:
                yield _lines(*each)
            if left or known < self.feed.at:
                text, known, left = await self._change(known, left, epoch)
                if text:
                    yield text
                    await anyio.sleep(PAUSE)
                continue
            with anyio.move_on_after(QUIET) as quiet:
                await bell.wait()
            if quiet.cancelled_caught:
                yield b": still here\n\n"

    async def _change(self, known: float, left: list[Part], epoch: int) -> tuple[bytes, float, list[Part]]:
        """The next part of what was missed; the position after it; the parts that are left. Nothing when all is anew."""
        async with self.lock:
            if epoch != self.epoch:
                return b"", known, []
            part, *left = left or self.feed.parts(known) or [Part(Missed((), ()), known, self.feed.at)]
            id = f"{self.feed.state.id}:{self.epoch}:{int(part.at)}"
            return _lines("change", id, self.feed.change(part)) if part.missed.keys else b"", part.at, left

    def _known(self, last: str | None) -> float | None:
        """The position that an id stands for; None where what happened since cannot be told."""
        if last is None:
            return self.feed.at
        before, _, number = last.rpartition(":")
        if before != f"{self.feed.state.id}:{self.epoch}" or not number.isdecimal() or len(number) > 18:
            return None
        known = int(number)
        if not self.feed.floor <= known <= self.feed.at:
            return None
        return float(known)


def _newer(trace: Trace | None) -> str:
    return "a newer llmtaskgraph wrote this trace" if trace is not None and trace.newer else ""


def _quietly(read: Callable[[], Change | None]) -> Change | None:
    """Read without looking for garbage: there is none, and looking takes as long again."""
    gc.disable()
    try:
        change = read()
        if change is not None and change.reset:
            gc.freeze()
        return change
    finally:
        gc.enable()


def _lines(name: str, id: str, data: bytes) -> bytes:
    """An event as it is sent."""
    head = f"event: {name}\n" + (f"id: {id}\n" if id else "")
    return head.encode() + b"data: " + data + b"\n\n"

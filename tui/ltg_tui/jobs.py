"""Work on a whole trace while a person goes on: a few milliseconds at a time, and told at most so often."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Final

from textual.app import App
from textual.timer import Timer

from .model.sweep import Sweep

AT_ONCE: Final = 0.03
"""Seconds of the first slice: a small trace is done before anything is painted."""

EVERY: Final = 0.016
SLICE: Final = 0.009
TOLD_EVERY: Final = 0.15


class Jobs:
    """Sweeps by name. Starting one ends the one of the same name.

    Args:
        ready: whether there is a screen to tell.
    """

    def __init__(self, app: App[Any], ready: Callable[[], bool]) -> None:
        self._app, self._ready = app, ready
        self._sweeps: dict[str, tuple[Sweep[Any], Callable[[Sweep[Any]], None]]] = {}
        self._timer: Timer | None = None
        self._told = 0.0

    def start(self, name: str, sweep: Sweep[Any], told: Callable[[Sweep[Any]], None]) -> None:
        """Start a sweep; `told` hears of it now, several times a second, and when it is done."""
        self._sweeps.pop(name, None)
        sweep.step(AT_ONCE)
        if not sweep.done:
            self._sweeps[name] = sweep, told
            if self._timer is None:
                self._timer = self._app.set_interval(EVERY, self._step)
        told(sweep)

    def stop(self, name: str) -> bool:
        """End a sweep. Returns whether it was under way."""
        return self._sweeps.pop(name, None) is not None

    def running(self, name: str) -> bool:
        """Whether a sweep is under way."""
        return name in self._sweeps

    def _step(self) -> None:
        if not self._ready():
            return
        now = time.monotonic()
        tell = now - self._told >= TOLD_EVERY
        if tell:
            self._told = now
        for name, (sweep, told) in list(self._sweeps.items()):
            if self._sweeps.get(name, (None,))[0] is not sweep:  # what another one told has ended it
                continue
            sweep.step(SLICE / len(self._sweeps))
            if sweep.done:
                del self._sweeps[name]
            if sweep.done or tell:
                told(sweep)
        if not self._sweeps and self._timer is not None:
            self._timer.stop()
            self._timer = None

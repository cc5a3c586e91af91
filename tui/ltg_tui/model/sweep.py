"""Work that goes through a whole trace, a few milliseconds at a time, so that keys stay quick and it can be given up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Final, Generic, TypeVar

T = TypeVar("T")

GIVE_UP: Final = 4
"""After so many things that took too long, it ends by itself."""


class TooSlow(Exception):
    """Looking at one thing took too long; raised by whoever watches the time."""


class Sweep(Generic[T]):
    """Looks at one thing after the other.

    Attributes:
        checked: how many were looked at.
        slow: how many took too long.
        done: whether it has come to its end.

    Args:
        things: None where only time has gone by.
        look: gets each; true ends the sweep.
    """

    def __init__(self, things: Iterator[T | None], look: Callable[[T], object]) -> None:
        self._things, self._look = things, look
        self.checked = self.slow = 0
        self.done = False

    def step(self, seconds: float | None) -> None:
        """Go on for so long; None is to the end."""
        end = None if seconds is None else time.perf_counter() + seconds
        for thing in self._things:
            if thing is not None and self._looked(thing):
                break
            if end is not None and time.perf_counter() > end:
                return
        self.done = True

    def _looked(self, thing: T) -> bool:
        """Look at one. Returns whether that ends the sweep."""
        try:
            found = bool(self._look(thing))
        except TooSlow:
            self.slow += 1
            found = self.slow >= GIVE_UP
        self.checked += 1
        return found

"""A time limit for code that cannot be asked to stop: the regular expressions of `re` look for signals while they run."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import TypeVar

from ..model.sweep import TooSlow

T = TypeVar("T")


def bounded(seconds: float, work: Callable[[], T]) -> T:
    """What `work` gives, if it does within so many seconds. Only on the main thread is there a limit.

    Raises:
        TooSlow: it did not.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    armed = True

    def ring(*_: object) -> None:
        if armed:
            raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        return work()
    finally:
        armed = False  # from here on a late ring does nothing
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

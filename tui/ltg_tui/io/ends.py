"""A terminal that is closed, or a process that is told to end: what is being typed is kept first."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import Callable
from typing import Final

SIGNALS: Final = (signal.SIGHUP, signal.SIGTERM)

PATIENCE: Final = 2.0
"""Seconds to leave the terminal as it was: one that is gone may never take what is written to it."""


class Ends:
    """Ends a program in good order when it is told to by a signal.

    Args:
        rescue: keeps what would be lost.
        leave: ends the program, with an exit code.
    """

    def __init__(self, rescue: Callable[[], None], leave: Callable[[int], None]) -> None:
        self._rescue, self._leave = rescue, leave
        self._heard: list[signal.Signals] = []

    def listen(self) -> None:
        """From now on. A signal that is ignored, as under nohup, stays so."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                with contextlib.suppress(ValueError, RuntimeError):  # not in the main thread: whoever runs it there listens
                    loop.add_signal_handler(number, self._end, number)
                    self._heard.append(number)

    def ignore(self) -> None:
        """No longer."""
        loop = asyncio.get_running_loop()
        while self._heard:
            loop.remove_signal_handler(self._heard.pop())

    def _end(self, number: signal.Signals) -> None:
        hard = threading.Timer(PATIENCE, os._exit, [128 + number])
        hard.daemon = True
        hard.start()
        self._rescue()
        self._leave(128 + number)

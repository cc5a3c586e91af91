"""A bounded set of workers takes ready tasks.

    schedule.pop -> settle, until nothing is ready and nothing is under way

A worker that is about to wait leaves a spare one behind, so there are as many workers as there are tasks that wait for something,
and a chain of quick functions needs a single one.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

import anyio
import anyio.lowlevel

from ._schedule import Schedule

_CHECKPOINT_PERIOD = 0.01


class Workers:
    """Settles what a schedule has ready.

    Attributes:
        interrupt: what a function raised to end the process: a Ctrl-C.

    Args:
        schedule: has the ready tasks; settling makes others ready.
        settle: settles a task.
        flush: called before there is a pause.
        most: tasks that may be under way at once.
    """

    def __init__(
        self, schedule: Schedule, settle: Callable[[str], Awaitable[None]], flush: Callable[[], None], most: int
    ) -> None:
        self.interrupt: BaseException | None = None
        self._schedule, self._settle, self._flush, self._most = schedule, settle, flush, most
        self._working = 0
        self._spare_waits = False

    async def work(self) -> None:
        """Settle tasks until no more are ready, or `stop` is called."""
        async with anyio.create_task_group() as group:
            self._group = group
            self._spare()

    def stop(self) -> None:
        """Cancel what is under way."""
        self._group.cancel_scope.cancel()

    def _spare(self) -> None:
        """Have one worker start when this one waits, if there is something left to do."""
        if not self._spare_waits and self._schedule and self._working < self._most:
            self._spare_waits = True
            self._working += 1
            self._group.start_soon(self._worker)

    async def _worker(self) -> None:
        self._spare_waits = False
        schedule, settle, pause = self._schedule, self._settle, time.monotonic() + _CHECKPOINT_PERIOD
        while (id := schedule.pop()) is not None:
            if (schedule.ready or schedule.deferred) and not self._spare_waits:
                self._spare()
            try:
                await settle(id)
            except (KeyboardInterrupt, GeneratorExit) as error:  # raised by a function: the others end in order first
                self.interrupt = error
                self.stop()
                return
            if time.monotonic() > pause:
                self._flush()
                await anyio.lowlevel.checkpoint()
                pause = time.monotonic() + _CHECKPOINT_PERIOD
        self._flush()
        self._working -= 1

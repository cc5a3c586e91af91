"""Threads for sync functions: daemons, so that a function that does not return cannot hold up the end of the process.

A thread cannot be stopped. One whose caller was cancelled is left behind, and what it gives is thrown away.
"""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable
from contextvars import Context, copy_context
from queue import SimpleQueue
from typing import Any

import anyio


class Threads:
    """A pool for one event loop.

    Args:
        most: calls that may be under way at once; those that were left behind are not counted.
    """

    def __init__(self, most: int) -> None:
        self._limiter = anyio.CapacityLimiter(most)
        self._call_soon = _call_soon()
        self._idle: list[SimpleQueue[Callable[[], None] | None]] = []
        self._open = True

    async def run(self, call: Callable[[], Any]) -> Any:
        """What a call in a thread gives, or raises. When this is cancelled, the call is left behind."""
        async with self._limiter:
            done, found = anyio.Event(), _Found()
            jobs = self._idle.pop() if self._idle else _start()
            context = _outside_of_the_loop()

            def work() -> None:
                try:
                    found.value = context.run(call)
                except BaseException as error:
                    found.error = error
                try:
                    self._call_soon(finish)
                except RuntimeError:  # the event loop is over, and nobody waits
                    jobs.put(None)

            def finish() -> None:
                if self._open:
                    self._idle.append(jobs)
                else:
                    jobs.put(None)
                done.set()

            jobs.put(work)
            await done.wait()
        if found.error is not None:
            try:
                raise found.error
            finally:
                del found, work, finish  # they refer to the error, whose traceback refers to this frame
        return found.value

    def close(self) -> None:
        """Let the threads that have nothing to do end, and the others when they are done."""
        self._open = False
        while self._idle:
            self._idle.pop().put(None)


class _Found:
    """What a call gave."""

    value: Any = None
    error: BaseException | None = None


def _start() -> SimpleQueue[Callable[[], None] | None]:
    """A new thread, by the queue of its jobs."""
    jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
    threading.Thread(target=_serve, args=(jobs,), name="llmtaskgraph worker", daemon=True).start()
    return jobs


def _serve(jobs: SimpleQueue[Callable[[], None] | None]) -> None:
    while (job := jobs.get()) is not None:
        job()
        del job


def _outside_of_the_loop() -> Context:
    """A copy of the context variables in which no event loop is said to run."""
    context = copy_context()
    sniffio = sys.modules.get("sniffio")
    if sniffio is not None:
        context.run(sniffio.current_async_library_cvar.set, None)
    return context


def _call_soon() -> Callable[[Callable[[], None]], Any]:
    """How another thread has the event loop call something."""
    if issubclass(anyio.get_cancelled_exc_class(), asyncio.CancelledError):
        return asyncio.get_running_loop().call_soon_threadsafe
    import trio

    return trio.lowlevel.current_trio_token().run_sync_soon

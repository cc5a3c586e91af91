"""Reading a streamed answer under a deadline that only content moves."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio
from anyio import CancelScope, current_time

from ._answer import Answer, loads
from ._faults import Malformed
from ._sse import SSEDecoder

if TYPE_CHECKING:
    import httpx2

GRACE = 5.0
"""Seconds that a complete answer is given for its usage to arrive and its stream to end."""
HURRY = 0.2
"""The same once the send is cancelled: the answer is paid for, so it is brought home."""
_LAST = 0.1
"""Seconds for the end of the body after `[DONE]`: reading it lets the connection be used again."""


async def follow(response: httpx2.Response, answer: Answer, idle: CancelScope, patience: float) -> None:
    """Read a stream to its end, or to what ends it. A cancellation ends it too, but not once the answer is complete.

    Args:
        response: of which only the headers were read.
        answer: takes the chunks.
        idle: the scope that reading happens in; content moves its deadline.
        patience: seconds without content before that deadline.
    """
    chunks = response.aiter_bytes()
    reader = _Reader(chunks, answer, idle, patience)
    try:
        await reader.read()
        if answer.finish is not None:
            await reader.rest()
    finally:
        await _unwind(chunks)
        with CancelScope(shield=True):
            await response.aclose()


class _Reader:
    def __init__(self, chunks: AsyncIterator[bytes], answer: Answer, idle: CancelScope, patience: float) -> None:
        self._chunks, self._answer, self._idle, self._patience = chunks, answer, idle, patience
        self._decoder = SSEDecoder()
        self._done = False

    async def read(self) -> None:
        """Read until the answer is complete, or the stream is over."""
        async for chunk in self._chunks:
            if self._take(chunk):
                self._idle.deadline = current_time() + self._patience
            if self._answer.finish is not None:
                return
            if self._done:
                with anyio.move_on_after(_LAST):
                    async for _ in self._chunks:
                        pass
                return
        self._end()

    async def rest(self) -> None:
        """Read what follows a complete answer, for a while. Cancelling shortens that while, and does not lose the answer."""
        failure: Exception | None = None
        self._idle.deadline = math.inf
        latest = math.inf
        async with anyio.create_task_group() as group:
            with CancelScope(shield=True) as scope:

                def move(seconds: float) -> None:
                    scope.deadline = min(current_time() + seconds, latest)

                async def hurry() -> None:
                    nonlocal latest
                    try:
                        await anyio.sleep_forever()
                    finally:
                        latest = current_time() + HURRY
                        scope.deadline = min(scope.deadline, latest)

                grace = min(GRACE, self._patience)
                move(_LAST if self._done else grace)
                group.start_soon(hurry)
                try:
                    async for chunk in self._chunks:
                        if self._done:
                            continue
                        if self._take(chunk):  # some servers say early that they are finished
                            move(grace)
                        if self._done:
                            move(_LAST)
                    self._end()
                except Exception as error:
                    failure = error
            # Nothing but `hurry` ends by this, so that a cancellation from outside does not come through here.
            group.cancel_scope.shield = True
            group.cancel_scope.cancel()
        if failure is not None:
            raise failure

    def _take(self, chunk: bytes) -> bool:
        """Take in what has come; True if it brought content."""
        content = False
        for data in self._decoder.feed(chunk):
            if data.startswith(b"[DONE]"):
                self._done = True
                break
            content |= self._answer.chunk(loads(data))
        return content

    def _end(self) -> None:
        """Take in an event at the end of the stream, whose empty line never came."""
        if self._done:
            return
        with suppress(Malformed):  # an event that was cut off: the answer as a whole is
            for data in self._decoder.finish():
                if not data.startswith(b"[DONE]"):
                    self._answer.chunk(loads(data))


async def _unwind(chunks: AsyncIterator[bytes]) -> None:
    """End a stream that is left before its end.

    It is a chain of async generators, which nobody closes but the garbage collector, and trio complains of that. A
    read that is cancelled ends them all.
    """
    with CancelScope(shield=True) as scope, suppress(Exception):  # the failure that led here is the one to report
        scope.cancel()
        async for _ in chunks:
            pass

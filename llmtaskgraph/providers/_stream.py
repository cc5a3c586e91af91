"""Reading a streamed answer under a deadline that only content moves."""

from __future__ import annotations

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


async def follow(response: httpx2.Response, answer: Answer, idle: CancelScope, patience: float) -> None:
    """Read a stream to its end, or to what ends it.

    Args:
        response: of which only the headers were read.
        answer: takes the chunks.
        idle: the scope that reading happens in; content moves its deadline.
        patience: seconds without content before that deadline.
    """
    chunks = response.aiter_bytes()
    try:
        await _read(chunks, answer, idle, patience)
    finally:
        await _unwind(chunks)
        with CancelScope(shield=True):
            await response.aclose()


async def _read(chunks: AsyncIterator[bytes], answer: Answer, idle: CancelScope, patience: float) -> None:
    decoder = SSEDecoder()
    async for chunk in chunks:
        for data in decoder.feed(chunk):
            if data.startswith(b"[DONE]"):
                # The end of the body is on its way: reading it lets the connection be used again.
                with anyio.move_on_after(0.1):
                    async for _ in chunks:
                        pass
                return
            if answer.chunk(loads(data)):
                idle.deadline = current_time() + patience
            if answer.finish is not None:
                idle.deadline = current_time() + min(GRACE, patience)
    with suppress(Malformed):  # an event that was cut off: the answer as a whole is
        for data in decoder.finish():
            if not data.startswith(b"[DONE]"):
                answer.chunk(loads(data))


async def _unwind(chunks: AsyncIterator[bytes]) -> None:
    """End a stream that is left before its end.

    It is a chain of async generators, which nobody closes but the garbage collector, and trio complains of that. A
    read that is cancelled ends them all.
    """
    with CancelScope() as scope, suppress(Exception):  # the failure that led here is the one to report
        scope.cancel()
        async for _ in chunks:
            pass

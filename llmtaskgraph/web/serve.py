"""The server: uvicorn inside our own event loop, on loopback, until a signal or the end of stdin ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Generator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

import anyio
import anyio.abc
import uvicorn

from .._errors import LLMTaskGraphError
from .actions import Actions
from .app import Viewer
from .guard import Guard, Guarded
from .hub import Hub
from .page import load

GRACE: Final = 0.3
"""Seconds that answers under way have when the server ends."""

_WATCH: Final = 0.1


class PortTaken(LLMTaskGraphError):
    """The port cannot be had."""

    exit_code = 3


@dataclass
class Wanted:
    """What is wanted of a server.

    Attributes:
        trace: the path of the trace.
        allow_edit: whether the page may edit and run.
        port: to listen on; 0 for one that is free.
        until_eof: whether it ends with stdin.
        began: called when it listens, with the address to open and the port.
        say: called with a line for the person.
    """

    trace: Path
    began: Callable[[Guard], None]
    say: Callable[[str], None]
    allow_edit: bool = False
    port: int = 0
    until_eof: bool = False


class _Server(uvicorn.Server):
    """Signals are ours."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield


def serve(wanted: Wanted) -> int:
    """Serve until it is ended. Returns the exit code.

    Raises:
        LLMTaskGraphError: there is no such trace, or the port is taken.
    """
    hub = Hub.open(wanted.trace)
    listening = _listen(wanted.port)
    return anyio.run(_serve, wanted, hub, listening, backend="asyncio")


def _listen(port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1", port))
        found.listen(128)
    except (OSError, OverflowError) as error:
        found.close()
        why = getattr(error, "strerror", None) or str(error)
        raise PortTaken(f"port {port} of 127.0.0.1 cannot be had ({why}); give another --port, or none for a free one") from None
    found.setblocking(False)
    return found


async def _serve(wanted: Wanted, hub: Hub, listening: socket.socket) -> int:
    guard = Guard(listening.getsockname()[1])
    actions = Actions(hub, allowed=wanted.allow_edit)
    viewer = Viewer(hub, actions, load(), version("llmtaskgraph"))
    guarded = Guarded(viewer.app(), guard, lambda where: wanted.say(f"a request failed: {where}"))
    server = _Server(
        uvicorn.Config(
            guarded,
            loop="asyncio",
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
    )
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        hub.end()
        server.should_exit = True

    async with anyio.create_task_group() as tasks:
        await tasks.start(_signals, end)
        tasks.start_soon(hub.run)
        tasks.start_soon(_watch, actions)
        if wanted.until_eof:
            tasks.start_soon(_until_eof, end)
        tasks.start_soon(_abort, hub, server)
        wanted.began(guard)
        await server.serve(sockets=[listening])
        tasks.cancel_scope.cancel()
    left = actions.leave()
    if left:
        wanted.say(left)
    return codes[0] if codes else 0


async def _signals(end: Callable[[int], None], *, task_status: anyio.abc.TaskStatus[None]) -> None:
    """Ctrl-C ends with 130; being asked to end, or a terminal that is gone, with 0. What is ignored stays ignored."""
    wanted = [n for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if signal.getsignal(n) is not signal.SIG_IGN]
    with anyio.open_signal_receiver(*wanted) as received:
        task_status.started()
        async for number in received:
            end(130 if number == signal.SIGINT else 0)


async def _watch(actions: Actions) -> None:
    while True:
        await actions.watch()
        await anyio.sleep(_WATCH)


async def _until_eof(end: Callable[[int], None]) -> None:
    while True:
        with contextlib.suppress(OSError):  # a file is always ready
            await anyio.wait_readable(0)
        try:
            if not os.read(0, 4096):
                break
        except OSError:
            break
    end(0)


async def _abort(hub: Hub, server: uvicorn.Server) -> None:
    """When the server ends, let go of those that do not take what they are sent."""
    while not hub.ended:
        await hub.rung()
    await anyio.sleep(GRACE)
    for connection in list(server.server_state.connections):
        transport = getattr(connection, "transport", None)
        if transport is not None:
            transport.abort()

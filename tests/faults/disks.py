"""Programs whose disk fails while calls are in flight. Run in a child: FAILURE BACKEND TRACE."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import anyio

from llmtaskgraph import Delta, Message, Registry, Request, Response, TextPart, TraceError, Usage

app = Registry("disks", model="lab:small")


class Lab:
    """A provider in this process. `fail` is called when the second answer is complete."""

    def __init__(self, fail: Callable[[], None]) -> None:
        self.fail, self.answered = fail, 0
        self.max_concurrency = 5

    async def send(self, request: Request, on_delta: Callable[[Delta], None]) -> Response:
        print("sent", request.messages[-1].text, flush=True)
        for n in range(6):
            on_delta(Delta(f"piece {n} "))
            await anyio.sleep(0.02)
        self.answered += 1
        if self.answered == 2:
            self.fail()
        message = Message("assistant", [TextPart(request.messages[-1].text + " answered" * 100)], "stop")
        return Response(message, request.model, Usage(1, 1))


@app.llm()
def ask(topic: str) -> str:
    return topic


@app.task
def join(parts: list[str]) -> str:
    return " | ".join(part[:12] for part in parts)


@app.graph
def main() -> str:
    return join([ask(ask("first")), *(ask(f"other {n}") for n in range(8))])


def _journal() -> int:
    links = [(int(fd), os.path.realpath(f"/proc/self/fd/{fd}")) for fd in os.listdir("/proc/self/fd")]
    return next(fd for fd, link in links if link.endswith(".journal"))


def full() -> None:
    """The journal cannot grow any more."""
    size = os.fstat(_journal()).st_size + 100
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def unsynced() -> None:
    """Writing works, and bringing it to the disk does not."""
    _, write = os.pipe()
    os.set_blocking(write, False)
    os.dup2(write, _journal())


def fine() -> None:
    """Nothing fails."""


def _main(failure: str, backend: str, trace: str) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    app.provider("lab", Lab({"full": full, "unsynced": unsynced, "fine": fine}[failure]))
    step = partial(main.aresume, trace) if Path(trace).exists() else partial(main.arun, trace=trace)
    try:
        print("output", anyio.run(step, backend=backend), flush=True)
    except TraceError as error:
        print(type(error).__name__, error, flush=True)


if __name__ == "__main__":
    _main(*sys.argv[1:])

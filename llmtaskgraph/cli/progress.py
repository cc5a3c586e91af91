"""What a run is doing, on stderr while it runs. `Progress` counts and renders; `Ticker` says when, and writes.

On a terminal it is one line, rewritten a few times a second; elsewhere a line every several seconds.
"""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from typing import Final, TextIO

from .. import _events as ev
from .._state import State
from . import terminal
from .safe import one_line

OFTEN: Final = 0.25
SELDOM: Final = 5.0


class Progress:
    """Counts what the events of one run tell. Pure: it is fed and asked.

    Attributes:
        run: id of the run; None before it has started.
        known: ids of the tasks that are planned or declared so far.
        done, failed, blocked, running: tasks.
        tokens: input and output.
        cost: US dollars; None while nothing is priced.
        retries: attempts after the first.
    """

    def __init__(self) -> None:
        self.run: int | None = None
        self.done = self.failed = self.blocked = self.running = self.tokens = self.retries = 0
        self.known: set[str] = set()
        self.cost: float | None = None
        self._last_error = ""

    def take(self, event: ev.Event, state: State | None = None) -> None:
        """Take in an event, which `state` holds already."""
        match event:
            case ev.RunStarted():
                self.run, self.known = event.run.id, set(event.run.open)
            case ev.TasksAdded():
                self.known.update(task.id for task in event.tasks)
            case ev.TaskStarted():
                self.running += 1
                self.known.add(event.task)
            case ev.TaskSucceeded():
                self.running, self.done = self.running - 1, self.done + 1
            case ev.TaskKept():
                self.done += 1
            case ev.TaskFailed() if event.error.type == "ChildFailed":  # a graph: what failed in it is counted
                self.running, self.blocked = self.running - 1, self.blocked + 1
            case ev.TaskFailed():
                self.running, self.failed = self.running - 1, self.failed + 1
            case ev.TasksBlocked():
                self.blocked += len(event.tasks)
            case ev.AttemptSucceeded():
                usage = event.usage
                self.tokens += (usage.input_tokens or 0) + (usage.output_tokens or 0) if usage is not None else 0
                self.cost = self.cost if event.cost is None else (self.cost or 0.0) + event.cost
            case ev.AttemptFailed() if event.wait is not None:
                self.retries += 1
                self._last_error = f"{event.error.type}: {event.error.message}"
            case _:
                pass

    def line(self, seconds: float, ended: bool = False) -> str:
        """Where the run is, on one line."""
        settled = self.done + self.failed + self.blocked
        total = max(len(self.known), settled + self.running)
        parts = [
            terminal.count(settled, "task") if ended else f"{settled:,}/{total:,} tasks",
            f"{self.failed:,} failed" if self.failed else "",
            f"{self.blocked:,} blocked" if self.blocked else "",
            f"{self.running:,} running" if self.running and not ended else "",
            terminal.count(self.tokens, "token") if self.tokens else "",
            terminal.dollars(self.cost),
            terminal.seconds(seconds),
            f"{terminal.count(self.retries, 'repeated call')} ({self._last_error})" if self.retries and not ended else "",
        ]
        return one_line(" · ".join(part for part in parts if part))


class Ticker:
    """Writes the line of a `Progress`, from a thread of its own, so that a busy loop does not hold it up."""

    def __init__(self, progress: Progress, stream: TextIO | None = None) -> None:
        self.progress = progress
        self._stream = sys.stderr if stream is None else stream
        self._tty = terminal.is_terminal(self._stream)
        self._started = time.monotonic()
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._shown = ""
        self._thread = threading.Thread(target=self._tick, name="progress", daemon=True)

    def __enter__(self) -> Ticker:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(1)
        self.clear()

    def _tick(self) -> None:
        while not self._stop.wait(OFTEN if self._tty else SELDOM):
            with contextlib.suppress(OSError, ValueError):  # stderr went away: the run does not care
                self._write()

    def _write(self) -> None:
        line = self.progress.line(time.monotonic() - self._started)
        with self._lock:
            if self._stop.is_set():  # it was slow, and the line is taken off already
                return
            if not self._tty:
                self._stream.write(line + "\n")
            elif line != self._shown:
                width = shutil.get_terminal_size().columns - 1
                self._stream.write(f"\r\x1b[K{line[:width]}")
                self._shown = line
            self._stream.flush()

    def clear(self) -> None:
        """Take the line off the terminal, so that others can write."""
        with self._lock, contextlib.suppress(OSError, ValueError):
            if self._shown:
                self._stream.write("\r\x1b[K")
                self._stream.flush()
                self._shown = ""


class _Beside:
    """What the program prints goes to stderr: stdout is for the output of the run."""

    def __init__(self, ticker: Ticker) -> None:
        self._ticker = ticker

    def write(self, text: str) -> int:
        self._ticker.clear()
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()

    def isatty(self) -> bool:
        return False


@contextlib.contextmanager
def shown(progress: Progress) -> Iterator[None]:
    """Show the progress meanwhile. What the program prints goes to stderr."""
    with Ticker(progress) as ticker, contextlib.redirect_stdout(_Beside(ticker)):
        yield

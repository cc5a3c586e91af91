"""A raw pseudo-terminal: every byte that a program writes to its terminal can be looked at."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from .rest import at_work

LOOK = 0.02


class Pty:
    """A program with a terminal of its own. Nothing answers its questions to the terminal.

    Attributes:
        written: all bytes it has written so far.
    """

    def __init__(
        self, words: Sequence[str], cwd: Path, env: dict[str, str], size: tuple[int, int], *, controlled: bool = True
    ) -> None:
        self._master, slave = pty.openpty()
        self.resize(*size)
        self.before = termios.tcgetattr(slave)
        self.process = subprocess.Popen(
            words,
            cwd=cwd,
            env=env,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            preexec_fn=(lambda: os.login_tty(slave)) if controlled else os.setsid,
        )
        self._slave = slave  # stays open, so that its modes can be looked at
        self.written = b""
        self._calm = 0.0
        self._over = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        while not self._over.is_set():
            if select.select([self._master], [], [], LOOK)[0]:
                try:
                    found = os.read(self._master, 65536)
                except OSError:
                    return
                self.written += found
                self._calm = 0.0
            elif not at_work(self.process.pid):
                self._calm += LOOK

    def resize(self, width: int, height: int) -> None:
        """Another size."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def send(self, keys: str) -> None:
        """Send what keys send."""
        os.write(self._master, keys.encode())

    def until(self, wanted: str, seconds: float = 120) -> None:
        """Wait until it has written a text."""
        end = time.monotonic() + seconds
        while wanted not in self.text:
            if self.process.poll() is not None:
                self.quiet(0.1)
            if (time.monotonic() > end or self.process.returncode is not None) and wanted not in self.text:
                raise AssertionError(f"{wanted!r} was not written:\n{self.text[-3000:]}")
            time.sleep(0.02)

    def quiet(self, seconds: float = 0.3, limit: float = 60) -> bytes:
        """Wait until nothing was written for a while; time in which it had something to do does not count. Gives all that has
        been written."""
        self._calm, end = 0.0, time.monotonic() + limit
        while self._reader.is_alive() and time.monotonic() < end and self._calm < seconds:
            time.sleep(LOOK)
        return self.written

    @property
    def text(self) -> str:
        """What was written, without what moves and colours."""
        return re.sub(r"\x1b\[[0-9;?<>=]*[ -/]*[@-~]", "", self.written.decode(errors="replace"))

    @property
    def modes(self) -> list[object]:
        """The terminal's modes now."""
        return list(termios.tcgetattr(self._slave))

    def wait(self, seconds: float = 120) -> int:
        """Its exit code."""
        code = self.process.wait(seconds)
        self.quiet(0.1)
        return code

    def hang_up(self) -> None:
        """The other end of the line is gone."""
        self._over.set()
        self._reader.join()
        os.close(self._slave)
        os.close(self._master)
        self._slave = self._master = -1

    def close(self) -> None:
        """End it, if it has not ended."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)
        if self._master >= 0:
            self.hang_up()


@contextmanager
def screen(
    words: Sequence[str], cwd: Path, *, size: tuple[int, int] = (80, 24), controlled: bool = True, **env: str
) -> Iterator[Pty]:
    """A program in a pseudo-terminal; nothing of the person who runs the tests is read or written.

    Args:
        controlled: whether the program hears of what becomes of the terminal.
    """
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "PYTHONPATH", "HOME")}
    here = {"XDG_STATE_HOME": str(cwd / ".state"), "XDG_CONFIG_HOME": str(cwd / ".config"), "TERM": "xterm-256color"}
    opened = Pty(words, cwd, {**kept, **here, "LC_ALL": "C.UTF-8", "COLORTERM": "truecolor", **env}, size, controlled=controlled)
    try:
        yield opened
    finally:
        opened.close()

"""A program in a pseudo-terminal: what it writes, when, and what it cost the processor."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

_NOT_PASSED_ON = ("TMUX", "SSH_CONNECTION", "SSH_TTY", "NO_COLOR", "PYTHONDONTWRITEBYTECODE")
"""What changes a picture; and what makes Python compile our modules at each start, which it does not where they are installed."""


class Program:
    """A Python module in a terminal of its own.

    Attributes:
        written: all that it has written.
    """

    def __init__(self, *words: str, size: tuple[int, int] = (80, 24), **env: str) -> None:
        self._fd, there = pty.openpty()
        fcntl.ioctl(there, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        here = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-m", *words],
            stdin=there,
            stdout=there,
            stderr=there,
            env={**here, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", **env},
            start_new_session=True,
        )
        os.close(there)
        self.written = b""

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self._fd, keys.encode())

    def read(self, seconds: float) -> bytes:
        """What it writes in so long."""
        before, end = len(self.written), time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            if select.select([self._fd], [], [], left)[0] and not self._take():
                break
        return self.written[before:]

    def settle(self, seconds: float = 0.4) -> bytes:
        """What it writes until it is quiet for so long."""
        before = len(self.written)
        while self.read(seconds):
            pass
        return self.written[before:]

    def until(self, wanted: bytes, seconds: float = 120, since: int = 0) -> float:
        """Wait for a text among what it wrote after so many bytes. Returns the seconds since the program was started."""
        end, at = time.perf_counter() + seconds, since
        while time.perf_counter() < end:
            if wanted in self.written[at:]:
                return time.perf_counter() - self.started
            at = max(0, len(self.written) - len(wanted))
            if select.select([self._fd], [], [], 1.0)[0] and not self._take():
                break
        raise AssertionError(f"{wanted!r} was not written; the end of what was: {self.written[-2000:]!r}")

    def _take(self) -> bool:
        try:
            chunk = os.read(self._fd, 1 << 16)
        except OSError:  # it has ended
            return False
        self.written += chunk
        return bool(chunk)

    @property
    def cpu(self) -> float:
        """Seconds of processor time, all threads together."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory(self, field: str = "VmRSS") -> int:
        """Bytes of memory now, or the most there ever were (`VmHWM`)."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(field)) * 1024

    def close(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._fd)

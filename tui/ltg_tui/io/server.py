"""`ltg web` in a process of its own. It watches a pipe that closes when we are gone, so it ends with us, however that came."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, NamedTuple

PATIENCE = 2.0
"""Seconds that it has to end."""


class Address(NamedTuple):
    """Where the page is.

    Attributes:
        url: with the token that lets one in.
        forward: the line that forwards its port, to be typed on the machine that one sits at.
        opened: whether a browser was opened.
    """

    url: str
    forward: str
    opened: bool


class WebServer:
    """A server for a trace, for reading only.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, trace: Path) -> None:
        self._out, self._err = tempfile.TemporaryFile(), tempfile.TemporaryFile()  # noqa: SIM115 - as long as it runs
        self._process = subprocess.Popen(
            [sys.executable, "-m", "llmtaskgraph.cli", "web", "--json", "--until-eof", "--", str(trace)],
            stdin=subprocess.PIPE,
            stdout=self._out,
            stderr=self._err,
            start_new_session=True,  # Ctrl-Z and the end of the terminal are not for it
        )

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def address(self) -> Address | None:
        """Where it listens; None as long as it does not."""
        line = _read(self._out).partition("\n")
        if not line[1]:
            return None
        told = json.loads(line[0])
        return Address(told["url"], told["forward"], told["opened"])

    def problem(self) -> str:
        """The last line it wrote about why it ended."""
        lines = [line for line in _read(self._err).splitlines() if line.strip()]
        return lines[-1].strip().removeprefix("ltg: ") if lines else f"it ended with {self._process.poll()}"

    def end(self) -> None:
        """End it."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._out.close()
        self._err.close()


def _read(file: IO[bytes]) -> str:
    """What stands in a file that the process writes. Without moving: they share the place in it."""
    return os.pread(file.fileno(), 100_000, 0).decode(errors="replace")

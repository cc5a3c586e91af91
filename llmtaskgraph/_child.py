"""The process that runs user code: a program of its own, so that it can neither block nor garble the screen.

It is in a session of its own: it survives the terminal, and what it starts can be stopped with it. What it prints goes to a
private file, never to a pipe, so that it can be left running.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from ._private import new_file

_HERE: Final = Path(__file__).parent.parent


def command(words: Sequence[str]) -> list[str]:
    """The command line of `ltg` with some words. It imports nothing from the current folder in the place of what it needs."""
    here = False
    with contextlib.suppress(OSError):
        here = os.path.samefile(".", _HERE)  # in a checkout that is not installed, it is found there only
    return [sys.executable, *([] if here else ["-P"]), "-m", "llmtaskgraph.cli", *words]


class Child:
    """A run that was started from here: `ltg` with some words, in a process and a session of its own.

    Args:
        words: of the command line, without `ltg`; see `run_words` and `resume_words`.
        doing: what it does, for people.

    Attributes:
        doing: what it does, for people.
        log: the private file with what it printed.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, words: Sequence[str], doing: str) -> None:
        self.doing = doing
        fd, self.log = new_file("run-", ".log")
        try:
            self._process = subprocess.Popen(
                command(words),
                stdin=subprocess.DEVNULL,
                stdout=fd,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        finally:
            os.close(fd)
        self._stops = 0

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def code(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.poll()

    def stop(self) -> None:
        """Ask it to end well; asked again, make it."""
        self._stops += 1
        self._signal(signal.SIGINT if self._stops < 3 else signal.SIGKILL)

    def leave(self) -> None:
        """Part from it: it goes on without us, or has ended, and then nobody needs what it printed."""
        if self.code() is None:
            self._process.returncode = 0  # no warning about a process that still runs
        else:
            self.log.unlink(missing_ok=True)

    def wait(self, timeout: float) -> bool:
        """Whether it ended within so many seconds."""
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _signal(self, number: int) -> None:
        if self.code() is None:  # else its number may be another's by now
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, number)

    def printed(self, limit: int = 1_000_000) -> str:
        """The end of what it printed."""
        try:
            with self.log.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size - limit))
                return file.read().decode(errors="replace")
        except OSError as error:
            return f"{self.log}: cannot be read ({error.strerror})"

    def last_line(self) -> str:
        """The last line it printed that says something."""
        lines = [line for line in self.printed(20_000).splitlines() if line.strip()]
        return lines[-1].strip() if lines else ""


def run_words(app: str, trace: Path, *, input: str | None, offline: bool) -> list[str]:
    """The words that run a program.

    Args:
        app: `file.py:name` or `package.module:name`.
        trace: where it is recorded.
        input: JSON of the parameters by name.
        offline: whether a script answers.
    """
    words = ["run", f"--trace={trace}"]
    words += [f"--input={input}"] if input is not None else []
    words += ["--offline"] if offline else []
    return [*words, "--", app]


def resume_words(trace: Path, run: int, app: str) -> list[str]:
    """The words that resume a run without asking: whoever uses them has shown the plan and asked.

    Args:
        trace: that is resumed.
        run: the run to resume.
        app: the program, as `program_of` gives it.
    """
    return ["resume", f"--run={run}", f"--app={app}", "--yes", "--", str(trace)]  # a name may begin like an option

"""stdout is for data. While a command has user code run, what that code and its processes print goes to stderr."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

RUN_USER_CODE = ("run", "resume", "plan")
"""The commands that do."""

_HIGH = 200
"""Where stdout is kept: programs that close what they have not opened begin at 3."""

_kept: TextIO | None = None


def data() -> TextIO:
    """What the data is written to."""
    return sys.stdout if _kept is None else _kept


def set_apart() -> None:
    """To the end of the process: the data has a stream of its own, and file descriptor 1 is stderr.

    It is not given back: what is printed as the process ends must not follow the data.
    """
    global _kept
    sys.stdout.flush()
    kept = _duplicate(1)
    os.dup2(2, 1)
    _kept = open(kept, "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors, closefd=False)  # noqa: SIM115


@contextlib.contextmanager
def apart() -> Iterator[None]:
    """The same for a while, in the process of somebody else: for what Python code prints."""
    global _kept
    _kept = sys.stdout
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield
    finally:
        _kept = None


def _duplicate(fd: int) -> int:
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _HIGH)
    except OSError:  # so many files may not be open here
        return os.dup(fd)

"""Errors as people read them: one line that says what, where and what to do; and the exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Iterable
from types import TracebackType

from .._errors import LLMTaskGraphError, ProviderError
from .safe import message

ENVIRONMENT = frozenset({"authentication", "not_found", "connection", "quota"})
"""Faults of a provider that no change of the program cures: exit code 3."""


class Usage(LLMTaskGraphError):
    """The command line asks for something that cannot be."""

    exit_code = 2


class Environment(LLMTaskGraphError):
    """Something outside is not as the command needs it."""

    exit_code = 3


def report(error: BaseException, *, debug: bool = False) -> int:
    """Tell of an error on stderr, in one line. Returns the exit code."""
    error = leaf(error)
    if debug and not isinstance(error, (SystemExit, BrokenPipeError)):
        traceback.print_exception(error)
    if isinstance(error, BrokenPipeError):
        return 0
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 1 if error.code else 0
    text, code = _told(error)
    print(f"ltg: {message(text)}", file=sys.stderr, flush=True)
    return code


def _told(error: BaseException) -> tuple[str, int]:
    if isinstance(error, KeyboardInterrupt):
        return str(error) or "interrupted", 130
    if isinstance(error, ProviderError):
        return str(error), 3 if error.fault in ENVIRONMENT else 1
    if isinstance(error, LLMTaskGraphError):
        return str(error), error.exit_code
    if isinstance(error, MemoryError):
        return "out of memory; free some, or take a smaller trace", 3
    if isinstance(error, OSError):
        where = f"{os.fsdecode(error.filename)}: " if isinstance(error.filename, (str, bytes)) else ""
        return f"{where}{error.strerror or error}; check that it is there, readable and on a disk with room", 3
    where = user_frame(error) or "inside llmtaskgraph"
    return f"{where}: {describe(error)}; this was not foreseen: `--debug` shows the traceback", 3


def leaf(error: BaseException) -> BaseException:
    """The error that matters in a group: an interruption first, else the first one."""
    if not isinstance(error, BaseExceptionGroup):
        return error
    leaves = list(_leaves(error))
    return next((e for e in leaves if isinstance(e, KeyboardInterrupt)), leaves[0])


def _leaves(error: BaseException) -> Iterable[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def describe(error: BaseException) -> str:
    """`ValueError: no such thing`; for a syntax error without the place, which is told apart."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


_OURS = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


def user_frame(error: BaseException) -> str | None:
    """`file.py:12`, the innermost line of the user's own code that an error came through; None if it came through none."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{relative(error.filename)}:{error.lineno or 1}"
    found = None
    step: TracebackType | None = error.__traceback__
    while step is not None:
        file = step.tb_frame.f_code.co_filename
        if not file.startswith(("<", _OURS)) and not _library(file):
            found = f"{relative(file)}:{step.tb_lineno}"
        step = step.tb_next
    return found


def _library(file: str) -> bool:
    return file.startswith(os.path.dirname(os.__file__) + os.sep) or f"{os.sep}site-packages{os.sep}" in file


def relative(path: str) -> str:
    """A path as one would type it from here."""
    try:
        found = os.path.relpath(path)
    except (OSError, ValueError):
        return path
    return path if found.startswith(os.pardir) else found

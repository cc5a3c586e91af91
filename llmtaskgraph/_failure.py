"""An exception as a recorded fact: its type, its message, and the user's own frames."""

from __future__ import annotations

import linecache
import os
import sysconfig
import traceback
from types import TracebackType

from . import _values
from ._errors import LLMTaskGraphError, ProviderError
from ._events import Failure, Frame, StageName

_PACKAGE = os.path.dirname(os.path.abspath(__file__))
_LIBRARIES = tuple(
    os.path.join(path, "")
    for name, path in sysconfig.get_paths().items()
    if name in ("stdlib", "platstdlib", "purelib", "platlib")
)
_LONGEST = 20_000
_MOST_FRAMES = 40


def failure(error: BaseException, stage: StageName | None = None) -> Failure:
    """What is recorded of an exception. The message is cut at 20,000 characters."""
    error = _only(error)
    message = _values.clean_text(_text(error))
    if len(message) > _LONGEST:
        message = message[:_LONGEST] + f"... ({len(message)} characters)"
    fault = error.fault if isinstance(error, ProviderError) else None
    frames = [] if isinstance(error, LLMTaskGraphError) else _frames(error.__traceback__)
    return Failure(type(error).__name__, message, stage, fault, frames)


def _only(error: BaseException) -> BaseException:
    """What a group of one is about: the one."""
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        error = error.exceptions[0]
    return error


def _text(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:
        return "(its message cannot be shown)"
    if isinstance(error, BaseExceptionGroup):
        text += "".join(f"; {type(one).__name__}: {_text(one)}" for one in error.exceptions[:10])
    return text


def _frames(trace: TracebackType | None) -> list[Frame]:
    """The user's frames, outermost first; where there is none, the last of a library, but none of ours."""
    entries = [(summary.filename, summary.lineno or 0, summary.name) for summary in traceback.extract_tb(trace)]
    own = [entry for entry in entries if _is_users(entry[0])]
    others = [entry for entry in entries if not os.path.abspath(entry[0]).startswith(_PACKAGE + os.sep)]
    if len(own) > _MOST_FRAMES:  # endless recursion
        own = own[: _MOST_FRAMES // 2] + own[-_MOST_FRAMES // 2 :]
    return [Frame(file, line, name, linecache.getline(file, line).strip()) for file, line, name in own or others[-1:]]


def _is_users(file: str) -> bool:
    path = os.path.abspath(file)
    return not (file.startswith("<frozen") or path.startswith(_PACKAGE + os.sep) or path.startswith(_LIBRARIES))

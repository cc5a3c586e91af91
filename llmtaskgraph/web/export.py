"""A trace and its viewer as one HTML file, which opens from disk. Nothing that the trace names is run, imported or asked for."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from .. import _lock, _store
from .._errors import LLMTaskGraphError
from .._files import os_error, real, sync_folder
from .._trace import Trace
from . import page, redact
from .document import View

_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)


class BadTarget(LLMTaskGraphError):
    """A place where no page is to be written."""

    exit_code = 2


def html(trace: Trace, name: str, *, redacted: bool = False) -> Iterator[bytes]:
    """The page in pieces. A run that is under way is shown as it stands.

    Args:
        trace: of this format, not of a newer one.
        name: of the trace's file; a redacted page does without.
        redacted: leave out what belongs to the user; see `redact`.
    """
    View(trace.state).settle_open()
    before, after = page.around_trace("trace.json" if redacted else name)
    yield before
    for block in (redact.redacted(trace) if redacted else trace).blocks():
        yield _inert(block)
    yield after


def check(target: Path, source: Path, *, replace: bool) -> None:
    """See that a page can stand in a place.

    Raises:
        BadTarget: it is the trace or belongs to it, is no file, or is taken.
    """
    try:
        path = _found(target)
        there = path.exists()
        for own in (source, _store.journal_path(real(source)), _lock.lock_path(real(source))):
            if path == _found(own) or (there and own.exists() and path.samefile(own)):
                what = "the trace itself" if own is source else f"{own.name}, a part of the trace"
                raise BadTarget(f"{target} is {what}; {_OTHER}")
        problem = _problem(path) if there or os.path.islink(target) else ""
    except ValueError:
        raise BadTarget(f"{os.fspath(target)!r} is no path; {_OTHER}") from None
    except OSError as error:
        raise os_error(target, error) from None
    if problem:
        raise BadTarget(f"{target} is {problem}; {_OTHER}, or - for stdout")
    if there and not replace:
        raise taken(target)


def _found(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _problem(path: Path) -> str:
    """What is in the place of a file; empty where it is a file."""
    if not path.exists():
        return "a link to nothing"
    if path.is_dir():
        return "a folder"
    return "" if path.is_file() else "not a regular file"


_OTHER = "give another path to --html"


def taken(target: Path) -> BadTarget:
    """The error that a file is there."""
    return BadTarget(f"{target} is there already; --force replaces it")


def write(target: Path, pieces: Iterable[bytes], *, replace: bool) -> int:
    """Write a private file, whole or not at all. Returns its size in bytes.

    Args:
        target: where it will stand. A link is followed.
        pieces: of the file.
        replace: take the place of a file that is there.

    Raises:
        BadTarget: a file is there, and is not to be replaced.
        TraceError: the folder or the disk does not let us.
    """
    path = real(target)
    temporary = None
    try:
        fd, temporary = tempfile.mkstemp(prefix=".ltg-export-", suffix=".tmp", dir=path.parent)  # 0600, for you alone
        with open(fd, "wb") as file:
            size = sum(map(file.write, pieces))
            file.flush()
            os.fsync(file.fileno())
        if replace:
            os.replace(temporary, path)
        else:
            _name(temporary, path)
        sync_folder(path.parent)
    except FileExistsError:
        raise taken(target) from None
    except OSError as error:
        raise os_error(target, error) from None
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
    return size


def _name(temporary: str, path: Path) -> None:
    """Give a file its name, unless another has it by now."""
    try:
        os.link(temporary, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # a disk without hard links
        os.replace(temporary, path)


def _inert(document: bytes) -> bytes:
    """JSON that no HTML parser sees anything in. It stands for the same value."""
    lines = document.replace("\u2028".encode(), b"\\u2028").replace("\u2029".encode(), b"\\u2029")
    return lines.replace(b"<", b"\\u003c")

"""The lock of a trace: `trace.json.lock` names the process that writes it.

The lock is on the open file and ends with its process, however that ends; the name in it is only for people. The file is removed
when the lock is let go, so whoever takes it checks that the file is still the one under its name.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import time
from pathlib import Path

import msgspec
from msgspec import Struct

from ._errors import TraceError, TraceLocked
from ._files import os_error, real


class Holder(Struct):
    """Who writes a trace: process, machine, since when (seconds since the epoch), doing what."""

    pid: int
    host: str
    since: float
    doing: str = ""


def lock_path(path: Path) -> Path:
    """Where the lock of a trace stands while it is held."""
    return path.parent / f"{path.name}.lock"


def holder(path: str | os.PathLike[str]) -> Holder | None:
    """Who writes the trace now; None when nobody does, or when the writer died."""
    try:
        found = msgspec.json.decode(lock_path(real(path)).read_bytes(), type=Holder)
    except (OSError, ValueError):
        return None
    if found.host != socket.gethostname():
        return found
    try:
        os.kill(found.pid, 0)
    except ProcessLookupError:
        return None
    except (PermissionError, OverflowError):
        pass
    return found


def acquire(path: Path, doing: str) -> int:
    """Take the lock. Returns its descriptor."""
    name = lock_path(path)
    me = msgspec.json.encode(Holder(os.getpid(), socket.gethostname(), time.time(), doing))
    for patience in (0.02, 0.1, 0.0):
        try:
            fd = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise os_error(path, error) from None
        except ValueError:  # a NUL in the path
            raise TraceError(repr(os.fspath(path)), "this is no path", "give the path of a trace.json") from None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(fd).st_nlink and os.path.samestat(os.fstat(fd), os.stat(name)):  # not one that was just let go
                with contextlib.suppress(OSError):  # a full disk: what comes next tells
                    os.ftruncate(fd, 0)
                    os.pwrite(fd, me, 0)
                return fd
        except FileNotFoundError:
            pass
        except BlockingIOError:
            if not patience:
                os.close(fd)
                raise _locked(path) from None
        except OSError as error:
            os.close(fd)
            raise TraceError(name, f"this file system has no locks ({error.strerror})", "give a path on a local disk") from None
        os.close(fd)
        time.sleep(patience)
    raise _locked(path)


def _locked(path: Path) -> TraceLocked:
    found = holder(path)
    who = f"process {found.pid} on {found.host}" if found else "another process"
    doing = f" ({found.doing})" if found and found.doing else ""
    return TraceLocked(path, f"{who} is writing this trace{doing}", "wait until it ends, or stop it")


def release(path: Path, lock: int) -> None:
    """Let go of the lock."""
    with contextlib.suppress(OSError):
        if os.path.samestat(os.fstat(lock), os.stat(lock_path(path))):
            os.unlink(lock_path(path))
    os.close(lock)

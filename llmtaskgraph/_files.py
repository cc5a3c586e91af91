"""Files: read whole, replace atomically, and say in one line why it cannot be done."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterable
from io import FileIO
from pathlib import Path

from ._errors import TraceError


def real(path: str | os.PathLike[str]) -> Path:
    """The path that journal and lock stand beside: whoever comes by a link finds the same ones."""
    return Path(os.path.realpath(path) if os.path.islink(path) else path)


def read_bytes(path: Path) -> bytes:
    """All of a file.

    Raises:
        TraceError: it cannot be read, or is a folder, a pipe or a device.
    """
    try:
        mode = path.stat().st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # reading a pipe would wait
            raise TraceError(path, "this is not a regular file", "give the path of a trace.json")
        return path.read_bytes()
    except OSError as error:
        raise os_error(path, error) from None
    except ValueError:  # a NUL in the path
        raise TraceError(repr(os.fspath(path)), "this is no path", "give the path of a trace.json") from None


def open_regular(path: Path) -> FileIO:
    """A file open for reading. Does not wait: for a pipe there may never be a writer.

    Raises:
        OSError: it cannot be opened.
        TraceError: it is a pipe or a device.
    """
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    mode = os.fstat(fd).st_mode
    if stat.S_ISREG(mode):
        return FileIO(fd)
    os.close(fd)
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    raise TraceError(path, "this is not a regular file", "give the path of a trace.json")


def identity(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is replaced; None when there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def replace(path: Path, blocks: Iterable[bytes], *, named: bool = True) -> None:
    """Put new bytes in the place of a file, so that a reader sees either the old or the new, also after a crash.

    Args:
        path: of the file.
        blocks: the new bytes.
        named: False leaves it to the caller to `sync_folder`; until then a power cut may bring the old file back.

    Raises:
        TraceError: the folder or the disk does not let us. The old file is as it was.
    """
    temporary = path.parent / f".{path.name}.new.tmp"  # one name, so that those of killed writers do not pile up
    try:
        temporary.unlink(missing_ok=True)
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb", buffering=0) as file:
            for block in blocks:
                view = memoryview(block)
                while view:
                    view = view[file.write(view) :]
            os.fsync(file.fileno())
        os.rename(temporary, path)
        if named:
            sync_folder(path.parent)
    except OSError as error:
        raise os_error(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where its mode lets us."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        return
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def os_error(path: Path, error: OSError) -> TraceError:
    """An error of the file system as one of ours."""
    if isinstance(error, FileNotFoundError):
        if path.parent.is_dir():
            return TraceError(path, "there is no such trace", "give the path of a trace.json, or make one with `ltg run`")
        return TraceError(path, f"there is no folder {path.parent}", "make it, or give another path")
    if isinstance(error, IsADirectoryError):
        return TraceError(path, "this is a folder", "give the path of a trace.json in it")
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        what = f"cannot be read or written here ({error.strerror})"
        return TraceError(path, what, "check its owner and mode, or give another path")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return TraceError(path, f"cannot be written ({error.strerror})", "nothing is lost: free the disk and try again")
    return TraceError(path, f"cannot be read or written ({error.strerror})", "check the path and its disk")

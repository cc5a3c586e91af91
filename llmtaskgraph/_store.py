"""One trace on disk: `trace.json` (snapshot), `trace.json.journal` (events since), `trace.json.lock` (who is writing).

    open -> lock, read, recover, cut the torn tail -> append events -> close: fold the journal into the snapshot

One writer at a time. Readers never lock: the snapshot is replaced atomically, and the sequence number in it tells which events of
the journal it holds already, so a crash between the two steps of folding does no harm.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeAlias

import msgspec
from msgspec import Struct

from . import _journal, _trace
from ._errors import DamagedTrace, NewerTrace, TraceError, TraceLocked
from ._events import Event, JournalOpened, RunEnded
from ._state import InconsistentEvents, State
from ._trace import Trace


Listener: TypeAlias = Callable[[Event, State], None]


class Holder(Struct):
    """Who writes a trace: process, machine, since when (seconds since the epoch), doing what."""

    pid: int
    host: str
    since: float
    doing: str = ""


def journal_path(path: Path) -> Path:
    """Where the events of a trace stand while a run is live."""
    return path.with_name(path.name + ".journal")


def lock_path(path: Path) -> Path:
    """Where the lock of a trace stands while it is held."""
    return path.with_name(path.name + ".lock")


def holder(path: Path) -> Holder | None:
    """Who writes the trace now; None when nobody does, or when the writer died."""
    try:
        found = msgspec.json.decode(lock_path(path).read_bytes(), type=Holder)
    except (OSError, ValueError):
        return None
    if found.host != socket.gethostname():
        return found
    try:
        os.kill(found.pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return found


class Store:
    """A trace open for writing.

    Attributes:
        path: of the snapshot.
        trace: the document.
        state: its state, kept up to date with every append.
        recovered: how many runs were found cut off by a crash, and closed.
        listener: called with each event and the state after it.
    """

    def __init__(self, path: Path, trace: Trace, journal: _journal.Journal, lock: int) -> None:
        self.path, self.trace, self.state = path, trace, trace.state
        self.recovered = 0
        self._journal, self._lock = journal, lock
        self.listener: Listener | None = None
        self._unwritten: list[bytes] = []

    @classmethod
    def open(cls, path: str | os.PathLike[str], *, create: bool = False, doing: str = "") -> Store:
        """Lock a trace and read it, its journal included. Runs that a crash cut off are ended as cancelled.

        Args:
            path: of `trace.json`.
            create: start a new trace where there is none.
            doing: what the lock tells others, such as `run`.

        Raises:
            TraceLocked: another process is writing it.
            TraceError: it is not there, cannot be read or written, or is damaged.
        """
        path = Path(path)
        lock = _acquire(path, doing)
        try:
            return cls._open_locked(path, create, lock)
        except BaseException:
            _release(path, lock)
            raise

    @classmethod
    def _open_locked(cls, path: Path, create: bool, lock: int) -> Store:
        trace, good = _load_for_writing(path, create)
        if not path.exists():
            replace(path, trace.blocks())
        try:
            journal = _journal.Journal(journal_path(path), good)
        except OSError as error:
            raise _os_error(journal_path(path), error) from None
        store = cls(path, trace, journal, lock)
        if good == 0:
            store.append(JournalOpened(trace.state.id))
        for run in [run for run in trace.state.runs.values() if run.status == "running"]:
            store.append(RunEnded(run.id, "cancelled", _last_sign_of_life(path), "the process ended before the run did"))
            store.recovered += 1
        store.flush()
        return store

    def append(self, event: Event) -> None:
        """Record an event in the state, and for the next `flush`."""
        state = self.state
        state.sequence += 1
        state.apply(event)
        self._unwritten.append(_journal.line(state.sequence, event))
        if self.listener is not None:
            self.listener(event, state)

    def flush(self) -> None:
        """Write what was appended to the journal, in one write.

        Raises:
            JournalBroken: it did not reach the file.
        """
        if self._unwritten:
            lines, self._unwritten = b"".join(self._unwritten), []
            self._journal.append(lines)

    def sync(self) -> None:
        """Bring the journal to the disk. Blocks: call it from a thread."""
        self._journal.sync()

    def close(self, *, fold: bool = True) -> None:
        """Fold the journal into the snapshot, remove it, and let go of the lock.

        Args:
            fold: False leaves the journal for the next writer, which is quick for a large trace.

        Raises:
            TraceError: the snapshot could not be written; the journal stays and nothing is lost.
        """
        try:
            if self._journal.broken:
                return  # the snapshot stays as it is, and the journal with all that reached it
            self.flush()
            if fold:
                replace(self.path, self.trace.blocks())
                journal_path(self.path).unlink(missing_ok=True)
        finally:
            self._journal.close()
            _release(self.path, self._lock)


def read(path: str | os.PathLike[str], *, salvage: bool = False) -> Trace:
    """Read a trace as it stands, a live run's events included, without a lock.

    Raises:
        TraceError: it is not there, is not one, or is damaged.
    """
    path = Path(path)
    for _ in range(5):  # a run that ends between the two reads replaces both files
        before = _identity(path)
        trace = _trace.decode(_read_bytes(path), path, salvage=salvage)
        journal = _read_journal(path)
        if _identity(path) == before:
            break
    _continue(trace, journal, path, salvage)
    return trace


def replace(path: Path, blocks: Iterable[bytes]) -> None:
    """Put new bytes in the place of a file, so that a reader sees either the old or the new, also after a crash.

    Raises:
        TraceError: the folder or the disk does not let us. The old file is as it was.
    """
    folder = path.parent
    temporary = None
    try:
        path = path.resolve()
        fd, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(fd, "wb", buffering=0) as file:
            for block in blocks:
                view = memoryview(block)
                while view:
                    view = view[file.write(view) :]
            os.fsync(file.fileno())
        os.rename(temporary, path)
        temporary = None
        sync_folder(folder)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise _os_error(path, error) from None


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _load_for_writing(path: Path, create: bool) -> tuple[Trace, int]:
    if create and not path.exists():
        if _read_journal(path):
            raise DamagedTrace(
                path, "there is a journal but no snapshot", f"put the snapshot back, or move {journal_path(path).name} away"
            )
        return Trace(), 0
    trace = _trace.decode(_read_bytes(path), path)
    if trace.newer:
        raise NewerTrace(path, "a newer llmtaskgraph wrote this trace; it is read-only here", "update llmtaskgraph to write it")
    return trace, _continue(trace, _read_journal(path), path, salvage=False)


def _continue(trace: Trace, journal: bytes, path: Path, salvage: bool) -> int:
    """Fold a journal into a trace. Returns how many bytes of it are good and belong to this trace."""
    name = journal_path(path)
    try:
        events, good = _journal.recover(journal, name)
        opened = events[0].event if events else None
        if opened is not None and not (isinstance(opened, JournalOpened) and opened.trace == trace.state.id):
            raise DamagedTrace(name, "the journal belongs to another trace", f"move {name.name} away if {path.name} is the right one")
        for sequence, event in events:
            if sequence > trace.state.sequence:
                trace.state.apply(event)
                trace.state.sequence = sequence
    except (DamagedTrace, InconsistentEvents) as error:
        if salvage:
            trace.problems.append(str(error))
            return 0
        if isinstance(error, InconsistentEvents):
            advice = "`ltg check` tells what is readable; the file is left as it is"
            raise DamagedTrace(name, f"the journal does not follow from the trace ({error})", advice) from None
        raise
    return good


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _os_error(path, error) from None


def _read_journal(path: Path) -> bytes:
    try:
        return journal_path(path).read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _os_error(journal_path(path), error) from None


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _last_sign_of_life(path: Path) -> float:
    try:
        return journal_path(path).stat().st_mtime
    except OSError:
        return time.time()


def _os_error(path: Path, error: OSError) -> TraceError:
    if isinstance(error, FileNotFoundError):
        if path.parent.is_dir():
            return TraceError(path, "there is no such trace", "give the path of a trace.json, or make one with `ltg run`")
        return TraceError(path, f"there is no folder {path.parent}", "make it, or give another path")
    if isinstance(error, IsADirectoryError):
        return TraceError(path, "this is a folder", "give the path of a trace.json in it")
    if isinstance(error, PermissionError) or error.errno == 30:  # EROFS
        return TraceError(path, f"cannot be read or written here ({error.strerror})", "check its owner and mode, or give another path")
    return TraceError(path, f"cannot be written ({error.strerror})", "nothing is lost: free the disk and try again")


def _acquire(path: Path, doing: str) -> int:
    """Take the lock. Returns its descriptor."""
    name = lock_path(path)
    me = msgspec.json.encode(Holder(os.getpid(), socket.gethostname(), time.time(), doing))
    for patience in (0.02, 0.1, 0.0):
        try:
            fd = os.open(name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _os_error(path, error) from None
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(fd).st_nlink and os.path.samestat(os.fstat(fd), os.stat(name)):  # not one that was just let go
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


def _release(path: Path, lock: int) -> None:
    with contextlib.suppress(OSError):
        os.unlink(lock_path(path))
    os.close(lock)


class MemoryStore:
    """A trace that is kept in memory only: the same interface, no files."""

    def __init__(self, trace: Trace | None = None) -> None:
        self.trace = trace if trace is not None else Trace()
        self.state: State = self.trace.state
        self.listener: Listener | None = None

    def append(self, event: Event) -> None:
        """Record an event in the state."""
        self.state.sequence += 1
        self.state.apply(event)
        if self.listener is not None:
            self.listener(event, self.state)

    def flush(self) -> None:
        """Nothing to do."""

    def sync(self) -> None:
        """Nothing to do."""

    def close(self, *, fold: bool = True) -> None:
        """Nothing to do."""

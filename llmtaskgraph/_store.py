"""One trace on disk: `trace.json` (snapshot), `trace.json.journal` (events since), `trace.json.lock` (who is writing).

    open -> lock, read, recover, cut the torn tail -> append events -> close: fold the journal into the snapshot

One writer at a time. Readers never lock: the snapshot is replaced atomically, and the sequence number in it tells which events of
the journal it holds already, so a crash between the two steps of folding does no harm.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from . import _journal, _trace
from ._errors import DamagedTrace, NewerTrace, TraceError
from ._events import Event, JournalOpened, RunEnded
from ._files import identity, os_error, read_bytes, real, replace, sync_folder
from ._lock import Holder as Holder
from ._lock import acquire, release
from ._lock import holder as holder
from ._state import APPLY, InconsistentEvents, State
from ._trace import Trace
from ._values import clean

Listener: TypeAlias = Callable[[Event, State], None]


def journal_path(path: Path) -> Path:
    """Where the events of a trace stand while a run is live."""
    return path.parent / f"{path.name}.journal"


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
        path = real(path)
        lock = acquire(path, doing)
        try:
            store = cls._open_locked(path, create, lock)
        except BaseException:
            release(path, lock)
            raise
        with contextlib.suppress(OSError):
            store.path = Path(os.path.abspath(path))  # the program may go to another folder
        return store

    @classmethod
    def _open_locked(cls, path: Path, create: bool, lock: int) -> Store:
        trace, good = _load_for_writing(path, create)
        cut_off = _last_sign_of_life(path)
        if not path.exists():
            replace(path, trace.blocks(), named=False)  # with the journal, below: one that is new has none
        try:
            journal = _journal.Journal(journal_path(path), good)
        except OSError as error:
            raise os_error(journal_path(path), error) from None
        try:
            store = cls(path, trace, journal, lock)
            if good == 0:
                sync_folder(path.parent)
                store.append(JournalOpened(trace.state.id))
            for run in [run for run in trace.state.runs.values() if run.status == "running"]:
                store.append(RunEnded(run.id, "cancelled", cut_off, "the process ended before the run did"))
                store.recovered += 1
            store.flush()
        except BaseException:
            journal.close()
            raise
        return store

    def append(self, event: Event) -> None:
        """Record an event in the state, and for the next `flush`."""
        state = self.state
        sequence = state.sequence + 1
        try:
            line = _journal.line(sequence, event)
        except UnicodeEncodeError:
            event = clean(event)
            line = _journal.line(sequence, event)
        APPLY[type(event)](state, event)
        state.sequence = sequence
        self._unwritten.append(line)
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
            if not fold:
                self._journal.sync()
            else:
                replace(self.path, self.trace.blocks())
                journal_path(self.path).unlink(missing_ok=True)
        finally:
            self._journal.close()
            release(self.path, self._lock)


def read(path: str | os.PathLike[str], *, salvage: bool = False) -> Trace:
    """Read a trace as it stands, a live run's events included, without a lock.

    Raises:
        TraceError: it is not there, is not one, or is damaged.
    """
    path = real(path)
    for _ in range(20):  # a run that ends between the two reads replaces both files
        before = identity(path)
        trace = _trace.decode(_read_bytes(path), path, salvage=salvage)
        journal = _read_journal(path)
        if identity(path) == before:
            break
    _continue(trace, journal, path, salvage)
    return trace


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
    before, journal = trace.state.sequence, _read_journal(path)
    good = _continue(trace, journal, path, salvage=False)
    if good and trace.state.sequence == before:  # the snapshot holds all of it: a crash came between folding and removing
        if good < len(journal):
            _journal.Journal(journal_path(path), good).close()  # puts the torn tail aside
        journal_path(path).unlink()
        good = 0
    return trace, good


def _continue(trace: Trace, journal: bytes, path: Path, salvage: bool) -> int:
    """Fold a journal into a trace. Returns how many bytes of it are good and belong to this trace."""
    name = journal_path(path)
    try:
        events, good = _journal.recover(journal, name)
        opened = events[0].event if events else None
        if opened is not None and not (isinstance(opened, JournalOpened) and opened.trace == trace.state.id):
            advice = f"move {name.name} away if {path.name} is the right one"
            raise DamagedTrace(name, "the journal belongs to another trace", advice)
        if events and events[0].sequence > trace.state.sequence + 1:
            missing = f"events {trace.state.sequence + 1} to {events[0].sequence - 1} are missing before it"
            raise DamagedTrace(name, missing, f"put back the {path.name} that it continues; both files are left as they are")
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
    return read_bytes(path)


def _read_journal(path: Path) -> bytes:
    if not journal_path(path).exists():
        return b""
    try:
        return _read_bytes(journal_path(path))
    except TraceError:
        if journal_path(path).exists():
            raise
        return b""


def _last_sign_of_life(path: Path) -> float:
    try:
        return journal_path(path).stat().st_mtime
    except OSError:
        return time.time()


class MemoryStore:
    """A trace that is kept in memory only: the same interface, no files."""

    def __init__(self, trace: Trace | None = None) -> None:
        self.trace = trace if trace is not None else Trace()
        self.state: State = self.trace.state
        self.listener: Listener | None = None

    def append(self, event: Event) -> None:
        """Record an event in the state."""
        try:
            _journal.line(0, event)
        except UnicodeEncodeError:
            event = clean(event)
        self.state.apply(event)
        self.state.sequence += 1
        if self.listener is not None:
            self.listener(event, self.state)

    def flush(self) -> None:
        """Nothing to do."""

    def sync(self) -> None:
        """Nothing to do."""

    def close(self, *, fold: bool = True) -> None:
        """Nothing to do."""

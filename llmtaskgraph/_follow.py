"""Follow a trace that somebody else is writing: read what is new, never lock, never slow the writer.

The follower keeps the journal open, so that it can read a run to its end also after the writer has folded the journal into the
snapshot and removed it. Only when events were missed (it slept through a whole run) is the snapshot read again.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import NamedTuple

import anyio

from . import _journal, _store, _trace
from ._errors import DamagedTrace, TraceError
from ._events import Event
from ._files import identity, os_error, read_bytes, real
from ._state import InconsistentEvents, State
from ._trace import Trace


@dataclass
class Change:
    """What happened since the last look.

    Attributes:
        state: after it; the same object each time, unless `reset`.
        events: what happened, oldest first.
        reset: the whole trace was read anew: `events` do not tell all that is different.
    """

    state: State
    events: list[Event] = field(default_factory=list)
    reset: bool = False


class Position(NamedTuple):
    """Up to where a follower has read.

    Attributes:
        trace: id of the trace.
        sequence: number of the last event.
        snapshot: what changes when the snapshot is replaced.
        journal: so many bytes of the journal; 0 when there is none.
        inode: of the journal.
    """

    trace: str
    sequence: int
    snapshot: tuple[int, int, int]
    journal: int
    inode: int


class Follower:
    """Reads a trace and then what is added to it. Any number of processes may follow one trace."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = real(path)
        self.trace: Trace | None = None
        self._fd: int | None = None
        self._at = 0
        self._missed = False
        self._seen: tuple[int, int, int] | None = None

    def poll(self, most: int | None = None) -> Change | None:
        """What is new; None when nothing is. Does not wait.

        Args:
            most: about so many bytes of events are read; what is left is new the next time. None is all.

        Raises:
            TraceError: the trace is damaged, is not one, or cannot be read. One that does not exist (yet) is nothing new.
        """
        try:
            return self._poll(most)
        except OSError as error:
            raise os_error(self.path, error) from None

    def _poll(self, most: int | None) -> Change | None:
        if self.trace is None:
            return self._load()
        at = self._at
        events = self._read_journal(most)
        if most is not None and self._at - at >= most // 2 and events:
            return Change(self.trace.state, events)  # there may be more: where it is now is looked at then
        if self._journal_moved():
            events += self._read_journal()
            self._close_journal()
            if self._missed_events():
                return self._load()
            self._open_journal()
            events += self._read_journal()
        if self._missed:
            return self._load()
        return Change(self.trace.state, events) if events else None

    @property
    def position(self) -> Position | None:
        """Up to where it has read; None before it has read anything, or when events were missed."""
        if self.trace is None or self._seen is None or self._missed:
            return None
        inode = 0 if self._fd is None else os.fstat(self._fd).st_ino
        return Position(self.trace.state.id, self.trace.state.sequence, self._seen, self._at, inode)

    def close(self) -> None:
        """Let go of the files."""
        self._close_journal()

    def _load(self) -> Change | None:
        self._seen = identity(self.path)
        if self._seen is None:
            return None
        self._close_journal()
        self._open_journal()
        try:
            data = read_bytes(self.path)
        except TraceError:
            if self.path.exists():
                raise
            return None
        self.trace = _trace.decode(data, self.path, looking=True)
        self._missed = False
        events = self._read_journal()
        return Change(self.trace.state, events, reset=True)

    def _open_journal(self) -> None:
        self._at = 0
        try:
            self._fd = os.open(_store.journal_path(self.path), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait
        except FileNotFoundError:
            self._fd = None

    def _close_journal(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def _read_journal(self, most: int | None = None) -> list[Event]:
        if self._fd is None or self.trace is None:
            return []
        chunks: list[bytes] = []
        at = self._at
        while chunk := os.pread(self._fd, 1 << 20 if most is None else most, at):
            chunks.append(chunk)
            at += len(chunk)
            if most is not None and b"\n" in chunk:
                break
        data = b"".join(chunks)
        whole = data.rfind(b"\n") + 1  # a line that is not whole is read again: a writer that takes over may cut it off
        self._at += whole
        return self._take(data[:whole], self.trace.state)

    def _take(self, data: bytes, state: State) -> list[Event]:
        events: list[Event] = []
        name = _store.journal_path(self.path)
        for line in data.splitlines():
            try:
                sequence, event = _journal.parse(line)
                if sequence <= state.sequence:
                    continue
                if sequence > state.sequence + 1:
                    self._missed = True
                    break
                state.apply(event)
            except (ValueError, InconsistentEvents) as error:
                problem = f"the line after event {state.sequence} is damaged ({error})"
                raise DamagedTrace(name, problem, "`ltg check` tells what is readable") from None
            state.sequence = sequence
            events.append(event)
        return events

    def _journal_moved(self) -> bool:
        """Whether the open journal is no longer the one under its name, or one has appeared."""
        try:
            now = os.stat(_store.journal_path(self.path))
        except FileNotFoundError:
            return self._fd is not None or self._snapshot_changed()
        return self._fd is None or not os.path.samestat(now, os.fstat(self._fd))

    def _snapshot_changed(self) -> bool:
        return identity(self.path) != self._seen

    def _missed_events(self) -> bool:
        assert self.trace is not None
        if not self._snapshot_changed():
            return False
        self._seen = identity(self.path)
        try:
            fd = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait
        except FileNotFoundError:
            return False
        try:
            head = os.read(fd, 4096)
        finally:
            os.close(fd)
        return _trace.peek(head) != (self.trace.state.id, self.trace.state.sequence)


async def follow(path: str | os.PathLike[str], *, interval: float = 0.05) -> AsyncIterator[Change]:
    """Follow a trace: first as it stands, then each change as it happens, without end.

    Args:
        path: of `trace.json`; it need not exist yet.
        interval: seconds between two looks.

    Raises:
        TraceError: the trace is damaged, or is not one.
    """
    follower = Follower(path)
    try:
        while True:
            change = follower.poll()
            if change is not None:
                yield change
            await anyio.sleep(interval)
    finally:
        follower.close()

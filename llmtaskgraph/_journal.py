"""The events of a live run, one JSON line each: append, recover.

    {"seq":17,"crc":2913371452,"event":{...}}

A line is written with one unbuffered `write`. The first line names the trace. A torn tail, which a killed process can leave,
is cut off before anything is appended, and kept beside the journal. Damage with good lines after it is refused.
"""

from __future__ import annotations

import contextlib
import errno
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw, Struct

from ._errors import DamagedTrace, JournalBroken
from ._events import Event

_encode: Final = msgspec.json.Encoder().encode
_EVENT: Final = msgspec.json.Decoder(Event)
_READ_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)


class _Line(Struct, gc=False):
    seq: int
    crc: int
    event: Raw


_LINE: Final = msgspec.json.Decoder(_Line)


class Numbered(NamedTuple):
    """An event and its sequence number."""

    sequence: int
    event: Event


def line(sequence: int, event: Event) -> bytes:
    """An event as a line of a journal."""
    body = _encode(event)
    return b'{"seq":%d,"crc":%d,"event":%b}\n' % (sequence, zlib.crc32(body), body)


def parse(data: bytes) -> Numbered:
    """An event from a line.

    Raises:
        ValueError: it is not one, or its check sum is wrong.
    """
    try:
        if not data.isascii():
            data.decode()  # raw JSON may hide what is not UTF-8
        head = _LINE.decode(data)
        if zlib.crc32(head.event) != head.crc:
            raise ValueError("the check sum is wrong")
        return Numbered(head.seq, _EVENT.decode(head.event))
    except RecursionError:
        raise ValueError("nested too deeply") from None


class Recovered(NamedTuple):
    """What a journal held: its events, and how many of its bytes are good. The rest is a torn tail."""

    events: list[Numbered]
    good: int


def recover(data: bytes, path: object) -> Recovered:
    """Read a journal that may have been cut off.

    Raises:
        DamagedTrace: there is damage before the tail, or a gap in the numbers.
    """
    events: list[Numbered] = []
    good = 0
    torn: tuple[int, str] | None = None
    for number, start, end in _lines(data):
        try:
            found = parse(data[start:end])
        except _READ_ERRORS as error:
            torn = torn or (number, str(error))
            continue
        if torn is None and events and found.sequence != events[-1].sequence + 1:
            torn = number, f"event {events[-1].sequence} is followed by {found.sequence}"
        if torn is not None:  # a good line comes after it
            problem = f"line {torn[0]} is damaged ({torn[1]})"
            raise DamagedTrace(path, problem, "`ltg check` tells what is readable; the file is left as it is")
        events.append(found)
        good = end  # a last line that lacks nothing but its line end is good, too
    return Recovered(events, good)


def _lines(data: bytes) -> Iterator[tuple[int, int, int]]:
    start, number = 0, 1
    while start < len(data):
        end = data.find(b"\n", start) + 1 or len(data)
        yield number, start, end
        start, number = end, number + 1


class Journal:
    """A journal open for appending. The caller holds the lock."""

    def __init__(self, path: Path, good: int = 0) -> None:
        self.path = path
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        self._good = good
        self._broken: str | None = None
        try:
            self._cut_tail()
        except BaseException:
            os.close(self._fd)
            raise

    def _cut_tail(self) -> None:
        tail = os.pread(self._fd, max(0, os.fstat(self._fd).st_size - self._good), self._good)
        if tail:
            kept = os.open(f"{self.path}.torn", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
            with open(kept, "ab", buffering=0) as file:
                _write(file.fileno(), tail + b"\n")
                os.fsync(file.fileno())
            os.ftruncate(self._fd, self._good)
        os.lseek(self._fd, self._good, os.SEEK_SET)
        if self._good and os.pread(self._fd, 1, self._good - 1) != b"\n":
            self.append(b"\n")

    @property
    def broken(self) -> bool:
        """Whether a write has failed."""
        return self._broken is not None

    def append(self, data: bytes) -> None:
        """Write whole lines.

        Raises:
            JournalBroken: they did not reach the file. It is cut back to what was whole, and takes no more.
        """
        if self._broken is not None:
            raise self._error()
        written = 0
        try:
            written = os.write(self._fd, data)
            if written < len(data):  # a short write has no error of its own: the next one tells why
                written += os.write(self._fd, data[written:])
                if written < len(data):
                    raise OSError(errno.EIO, os.strerror(errno.EIO))
            self._good += written
        except OSError as error:
            self._broken = error.strerror or str(error)
            self._good += data.rfind(b"\n", 0, written) + 1  # a reader may have seen these lines
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, self._good)
            raise self._error() from None

    def sync(self) -> None:
        """Bring what was written to the disk. Blocks: call it from a thread.

        Raises:
            JournalBroken: it failed; it is not tried again.
        """
        if self._broken is not None:
            raise self._error()
        try:
            (getattr(os, "fdatasync", None) or os.fsync)(self._fd)
        except OSError as error:
            self._broken = error.strerror or str(error)
            raise self._error() from None

    def close(self) -> None:
        """Close the file."""
        os.close(self._fd)

    def _error(self) -> JournalBroken:
        advice = "free the disk, then resume: nothing before this is lost"
        return JournalBroken(self.path, f"cannot be written ({self._broken})", advice)


def _write(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]

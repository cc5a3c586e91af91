"""Edits of a trace that is being followed: checked against what the follower knows, appended without reading the trace again.

A large trace takes seconds to read, and who looks at it has read it already. So the edit is made from the follower's state, and
is appended under the lock where the files are still exactly those that this state was read from: the same snapshot, and a
journal that ends where the follower stopped, with the event that it stopped at. Else the trace is read, as by `edit_trace`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from msgspec import Struct

from . import _edit, _edit_file, _journal, _trace
from ._errors import TraceError
from ._events import Edit, EditMade, EditName, Event, JournalOpened
from ._files import identity, real, sync_folder
from ._follow import Follower, Position
from ._graph import Task
from ._lock import acquire, release
from ._state import State
from ._store import journal_path

FOLDED_UP_TO: Final = _edit_file.FOLDED_UP_TO
_LINE: Final = 4096


class UnsavedEdit(Struct, frozen=True):
    """An edit that was checked, and is not in the file yet.

    Attributes:
        edit: as it will be recorded if nobody else writes before.
    """

    edit: Edit
    _path: Path
    _position: Position | None
    _again: Callable[[], Edit]

    def save(self) -> Edit:
        """Record it. Blocks: it waits for the disk, and reads the whole trace where somebody wrote to it meanwhile.

        Raises:
            LLMTaskGraphError: it could not be recorded, or is no longer possible.
        """
        if self._position is not None and _appended(self._path, self._position, self.edit):
            return self.edit
        return self._again()


def edit_followed(follower: Follower, run: int, task: str, stage: EditName, text: str) -> UnsavedEdit:
    """What `edit_trace` does, of a trace that is being followed.

    Args:
        follower: has read the trace; it is neither changed nor kept.
        run: the run on screen.
        task: id of the task.
        stage: a stage, or a setting.
        text: what a person typed; see `TaskGraph.edit`.

    Raises:
        EditRefused: the task has no such stage, or the text is no value for it.
        UnknownTask: there is no such task.
    """
    made = _edit.edit(_state(follower), run, _task(follower, run, task), stage, text, time.time())
    return _unsaved(follower, made, partial(_edit_file.edit_trace, follower.path, run, task, stage, text))


def revert_followed(follower: Follower, run: int, task: str, stage: EditName) -> UnsavedEdit:
    """What `revert_trace` does, likewise."""
    made = _edit.revert(_state(follower), run, _task(follower, run, task), stage, time.time())
    return _unsaved(follower, made, partial(_edit_file.revert_trace, follower.path, run, task, stage))


def again_followed(follower: Follower, run: int, task: str) -> UnsavedEdit:
    """What `again_trace` does, likewise."""
    made = _edit.again(_state(follower), run, _task(follower, run, task), time.time())
    return _unsaved(follower, made, partial(_edit_file.again_trace, follower.path, run, task))


def _state(follower: Follower) -> State:
    if follower.trace is None:
        raise TraceError(follower.path, "it was not read yet", "wait until there is a run")
    return follower.trace.state


def _task(follower: Follower, run: int, id: str) -> Task:
    state = _state(follower)
    return _edit.one_task(state, state.run(run).id, id)


def _unsaved(follower: Follower, edit: Edit, again: Callable[..., Edit]) -> UnsavedEdit:
    trace = follower.trace
    assert trace is not None
    position = follower.position
    sound = not trace.newer and not trace.problems and all(run.status != "running" for run in trace.state.runs.values())
    large = position is not None and position.snapshot[1] > FOLDED_UP_TO  # a small one is folded: that is quick, too
    return UnsavedEdit(edit, real(follower.path), position if sound and large else None, partial(again, of=trace.state.id))


def _appended(path: Path, known: Position, edit: Edit) -> bool:
    """Append an edit to the journal if nothing was written since `known`. False when something was."""
    lock = acquire(path, "edit")
    try:
        name = journal_path(path)
        if identity(path) != known.snapshot or not (_ends_there(name, known) if known.journal else _is_whole(path, known)):
            return False
        events: list[Event] = [EditMade(edit)] if known.journal else [JournalOpened(known.trace), EditMade(edit)]
        try:
            lines = b"".join(_journal.line(number, event) for number, event in enumerate(events, known.sequence + 1))
            journal = _journal.Journal(name, known.journal)
        except (UnicodeEncodeError, OSError):
            return False  # the long way cleans it, or says what is wrong
        try:
            if not known.journal:
                sync_folder(path.parent)
            journal.append(lines)
            journal.sync()
        finally:
            journal.close()
        return True
    finally:
        release(path, lock)


def _is_whole(path: Path, known: Position) -> bool:
    """Whether there is no journal, and the snapshot holds all that was read."""
    if os.path.lexists(journal_path(path)):
        return False
    with path.open("rb") as file:
        return _trace.peek(file.read(_LINE)) == (known.trace, known.sequence)


def _ends_there(journal: Path, known: Position) -> bool:
    """Whether the journal is the one that was read, belongs to the trace, and ends with the event that was read last."""
    try:
        fd = os.open(journal, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        found = os.fstat(fd)
        if (found.st_ino, found.st_size) != (known.inode, known.journal):
            return False
        first, last = _journal.parse(_first_line(fd)), _journal.parse(_last_line(fd, found.st_size))
        return first.event == JournalOpened(known.trace) and last.sequence == known.sequence
    except ValueError:
        return False
    finally:
        os.close(fd)


def _first_line(fd: int) -> bytes:
    return os.pread(fd, _LINE, 0).partition(b"\n")[0]


def _last_line(fd: int, size: int) -> bytes:
    length = _LINE
    while True:
        tail = os.pread(fd, min(length, size), max(0, size - length))
        start = tail.rfind(b"\n", 0, len(tail) - 1)
        if start >= 0 or length >= size:
            return tail[start + 1 :]
        length *= 2

"""A trace that a command reads, and the tasks that its words name."""

from __future__ import annotations

from pathlib import Path

from .. import _edit, _lock, _store
from .._errors import DamagedTrace, UnknownTask
from .._events import Run, RunEnded
from .._graph import Task
from .._state import State
from .._trace import Trace
from . import terminal


def read(path: str) -> Trace:
    """A trace as it stands; its live run, if there is one, included."""
    trace = _store.read(Path(path))
    if trace.newer:
        terminal.note(f"{path}: a newer llmtaskgraph wrote this; it is read-only here, and may hold more than is shown")
    _end_cut_off(trace.state, Path(path))
    return trace


def _end_cut_off(state: State, path: Path) -> None:
    """Show runs whose process is gone as the next writer will record them; nothing is written here."""
    if _lock.holder(path) is None:
        for run in [run for run in state.runs.values() if run.status == "running"]:
            state.apply(RunEnded(run.id, "cancelled", _last_sign(path), "the process ended before the run did"))


def _last_sign(path: Path) -> float:
    """When a run that was cut off last recorded something."""
    for file in (_store.journal_path(path), path):
        if file.exists():
            return file.stat().st_mtime
    return 0.0


def read_what_can_be(path: str) -> tuple[Trace, int]:
    """Likewise, but of a damaged trace what is readable, told on stderr. Returns it and the exit code."""
    try:
        return read(path), 0
    except DamagedTrace as error:
        try:
            trace = _store.read(Path(path), salvage=True)
        except (DamagedTrace, ValueError):
            raise error from None
        if not trace.state.runs:
            raise
        _end_cut_off(trace.state, Path(path))
        terminal.note(f"ltg: {error.path}: {error.problem}; this is what is readable, `ltg check` tells the rest")
        return trace, error.exit_code


def tasks(state: State, run: Run, pattern: str) -> list[Task]:
    """The tasks of a run that a word names: by id, as a glob, or by the end of the id. Says on stderr what it is, unless exact.

    Raises:
        UnknownTask: there is none.
    """
    try:
        found = _edit.matching(state, run.id, pattern)
    except UnknownTask:
        try:
            found = _edit.matching(state, run.id, f"*/{pattern}")
        except UnknownTask:
            found = []
        if not found:
            raise
    if [task.id for task in found] != [pattern]:
        names = ", ".join(task.id for task in found[:5]) + (", ..." if len(found) > 5 else "")
        terminal.note(
            f"{pattern} is {names}" if len(found) == 1 else f"{pattern} matches {terminal.count(len(found), 'task')}: {names}"
        )
    return found

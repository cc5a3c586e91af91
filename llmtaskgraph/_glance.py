"""What a trace is, at a glance: its runs and how the newest one went, without decoding what its tasks hold.

The file is read line by line, in slices: a folder of large traces can be listed while a person already looks at it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType

from . import _events as ev
from . import _journal, _store, _trace
from ._errors import LLMTaskGraphError, NotATrace, TraceError
from ._events import Status
from ._files import open_regular, os_error, real
from ._lock import holder

SLICE: Final = 1 << 18
"""Bytes that are read at a time: a few milliseconds of work."""

FOREIGN: Final = 8 << 20
"""A larger file that another program has formatted is not read to the end."""

_READ_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)
_LISTS: Final = ("tasks", "runs", "task_runs", "edits")


class _Id(Struct, gc=False):
    id: str


class _Cost(Struct, gc=False):
    cost: float | None = None
    usage: Raw | UnsetType = UNSET


class _Error(Struct, gc=False):
    type: str


class _TaskRun(Struct, gc=False):
    task: str
    status: Status = "running"
    attempts: tuple[_Cost, ...] = ()
    error: _Error | None = None


class GlanceRun(Struct, gc=False):
    """A run as far as a list of traces tells of it; the fields are those of `Run`."""

    id: int
    started: float
    parent: int | None = None
    status: Status = "running"
    ended: float | None = None
    app: str | None = None


_DECODERS: Final[dict[str, Any]] = {
    name: msgspec.json.Decoder(kind) for name, kind in {"tasks": _Id, "runs": GlanceRun, "task_runs": _TaskRun}.items()
}


@dataclass
class Glance:
    """A trace in brief.

    Attributes:
        runs: by id, oldest first.
        tasks: how many tasks it names, of all its runs.
        failed: those of them that failed by themselves when they last ran.
        cost: US dollars, of all runs; None when nothing has a price.
        unpriced: answers without a price.
        live: a process is writing it.
        problem: why it cannot be read in full; empty when it can.
        done: whether all of it was looked at.
    """

    path: Path
    runs: dict[int, GlanceRun] = field(default_factory=dict)
    tasks: int = 0
    failed: int = 0
    cost: float | None = None
    unpriced: int = 0
    live: bool = False
    problem: str = ""
    done: bool = False

    @property
    def newest(self) -> GlanceRun | None:
        """The newest run."""
        return self.runs[max(self.runs)] if self.runs else None


def glance(path: str | os.PathLike[str]) -> Iterator[Glance]:
    """Look at a trace in slices. Gives the same object again and again, each time with more in it; the first time it is known
    that the file begins as a trace does.

    Raises:
        NotATrace: it is something else.
        TraceError: it cannot be read.
    """
    path = real(path)
    glancing = _Glancing(path)
    try:
        with open_regular(path) as file:
            head = file.read(4096)
            if b'"format":"llmtaskgraph/' not in b"".join(head[:200].split()):
                raise NotATrace(path, "this is not a trace", "give the path of a trace.json")
            yield glancing.found
            yield from glancing.snapshot(file, head)
    except OSError as error:
        raise os_error(path, error) from None
    yield from glancing.journal()
    found = glancing.found
    found.live = holder(path) is not None
    newest = found.newest
    if newest is not None and newest.status == "running" and not found.live:
        newest.status = "cancelled"  # its process ended before it did: so the next writer will record it
    found.done = True
    yield found


class _Glancing:
    def __init__(self, path: Path) -> None:
        self.path, self.found = path, Glance(path)
        self.tasks: set[str] = set()
        self.failed: set[str] = set()
        self.sequence = 0

    def snapshot(self, file: Any, head: bytes) -> Iterator[Glance]:
        known = _trace.peek(head)
        if known is None:
            yield from self._foreign(file, head)
            return
        if head.partition(b"llmtaskgraph/")[2].partition(b'"')[0].partition(b".")[0] != b"%d" % _trace.MAJOR:
            self.found.problem = "a newer llmtaskgraph wrote it"
        self.sequence = known[1]
        section, left, last, chunk = "", head, b"", b"{"
        while chunk:
            chunk = file.read(SLICE)
            lines = (left + chunk).split(b"\n")
            left = lines.pop() if chunk else b""
            for line in lines:
                section = self._line(section, line)
                last = line or last
            yield self._told()
        if not last.endswith(b"}") or last[:1] == b"{":
            self._trouble("it is cut off")

    def _line(self, section: str, line: bytes) -> str:
        """A line of the document. Returns the list that it is in."""
        if line[:1] == b'"':
            name = line[1:20].partition(b'"')[0].decode("ascii", "replace")
            return name if name in _LISTS else ""
        if section in _DECODERS and line[:1] == b"{":
            try:
                self._take(section, _DECODERS[section].decode(line.removesuffix(b",")))
            except _READ_ERRORS as error:
                self._trouble(f"a line of {section} cannot be read: {error}")
        return section

    def _take(self, section: str, element: Any) -> None:
        if section == "tasks":
            self.tasks.add(element.id)
        elif section == "runs":
            self.found.runs[element.id] = element
        else:
            error = element.error
            self._ended(element.task, element.status == "failed" and (error is None or error.type != "ChildFailed"))
            for attempt in element.attempts:
                self._paid(attempt.cost, attempt.usage is not None and attempt.usage is not UNSET)

    def _ended(self, task: str, failed: bool) -> None:
        self.failed.add(task) if failed else self.failed.discard(task)

    def _paid(self, cost: float | None, used: bool) -> None:
        if cost is not None:
            self.found.cost = (self.found.cost or 0.0) + cost
        elif used:
            self.found.unpriced += 1

    def _trouble(self, problem: str) -> None:
        self.found.problem = self.found.problem or f"damaged: {problem}"

    def _told(self) -> Glance:
        self.found.tasks, self.found.failed = len(self.tasks), len(self.failed)
        return self.found

    def _foreign(self, file: Any, head: bytes) -> Iterator[Glance]:
        """A trace that another program has formatted, or that a newer llmtaskgraph wrote."""
        data = head + file.read(FOREIGN)
        if len(data) > FOREIGN:
            self.found.problem = "formatted by another program: open it to see what is in it"
            return
        try:
            state = _trace.decode(data, self.path, salvage=True).state
        except LLMTaskGraphError as error:
            self.found.problem = getattr(error, "problem", str(error))
            return
        self.sequence = state.sequence
        self.tasks.update(task.id for task in state.tasks.values())
        for run in state.runs.values():
            self.found.runs[run.id] = GlanceRun(run.id, run.started, run.parent, run.status, run.ended, run.app)
        for task_run in state.task_runs.values():
            self._take("task_runs", task_run)
        yield self._told()

    # What has happened since

    def journal(self) -> Iterator[Glance]:
        running: dict[int, str] = {}
        try:
            with open_regular(_store.journal_path(self.path)) as file:
                left = b""
                while chunk := file.read(SLICE):
                    lines = (left + chunk).split(b"\n")
                    left = lines.pop()
                    for line in lines:
                        sequence, event = _journal.parse(line)
                        if sequence > self.sequence:
                            self._happened(event, running)
                    yield self._told()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            self._trouble(f"its journal cannot be read ({error.strerror})")
        except TraceError as error:
            self._trouble(f"its journal cannot be read ({error.problem})")
        except ValueError as error:
            self._trouble(f"a line of its journal is damaged ({error})")

    def _happened(self, event: Any, running: dict[int, str]) -> None:
        match event:
            case ev.TasksAdded():
                self.tasks.update(task.id for task in event.tasks)
            case ev.RunStarted(run=run):
                self.found.runs[run.id] = GlanceRun(run.id, run.started, run.parent, run.status, run.ended, run.app)
            case ev.RunEnded() if event.run in self.found.runs:
                ended = self.found.runs[event.run]
                ended.status, ended.ended = event.status, event.at
            case ev.TaskStarted():
                running[event.id] = event.task
                self._ended(event.task, False)
            case ev.TaskFailed() if event.task_run in running:
                self._ended(running[event.task_run], event.error.type != "ChildFailed")
            case ev.AttemptSucceeded():
                self._paid(event.cost, event.usage is not None)
            case _:
                pass

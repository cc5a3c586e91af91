"""What a page that knows a trace up to some event has to be told since. Pure: no file, no connection, no clock.

For each element stands the event that changed it last, in the order of these events. Whoever comes back with the number of any
event since the server began is told the elements that stand after it, as they are now: each once, however often it changed, at a
cost in proportion to what changed. So nobody has a queue, and a slow reader costs nothing.

Text that streams in is kept as the pieces that it came in. It is told as the piece that is new and the offset at which it stands,
counted as a browser counts: in UTF-16 code units.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import msgspec

from .. import _events as ev
from .._follow import Change
from .._state import State
from .document import LISTS, View

MOST: Final = 2_000
"""Elements that one change tells of at most."""

Id: TypeAlias = int | str | tuple[int, str]
Key: TypeAlias = tuple[str, Id]
"""What changed: the name of its list and its id there; `kept` and `streaming` are lists, too."""

_encode: Final = msgspec.json.Encoder().encode


class Missed(NamedTuple):
    """What changed after some position, oldest change first.

    Attributes:
        keys: what.
        ats: the position of each.
    """

    keys: Sequence[Key]
    ats: Sequence[float]


class Part(NamedTuple):
    """A part of what was missed: what, the position before all of it, and the position of whoever was told."""

    missed: Missed
    known: float
    at: float


class Feed:
    """What is told of one trace. Begun anew when the trace is read anew.

    Positions are numbers of events; a half more is for what was found out without an event: that a run was cut off.

    Attributes:
        view: the state as it is shown.
        floor: whoever knows less than this has to read the whole document.
        at: the position of what was taken in last.
    """

    def __init__(self, state: State) -> None:
        self.view = View(state)
        self.floor = self.at = float(state.sequence)
        self._changed: dict[Key, float] = {}
        self._running = {task_run.id for task_run in state.task_runs.values() if task_run.status == "running"}
        self._streams: dict[int, _Stream] = {}
        for id, texts in state.streaming.items():
            if id in self._running:
                stream = self._streams[id] = _Stream()
                stream.text.add("".join(texts[0]), self.at)
                stream.reasoning.add("".join(texts[1]), self.at)

    @property
    def state(self) -> State:
        """What was read."""
        return self.view.state

    # Taking in

    def take(self, change: Change) -> None:
        """Take in what was read of the trace since the last time; not for a reset."""
        for sequence, event in enumerate(change.events, self.state.sequence - len(change.events) + 1):
            self.at = float(sequence)
            taken = _TAKE.get(type(event))
            if taken is not None:
                taken(self, event)
        self.at = float(self.state.sequence)

    def cut_off(self, run: int, at: float) -> None:
        """The process of a run was found to be gone."""
        self.at = int(self.at) + 0.5
        self.view.cut_off[run] = at
        self._mark("runs", run)
        self._end_all(run)

    def _mark(self, kind: str, id: Id) -> None:
        key = (kind, id)
        self._changed.pop(key, None)
        self._changed[key] = self.at

    def _run_started(self, event: ev.RunStarted) -> None:
        self._mark("runs", event.run.id)
        self._mark_functions(event.functions)

    def _tasks_added(self, event: ev.TasksAdded) -> None:
        for task in event.tasks:
            self._mark("tasks", task.number)
        self._mark_functions(event.functions)

    def _mark_functions(self, functions: Iterable[str]) -> None:
        for name in functions:
            self._mark("functions", name)

    def _task_started(self, event: ev.TaskStarted) -> None:
        self._running.add(event.id)
        self._mark("task_runs", event.id)

    def _task_kept(self, event: ev.TaskKept) -> None:
        self._mark("kept", (event.run, event.task))

    def _touched(self, event: Any) -> None:
        self._mark("task_runs", event.task_run)

    def _attempt(self, event: Any) -> None:
        self._mark("task_runs", event.task_run)
        if event.task_run in self._streams:
            self._streams[event.task_run] = _Stream()
            self._mark("streaming", event.task_run)

    def _streamed(self, event: ev.ResponseStreamed) -> None:
        id = event.task_run
        if id not in self._running:
            return
        stream = self._streams.setdefault(id, _Stream())
        (stream.text if event.kind == "text" else stream.reasoning).add(event.content, self.at)
        self._mark("streaming", id)

    def _task_ended(self, event: Any) -> None:
        self._end(event.task_run)

    def _end(self, id: int) -> None:
        self._running.discard(id)
        self._streams.pop(id, None)
        self._changed.pop(("streaming", id), None)  # a task run that does not run says that itself
        self._mark("task_runs", id)

    def _tasks_blocked(self, event: ev.TasksBlocked) -> None:
        for id in range(event.first, event.first + len(event.tasks)):
            self._mark("task_runs", id)

    def _run_ended(self, event: ev.RunEnded) -> None:
        self.view.cut_off.pop(event.run, None)
        self._mark("runs", event.run)
        self._end_all(event.run)

    def _end_all(self, run: int) -> None:
        for id in [id for id in self._running if self.state.task_runs[id].run == run]:
            self._end(id)

    def _edit_made(self, event: ev.EditMade) -> None:
        self._mark("edits", event.edit.id)

    # Telling

    @property
    def live(self) -> list[int]:
        """The runs that are under way, as far as is known."""
        return [run.id for run in self.state.runs.values() if run.status == "running" and run.id not in self.view.cut_off]

    def missed(self, at: float) -> Missed:
        """What changed after a position."""
        keys: list[Key] = []
        ats: list[float] = []
        for key, changed in reversed(self._changed.items()):
            if changed <= at:
                break
            keys.append(key)
            ats.append(changed)
        return Missed(keys[::-1], ats[::-1])

    def parts(self, known: float) -> list[Part]:
        """What changed after a position, in parts of bounded size. The first one is told at once, the others may be later."""
        missed = self.missed(known)
        streams = Missed(*_picked(missed, "streaming", True))  # in the first: whoever has a part has all text up to it
        keys, ats = _picked(missed, "streaming", False)
        parts: list[Part] = []
        for end in range(MOST, len(keys) + MOST, MOST) if keys else (0,):
            some = Missed(keys[end - MOST : end], ats[end - MOST : end]) if keys else Missed((), ())
            if end >= len(keys):
                at = max((*missed.ats[-1:], known))
            else:  # of what one event changed a part may be missing still
                at = max((each for each in some.ats if each < ats[end]), default=known)
                at = max(at, parts[-1].at if parts else known)
            if not parts:
                some = Missed((*streams.keys, *some.keys), (*streams.ats, *some.ats))
            parts.append(Part(some, known, at))
        return parts if missed.keys else []

    def change(self, part: Part) -> bytes:
        """A part of what was missed, as it is now: JSON. What has changed again meanwhile will be missed again."""
        found: dict[str, list[Any]] = {}
        for (kind, id), changed in zip(part.missed.keys, part.missed.ats, strict=True):
            if self._changed.get((kind, id)) == changed:
                found.setdefault(kind, []).append(id)
        told: dict[str, Any] = {"sequence": int(part.at)}
        for kind in LISTS:
            elements = [self.view.light(kind, id) for id in sorted(found.get(kind, ()))]
            told |= {kind: elements} if elements else {}
        if "functions" in found:
            told["functions"] = {name: self.state.functions[name] for name in found["functions"]}
        if "kept" in found:
            told["kept"] = found["kept"]
        if "streaming" in found:
            told["streaming"] = [self._streams[id].since(id, part.known) for id in found["streaming"]]
        return _encode(told)

    def streaming(self) -> list[dict[str, Any]]:
        """All text that is arriving, from its beginning."""
        told = [stream.since(id, -1.0) for id, stream in self._streams.items()]
        return [each for each in told if each["text"][1] or each["reasoning"][1]]


_TAKE: Final[dict[type, Any]] = {
    ev.RunStarted: Feed._run_started,
    ev.TasksAdded: Feed._tasks_added,
    ev.TaskStarted: Feed._task_started,
    ev.TaskKept: Feed._task_kept,
    ev.StageSettled: Feed._touched,
    ev.AttemptStarted: Feed._attempt,
    ev.ResponseStreamed: Feed._streamed,
    ev.AttemptSucceeded: Feed._attempt,
    ev.AttemptFailed: Feed._attempt,
    ev.TaskSucceeded: Feed._task_ended,
    ev.TaskFailed: Feed._task_ended,
    ev.TasksBlocked: Feed._tasks_blocked,
    ev.Logged: Feed._touched,
    ev.RunEnded: Feed._run_ended,
    ev.EditMade: Feed._edit_made,
}


def _picked(missed: Missed, kind: str, wanted: bool) -> tuple[list[Key], list[float]]:
    """Those of a kind, or those of the others."""
    picked = [(key, at) for key, at in zip(missed.keys, missed.ats, strict=True) if (key[0] == kind) is wanted]
    return [key for key, _ in picked], [at for _, at in picked]


class _Pieces:
    """Text as it arrived: pieces, the position of each, and the offset at which each begins."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._ats: list[float] = []
        self._offsets: list[int] = [0]

    def add(self, text: str, at: float) -> None:
        self._texts.append(text)
        self._ats.append(at)
        self._offsets.append(self._offsets[-1] + utf16_length(text))

    def since(self, at: float) -> tuple[int, str]:
        """Offset and text of what arrived after a position."""
        first = bisect_right(self._ats, at)
        return self._offsets[first], "".join(self._texts[first:])


class _Stream:
    """Text and reasoning of one attempt."""

    def __init__(self) -> None:
        self.text, self.reasoning = _Pieces(), _Pieces()

    def since(self, task_run: int, at: float) -> dict[str, Any]:
        """What arrived after a position, and where it goes on: at its beginning for whoever knows of another attempt only."""
        return {"task_run": task_run, "text": self.text.since(at), "reasoning": self.reasoning.since(at)}


def utf16_length(text: str) -> int:
    """The length of a text as JavaScript counts it."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2

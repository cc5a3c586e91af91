"""What the page is shown of each element: as in the trace, with large values left out.

A value that is left out stands as its size and its digest, so that the page can tell whether two are equal, and ask for one when
it is looked at. The children of a graph are never left out: the tree is drawn from them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, Final, TypeAlias

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field, structs

from .. import _values
from .._events import Attempt, Edit, Run, Stage
from .._graph import Arg, Children, Task
from .._state import State, TaskRun
from .._trace import FORMAT

LARGE: Final = 2_000
"""Bytes of JSON that a value may have and still be sent with its element."""

LISTS: Final = ("tasks", "runs", "task_runs", "edits")
"""The lists of a document, in its order."""

CUT_OFF: Final = "the process ended before the run did"
_A_SLICE: Final = 200

Element: TypeAlias = Task | Run | TaskRun | Edit

_encode: Final = msgspec.json.Encoder().encode
_children: Final = msgspec.json.Decoder(Children)


class LeftOut(Struct, omit_defaults=True):
    """A stage, or an argument, without its value."""

    size: int
    digest: str
    key: str | UnsetType = UNSET
    origin: str | UnsetType = UNSET
    source: int | None = field(default=None, name="from")


class View:
    """A state as the page sees it.

    Attributes:
        state: what was read.
        cut_off: runs whose process is gone, with the time of its last sign of life: shown as the next writer will end them.
    """

    def __init__(self, state: State, cut_off: Mapping[int, float] | None = None) -> None:
        self.state = state
        self.cut_off = dict(cut_off or {})

    def element(self, kind: str, id: int) -> Element | None:
        """An element as it is now, whole; None where there is none."""
        if kind == "runs":
            run = self.state.runs.get(id)
            return None if run is None else self._run(run)
        if kind == "task_runs":
            task_run = self.state.task_runs.get(id)
            return None if task_run is None else self._task_run(task_run)
        found: Element | None = getattr(self.state, kind).get(id)
        return found

    def light(self, kind: str, id: int) -> Element | None:
        """Likewise, with large values left out."""
        found = self.element(kind, id)
        if isinstance(found, TaskRun):
            return _light_task_run(found)
        return _light_task(found) if isinstance(found, Task) else found

    def _run(self, run: Run) -> Run:
        if run.status != "running":
            return run
        open = list(self.state.open_in(run.id))
        if run.id not in self.cut_off:
            return structs.replace(run, open=open)
        return structs.replace(run, open=open, status="cancelled", ended=self.cut_off[run.id], error=CUT_OFF)

    def _task_run(self, task_run: TaskRun) -> TaskRun:
        if task_run.status != "running" or task_run.run not in self.cut_off:
            return task_run
        attempts = task_run.attempts
        if attempts and attempts[-1].ended is None:
            attempts = (*attempts[:-1], _cancelled(attempts[-1], self.state.streaming.get(task_run.id)))
        return structs.replace(task_run, status="cancelled", ended=self.cut_off[task_run.run], attempts=attempts)

    def settle_open(self) -> None:
        """Let the runs that are under way tell what is open now, for whoever writes the document itself."""
        for run in self.state.runs.values():
            if run.status == "running":
                run.open = list(self.state.open_in(run.id))

    def blocks(self) -> Iterator[bytes]:
        """The document as JSON, in pieces that each take a few milliseconds. The state must not change meanwhile."""
        state = self.state
        app = next((run.app for run in reversed(state.runs.values()) if run.app), None)
        head: dict[str, Any] = {"format": FORMAT, "id": state.id, "sequence": state.sequence}
        head |= {"app": app} if app else {}
        yield _encode({**head, "functions": state.functions})[:-1]
        for kind in LISTS:
            ids = iter(getattr(state, kind))
            before = b',"' + kind.encode() + b'":['
            while some := list(islice(ids, _A_SLICE)):
                yield before + _encode([self.light(kind, id) for id in some])[1:-1]
                before = b","
            yield b"]" if before == b"," else before + b"]"
        yield b"}"


def _cancelled(attempt: Attempt, texts: tuple[list[str], list[str]] | None) -> Attempt:
    partial = ("".join(texts[0]) or None) if texts is not None else None
    return structs.replace(attempt, status="cancelled", partial=partial)


def _light_task_run(task_run: TaskRun) -> TaskRun:
    found: dict[str, Any] = {}
    for name in ("prompt", "response", "output"):
        stage = getattr(task_run, name)
        if stage is not None and _size(stage.value) > LARGE:
            found[name] = _left_out(stage.value, stage)
    if task_run.children is not None and _size(task_run.children.value) > LARGE:
        found["children"] = _light_children(task_run.children)
    return structs.replace(task_run, **found) if found else task_run


def _light_children(stage: Stage) -> Stage:
    try:
        children = _children.decode(stage.value)
    except (msgspec.DecodeError, RecursionError):
        return stage
    return structs.replace(stage, value=Raw(_encode(structs.replace(children, result=_light_arg(children.result)))))


def _light_task(task: Task) -> Task:
    args = tuple(_light_arg(arg) for arg in task.args)
    kwargs = {name: _light_arg(arg) for name, arg in task.kwargs.items()}
    result = None if task.result is None else _light_arg(task.result)
    same = all(a is b for a, b in zip(args, task.args, strict=True)) and result is task.result
    if same and all(kwargs[name] is arg for name, arg in task.kwargs.items()):
        return task
    return structs.replace(task, args=args, kwargs=kwargs, result=result)


def _light_arg(arg: Arg) -> Arg:
    """The argument itself where nothing in it is large."""
    if arg.value is not UNSET:
        return arg if _size(arg.value) <= LARGE else _left_out(arg.value)
    if arg.items is not UNSET:
        items = [_light_arg(item) for item in arg.items]
        return arg if all(a is b for a, b in zip(items, arg.items, strict=True)) else Arg(items=items)
    if arg.entries is not UNSET:
        entries = {name: _light_arg(item) for name, item in arg.entries.items()}
        return arg if all(entries[name] is item for name, item in arg.entries.items()) else Arg(entries=entries)
    return arg


def _size(value: Raw) -> int:
    return len(memoryview(value))


def _left_out(value: Raw, stage: Stage | None = None) -> Any:
    data = memoryview(value)
    about: dict[str, Any] = {} if stage is None else {"key": stage.key, "origin": stage.origin, "source": stage.source}
    return LeftOut(len(data), _values.digest(data), **about)

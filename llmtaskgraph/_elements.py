"""The lists of a document, taken into a state: each element is checked, and kept as the bytes it was, too.

A trace names the same tasks, functions and models again and again. Each of these texts is kept once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw

from ._events import Edit, Run
from ._graph import Arg, Task
from ._state import State, TaskRun

LISTS: Final[dict[str, type[Any]]] = {"tasks": Task, "runs": Run, "task_runs": TaskRun, "edits": Edit}
"""The lists of a document, in their order, and what is in them."""

READ_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError)
"""What JSON that is not ours raises."""

_DECODERS: Final[dict[str, Callable[[Raw], Any]]] = {name: msgspec.json.Decoder(kind).decode for name, kind in LISTS.items()}
_NOTHING: Final[dict[str, Any]] = {}

decode_task_run: Final[Callable[[Raw], TaskRun]] = _DECODERS["task_runs"]


def number_of(element: Task | Run | TaskRun | Edit) -> int:
    """What tells an element from the others of its list."""
    return element.number if isinstance(element, Task) else element.id


class Elements:
    """Takes the elements of a document into a state.

    Args:
        state: it is filled.
        problems: what could not be read is added.
        raw: list -> number -> the bytes it was; filled.
        live: list -> numbers of those that may change; filled.
        looking: task runs that will not change any more are held as JSON.
    """

    def __init__(
        self, state: State, problems: list[str], raw: dict[str, dict[int, Raw]], live: dict[str, set[int]], *, looking: bool
    ) -> None:
        self._looking = looking
        self._state, self._problems, self._raw, self._live = state, problems, raw, live
        self._texts: dict[Any, Any] = {}
        self._declaring: list[TaskRun] = []

    def take(self, name: str, elements: Iterable[Raw]) -> None:
        """Take in a list; the lists come in their order."""
        decode, raw = _DECODERS[name], self._raw[name]
        takes: dict[str, Callable[[Any, Raw, dict[int, Raw]], None]]
        takes = {"tasks": self._task, "runs": self._run, "task_runs": self._task_run, "edits": self._edit}
        take = takes[name]
        for position, element in enumerate(elements):
            try:
                take(decode(element), element, raw)
            except READ_ERRORS as error:
                self._problems.append(f"{name}[{position}]: {error}")

    def _task(self, task: Task, element: Raw, raw: dict[int, Raw]) -> None:
        if task.number in raw:
            raise _twice(task.number)
        share = self._texts.setdefault
        for arg in task.args:
            if arg.ref is not UNSET:
                arg.ref = share(arg.ref, arg.ref)
            elif not _is_one(arg):
                raise ValueError(f"an argument of {task.id} is none")
        if not task.kwargs:
            task.kwargs = _NOTHING  # as the author's layer does: most tasks have none
        elif not all(map(_is_one, task.kwargs.values())):
            raise ValueError(f"an argument of {task.id} is none")
        if not task.params:
            task.params = _NOTHING
        task.id = share(task.id, task.id)
        task.scope, task.function = share(task.scope, task.scope), share(task.function, task.function)
        task.model = share(task.model, task.model)
        self._state.tasks[task.number] = task
        raw[task.number] = element

    def _run(self, run: Run, element: Raw, raw: dict[int, Raw]) -> None:
        if run.id in raw:
            raise _twice(run.id)
        self._state.add_run(run)
        if run.status == "running":
            self._live["runs"].add(run.id)
        raw[run.id] = element

    def _task_run(self, task_run: TaskRun, element: Raw, raw: dict[int, Raw]) -> None:
        id, task = task_run.id, task_run.task
        if id in raw:
            raise _twice(id)
        task_run.task = task = self._texts.setdefault(task, task)
        if task_run.status == "running":
            self._state.add_task_run(task_run)
            self._live["task_runs"].add(id)
        elif self._looking:
            self._state.hold_task_run(task_run.run, id, task, element)
        else:
            self._state.add_task_run(task_run)
        if task_run.children is not None:
            self._declaring.append(task_run)
        raw[id] = element

    def _edit(self, edit: Edit, element: Raw, raw: dict[int, Raw]) -> None:
        if edit.id in raw:
            raise _twice(edit.id)
        self._state.edits[edit.id] = edit
        raw[edit.id] = element

    def connect(self) -> None:
        """Take out the parts that do not fit together, and tell."""
        state, problems = self._state, self._problems
        for edit in list(state.edits.values()):
            if not edit.fits:
                problems.append(f"edit {edit.id} of {edit.task}: its value is none for a {edit.stage}")
                del state.edits[edit.id]
        for _, run in sorted(state.runs.items()):
            parent_missing = run.parent is not None and (run.parent not in state.runs or run.parent >= run.id)
            root = state.tasks.get(run.root)
            if root is None or root.scope is not None or root.dependencies() or parent_missing:
                problems.append(f"run {run.id}: its root task or its parent run is missing")
                del state.runs[run.id]
            elif not state.edits.keys() >= set(run.edits):
                problems.append(f"run {run.id}: an edit of it is missing")
                run.edits = [id for id in run.edits if id in state.edits]
        if not state.runs.keys() >= state.with_task_runs():
            for task_run in list(state.task_runs.values()):
                if task_run.run not in state.runs:
                    problems.append(f"task run {task_run.id} ({task_run.task}): its run {task_run.run} is missing")
                    del state.task_runs[task_run.id]
        for task in state.tasks.values():
            if task.children is not None:
                if task.result is not None and not _is_one(task.result):
                    problems.append(f"{task.id}: its result is none")
                self._check_children(task.id, task.children)
        for task_run in self._declaring:
            if task_run.id in state.task_runs and not self._has_children(task_run):
                self._without_children(task_run)

    def _has_children(self, task_run: TaskRun) -> bool:
        assert task_run.children is not None
        try:
            children = self._state.children_in(task_run.children)
            if not _is_one(children.result):
                raise ValueError("its result is none")
        except READ_ERRORS as error:
            self._problems.append(f"task run {task_run.id} ({task_run.task}): its children cannot be read ({error})")
            return False
        if task_run.children.source is None:
            self._check_children(task_run.task, children.tasks)
        return True

    def _without_children(self, task_run: TaskRun) -> None:
        task_run.children = None
        own = self._state.in_run(task_run.run)
        self._state.task_runs[task_run.id] = task_run
        if own[task_run.task].id == task_run.id:
            own[task_run.task] = task_run

    def _check_children(self, parent: str, tasks: list[int]) -> None:
        declared = self._state.tasks
        for number in tasks:
            if number not in declared:
                self._problems.append(f"{parent}: task {number}, a child, is missing")
            elif declared[number].scope != parent:
                self._problems.append(f"{parent}: task {number} ({declared[number].id}) is not a child of it")


def _is_one(arg: Arg) -> bool:
    if arg.value is not UNSET or arg.ref is not UNSET:
        return True
    if arg.items is not UNSET:
        return all(map(_is_one, arg.items))
    return arg.entries is not UNSET and all(map(_is_one, arg.entries.values()))


def _twice(number: int) -> ValueError:
    return ValueError(f"there is a number {number} already")

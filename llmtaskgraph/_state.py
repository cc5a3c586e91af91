"""fold(events) -> runs and task runs. The only place where recorded facts become state.

    (none) --task.started--> running --task.succeeded--> succeeded
    (none) --tasks.blocked-> blocked         |--task.failed----> failed
                                             '--run.ended------> cancelled

A task run that no event has touched is waiting, or ready once its dependencies are settled: that is computed, not
recorded. `State` is also what a trace is decoded into; applying the events of its journal continues it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, Struct

from . import _events as ev
from ._errors import UnknownTask
from ._events import Attempt, Edit, EditName, Event, Failure, FunctionFacts, Log, Run, Stage, StageName, Status
from ._graph import Children, Task
from ._unread import Unread, hold

TRANSITIONS: Final[dict[tuple[Status | None, str], Status]] = {
    (None, "task.started"): "running",
    (None, "tasks.blocked"): "blocked",
    ("running", "task.succeeded"): "succeeded",
    ("running", "task.failed"): "failed",
    ("running", "run.ended"): "cancelled",
}
"""(status, event) -> status. Anything else is a damaged journal. Events not named here leave a running task running."""

_STARTED: Final = TRANSITIONS[None, "task.started"]
_SUCCEEDED: Final = TRANSITIONS["running", "task.succeeded"]
_CHILDREN: Final = msgspec.json.Decoder(Children)


class TaskRun(Struct, omit_defaults=True, gc=False):
    """One task in one run.

    Attributes:
        id: unique in the trace.
        run: id of the run that it was executed in.
        task: id of the task.
        status: running, succeeded, failed, blocked or cancelled.
        started: seconds since the epoch; None when it never started.
        ended: seconds since the epoch.
        inputs: the task runs whose outputs it used, in the order of `Task.dependencies`; for a blocked one, the failed one.
        prompt: for `llm`: list of messages.
        response: for `llm`: the message that the model answered.
        children: for what declared tasks: which, and where its output comes from.
        output: the value that dependents use.
        attempts: sends, or calls of the function.
        error: why it failed.
        logs: lines that the function logged.
    """

    id: int
    run: int
    task: str
    status: Status = "running"
    started: float | None = None
    ended: float | None = None
    inputs: tuple[int, ...] = ()
    prompt: Stage | None = None
    response: Stage | None = None
    children: Stage | None = None
    output: Stage | None = None
    attempts: tuple[Attempt, ...] = ()
    error: Failure | None = None
    logs: Sequence[Log] = ()

    def stage(self, name: StageName) -> Stage | None:
        """The stage of that name, or None where it has no value."""
        return getattr(self, name)  # type: ignore[no-any-return]


class InconsistentEvents(ValueError):
    """An event does not follow from those before it."""


class State:
    """All that is known of a trace.

    Attributes:
        id: of the trace.
        sequence: number of the last event applied.
        tasks: all declarations by number.
        runs: all runs by id.
        task_runs: all stored task runs by id.
        edits: all edits by id.
        functions: facts of the registered functions by name, from the newest run.
        streaming: text that is arriving, by task run, as (text, reasoning); not part of the document.

    Args:
        decode: JSON -> task run. With it, task runs that are held (`hold_task_run`) are decoded each time they are looked at.
    """

    def __init__(self, id: str = "", decode: Callable[[Raw], TaskRun] | None = None) -> None:
        self.id = id
        self._decode = decode
        self.sequence = 0
        self.tasks: dict[int, Task] = {}
        self.runs: dict[int, Run] = {}
        self.task_runs: dict[int, TaskRun] = {} if decode is None else Unread(decode)
        self.edits: dict[int, Edit] = {}
        self.functions: dict[str, FunctionFacts] = {}
        self.streaming: dict[int, tuple[list[str], list[str]]] = {}
        self._by_run: dict[int, dict[str, TaskRun]] = {}
        self._open: dict[int, dict[str, None]] = {}
        self._chains: dict[int, list[tuple[dict[str, TaskRun], dict[str, None]]]] = {}

    # Reading

    def in_run(self, run: int) -> dict[str, TaskRun]:
        """The task runs that a run itself stored, by task id."""
        found = self._by_run.get(run)
        if found is None:
            found = self._by_run[run] = {} if self._decode is None else Unread(self._decode)
        return found

    def with_task_runs(self) -> Set[int]:
        """The runs that task runs name; in a damaged trace some are not among `runs`."""
        return self._by_run.keys()

    def open_in(self, run: int) -> dict[str, None]:
        """Ids of the tasks that a run planned to settle anew and has not settled, in order."""
        return self._open.setdefault(run, {})

    def lineage(self, run: int | None) -> Iterator[Run]:
        """The run, its parent, and so on to the first."""
        while run is not None:
            found = self.runs[run]
            yield found
            run = found.parent

    def seen(self, run: int, task: str) -> TaskRun | None:
        """The task run that stands for a task in a run: its own, or the one it took over from its parent."""
        chain = self._chains.get(run)
        if chain is None:
            chain = self._chains[run] = [(self.in_run(found.id), self.open_in(found.id)) for found in self.lineage(run)]
        for own, open in chain:
            found = own.get(task)
            if found is not None:
                return found
            if task in open:
                return None
        return None

    def run(self, id: int | None = None) -> Run:
        """A run by its id; the newest without one.

        Raises:
            UnknownTask: there is none.
        """
        if id is None and self.runs:
            return self.runs[max(self.runs)]
        if id not in self.runs:
            known = ", ".join(map(str, self.runs)) or "none"
            raise UnknownTask(f"the trace has no run{'' if id is None else f' {id}'}; runs: {known}")
        return self.runs[id]

    def children(self, run: int, task: Task) -> Children | None:
        """What a task declared, as seen in a run; None when it has not (yet)."""
        if task.children is not None and task.result is not None:
            return Children(task.children, task.result)
        for ancestor in self.lineage(run):  # a graph that is open has, until it is settled, the children it had before
            found = self.in_run(ancestor.id).get(task.id)
            if found is not None and found.children is not None:
                return self.children_in(found.children)
            if found is not None and found.status != "blocked":
                return None
        return None

    def children_in(self, stage: Stage) -> Children:
        """The value of a `children` stage. A reused one stands only with the task run it is from."""
        if stage.source is not None and stage.source in self.task_runs:
            executed = self.task_runs[stage.source].children
            if executed is not None and executed.source is None:
                stage = executed
        return _CHILDREN.decode(stage.value)

    def walk(self, run: int) -> Iterator[Task]:
        """The tasks of a run as it stands: the root, then what each task declared, depth first, in order."""
        walked: set[int] = set()
        stack = [self.runs[run].root]
        while stack:
            number = stack.pop()
            task = self.tasks.get(number)
            if task is None or number in walked:  # only in a damaged trace
                continue
            walked.add(number)
            yield task
            if task.type != "llm":
                children = self.children(run, task)
                if children is not None:
                    stack.extend(reversed(children.tasks))

    def edits_in_force(self, run: int) -> dict[tuple[str, EditName], Edit]:
        """The edits that a run was made with."""
        edits = (self.edits[id] for id in self.runs[run].edits)
        return {(edit.task, edit.stage): edit for edit in edits}

    def pending_edits(self, run: int) -> list[Edit]:
        """Edits and reverts made on a run that no resumed run has taken up yet, oldest first."""
        taken_up = max((child.last_edit for child in self.runs.values() if child.parent == run), default=0)
        return [edit for edit in self.edits.values() if edit.run == run and edit.id > taken_up]

    def edits_to_apply(self, run: int) -> dict[tuple[str, EditName], Edit]:
        """The edits that resuming a run will apply: those it was made with, and the pending ones over them."""
        edits = self.edits_in_force(run)
        for edit in self.pending_edits(run):
            if edit.value is UNSET:
                edits.pop((edit.task, edit.stage), None)
            else:
                edits[edit.task, edit.stage] = edit
        return edits

    # Folding

    def apply(self, event: Event) -> None:
        """Take in one event.

        Raises:
            InconsistentEvents: it does not follow from those before it.
        """
        APPLY[type(event)](self, event)

    def add_run(self, run: Run) -> None:
        self.runs[run.id] = run
        self.in_run(run.id)
        self._open[run.id] = dict.fromkeys(run.open)
        self._chains.clear()

    def add_task_run(self, task_run: TaskRun) -> None:
        self.task_runs[task_run.id] = task_run
        self.in_run(task_run.run)[task_run.task] = task_run

    def hold_task_run(self, run: int, id: int, task: str, raw: Raw) -> None:
        """Add a task run that will not change any more as JSON. Only where this state knows how to decode it."""
        own = self._by_run.get(run)
        if own is None:
            own = self.in_run(run)
        hold(self.task_runs, id, raw)
        hold(own, task, raw)

    def _find(self, id: int) -> TaskRun:
        found = self.task_runs.get(id)
        if found is None or found.status != "running":
            raise InconsistentEvents(f"an event for task run {id}, which is not running")
        return found

    def _journal_opened(self, event: ev.JournalOpened) -> None:
        if event.trace != self.id:
            raise InconsistentEvents(f"the journal belongs to the trace {event.trace}, not {self.id}")

    def _run_started(self, event: ev.RunStarted) -> None:
        run = event.run
        if run.id in self.runs:
            raise InconsistentEvents(f"run {run.id} started twice")
        if run.id < 1 or run.root not in self.tasks:
            raise InconsistentEvents(f"run {run.id} started without its root task")
        if run.parent is not None and (run.parent not in self.runs or run.parent >= run.id):
            raise InconsistentEvents(f"run {run.id} started without its parent run")
        if not self.edits.keys() >= set(run.edits):
            raise InconsistentEvents(f"run {run.id} started without an edit of it")
        self.add_run(msgspec.structs.replace(event.run))
        self.functions.update(event.functions)

    def _tasks_added(self, event: ev.TasksAdded) -> None:
        for task in event.tasks:
            if task.number in self.tasks:
                raise InconsistentEvents(f"task {task.number} was added twice")
            self.tasks[task.number] = task
        self.functions.update(event.functions)

    def _task_started(self, event: ev.TaskStarted) -> None:
        own = self._by_run.get(event.run)
        if own is None:
            raise InconsistentEvents(f"{event.task} started in run {event.run}, which did not")
        if event.id in self.task_runs or event.task in own:
            raise InconsistentEvents(f"{event.task} started twice in run {event.run}")
        attempts = (Attempt(event.at),) if event.attempt else ()
        task_run = TaskRun(event.id, event.run, event.task, _STARTED, event.at, None, event.inputs, attempts=attempts)
        self.task_runs[event.id] = own[event.task] = task_run
        open = self._open.get(event.run)
        if open:
            open.pop(event.task, None)

    def _task_kept(self, event: ev.TaskKept) -> None:
        self.open_in(event.run).pop(event.task, None)

    def _stage_settled(self, event: ev.StageSettled) -> None:
        setattr(self._find(event.task_run), event.name, event.stage)

    def _attempt_started(self, event: ev.AttemptStarted) -> None:
        task_run = self._find(event.task_run)
        task_run.attempts = (*task_run.attempts, Attempt(event.at, model=event.model))
        self.streaming.pop(event.task_run, None)

    def _response_streamed(self, event: ev.ResponseStreamed) -> None:
        texts = self.streaming.setdefault(event.task_run, ([], []))
        texts[event.kind == "reasoning"].append(event.content)

    def _attempt_succeeded(self, event: ev.AttemptSucceeded) -> None:
        task_run = self._find(event.task_run)
        attempt = self._last_attempt(task_run)
        attempt.ended, attempt.status = event.at, "succeeded"
        attempt.model = event.model or attempt.model
        attempt.finish_reason, attempt.usage, attempt.cost = event.finish_reason, event.usage, event.cost
        task_run.response = event.response
        self.streaming.pop(event.task_run, None)

    def _attempt_failed(self, event: ev.AttemptFailed) -> None:
        task_run = self._find(event.task_run)
        attempt = self._last_attempt(task_run)
        self._end_attempt(task_run, "failed", event.at)
        attempt.error, attempt.wait = event.error, event.wait

    def _last_attempt(self, task_run: TaskRun) -> Attempt:
        if not task_run.attempts:
            raise InconsistentEvents(f"an attempt of task run {task_run.id} ended, and none had started")
        return task_run.attempts[-1]

    def _end_attempt(self, task_run: TaskRun, status: Status, at: float | None) -> None:
        texts = self.streaming.pop(task_run.id, None)
        if not task_run.attempts or task_run.attempts[-1].ended is not None:
            return
        attempt = task_run.attempts[-1]
        attempt.ended, attempt.status = at, status
        if texts is not None:
            attempt.partial = "".join(texts[0]) or None

    def _task_succeeded(self, event: ev.TaskSucceeded) -> None:
        task_run = self.task_runs.get(event.task_run)
        if task_run is None or task_run.status != "running":
            task_run = self._find(event.task_run)
        task_run.status = _SUCCEEDED
        task_run.ended = event.at
        task_run.output = event.output
        if task_run.attempts:
            attempt = task_run.attempts[-1]
            if attempt.ended is None:
                attempt.ended, attempt.status = event.at, "succeeded"

    def _task_failed(self, event: ev.TaskFailed) -> None:
        task_run = self._find(event.task_run)
        self._end_attempt(task_run, "failed", event.at)
        task_run.status = TRANSITIONS["running", "task.failed"]
        task_run.ended, task_run.error = event.at, event.error

    def _tasks_blocked(self, event: ev.TasksBlocked) -> None:
        open = self.open_in(event.run)
        for id, task in enumerate(event.tasks, event.first):
            self.add_task_run(TaskRun(id, event.run, task, TRANSITIONS[None, "tasks.blocked"], inputs=(event.by,)))
            open.pop(task, None)

    def _logged(self, event: ev.Logged) -> None:
        task_run = self._find(event.task_run)
        if isinstance(task_run.logs, list):
            task_run.logs.append(event.log)
        else:  # the empty tuple that all task runs without a log share
            task_run.logs = [*task_run.logs, event.log]

    def _run_ended(self, event: ev.RunEnded) -> None:
        run = self.runs.get(event.run)
        if run is None or run.status != "running":
            raise InconsistentEvents(f"run.ended for run {event.run}, which is not running")
        for task_run in self.in_run(run.id).values():
            if task_run.status == "running":
                self._end_attempt(task_run, "cancelled", None)  # no end: whether it was paid for is in doubt
                task_run.status = TRANSITIONS["running", "run.ended"]
                task_run.ended = event.at
        run.status, run.ended, run.error = event.status, event.at, event.error
        run.open = list(self.open_in(run.id))

    def _edit_made(self, event: ev.EditMade) -> None:
        if event.edit.id in self.edits:
            raise InconsistentEvents(f"edit {event.edit.id} was made twice")
        if not event.edit.fits:
            raise InconsistentEvents(f"edit {event.edit.id} has no value for a {event.edit.stage}")
        self.edits[event.edit.id] = event.edit


APPLY: Final[dict[type, Callable[[State, Any], None]]] = {
    ev.JournalOpened: State._journal_opened,
    ev.RunStarted: State._run_started,
    ev.TasksAdded: State._tasks_added,
    ev.TaskStarted: State._task_started,
    ev.TaskKept: State._task_kept,
    ev.StageSettled: State._stage_settled,
    ev.AttemptStarted: State._attempt_started,
    ev.ResponseStreamed: State._response_streamed,
    ev.AttemptSucceeded: State._attempt_succeeded,
    ev.AttemptFailed: State._attempt_failed,
    ev.TaskSucceeded: State._task_succeeded,
    ev.TaskFailed: State._task_failed,
    ev.TasksBlocked: State._tasks_blocked,
    ev.Logged: State._logged,
    ev.RunEnded: State._run_ended,
    ev.EditMade: State._edit_made,
}
"""How an event of each type is taken in: `State.apply`."""


def fold(events: Iterable[Event], state: State | None = None) -> State:
    """The state after these events, continuing `state` in place when it is given."""
    state = State() if state is None else state
    for event in events:
        state.apply(event)
    return state

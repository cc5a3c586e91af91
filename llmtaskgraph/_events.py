"""The vocabulary of a run: past-tense facts, appended and never changed.

`Event` is their union. The first block of types are the records that events carry and that the trace keeps.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Raw, Struct, UnsetType, field

from ._chat import Message, Usage
from ._graph import Task

Status: TypeAlias = Literal["waiting", "ready", "running", "succeeded", "failed", "blocked", "cancelled"]
Origin: TypeAlias = Literal["executed", "reused", "edited"]
StageName: TypeAlias = Literal["prompt", "response", "output", "children"]
EditName: TypeAlias = Literal["prompt", "response", "output", "model", "params", "input", "sample"]


class Stage(Struct, omit_defaults=True, gc=False):
    """A stage of a task run: its value, the key it was computed under, and where it is from.

    Attributes:
        value: `prompt`: list of messages; `response`: a message; `output`: a JSON value; `children`: see `Children`.
        key: digest of all that the value was computed from.
        origin: executed in this run, reused from a recorded one, or edited by a person.
        source: the task run that executed it, when it is reused.
    """

    value: Raw
    key: str
    origin: Origin
    source: int | None = field(default=None, name="from")


class Frame(Struct, gc=False):
    """A line of a traceback, in the user's code. `code` is the source line, empty when it is not known."""

    file: str
    line: int
    function: str
    code: str = ""


class Failure(Struct, omit_defaults=True, gc=False):
    """Why an attempt or a task failed.

    Attributes:
        type: name of the exception's type.
        message: its text.
        stage: the stage that could not be made, when it is known.
        fault: kind of a provider's failure (`rate_limit`, `timeout`, ...).
        frames: the user's own frames, outermost first.
    """

    type: str
    message: str
    stage: StageName | None = None
    fault: str | None = None
    frames: list[Frame] = field(default_factory=list)


class Attempt(Struct, omit_defaults=True, gc=False):
    """One send to a provider, or one call of a function. Without `ended` it was under way when the process ended.

    Attributes:
        started: seconds since the epoch.
        ended: seconds since the epoch.
        status: running, succeeded, failed or cancelled.
        model: what the provider says it used, else what was asked for; None for a function.
        finish_reason: `stop`, `length`, `tool_call`, ...
        usage: tokens.
        cost: US dollars; None when unpriced.
        error: why it failed.
        partial: text that arrived before it failed or was cut off.
        wait: seconds until the next attempt, when there was to be one.
    """

    started: float
    ended: float | None = None
    status: Status = "running"
    model: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    cost: float | None = None
    error: Failure | None = None
    partial: str | None = None
    wait: float | None = None


class Log(Struct, gc=False):
    """A line that a function logged through its context."""

    at: float
    text: str
    level: str = "info"


class FunctionFacts(Struct, omit_defaults=True, gc=False):
    """What a trace tells of a registered function: enough to plan and to check an edit without its code.

    Attributes:
        type: of the tasks it makes.
        code: fingerprint; of the prompt function, for `llm`.
        parser: fingerprint of what turns a response into the output, for `llm`.
        schema: digest of the JSON Schema sent with a request, for `llm`.
        tools: digest of the tools sent with a request, for `llm`.
        output: JSON Schema of the output, where it is declared.
        doc: first line of the docstring.
    """

    type: Literal["llm", "python", "graph"]
    code: str
    parser: str | None = None
    schema: str | None = None
    tools: str | None = None
    output: Raw | UnsetType = UNSET
    doc: str | None = None


class Run(Struct, omit_defaults=True):
    """One execution of a graph.

    Attributes:
        id: counted from 1.
        parent: the run that it resumed, or None.
        status: running, succeeded, failed or cancelled.
        started: seconds since the epoch.
        ended: seconds since the epoch.
        edits: ids of the edits in force.
        last_edit: the newest edit of the trace when the run began; edits of the parent up to it have been taken up.
        root: number of the root task.
        open: ids of tasks that had to be settled anew and are not yet; the others are seen through the parent.
        app: the program, as `file.py:name`.
        model: the model that replaced every task's own, if one was given for the run.
        scripted: the script that answered instead of the providers, if one did.
        error: why it ended, when no task tells.
    """

    id: int
    root: int
    started: float
    parent: int | None = None
    status: Status = "running"
    ended: float | None = None
    edits: list[int] = field(default_factory=list)
    last_edit: int = 0
    open: list[str] = field(default_factory=list)
    app: str | None = None
    model: str | None = None
    scripted: str | None = None
    error: str | None = None


class Edit(Struct, omit_defaults=True, gc=False):
    """A value that a person put into a stage of a task; without a value, the taking back of one.

    Attributes:
        id: counted from 1.
        run: the run that was on screen; resuming that run applies the edit.
        task: id of the task; the root's for `input`.
        stage: `prompt`, `response`, `output`; or a setting: `model`, `params`, `input` (the root's arguments by name),
            `sample` (a number: other than before, it asks for a new sample).
        value: JSON; absent in a revert.
        at: seconds since the epoch.
    """

    id: int
    run: int
    task: str
    stage: EditName
    at: float
    value: Raw | UnsetType = UNSET

    @property
    def fits(self) -> bool:
        """Whether the value is of the kind that its stage or setting takes."""
        if self.value is UNSET:
            return True
        try:
            msgspec.json.decode(self.value, type=_EDITED[self.stage])
        except (ValueError, RecursionError):
            return False
        return True


_EDITED: Final[dict[EditName, Any]] = {
    "prompt": list[Message],
    "response": Message,
    "output": Any,
    "model": str,
    "params": dict[str, Any],
    "input": Any,
    "sample": int,
}


class _Event(Struct, tag_field="event", omit_defaults=True, frozen=True, gc=False):
    pass


class JournalOpened(_Event, tag="journal.opened", frozen=True):
    """First line of a journal: the trace that it continues."""

    trace: str


class RunStarted(_Event, tag="run.started", frozen=True):
    """A run begins: nothing of it has run yet. `run.open` is its plan."""

    run: Run
    functions: dict[str, FunctionFacts] = field(default_factory=dict)


class TasksAdded(_Event, tag="tasks.added", frozen=True):
    """Tasks were declared, by a graph function or before the run.

    `functions` are facts of those functions that were not known to be used so when the run began.
    """

    tasks: list[Task]
    functions: dict[str, FunctionFacts] = field(default_factory=dict)


class TaskStarted(_Event, tag="task.started", frozen=True):
    """The dependencies of a task are settled and its turn has come.

    `attempt` is 1 when its function is called at once, which is then its first attempt; else 0.
    """

    id: int
    run: int
    task: str
    at: float
    inputs: tuple[int, ...] = ()
    attempt: int = 0


class TaskKept(_Event, tag="task.kept", frozen=True):
    """A task that had been planned as open turned out to be unchanged: it is seen through the parent run."""

    run: int
    task: str


class StageSettled(_Event, tag="stage.settled", frozen=True):
    """A stage got its value."""

    task_run: int
    name: StageName
    stage: Stage


class AttemptStarted(_Event, tag="attempt.started", frozen=True):
    """The next thing that happens is a send, or a call of the function."""

    task_run: int
    attempt: int
    at: float
    model: str | None = None


class ResponseStreamed(_Event, tag="response.streamed", frozen=True):
    """A piece of an answer arrived; several pieces are put together about 20 times a second."""

    task_run: int
    content: str
    kind: Literal["text", "reasoning"] = "text"


class AttemptSucceeded(_Event, tag="attempt.succeeded", frozen=True):
    """A send was answered in full. `response` is what was paid for."""

    task_run: int
    at: float
    response: Stage
    model: str | None = None
    finish_reason: str | None = None
    usage: Usage | None = None
    cost: float | None = None


class AttemptFailed(_Event, tag="attempt.failed", frozen=True):
    """A send or a call failed. `wait` is the time in seconds until the next attempt, None when there is none."""

    task_run: int
    at: float
    error: Failure
    wait: float | None = None


class TaskSucceeded(_Event, tag="task.succeeded", frozen=True):
    """A task has its output. An attempt under way succeeded with it."""

    task_run: int
    at: float
    output: Stage


class TaskFailed(_Event, tag="task.failed", frozen=True):
    """A task will have no output in this run. An attempt under way failed with it."""

    task_run: int
    at: float
    error: Failure


class TasksBlocked(_Event, tag="tasks.blocked", frozen=True):
    """These tasks cannot run, since `by` failed. Their task runs have the ids from `first` on."""

    run: int
    first: int
    tasks: list[str]
    by: int


class Logged(_Event, tag="task.logged", frozen=True):
    """A function logged a line."""

    task_run: int
    log: Log


class RunEnded(_Event, tag="run.ended", frozen=True):
    """A run is over. What was still under way was cancelled."""

    run: int
    status: Status
    at: float
    error: str | None = None


class EditMade(_Event, tag="edit.made", frozen=True):
    """A person edited a stage, or took an edit back."""

    edit: Edit


Event: TypeAlias = (
    JournalOpened
    | RunStarted
    | TasksAdded
    | TaskStarted
    | TaskKept
    | StageSettled
    | AttemptStarted
    | ResponseStreamed
    | AttemptSucceeded
    | AttemptFailed
    | TaskSucceeded
    | TaskFailed
    | TasksBlocked
    | Logged
    | RunEnded
    | EditMade
)

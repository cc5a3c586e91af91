"""A trace without the values of its user: what can be shown to others when texts cannot.

Each struct of the format has its line in `_KEPT`: the fields whose values stay. All others are put in words that tell kind and
length, or left out; so a field that is new is left out until it is thought about. Digests of values could be guessed, so keys
become labels that are equal only where the keys are. What comes out is a valid trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec
from msgspec import UNSET, Raw, Struct

from .._chat import BlobPart, Message, Part, ReasoningPart, TextPart, ToolCall, ToolResult, UriPart
from .._events import Attempt, Edit, Failure, Frame, FunctionFacts, Log, Run, Stage
from .._graph import Arg, Children, Task
from .._state import State, TaskRun
from .._trace import Trace
from .redact_ids import Ids

_KEPT: Final[dict[type[Struct], str]] = {
    Task: "type number function added_by parser model retries timeout idle_timeout effect children",
    Run: "id root started parent status ended edits last_edit model",
    TaskRun: "id run status started ended inputs",
    Stage: "origin source",
    Attempt: "started ended status model usage cost wait",
    Failure: "type stage fault",
    Frame: "line function",
    Log: "at",
    Edit: "id run stage at",
    FunctionFacts: "type",
    Message: "role",
    Children: "tasks",
}

S = TypeVar("S", bound=Struct)
_FINISHED: Final = frozenset({"stop", "length", "tool_call", "content_filter"})
_LEVELS: Final = frozenset({"debug", "info", "warning", "error", "critical"})
_MESSAGES: Final = msgspec.json.Decoder(list[Message])
_MESSAGE: Final = msgspec.json.Decoder(Message)
_CHILDREN: Final = msgspec.json.Decoder(Children)


def redacted(trace: Trace) -> Trace:
    """A copy of a trace in which no value of its user is left. Fields that this version does not know are left out."""
    return Trace(_Redaction(trace.state).made())


class _Redaction:
    def __init__(self, state: State) -> None:
        self._state = state
        self._ids = Ids(state.tasks.values())
        self._labels: dict[str, str] = {}

    def made(self) -> State:
        """The copy."""
        state, made = self._state, State(self._state.id)
        made.sequence = state.sequence
        made.functions = {name: self._facts(facts) for name, facts in state.functions.items()}
        made.tasks = {number: self._task(task) for number, task in state.tasks.items()}
        made.edits = {id: self._edit(edit) for id, edit in state.edits.items()}
        for run in state.runs.values():
            made.add_run(self._run(run))
        for task_run in state.task_runs.values():
            made.add_task_run(self._task_run(task_run))
        return made

    def _label(self, key: str | None) -> str | None:
        return None if key is None else self._labels.setdefault(key, f"k{len(self._labels) + 1}")

    def _facts(self, facts: FunctionFacts) -> FunctionFacts:
        keys = {name: self._label(getattr(facts, name)) for name in ("code", "parser", "schema", "tools")}
        return _kept(facts, **keys)

    def _task(self, task: Task) -> Task:
        return _kept(
            task,
            id=self._ids[task.id],
            scope=None if task.scope is None else self._ids[task.scope],
            args=tuple(self._arg(arg) for arg in task.args),
            kwargs={_name(name, place): self._arg(arg) for place, (name, arg) in enumerate(task.kwargs.items(), 1)},
            params=_params(task.params),
            result=None if task.result is None else self._arg(task.result),
        )

    def _run(self, run: Run) -> Run:
        words = {name: _optional(getattr(run, name)) for name in ("app", "scripted", "error")}
        return _kept(run, open=[self._ids[id] for id in run.open], **words)

    def _task_run(self, task_run: TaskRun) -> TaskRun:
        return _kept(
            task_run,
            task=self._ids[task_run.task],
            prompt=self._stage(task_run.prompt, _prompt),
            response=self._stage(task_run.response, _response),
            children=self._stage(task_run.children, self._children),
            output=self._stage(task_run.output, _value),
            attempts=tuple(_attempt(attempt) for attempt in task_run.attempts),
            error=_failure(task_run.error),
            logs=[_kept(log, text=_text(log.text), level=log.level if log.level in _LEVELS else "info") for log in task_run.logs],
        )

    def _stage(self, stage: Stage | None, how: Callable[[Raw], Raw]) -> Stage | None:
        return None if stage is None else _kept(stage, value=_as_far_as(how, stage.value), key=self._label(stage.key))

    def _children(self, value: Raw) -> Raw:
        if bytes(value) == b"null":
            return value
        children = _CHILDREN.decode(value)
        return _raw(_kept(children, result=self._arg(children.result)))

    def _arg(self, arg: Arg) -> Arg:
        if arg.value is not UNSET:
            return Arg(value=_value(arg.value))
        if arg.ref is not UNSET:
            return Arg(ref=self._ids[arg.ref])
        if arg.items is not UNSET:
            return Arg(items=[self._arg(item) for item in arg.items])
        if arg.entries is not UNSET:
            return Arg(entries={f"key {place}": self._arg(item) for place, item in enumerate(arg.entries.values(), 1)})
        return Arg()

    def _edit(self, edit: Edit) -> Edit:
        value = edit.value if edit.value is UNSET else _as_far_as(_EDITED.get(edit.stage, _value), edit.value)
        return _kept(edit, task=self._ids[edit.task], value=value)


def _kept(struct: S, **changed: Any) -> S:
    """A struct with the fields that stay, and with these."""
    kind = type(struct)
    return kind(**{name: getattr(struct, name) for name in _KEPT[kind].split()}, **changed)


def _name(parameter: str, place: int) -> str:
    """The name of a parameter is code. What cannot be one came in by `**` and is data."""
    return parameter if parameter.isidentifier() else f"key {place}"


def _text(text: str) -> str:
    return f"[redacted: {len(text):,} characters]" if text else ""


def _optional(text: str | None) -> str | None:
    return None if text is None else _text(text)


def _raw(value: Any) -> Raw:
    return Raw(msgspec.json.encode(value))


def _as_far_as(how: Callable[[Raw], Raw], value: Raw) -> Raw:
    """What `how` makes of a value; of one that is not as its stage has it, as little as of any."""
    try:
        return how(value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _value(value)


_KINDS: Final = {
    b"[": "a list, ",
    b"{": "an object, ",
    b'"': "text, ",
    b"t": "a truth value, ",
    b"f": "a truth value, ",
    b"n": "",
}


def _value(value: Raw) -> Raw:
    return _raw(f"[redacted: {_told(value)}]")


def _told(value: Raw) -> str:
    data = memoryview(value)
    return f"{_KINDS.get(bytes(data[:1]), 'a number, ')}{len(data):,} bytes of JSON"


def _dict(value: Raw) -> Raw:
    return _raw({"redacted": _told(value)})


def _as_it_is(value: Raw) -> Raw:
    return value


def _params(params: Mapping[str, Any]) -> dict[str, Any]:
    return {"redacted": f"{len(params)} parameters"} if params else {}


def _prompt(value: Raw) -> Raw:
    return _raw([_message(message) for message in _MESSAGES.decode(value)])


def _response(value: Raw) -> Raw:
    return _raw(_message(_MESSAGE.decode(value)))


_EDITED: Final[Mapping[str, Callable[[Raw], Raw]]] = {
    "prompt": _prompt,
    "response": _response,
    "input": _dict,
    "params": _dict,
    "model": _as_it_is,
    "sample": _as_it_is,
}


def _message(message: Message) -> Message:
    parts = [_part(part) for part in message.parts]
    return _kept(message, parts=parts, finish_reason=_finish_reason(message.finish_reason))


def _part(part: Part) -> Part:
    match part:
        case TextPart():
            return TextPart(_text(part.content))
        case ReasoningPart():
            return ReasoningPart(_text(part.content))
        case BlobPart():
            return BlobPart(part.modality, "application/octet-stream", "", _optional(part.name))
        case UriPart():
            return UriPart(part.modality, _text(part.uri))
        case ToolCall():
            return ToolCall("", _text(part.name), _text(str(part.arguments)))
        case ToolResult():
            return ToolResult("", _text(str(part.response)))


def _finish_reason(reason: str | None) -> str | None:
    return reason if reason is None or reason in _FINISHED else "other"


def _attempt(attempt: Attempt) -> Attempt:
    return _kept(
        attempt,
        finish_reason=_finish_reason(attempt.finish_reason),
        error=_failure(attempt.error),
        partial=_optional(attempt.partial),
    )


def _failure(failure: Failure | None) -> Failure | None:
    if failure is None:
        return None
    frames = [_kept(frame, file="[redacted]") for frame in failure.frames]
    return _kept(failure, message=_text(failure.message), frames=frames)

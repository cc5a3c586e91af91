"""A trace without the values of its user: what can be shown to others when texts cannot.

Ids, functions, structure, times, models, tokens and costs stay. Texts of messages, arguments, outputs, parameters, error
messages, source lines and logs become words that tell their length. Digests of values could be guessed, so keys become labels
that are equal only where the keys are. What comes out is a valid trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final

import msgspec
from msgspec import UNSET, Raw, structs

from .._chat import BlobPart, Message, Part, ReasoningPart, TextPart, ToolCall, ToolResult, UriPart
from .._events import Attempt, Edit, Failure, FunctionFacts, Log, Run, Stage
from .._graph import Arg, Children, Task
from .._state import State, TaskRun
from .._trace import Trace

_MESSAGES: Final = msgspec.json.Decoder(list[Message])
_MESSAGE: Final = msgspec.json.Decoder(Message)


def redacted(trace: Trace) -> Trace:
    """A copy of a trace in which no value of its user is left. Fields that this version does not know are left out."""
    return Trace(_Redaction().state(trace.state))


class _Redaction:
    def __init__(self) -> None:
        self._labels: dict[str, str] = {}

    def state(self, state: State) -> State:
        """A copy."""
        made = State(state.id)
        made.sequence = state.sequence
        made.functions = {name: self._facts(facts) for name, facts in state.functions.items()}
        made.tasks = {number: self._task(task) for number, task in state.tasks.items()}
        for edit in state.edits.values():
            made.edits[edit.id] = self._edit(edit)
        for run in state.runs.values():
            made.add_run(_run(run))
        for task_run in state.task_runs.values():
            made.add_task_run(self._task_run(task_run))
        return made

    def _label(self, key: str) -> str:
        return self._labels.setdefault(key, f"k{len(self._labels) + 1}")

    def _facts(self, facts: FunctionFacts) -> FunctionFacts:
        return FunctionFacts(
            facts.type,
            self._label(facts.code),
            None if facts.parser is None else self._label(facts.parser),
            None if facts.schema is None else self._label(facts.schema),
            None if facts.tools is None else self._label(facts.tools),
        )

    def _task(self, task: Task) -> Task:
        return structs.replace(
            task,
            args=tuple(_arg(arg) for arg in task.args),
            kwargs={name: _arg(arg) for name, arg in task.kwargs.items()},
            params=_params(task.params),
            result=None if task.result is None else _arg(task.result),
        )

    def _task_run(self, task_run: TaskRun) -> TaskRun:
        return structs.replace(
            task_run,
            prompt=self._stage(task_run.prompt, _prompt),
            response=self._stage(task_run.response, _response),
            children=self._stage(task_run.children, _children),
            output=self._stage(task_run.output, _value),
            attempts=tuple(_attempt(attempt) for attempt in task_run.attempts),
            error=_failure(task_run.error),
            logs=[Log(log.at, _text(log.text), log.level) for log in task_run.logs],
        )

    def _stage(self, stage: Stage | None, how: Any) -> Stage | None:
        if stage is None:
            return None
        return Stage(how(stage.value), self._label(stage.key), stage.origin, stage.source)

    def _edit(self, edit: Edit) -> Edit:
        if edit.value is UNSET:
            return edit
        how = {"prompt": _prompt, "response": _response, "output": _value, "input": _dict, "params": _dict}.get(edit.stage)
        return edit if how is None else structs.replace(edit, value=how(edit.value))


def _text(text: str) -> str:
    return f"[redacted: {len(text)} characters]" if text else ""


def _raw(value: Any) -> Raw:
    return Raw(msgspec.json.encode(value))


def _value(value: Raw) -> Raw:
    return _raw(f"[redacted: {len(bytes(value))} bytes of JSON]")


def _dict(value: Raw) -> Raw:
    return _raw({"redacted": f"{len(bytes(value))} bytes of JSON"})


def _params(params: Mapping[str, Any]) -> dict[str, Any]:
    return {"redacted": f"{len(params)} parameters"} if params else {}


def _prompt(value: Raw) -> Raw:
    return _raw([_message(message) for message in _MESSAGES.decode(value)])


def _response(value: Raw) -> Raw:
    return _raw(_message(_MESSAGE.decode(value)))


def _message(message: Message) -> Message:
    return Message(message.role, [_part(part) for part in message.parts], message.finish_reason)


def _part(part: Part) -> Part:
    match part:
        case TextPart():
            return TextPart(_text(part.content))
        case ReasoningPart():
            return ReasoningPart(_text(part.content))
        case BlobPart():
            return BlobPart(part.modality, "application/octet-stream", "", _text(part.name or "") or None)
        case UriPart():
            return UriPart(part.modality, _text(part.uri))
        case ToolCall():
            return ToolCall("", _text(part.name), _text(str(part.arguments)))
        case ToolResult():
            return ToolResult("", _text(str(part.response)))


def _children(value: Raw) -> Raw:
    if bytes(value) == b"null":
        return value
    children = msgspec.json.decode(value, type=Children)
    return _raw(Children(children.tasks, _arg(children.result)))


def _arg(arg: Arg) -> Arg:
    if arg.value is not UNSET:
        return Arg(value=_value(arg.value))
    if arg.items is not UNSET:
        return Arg(items=[_arg(item) for item in arg.items])
    if arg.entries is not UNSET:
        return Arg(entries={f"key {number}": _arg(item) for number, item in enumerate(arg.entries.values(), 1)})
    return arg


def _attempt(attempt: Attempt) -> Attempt:
    partial = None if attempt.partial is None else _text(attempt.partial)
    return structs.replace(attempt, error=_failure(attempt.error), partial=partial)


def _failure(failure: Failure | None) -> Failure | None:
    if failure is None:
        return None
    frames = [structs.replace(frame, file=PurePath(frame.file).name, code="") for frame in failure.frames]
    return structs.replace(failure, message=_text(failure.message), frames=frames)


def _run(run: Run) -> Run:
    names = {name: PurePath(path).name for name in ("app", "scripted") if (path := getattr(run, name)) is not None}
    return structs.replace(run, **names, error=None if run.error is None else _text(run.error))

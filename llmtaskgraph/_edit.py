"""Edits as data: which stages of a task can be edited, and how what a person typed becomes a value.

An edit is checked here as far as the trace alone can tell. It runs nothing.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from msgspec import Raw

from . import _values
from ._chat import Message, TextPart
from ._errors import LLMTaskGraphError, UnknownTask
from ._events import Edit, EditName
from ._graph import Task
from ._state import State

EDITABLE: Final[dict[str, tuple[EditName, ...]]] = {
    "llm": ("prompt", "response", "output", "model", "params", "sample"),
    "python": ("output", "sample"),
    "graph": ("output", "sample"),
}
"""What can be edited, by task type. `input` can be edited at the root only."""

_MESSAGES: Final = msgspec.json.Decoder(list[Message], strict=True)
_MESSAGE: Final = msgspec.json.Decoder(Message, strict=True)


class EditRefused(LLMTaskGraphError):
    """What was typed is no value for that stage."""

    exit_code = 2


def matching(state: State, run: int, pattern: str) -> list[Task]:
    """The tasks of a run whose id is the pattern, else those that it matches as a glob; `*` and `?` are wild.

    Raises:
        UnknownTask: there is none.
    """
    tasks = list(state.walk(run))
    exact = [task for task in tasks if task.id == pattern]
    if exact:
        return exact
    wild = re.compile("".join({"*": ".*", "?": "."}.get(c, re.escape(c)) for c in pattern), re.DOTALL)
    found = [task for task in tasks if wild.fullmatch(task.id)]
    if not found:
        raise UnknownTask(f"no task of run {run} is or matches {pattern!r}; {_nearest(pattern, tasks)}")
    return found


def _nearest(pattern: str, tasks: list[Task]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(pattern, [task.id for task in tasks[:5000]], 3, 0.5)
    return f"did you mean {' or '.join(close)}?" if close else "`ltg show TRACE` lists them"


def one_task(state: State, run: int, id: str) -> Task:
    """The one task of a run that a person named.

    Raises:
        UnknownTask: none is, or several are.
    """
    task = by_path(state, run, id)
    if task is not None:
        return task
    found = matching(state, run, id)
    if len(found) > 1:
        raise UnknownTask(f"{id!r} matches {len(found)} tasks; name one, such as {found[0].id}")
    return found[0]


def by_path(state: State, run: int, id: str) -> Task | None:
    """The task of a run with that id, found down its path, so that only the tasks beside it are looked at; None if that fails."""
    scopes = [state.tasks.get(state.runs[run].root)]
    while scopes:
        task = scopes.pop()
        if task is None or task.id == id:
            if task is not None:
                return task
            continue
        if task.type == "llm" or not id.startswith(f"{task.id}/"):
            continue
        children = state.children(run, task)
        below = [state.tasks.get(number) for number in (children.tasks if children is not None else ())]
        scopes += [child for child in below if child is not None and id.startswith(child.id) and child.scope == task.id]
    return None


def edit(state: State, run: int, task: Task, stage: EditName, text: str, at: float) -> Edit:
    """An edit from what a person typed.

    Args:
        state: of the trace that is edited; it is not changed.
        run: the run on screen.
        task: the task to edit.
        stage: a stage, or a setting.
        text: for `prompt` and `response` the text, or messages as JSON; for the others JSON. Plain text for an `output`
            that was text before is taken as it is.
        at: seconds since the epoch.

    Raises:
        EditRefused: the task has no such stage, or the text is no value for it.
    """
    allowed = editable(task)
    if stage not in allowed:
        raise EditRefused(f"{task.id} has no {stage} to edit; it has {', '.join(allowed)}")
    return Edit(_next(state), run, task.id, stage, at, Raw(_value(state, run, task, stage, text)))


def revert(state: State, run: int, task: Task, stage: EditName, at: float) -> Edit:
    """The taking back of an edit.

    Raises:
        EditRefused: that stage is not edited.
    """
    if (task.id, stage) not in state.edits_to_apply(run):
        raise EditRefused(f"the {stage} of {task.id} is not edited in run {run}")
    return Edit(_next(state), run, task.id, stage, at)


def again(state: State, run: int, task: Task, at: float) -> Edit:
    """The edit that asks for a new sample of a task: its sample number becomes one that no task had before.

    Raises:
        EditRefused: another edit holds what it would make anew.
    """
    held = next((name for name in ("output", "response") if (task.id, name) in state.edits_to_apply(run)), None)
    if held is not None:
        raise EditRefused(f"the {held} of {task.id} is edited, and that edit would win; take it back first")
    used = [
        _values.decode(edit.value) for edit in state.edits.values() if edit.stage == "sample" and edit.value is not msgspec.UNSET
    ]
    number = 1 + max((value for value in used if isinstance(value, int)), default=0)
    return Edit(_next(state), run, task.id, "sample", at, Raw(_values.encode(number)))


def editable(task: Task) -> tuple[EditName, ...]:
    """What of a task can be edited."""
    return (*EDITABLE[task.type], "input") if task.scope is None else EDITABLE[task.type]


def _next(state: State) -> int:
    return max(state.edits, default=0) + 1


def _value(state: State, run: int, task: Task, stage: EditName, text: str) -> bytes:
    if stage == "prompt":
        return _prompt(text)
    if stage == "response":
        return _response(text)
    if stage == "model":
        return _values.encode(_model(text))
    value = _json(state, run, task, stage, text)
    if stage in ("params", "input") and not isinstance(value, dict):
        raise EditRefused(f'the {stage} of {task.id} is a JSON object such as {{"name": "value"}}')
    if stage == "sample" and not (type(value) is int and value >= 0):
        raise EditRefused("a sample is a number from 0 on")
    return _values.encode(value)


def _prompt(text: str) -> bytes:
    try:
        messages = _MESSAGES.decode(_values.clean_text(text)) if text.lstrip()[:1] == "[" else None
    except (msgspec.DecodeError, RecursionError):
        messages = None
    return msgspec.json.encode(messages or [Message("user", [TextPart(_values.clean_text(text))])])


def _response(text: str) -> bytes:
    try:
        message = _MESSAGE.decode(_values.clean_text(text)) if text.lstrip()[:1] == "{" else None
    except (msgspec.DecodeError, RecursionError):
        message = None
    return msgspec.json.encode(message or Message("assistant", [TextPart(_values.clean_text(text))]))


def _model(text: str) -> str:
    name = text.strip().strip('"')
    if not re.fullmatch(r"[\w.-]+:\S+", name):
        raise EditRefused(f"{name!r} is not a model; write PROVIDER:MODEL such as openai:gpt-5-mini")
    return name


def _json(state: State, run: int, task: Task, stage: EditName, text: str) -> Any:
    was_text = stage == "output" and _was_text(state, run, task)
    try:
        value = _values.decode(_values.clean_text(text).encode())
    except (msgspec.DecodeError, RecursionError) as error:
        if was_text:
            return text
        raise EditRefused(f"the {stage} of {task.id} is JSON, and this is not ({error}); text needs quotes") from None
    return text if was_text and not isinstance(value, str) else value


def _was_text(state: State, run: int, task: Task) -> bool:
    seen = state.seen(run, task.id)
    if seen is not None and seen.output is not None:
        return bytes(seen.output.value)[:1] == b'"'
    facts = state.functions.get(task.facts_name)
    schema = _values.decode(facts.output) if facts is not None and facts.output is not msgspec.UNSET else {}
    return isinstance(schema, dict) and schema.get("type") == "string"

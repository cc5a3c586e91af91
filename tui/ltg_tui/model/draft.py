"""What an editor opens with, and what becomes of it.

A prompt of one user message, a response of one text and an output that is a string are edited as plain text; the rest as JSON.
What is applied is always unambiguous JSON, so that text that looks like JSON stays text. A buffer that was not touched is no
edit: the recorded bytes stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Raw

from llmtaskgraph import Message, ReasoningPart, State, Task, TextPart

from . import values
from .safe import is_odd

Field: TypeAlias = Literal["prompt", "response", "output", "model", "input"]
Form: TypeAlias = Literal["text", "messages", "message", "json", "free", "name"]

EDITOR_LIMIT: Final = 250_000
"""Longer texts are slow in the built-in editor."""

LINE_LIMIT: Final = 20_000
"""Likewise for longer lines."""


class BadDraft(ValueError):
    """What was typed does not fit. The message says why, in one line."""


@dataclass(frozen=True)
class Draft:
    """A text to edit.

    Attributes:
        form: how the text stands for the value.
        refusal: why the built-in editor would not give it back unharmed; empty when it would.
    """

    task: str
    field: Field
    text: str
    form: Form
    refusal: str = ""

    def value(self, text: str) -> str:
        """What to apply for an edited text.

        Raises:
            BadDraft: it does not fit.
        """
        match self.form:
            case "text" if self.field == "prompt":
                return _json([Message("user", [TextPart(text)])])
            case "text" if self.field == "response":
                return _json(Message("assistant", [TextPart(text)]))
            case "text":
                return _json(text)
            case "messages":
                _check(
                    text, list[Message], 'a prompt is a list of messages, [{"role": "user", "parts": [{"type": "text", ...}]}]'
                )
            case "message":
                _check(text, Message, 'a response is a message, {"role": "assistant", "parts": [{"type": "text", ...}]}')
            case "json":
                _check(text, object, f"this {self.field} is JSON")
            case _:
                pass
        return text


def draft(state: State, run: int, task: Task, field: Field) -> Draft:
    """The draft for a field of a task, from its pending edit, else from what was recorded."""
    if field == "model":
        raw = pending(state, run, task.id, "model")
        name = task.model if raw is None else values.string(raw)
        return Draft(task.id, field, name or "", "name")
    if field == "input":
        raw = pending(state, run, task.id, "input") or _arguments(task)
        return Draft(task.id, field, values.indented(raw), "json", _refusal(values.indented(raw)))
    raw = current(state, run, task.id, field)
    text, form = _opened(field, raw)
    return Draft(task.id, field, text, form, _refusal(text))


def current(state: State, run: int, task: str, field: Field) -> Raw | None:
    """The JSON of a field as a resume would take it; None where there is none."""
    raw = pending(state, run, task, field)
    if raw is not None:
        return raw
    seen = state.seen(run, task)
    stage = None if seen is None else getattr(seen, field)
    return None if stage is None else stage.value


def pending(state: State, run: int, task: str, field: str) -> Raw | None:
    """The value of an edit that is not yet run."""
    for edit in reversed(state.pending_edits(run)):
        if (edit.task, edit.stage) == (task, field):
            return None if edit.value is UNSET else edit.value
    return None


def _arguments(task: Task) -> Raw:
    """The arguments of the root task by name: they draw on no other task."""
    return Raw(msgspec.json.encode({name: Raw(arg.compose({})) for name, arg in task.kwargs.items()}))


def _opened(field: Field, raw: Raw | None) -> tuple[str, Form]:
    if raw is None:
        return "", "free" if field == "output" else "text"
    if field == "prompt":
        prompt = values.messages(raw)
        if prompt is not None and len(prompt) == 1 and prompt[0].role == "user" and _is_text(prompt[0]):
            return prompt[0].text, "text"
        return values.indented(raw), "messages"
    if field == "response":
        response = values.message(raw)
        if response is not None and response.role == "assistant" and _is_text(response):
            return response.text, "text"
        return values.indented(raw), "message"
    text = values.string(raw)
    return (values.indented(raw), "json") if text is None else (text, "text")


def _is_text(message: Message) -> bool:
    parts = [part for part in message.parts if not (message.role == "assistant" and isinstance(part, ReasoningPart))]
    return len(parts) == 1 and isinstance(parts[0], TextPart)


def _refusal(text: str) -> str:
    if is_odd(text) or any(c in text for c in "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"):
        return "it holds control characters that the editor here would change"
    if len(text) > EDITOR_LIMIT:
        return f"it is long ({len(text):,} letters)"
    if any(len(line) > LINE_LIMIT for line in text.split("\n")):
        return f"it has a line of more than {LINE_LIMIT:,} letters"
    return ""


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _check(text: str, kind: object, what: str) -> None:
    try:
        msgspec.json.decode(text.encode(errors="replace"), type=kind)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadDraft(f"{what}; {error}") from None

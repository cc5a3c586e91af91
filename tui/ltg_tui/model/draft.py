"""What an editor opens with, and what becomes of it.

A prompt of one user message, a response of one text and an output that is a string are edited as plain text; other messages as a
text with a line for each turn (`turns`); the rest as JSON. What is applied is always unambiguous JSON, so that text that looks
like JSON stays text. A buffer that was not touched is no edit: the recorded bytes stay as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final, Literal, TypeAlias

import msgspec
from msgspec import UNSET, Raw

from llmtaskgraph import Message, ReasoningPart, State, Task, TextPart

from . import shape, turns, values
from .safe import is_odd

Field: TypeAlias = Literal["prompt", "response", "output", "model", "params", "input", "sample"]
Form: TypeAlias = Literal["text", "turns", "messages", "message", "json", "free", "name"]

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
        run: the run that it is to be an edit of.
        trace: id of the trace.
        refusal: why the built-in editor would not give it back unharmed; empty when it would.
        schema: JSON Schema of what the task expects there; None where the trace does not tell.
    """

    task: str
    field: Field
    text: str
    form: Form
    run: int
    trace: str
    refusal: str = ""
    schema: Any = None

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
            case "turns":
                return self._of_turns(text)
            case "messages":
                _check(
                    text, list[Message], 'a prompt is a list of messages, [{"role": "user", "parts": [{"type": "text", ...}]}]'
                )
            case "message":
                _check(text, Message, 'a response is a message, {"role": "assistant", "parts": [{"type": "text", ...}]}')
            case "json":
                self._of_json(text)
            case "name" if ":" not in text.strip().strip(":"):
                raise BadDraft(f"{text.strip()!r} is not a model; write PROVIDER:MODEL such as openai:gpt-5-mini")
            case _:
                pass
        return text

    def doubt(self, text: str) -> str:
        """What of a text does not fit what the task expects, as far as the trace tells; empty where all does.

        The code may expect something else by now, so this is not the last word.
        """
        if self.schema is None:
            return ""
        if self.field == "response":
            return self._doubt_of_response(text)
        value, wrong = (text, "") if self.form == "text" else shape.syntax(text)
        return "" if wrong else shape.problem(value, self.schema)

    @property
    def wants(self) -> str:
        """What the task expects, in a few words; empty where anything goes."""
        told = "" if self.schema is None else shape.expected(self.schema)
        return "" if told == "string" else told

    def _of_turns(self, text: str) -> str:
        try:
            found = turns.parsed(text)
        except turns.BadTurns as error:
            raise BadDraft(str(error)) from None
        if self.field == "prompt":
            if not found:
                raise BadDraft("a prompt has at least one turn, such as `--- user`")
            return _json(found)
        if len(found) != 1:
            raise BadDraft("a response is one turn, `--- assistant`")
        return _json(found[0])

    def _of_json(self, text: str) -> None:
        value, wrong = shape.syntax(text)
        if wrong:
            raise BadDraft(f"this is not JSON: {wrong}")
        if self.field in ("params", "input") and not isinstance(value, dict):
            raise BadDraft(f'the {self.field} is a JSON object such as {{"name": "value"}}')

    def _doubt_of_response(self, text: str) -> str:
        said = text
        if self.form != "text":
            try:
                message = msgspec.json.decode(self.value(text).encode("utf-8", "replace"), type=Message)
            except (BadDraft, msgspec.DecodeError, RecursionError):
                return ""
            if message.tool_calls:
                return ""
            said = message.text
        value, wrong = shape.syntax(_without_fence(said))
        if wrong:
            return f"the task reads JSON from its response, and this is not: {wrong}"
        if isinstance(value, dict) and value.keys() == {"value"} and not shape.problem(value["value"], self.schema):
            return ""
        return shape.problem(value, self.schema)


def draft(state: State, run: int, task: Task, field: Field) -> Draft:
    """The draft for a field of a task, from the edit in force, else from what was recorded."""
    here = run, state.id
    if field == "model":
        raw = in_force(state, run, task.id, "model")
        name = (state.runs[run].model or task.model) if raw is None else values.string(raw)
        return Draft(task.id, field, name or "", "name", *here)
    if field in ("input", "params"):
        raw = in_force(state, run, task.id, field) or (_arguments(task) if field == "input" else Raw(_json(task.params).encode()))
        text = values.indented(raw)
        return Draft(task.id, field, text, "json", *here, _refusal(text))
    schema = _schema(state, task, field)
    text, form = _opened(field, current(state, run, task.id, field), schema)
    return Draft(task.id, field, text, form, *here, _refusal(text), schema)


def typed(found: Draft, text: str) -> Draft:
    """A draft whose text is longer or other than what was recorded, as it was kept: whether the editor here can take it."""
    return replace(found, refusal=_refusal(text))


def _schema(state: State, task: Task, field: Field) -> Any:
    """What the trace tells of the type that a task gives, or of what it reads from a response."""
    facts = state.functions.get(task.facts_name)
    if facts is None or facts.output is UNSET or field == "prompt" or (field == "response" and facts.schema is None):
        return None
    return msgspec.json.decode(facts.output)


def _without_fence(text: str) -> str:
    """What stands in a block of Markdown code, where a text is one."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and "\n" in text:
        return text[text.index("\n") + 1 : -3]
    return text


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


def in_force(state: State, run: int, task: str, field: str) -> Raw | None:
    """The value of the edit that a resume will apply."""
    edit = state.edits_to_apply(run).get((task, field))  # type: ignore[arg-type]
    return None if edit is None or edit.value is UNSET else edit.value


def _arguments(task: Task) -> Raw:
    """The arguments of the root task by name, or its one argument: they draw on no other task."""
    if task.function is None and task.args:
        return Raw(task.args[0].compose({}))
    return Raw(msgspec.json.encode({name: Raw(arg.compose({})) for name, arg in task.kwargs.items()}))


def _opened(field: Field, raw: Raw | None, schema: Any) -> tuple[str, Form]:
    if raw is None:
        if field != "output":
            return "", "text"
        return "", "free" if schema is None else "text" if shape.expected(schema) == "string" else "json"
    if field == "prompt":
        prompt = values.messages(raw)
        if prompt is not None and len(prompt) == 1 and prompt[0].role == "user" and _is_text(prompt[0]):
            return prompt[0].text, "text"
        text = None if prompt is None else turns.written(prompt)
        return (values.indented(raw), "messages") if text is None else (text, "turns")
    if field == "response":
        response = values.message(raw)
        if response is not None and response.role == "assistant" and _is_text(response):
            return response.text, "text"
        text = None if response is None else turns.written([response])
        return (values.indented(raw), "message") if text is None else (text, "turns")
    string = values.string(raw)
    return (values.indented(raw), "json") if string is None else (string, "text")


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

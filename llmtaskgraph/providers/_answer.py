"""An answer as it comes in: chunks of a stream, or a whole body, collected into a `Response`. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal

from .._chat import Delta, Message, Part, ReasoningPart, Response, TextPart, ToolCall, Usage
from .._values import clean_text
from ._faults import Malformed, StreamedError

_FINISH = {"tool_calls": "tool_call", "function_call": "tool_call"}


def loads(data: bytes) -> dict[str, Any]:
    """A JSON object. The standard decoder takes halves of surrogate pairs, which servers do send; msgspec refuses them."""
    try:
        value = json.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{type(error).__name__} in {data[:1000]!r}") from None
    if not isinstance(value, dict):
        raise Malformed(f"a JSON {type(value).__name__} in place of an object")
    return value


class _Text:
    """Text of one kind. Half of a surrogate pair at the end of a piece is kept back for the next."""

    def __init__(self, kind: Literal["text", "reasoning"], on_delta: Callable[[Delta], None]) -> None:
        self._kind, self._on_delta = kind, on_delta
        self._pieces: list[str] = []
        self._half = ""

    def add(self, piece: str) -> None:
        if self._half or not piece.isascii():
            piece, self._half = self._half + piece, ""
            if "\ud800" <= piece[-1:] <= "\udbff":
                piece, self._half = piece[:-1], piece[-1]
            piece = clean_text(piece)
        if piece:
            self._pieces.append(piece)
            self._on_delta(Delta(piece, self._kind))

    def done(self) -> str:
        if self._half:
            piece, self._half = clean_text(self._half), ""
            self._pieces.append(piece)
            self._on_delta(Delta(piece, self._kind))
        return "".join(self._pieces)


class Answer:
    """Collects one answer.

    Attributes:
        finish: the finish reason, once it has come; the answer is complete with it.
        usage: what the provider counted; it comes last.
        tier: the service tier that the provider used, which decides the price.
    """

    def __init__(self, on_delta: Callable[[Delta], None]) -> None:
        self.finish: str | None = None
        self.usage: Usage | None = None
        self.model: str | None = None
        self.tier: str | None = None
        self._id: str | None = None
        self._on_delta, self._told = on_delta, 0
        self._chosen = False
        self._refused = False
        self._text = _Text("text", self._tell)
        self._reasoning = _Text("reasoning", self._tell)
        self._calls: dict[Any, dict[str, str]] = {}

    @property
    def partial(self) -> str:
        """The text so far."""
        return self._text.done()

    @property
    def empty(self) -> bool:
        """Nothing that looks like an answer has come."""
        return not self._chosen

    def chunk(self, data: dict[str, Any]) -> bool:
        """Take one chunk of a stream; True if it brought content, and was not only a sign of life."""
        content = False
        for choice in self._choices(data):
            content |= self._message(choice.get("delta"))
            content |= self._finished(choice)
        return content

    def whole(self, data: dict[str, Any]) -> None:
        """Take a whole body."""
        for choice in self._choices(data):
            self._message(choice.get("message"))
            self._finished(choice)
        if not self._chosen:
            raise Malformed("it has no choices")
        self.finish = self.finish or "stop"

    def response(self, cost: float | None) -> Response:
        """The answer, once it is complete."""
        text, reasoning = self._text.done(), self._reasoning.done()
        parts: list[Part] = [ReasoningPart(reasoning)] if reasoning else []
        if text or not self._calls:
            parts.append(TextPart(text))
        parts += [_tool_call(index, call) for index, call in enumerate(self._calls.values())]
        finish = "refusal" if self._refused and self.finish == "stop" else self.finish
        return Response(Message("assistant", parts, finish), self.model, self.usage, cost, self._id)

    def _choices(self, data: dict[str, Any]) -> list[dict[str, Any]]:
        if data.get("error"):
            raise StreamedError(data["error"])
        self._id = self._id or _string(data.get("id"))
        self.model = self.model or _string(data.get("model"))
        self.tier = _string(data.get("service_tier")) or self.tier
        if isinstance(usage := data.get("usage"), dict):
            self.usage = _usage(usage)
        choices = data.get("choices") or []
        if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
            raise Malformed("its choices are not a list of objects")
        self._chosen |= bool(choices)
        return [choice for choice in choices if choice.get("index") in (0, None)]

    def _message(self, message: Any) -> bool:
        if message is None:
            return False
        if not isinstance(message, dict):
            raise Malformed("a message of it is not an object")
        reasoning = _text(message.get("reasoning_content")) or _text(message.get("reasoning"))
        text, refusal = _text(message.get("content")), _text(message.get("refusal"))
        self._refused |= bool(refusal)
        told = self._told
        self._reasoning.add(reasoning)
        self._text.add(text + refusal)
        calls = message.get("tool_calls") or []
        if not isinstance(calls, list):
            raise Malformed("its tool calls are not a list")
        for position, call in enumerate(calls):
            self._call(position, call)
        content = bool(reasoning or text or refusal or calls)
        if content and self._told == told:  # whoever counts the seconds without content has to know
            self._tell(Delta(""))
        return content

    def _tell(self, delta: Delta) -> None:
        self._told += 1
        self._on_delta(delta)

    def _call(self, position: int, call: Any) -> None:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict):
            raise Malformed("a tool call of it names no function")
        known = self._calls.setdefault(call.get("index", position), {"id": "", "name": "", "arguments": ""})
        known["id"] = known["id"] or _string(call.get("id")) or ""
        known["name"] = known["name"] or _string(function.get("name")) or ""
        arguments = function.get("arguments")
        known["arguments"] += arguments if isinstance(arguments, str) else "" if arguments is None else json.dumps(arguments)

    def _finished(self, choice: dict[str, Any]) -> bool:
        finish = _string(choice.get("finish_reason"))
        if finish:
            self.finish = _FINISH.get(finish, clean_text(finish))
        return finish is not None


def _tool_call(index: int, call: dict[str, str]) -> ToolCall:
    try:
        # Through the recorded form: half surrogates go, numbers that JSON cannot hold stay text.
        arguments = json.loads(call["arguments"] or "{}", parse_constant=_no_constant)
    except (ValueError, RecursionError):
        arguments = call["arguments"]
    return ToolCall(clean_text(call["id"]) or f"call_{index}", clean_text(call["name"]), _clean(arguments))


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, list):
        return [_clean(item) for item in value]
    if isinstance(value, dict):
        return {clean_text(key): _clean(item) for key, item in value.items()}
    return value


def _string(value: Any) -> str | None:
    return clean_text(value) if isinstance(value, str) and value else None


def _text(value: Any) -> str:
    """Text, or a list of parts with text, as some servers send it."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list):
        return "".join(text for item in value if isinstance(item, dict) and isinstance(text := item.get("text"), str))
    raise Malformed(f"its content is a {type(value).__name__}")


def _usage(usage: dict[str, Any]) -> Usage:
    return Usage(
        _count(usage, "prompt_tokens"),
        _count(usage, "completion_tokens"),
        _count(usage.get("prompt_tokens_details"), "cached_tokens"),
        _count(usage.get("completion_tokens_details"), "reasoning_tokens"),
    )


def _count(usage: Any, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if type(value) is int and 0 <= value < 2**63 else None

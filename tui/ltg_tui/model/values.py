"""Recorded values as text: JSON indented, strings as they are."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from llmtaskgraph import Message

from .flow import Block

_MESSAGES: Final = msgspec.json.Decoder(list[Message])
_MESSAGE: Final = msgspec.json.Decoder(Message)
_ERRORS: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)

Json = bytes | msgspec.Raw


def messages(raw: Json) -> list[Message] | None:
    """A recorded prompt; None if it is something else."""
    try:
        return _MESSAGES.decode(raw)
    except _ERRORS:
        return None


def message(raw: Json) -> Message | None:
    """A recorded response; None if it is something else."""
    try:
        return _MESSAGE.decode(raw)
    except _ERRORS:
        return None


def string(raw: Json) -> str | None:
    """A recorded value that is a string; None if it is something else."""
    if bytes(raw[:1] if isinstance(raw, bytes) else memoryview(raw)[:1]) != b'"':
        return None
    try:
        return msgspec.json.decode(raw, type=str)
    except _ERRORS:
        return None


def indented(raw: Json) -> str:
    """JSON on several lines."""
    try:
        return msgspec.json.format(bytes(raw), indent=2).decode(errors="replace")
    except _ERRORS:
        return bytes(raw).decode(errors="replace")


def readable(raw: Json) -> str:
    """A string as it is, anything else as JSON."""
    text = string(raw)
    return indented(raw) if text is None else text


def blocks(raw: Json) -> list[Block]:
    """A string as it is, anything else as coloured JSON."""
    text = string(raw)
    return [Block(indented(raw), syntax="json")] if text is None else [Block(text) if text else Block("(empty)", "dim")]


def compact(value: Any) -> str:
    """A value on one line."""
    try:
        return msgspec.json.encode(value).decode(errors="replace")
    except (TypeError, ValueError, RecursionError):
        return repr(value)


def outline(schema: Json, limit: int = 200) -> str:
    """A JSON Schema on one line: `{score: integer, issues: [string]}`."""
    try:
        found = msgspec.json.decode(schema)
    except _ERRORS:
        return "see info"
    text = _outline(found, found.get("$defs", {}) if isinstance(found, dict) else {}, 4)
    return text if len(text) <= limit else f"{text[:limit]}..."


def _outline(schema: Any, defs: Any, depth: int) -> str:
    if not isinstance(schema, dict):
        return "any"
    if "$ref" in schema and isinstance(defs, dict):
        name = str(schema["$ref"]).rpartition("/")[2]
        return _outline(defs.get(name), defs, depth - 1) if depth else name
    for choice in ("anyOf", "oneOf"):
        if isinstance(schema.get(choice), list):
            return " | ".join(_outline(each, defs, depth - 1) for each in schema[choice][:8]) if depth else "..."
    if isinstance(schema.get("enum"), list):
        return " | ".join(compact(each) for each in schema["enum"][:8])
    if schema.get("type") == "array":
        return f"[{_outline(schema.get('items'), defs, depth - 1) if depth else '...'}]"
    if isinstance(schema.get("properties"), dict):
        fields = schema["properties"].items()
        return "{" + ", ".join(f"{name}: {_outline(each, defs, depth - 1)}" for name, each in fields) + "}" if depth else "{...}"
    kind = schema.get("type", "any")
    return " | ".join(map(str, kind)) if isinstance(kind, list) else str(kind)

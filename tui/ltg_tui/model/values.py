"""Recorded values as text: messages with their roles, JSON indented, strings as they are."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from llmtaskgraph import BlobPart, Message, ReasoningPart, TextPart, ToolCall, ToolResult, UriPart

from .flow import Block
from .format import short

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


def prompt_blocks(raw: Json) -> list[Block]:
    """A prompt: one user message as its text, several with their roles."""
    found = messages(raw)
    if found is None:
        return [Block(indented(raw))]
    if len(found) == 1 and found[0].role == "user":
        return _parts(found[0])
    blocks: list[Block] = []
    for each in found:
        blocks += [Block(("\n" if blocks else "") + f"── {each.role}", "heading"), *_parts(each)]
    return blocks


def response_blocks(raw: Json) -> list[Block]:
    """A response: reasoning dim, then text and tool calls."""
    found = message(raw)
    return [Block(indented(raw))] if found is None else _parts(found)


def _parts(found: Message) -> list[Block]:
    return [_part(part) for part in found.parts] or [Block("(empty)", "dim")]


def _part(part: Any) -> Block:
    match part:
        case TextPart():
            return Block(part.content) if part.content else Block("(empty)", "dim")
        case ReasoningPart():
            return Block(f"{part.content}\n", "dim")
        case ToolCall():
            return Block(f"→ {part.name}({compact(part.arguments)})", "key")
        case ToolResult():
            return Block(f"← {part.id}: {compact(part.response)}", "key")
        case BlobPart():
            size = short(len(part.content) * 3 // 4)
            return Block(f"[{part.modality} {part.name or ''} {part.mime_type}, {size} bytes]", "key")
        case UriPart():
            return Block(f"[{part.modality} {part.uri}]", "key")
        case _:
            return Block(repr(part), "dim")


def compact(value: Any) -> str:
    """A value on one line."""
    try:
        return msgspec.json.encode(value).decode(errors="replace")
    except (TypeError, ValueError, RecursionError):
        return repr(value)

"""Messages as blocks: roles as headings, text as it is, tool calls and results, images and files in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from llmtaskgraph import BlobPart, Message, ReasoningPart, TextPart, ToolCall, ToolResult, UriPart

from . import values
from .flow import Block
from .picture import described

SHORT: Final = 100
"""A value of so many letters stands on one line."""


def prompt_blocks(raw: values.Json) -> list[Block]:
    """A prompt: one user message as its text, several with their roles."""
    found = values.messages(raw)
    if found is None:
        return [Block(values.indented(raw), syntax="json")]
    tools = {part.id: part.name for each in found for part in each.parts if isinstance(part, ToolCall)}
    if len(found) == 1 and found[0].role == "user":
        return _parts(found[0], tools)
    blocks: list[Block] = []
    for each in found:
        blocks += [Block(("\n" if blocks else "") + f"── {each.role}", "heading"), *_parts(each, tools)]
    return blocks or [Block("(no messages)", "dim")]


def response_blocks(raw: values.Json) -> list[Block]:
    """A response: reasoning dim, then text and tool calls; why it stopped, where that is odd."""
    found = values.message(raw)
    if found is None:
        return [Block(values.indented(raw), syntax="json")]
    blocks = _parts(found, {})
    if found.finish_reason not in (None, "stop", "tool_call"):
        blocks.append(Block(f"\nstopped: {found.finish_reason}", "warning"))
    return blocks


def plain(messages: Iterable[Message]) -> str | None:
    """The text, where messages are nothing but one text; None otherwise."""
    parts = [part for each in messages for part in each.parts if not isinstance(part, ReasoningPart)]
    return parts[0].content if len(parts) == 1 and isinstance(parts[0], TextPart) else None


def reasoning_blocks(text: str) -> list[Block]:
    """What a model says it thought."""
    return [Block("── reasoning", "heading"), Block(text, "dim"), Block("── answer", "heading")]


def _parts(found: Message, tools: dict[str, str]) -> list[Block]:
    blocks: list[Block] = []
    for part in found.parts:
        blocks += _part(part, tools)
    return blocks or [Block("(empty)", "dim")]


def _part(part: Any, tools: dict[str, str]) -> list[Block]:
    match part:
        case TextPart():
            return [Block(part.content) if part.content else Block("(empty)", "dim")]
        case ReasoningPart():
            return reasoning_blocks(part.content)
        case ToolCall():
            return _value(f"→ {part.name}", part.arguments)
        case ToolResult():
            return _value(f"← {tools.get(part.id, part.id)}", part.response)
        case BlobPart() | UriPart():
            return [Block(f"▣ {described(part)}", "key")]
        case _:
            return [Block(repr(part), "dim")]


def _value(head: str, value: Any) -> list[Block]:
    if value is None:
        return [Block(head, "key")]
    if isinstance(value, str):
        return (
            [Block(f"{head}  {value}", "key")]
            if len(value) <= SHORT and "\n" not in value
            else [Block(head, "key"), Block(value)]
        )
    compact = values.compact(value)
    if len(compact) <= SHORT:
        return [Block(f"{head} {compact}", "key")]
    return [Block(head, "key"), Block(values.indented(compact.encode(errors="replace")), syntax="json")]

"""Messages as a text that people can edit, and back: a line for each turn, and its text below.

    --- system
    You judge.
    --- user
    Judge this picture.
    --- part {"type":"uri","modality":"image","uri":"https://..."}

A line `--- text` begins another text of the same turn; `--- assistant (stop)` tells why an answer ended. A line of a text that
looks like one of these is written with a backslash in front. `written` gives a text only where `parsed` gives back exactly
those messages.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from llmtaskgraph import Message, TextPart

ROLES: Final = ("system", "user", "assistant", "tool")

_MARK: Final = re.compile(r"--- ?(\S*)(?: (.*))?")
_ENDED: Final = re.compile(r"(?:\((\S+)\))?")
_ESCAPED: Final = re.compile(r"\\*---(?: |$)")


class BadTurns(ValueError):
    """It stands for no messages. The message says where and why."""


def written(messages: list[Message]) -> str | None:
    """Messages as text; None for what it cannot stand for."""
    lines: list[str] = []
    for message in messages:
        ended = f" ({message.finish_reason})" if message.finish_reason is not None else ""
        lines.append(f"--- {message.role}{ended}")
        for position, part in enumerate(message.parts):
            if isinstance(part, TextPart):
                if position and isinstance(message.parts[position - 1], TextPart):
                    lines.append("--- text")
                lines += [f"\\{line}" if _ESCAPED.match(line) else line for line in part.content.split("\n")]
            else:
                lines.append(f"--- part {msgspec.json.encode(part).decode()}")
    text = "\n".join(lines)
    try:
        return text if parsed(text) == messages else None
    except BadTurns:
        return None


def parsed(text: str) -> list[Message]:
    """The messages of a text.

    Raises:
        BadTurns: a line that begins a turn does not, or a part is none.
    """
    turns: list[tuple[str, list[object], str | None]] = []
    body: list[str] | None = None  # the lines of the text that is being read; None where none has begun

    def close() -> None:
        nonlocal body
        if body is not None:
            turns[-1][1].append({"type": "text", "content": "\n".join(body)})
        body = None

    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("--- ") or line == "---":
            found = _MARK.fullmatch(line)
            word, rest = (found[1], found[2]) if found is not None else ("", None)
            ended = _ENDED.fullmatch((rest or "").strip())
            if word in ROLES and ended is not None:
                close()
                turns.append((word, [], ended[1]))
                continue
            if not turns:
                raise BadTurns(f"line {number}: the first line begins a turn, such as `--- user`")
            if word == "text" and not (rest or "").strip():
                close()
                body = []
            elif word == "part":
                close()
                turns[-1][1].append(_part(rest or "", number))
            else:
                raise BadTurns(f"line {number}: `--- {word}` begins no turn; write {', '.join(ROLES)}, or \\--- for a text")
        elif not turns:
            if line.strip():
                raise BadTurns(f"line {number}: the first line begins a turn, such as `--- user`")
        else:
            body = [] if body is None else body
            body.append(line[1:] if line.startswith("\\") and _ESCAPED.match(line) else line)
    close()
    return [_message(*turn) for turn in turns]


def _part(text: str, number: int) -> object:
    try:
        return msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadTurns(f"line {number}: `--- part` is followed by JSON on the same line ({error})") from None


def _message(role: str, parts: list[object], finish_reason: str | None) -> Message:
    try:
        return msgspec.convert({"role": role, "parts": parts, "finish_reason": finish_reason}, Message, strict=True)
    except (msgspec.ValidationError, RecursionError) as error:
        raise BadTurns(f"a part of the {role} turn is none ({error})") from None

"""What a prompt function returned -> messages, or an error that says what is wrong with it."""

from __future__ import annotations

from typing import Any

import msgspec

from ._chat import Message, TextPart

_MESSAGES = msgspec.json.Decoder(list[Message])


def as_messages(prompt: Any, function: str) -> list[Message]:
    """What a prompt function returned, as messages.

    Args:
        prompt: text, a message, or a list of messages; a message may be a dict with `role` and either `parts`, or text as
            `content`.
        function: for the error's message.
    """
    if isinstance(prompt, str):
        return [Message("user", [TextPart(prompt)])]
    messages = prompt if isinstance(prompt, (list, tuple)) else [prompt]
    if not messages:
        raise TypeError(f"{function} returned an empty prompt")
    return [message if isinstance(message, Message) else _as_message(message, function) for message in messages]


def check_messages(data: bytes, function: str) -> None:
    """Refuse messages whose parts are none.

    Raises:
        TypeError: they could not be read back.
    """
    try:
        _MESSAGES.decode(data)
    except msgspec.ValidationError as error:
        raise TypeError(f"{function} returned a message that is none: {error}") from None


def _as_message(message: Any, function: str) -> Message:
    if isinstance(message, dict):
        if isinstance(message.get("content"), str):
            message = {"role": message.get("role"), "parts": [{"type": "text", "content": message["content"]}]}
        try:
            return msgspec.convert(message, Message)
        except msgspec.ValidationError as error:
            raise TypeError(f"{function} returned a message that is none: {error}") from None
    raise TypeError(f"{function} is to return text or messages, and returned a {type(message).__name__}")

"""Small words for tests of providers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from llmtaskgraph._chat import Message, Request, Response, user
from llmtaskgraph._errors import ProviderError

Send = Callable[..., Awaitable[Response]]


def asking(prompt: str | list[Message], **fields: Any) -> Request:
    return Request(fields.pop("model", "gpt-5-mini"), [user(prompt)] if isinstance(prompt, str) else prompt, **fields)


async def failure(sending: Awaitable[Response]) -> ProviderError:
    """The error that a send ends with; it is one line of a sane length, without the key."""
    with pytest.raises(ProviderError) as caught:
        await sending
    told = str(caught.value)
    assert "\n" not in told
    assert len(told) < 600
    assert "sk-very-secret" not in told
    return caught.value

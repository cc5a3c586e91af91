"""What the scripted model says, in the words of the protocol: a whole body, or the events of a stream. Pure."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from ._script import Reply, fill

_CHARACTERS_A_TOKEN = 4


class Spoken:
    """One reply, as it is said. Tokens are counted by length, about four characters each."""

    def __init__(self, model: str, prompt: str, reply: Reply, groups: dict[str, str]) -> None:
        value = fill(reply.text if reply.json is msgspec.UNSET else reply.json, groups)
        self._text = value or "" if reply.json is msgspec.UNSET else json.dumps(value, ensure_ascii=False)
        self._reasoning = fill(reply.reasoning, groups)
        self._calls = [
            {
                "index": i,
                "id": call.id or f"call_{i}",
                "type": "function",
                "function": {"name": call.name, "arguments": json.dumps(fill(call.arguments, groups), ensure_ascii=False)},
            }
            for i, call in enumerate(reply.tool_calls)
        ]
        self._finish = reply.finish_reason or ("tool_calls" if self._calls else "stop")
        self._model, self._input = model, max(1, _tokens(prompt))
        spoken = self._text + "".join(str(call["function"]) for call in self._calls)
        self._thought = _tokens(self._reasoning)
        self.output_tokens = _tokens(spoken) + self._thought

    def whole(self) -> dict[str, Any]:
        """The body of an answer that is not streamed."""
        message = {"role": "assistant", "content": self._text, "reasoning_content": self._reasoning, "tool_calls": self._calls}
        choice = {"index": 0, "message": message, "finish_reason": self._finish}
        return self._base("chat.completion") | {"choices": [choice], "usage": self._usage()}

    def events(self, rate: float) -> list[tuple[float, bytes]]:
        """Seconds to wait, and the bytes to send then: one event a token, or a few where nobody waits."""
        size = _CHARACTERS_A_TOKEN if rate else max(_CHARACTERS_A_TOKEN, len(self._text) // 8)
        pause = 1 / rate if rate else 0.0
        out = [(0.0, self._chunk({"role": "assistant", "content": ""}))]
        out += [(pause, self._chunk({"reasoning_content": piece})) for piece in _pieces(self._reasoning, size)]
        out += [(pause, self._chunk({"content": piece})) for piece in _pieces(self._text, size)]
        out += [(pause, self._chunk({"tool_calls": [call]})) for call in self._calls]
        usage = self._base("chat.completion.chunk") | {"choices": [], "usage": self._usage()}
        return [*out, (0.0, self._chunk({}, self._finish)), (0.0, _event(usage) + b"data: [DONE]\n\n")]

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _event(self._base("chat.completion.chunk") | {"choices": [choice]})

    def _base(self, kind: str) -> dict[str, Any]:
        return {"id": "offline", "object": kind, "created": 0, "model": self._model}

    def _usage(self) -> dict[str, Any]:
        details = {"completion_tokens_details": {"reasoning_tokens": self._thought}} if self._thought else {}
        return {"prompt_tokens": self._input, "completion_tokens": self.output_tokens} | details


def _tokens(text: str) -> int:
    return -(-len(text) // _CHARACTERS_A_TOKEN)


def _pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def _event(value: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"

"""Server-sent events, decoded by hand, since the SDK's own stream cannot be left half-read on trio.

The SDK decodes with nested async generators and abandons the inner ones at `[DONE]`, which trio reports as a
warning each time. This decoder is a plain object that is fed bytes.
"""

from __future__ import annotations

import re

_LINE_END = re.compile(rb"\r\n|\n|\r")


class SSEDecoder:
    """Give it bytes as they come; get the `data` of each event that is complete. Comments and other fields are dropped."""

    def __init__(self) -> None:
        self._tail: list[bytes] = []
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        """The data of the events that this chunk completed, in order."""
        if b"\n" not in chunk and b"\r" not in chunk and not (self._tail and self._tail[-1].endswith(b"\r")):
            self._tail.append(chunk)  # a long line in many chunks is joined once, when it ends
            return []
        text = b"".join([*self._tail, chunk])
        lines = _LINE_END.split(text)
        tail = lines.pop()
        if text.endswith(b"\r"):  # perhaps half of \r\n
            tail = lines.pop() + b"\r"
        self._tail = [tail] if tail else []
        return [data for line in lines if (data := self._line(line)) is not None]

    def finish(self) -> list[bytes]:
        """What the last event holds if the blank line after it never came."""
        last, self._tail = b"".join(self._tail).removesuffix(b"\r"), []
        return [data for line in (last, b"") if (data := self._line(line)) is not None]

    def _line(self, line: bytes) -> bytes | None:
        if line:
            name, _, value = line.partition(b":")
            if name == b"data":
                self._data.append(value.removeprefix(b" "))
            return None
        if not self._data:
            return None
        data, self._data = b"\n".join(self._data), []
        return data

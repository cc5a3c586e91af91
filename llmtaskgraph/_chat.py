"""What is said to a model and what it answers, in the field's words (OpenTelemetry's GenAI names).

A `Request` is all that a provider needs for one send; a `Response` is what came back. A prompt function may return
plain text, which stands for one user message.
"""

from __future__ import annotations

import base64
import mimetypes
from pathlib import Path
from typing import Any, Literal, TypeAlias

from msgspec import Struct, field

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]
FinishReason: TypeAlias = str
"""`stop`, `length`, `tool_call`, `content_filter`, or what a provider says beyond these."""


class TextPart(Struct, tag="text", tag_field="type", frozen=True, gc=False):
    """Text that a person or a model wrote."""

    content: str


class ReasoningPart(Struct, tag="reasoning", tag_field="type", frozen=True, gc=False):
    """What a model says it thought before it answered. It is recorded, and not sent back."""

    content: str


class BlobPart(Struct, tag="blob", tag_field="type", frozen=True, gc=False, omit_defaults=True):
    """An image or another file, inline. `content` is base64; `name` is a file name, for files."""

    modality: Literal["image", "file"]
    mime_type: str
    content: str
    name: str | None = None


class UriPart(Struct, tag="uri", tag_field="type", frozen=True, gc=False, omit_defaults=True):
    """An image or another file by its address."""

    modality: Literal["image", "file"]
    uri: str
    mime_type: str | None = None


class ToolCall(Struct, tag="tool_call", tag_field="type", frozen=True):
    """A model asks for a tool. `arguments` is the JSON value it gave, or its text where that is not JSON."""

    id: str
    name: str
    arguments: Any = None


class ToolResult(Struct, tag="tool_call_response", tag_field="type", frozen=True):
    """What a tool answered to the call `id`."""

    id: str
    response: Any = None


Part: TypeAlias = TextPart | ReasoningPart | BlobPart | UriPart | ToolCall | ToolResult


class Message(Struct, frozen=True, omit_defaults=True):
    """One turn of a chat. `finish_reason` stands only on what a model answered."""

    role: Role
    parts: list[Part]
    finish_reason: FinishReason | None = None

    @property
    def text(self) -> str:
        """The text parts, joined; without reasoning."""
        return "".join(part.content for part in self.parts if isinstance(part, TextPart))

    @property
    def reasoning(self) -> str:
        """The reasoning parts, joined."""
        return "".join(part.content for part in self.parts if isinstance(part, ReasoningPart))

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tools that the model asked for, in its order."""
        return [part for part in self.parts if isinstance(part, ToolCall)]


class Usage(Struct, omit_defaults=True, gc=False):
    """Tokens that a provider counted. `None` is unknown, never 0.

    `input_tokens` includes `cached_input_tokens`; `output_tokens` includes `reasoning_tokens`.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    reasoning_tokens: int | None = None


class Tool(Struct, frozen=True, omit_defaults=True):
    """A tool that a model may ask for. `parameters` is a JSON Schema of its arguments."""

    name: str
    description: str = ""
    parameters: dict[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})


class OutputSchema(Struct, frozen=True):
    """The JSON Schema that a response has to fit, and a name for it."""

    name: str
    schema: dict[str, Any]


class Request(Struct):
    """One send.

    Attributes:
        model: the model's name without the provider.
        messages: the prompt; at least one.
        params: passed on as they are (`temperature`, `max_tokens`, `seed`, ...).
        output: the schema of a structured answer, or None for free text.
        tools: tools the model may call.
        task: id of the task, for logs and scripted answers; a real provider does not send it.
        sample: 0, or the number of a repeated sample; a real provider does not send it.
    """

    model: str
    messages: list[Message]
    params: dict[str, Any] = field(default_factory=dict)
    output: OutputSchema | None = None
    tools: list[Tool] = field(default_factory=list)
    task: str = ""
    sample: int = 0


class Response(Struct):
    """What came back. `model` is the one that the provider says it used; `cost` is in US dollars, None if unpriced."""

    message: Message
    model: str | None = None
    usage: Usage | None = None
    cost: float | None = None
    id: str | None = None

    @property
    def text(self) -> str:
        """The text of the message."""
        return self.message.text


class Delta(Struct, gc=False):
    """A piece of a streamed answer: text, or reasoning."""

    content: str
    kind: Literal["text", "reasoning"] = "text"


def system(text: str) -> Message:
    """A system message."""
    return Message("system", [TextPart(text)])


def user(text: str, *parts: Part) -> Message:
    """A user message: text, then images or files."""
    return Message("user", [TextPart(text), *parts])


def assistant(text: str, *parts: Part) -> Message:
    """What the model said: for examples in a prompt, and for editing a response."""
    return Message("assistant", [TextPart(text), *parts])


def image(source: str | Path | bytes, mime_type: str | None = None) -> BlobPart | UriPart:
    """An image for a message: `user("What is this?", image("cat.png"))`.

    Args:
        source: a path, the bytes of the image, or its address (`https://...`, which the provider fetches; `data:...`).
        mime_type: default: told by the bytes or the name.
    """
    return _attached("image", source, mime_type, None)


def file(source: str | Path | bytes, mime_type: str | None = None, *, name: str | None = None) -> BlobPart | UriPart:
    """A file for a message: `user("Sum this up.", file("report.pdf"))`.

    Args:
        source: a path, the bytes of the file, or, where the provider takes them, its address or upload id (`file-...`).
        mime_type: default: told by the bytes or the name.
        name: the file name that the model sees. Default: the name in the path.
    """
    return _attached("file", source, mime_type, name)


_SIGNATURES = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"%PDF": "application/pdf",
}
_ADDRESSES = ("http://", "https://", "data:", "gs://", "s3://", "file-")


def _attached(
    modality: Literal["image", "file"], source: str | Path | bytes, mime_type: str | None, name: str | None
) -> BlobPart | UriPart:
    # A file on disk may have a name that looks like an upload id.
    if isinstance(source, str) and source.startswith(_ADDRESSES) and not Path(source[:200]).is_file():
        return UriPart(modality, source, mime_type)
    if not isinstance(source, bytes):
        name, path = name or Path(source).name, Path(source)
        mime_type = mime_type or mimetypes.guess_type(path.name)[0]
        source = path.read_bytes()
    mime_type = mime_type or _mime_type(source) or ("image/png" if modality == "image" else "application/octet-stream")
    return BlobPart(modality, mime_type, base64.b64encode(source).decode(), name if modality == "file" else None)


def _mime_type(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _SIGNATURES.items() if data.startswith(start)), None)

"""A `Request` as the body of a Chat Completions call. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .._chat import BlobPart, Message, Part, ReasoningPart, Request, TextPart, Tool, ToolCall, ToolResult, UriPart
from .._errors import ProviderError
from .._structured import strict_schema
from .._values import clean_text, encode


def body(request: Request, *, stream: bool) -> dict[str, Any]:
    """The JSON body of a send.

    `params` go into it as they are; they may switch `stream` off for one model, or set `stream_options` to null for
    a server that does not know them.

    Raises:
        ProviderError: the params say what only the request may say.
    """
    for name in ("model", "messages"):
        if name in request.params:
            raise _refused(request, f"params may not hold {name!r}, which the task sets itself")
    if request.params.get("n") not in (None, 1):
        raise _refused(request, "params may not ask for n > 1: one send has one answer; declare the task several times")
    out: dict[str, Any] = {"model": request.model, "messages": [m for each in request.messages for m in _messages(each)]}
    if stream:
        out |= {"stream": True, "stream_options": {"include_usage": True}}
    if request.tools:
        out["tools"] = [_tool(tool) for tool in request.tools]
    if request.output is not None:
        schema, strict = strict_schema(request.output.schema)
        name = re.sub(r"[^a-zA-Z0-9_-]", "_", request.output.name)[:64] or "output"
        out["response_format"] = {"type": "json_schema", "json_schema": {"name": name, "schema": schema, "strict": strict}}
    out |= request.params
    if not out.get("stream"):
        out.pop("stream_options", None)
    if out.get("stream_options", ()) is None:
        del out["stream_options"]
    return out


def _refused(request: Request, why: str) -> ProviderError:
    return ProviderError(f"{request.model}: {why}", fault="request")


def _tool(tool: Tool) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
    return {"type": "function", "function": function}


def _messages(message: Message) -> list[dict[str, Any]]:
    """Tool results are messages of their own on the wire, before what else their message says."""
    out: list[dict[str, Any]] = [
        {"role": "tool", "tool_call_id": part.id, "content": _json_text(part.response)}
        for part in message.parts
        if isinstance(part, ToolResult)
    ]
    rest = [part for part in message.parts if not isinstance(part, (ToolResult, ReasoningPart))]
    if rest or not out:
        out.append(_assistant(message) if message.role == "assistant" else {"role": message.role, "content": _content(rest)})
    return out


def _assistant(message: Message) -> dict[str, Any]:
    out: dict[str, Any] = {"role": "assistant", "content": clean_text(message.text)}
    if calls := message.tool_calls:
        out["content"] = out["content"] or None
        out["tool_calls"] = [_call(call) for call in calls]
    return out


def _call(call: ToolCall) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": _json_text(call.arguments)}}


def _json_text(value: Any) -> str:
    return clean_text(value) if isinstance(value, str) else encode(value).decode()


def _content(parts: Sequence[Part]) -> str | list[dict[str, Any]]:
    if all(isinstance(part, TextPart) for part in parts):
        return clean_text("".join(part.content for part in parts if isinstance(part, TextPart)))
    return [_part(part) for part in parts if not (isinstance(part, TextPart) and not part.content)]


def _part(part: Part) -> dict[str, Any]:
    if isinstance(part, BlobPart):
        url = f"data:{part.mime_type};base64,{part.content}"
        if part.modality == "image":
            return {"type": "image_url", "image_url": {"url": url}}
        return {"type": "file", "file": {"filename": part.name or "file", "file_data": url}}
    if isinstance(part, UriPart):
        if part.modality == "image":
            return {"type": "image_url", "image_url": {"url": part.uri}}
        # OpenAI takes files by the id of an upload; compatible servers also take an address as the data.
        where = "file_id" if re.fullmatch(r"file-[\w-]+", part.uri) else "file_data"
        return {"type": "file", "file": {where: part.uri}}
    if isinstance(part, TextPart):
        return {"type": "text", "text": clean_text(part.content)}
    raise TypeError(f"a user message cannot hold a {type(part).__name__}")

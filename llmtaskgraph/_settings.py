"""Settings of functions as users give them: checked where they are given, in the form in which a trace gives them back."""

from __future__ import annotations

import inspect
import math
import typing
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from . import _values
from ._chat import Tool
from ._context import Context
from ._errors import GraphError, UnrecordableValue


def check_settings(name: str, model: Any, retries: Any, timeout: Any, idle_timeout: Any) -> None:
    """Refuse settings that could not be read back from a trace, or make no sense.

    Raises:
        GraphError: model is no text, retries no count, or a timeout no number of seconds.
    """
    if not (model is None or (isinstance(model, str) and model)):
        raise GraphError(f"{name}: a model is text such as 'openai:gpt-5-mini', not {model!r}")
    if not (retries is None or (isinstance(retries, int) and retries >= 0)):
        raise GraphError(f"{name}: retries is a number from 0 on, not {retries!r}")
    for what, seconds in (("timeout", timeout), ("idle_timeout", idle_timeout)):
        if not (seconds is None or (isinstance(seconds, (int, float)) and 0 < seconds < math.inf)):
            raise GraphError(f"{name}: {what} is a number of seconds above 0, not {seconds!r}")


def check_parser(name: str, parser: Any) -> None:
    """Refuse a parser that cannot be called with an answer alone.

    Raises:
        GraphError: it is none.
    """
    try:
        inspect.signature(parser).bind("")
    except TypeError:
        raise GraphError(f"{name}: a parser is a function of one argument, the text or the Message, not {parser!r}") from None
    except ValueError:
        pass  # written in C: nothing tells
    if inspect.iscoroutinefunction(parser):
        raise GraphError(f"{name}: its parser is async; do the waiting in an @app.task function")


def recordable_params(name: str, params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters for a provider as a trace gives them back.

    Raises:
        UnrecordableValue: one has no JSON form.
    """
    try:
        return typing.cast("dict[str, Any]", _values.decode(_values.encode(dict(params))))
    except UnrecordableValue as error:
        raise UnrecordableValue(f"{error.what} (params of {name})", error.where) from None


def as_tool(tool: Tool | dict[str, Any] | Callable[..., Any]) -> Tool:
    """A tool from its description, in our form or OpenAI's, or from a function with annotated parameters."""
    if isinstance(tool, Tool):
        return tool
    if isinstance(tool, dict):
        described = tool.get("function", tool)
        return msgspec.convert({k: v for k, v in described.items() if k in ("name", "description", "parameters")}, Tool)
    tool = getattr(tool, "fn", tool)  # one that is registered as a task, too
    name = getattr(tool, "__name__", None)
    if not callable(tool) or not isinstance(name, str):
        raise GraphError(f"a tool is a Tool, a dict that describes one, or a function, not {tool!r}")
    try:
        hints = typing.get_type_hints(tool)
        fields: list[Any] = [
            (name, hints.get(name, Any)) if p.default is p.empty else (name, hints.get(name, Any), p.default)
            for name, p in inspect.signature(tool).parameters.items()
            if hints.get(name) is not Context and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        ]
        schema = msgspec.json.schema(msgspec.defstruct(name, fields, kw_only=True))
    except (TypeError, NameError, ValueError) as error:
        raise GraphError(
            f"the tool {name} cannot be described ({error}); give a Tool with a JSON Schema of its parameters"
        ) from None
    definitions = schema.get("$defs", {})
    root = definitions.pop(name, schema)
    root.pop("title", None)
    if definitions:
        root["$defs"] = definitions
    return Tool(name, inspect.getdoc(tool) or "", root)

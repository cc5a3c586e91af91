"""The JSON Schema of a trace and of its journal, made from the types: `python -m llmtaskgraph._schema` writes it."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from . import _chat, _events, _graph, _state, _trace
from ._events import Event
from ._trace import Document

PATH: Final = Path(__file__).with_name("trace.schema.json")


class JournalLine(Struct):
    """One line of `trace.json.journal`.

    Attributes:
        seq: sequence number of the event; each line has the next one.
        crc: CRC-32 of the bytes of `event`.
        event: what happened.
    """

    seq: int
    crc: int
    event: Event


def schema() -> dict[str, Any]:
    """The schema: its root is the document; `$defs` has a line of the journal, and what `children` and messages hold."""
    roots, parts = msgspec.json.schema_components(
        [Document, JournalLine, _graph.Children, _chat.Message], ref_template="#/$defs/{name}"
    )
    for name, part in parts.items():
        _explain(part, _type_of(name))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "llmtaskgraph trace",
        **roots[0],
        "$defs": {name: parts[name] for name in sorted(parts)},
    }


def text() -> str:
    """The schema as it stands in the package."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _type_of(name: str) -> type[Any]:
    if name == "JournalLine":
        return JournalLine
    homes = (_trace, _state, _events, _graph, _chat)
    found: type[Any] = next(getattr(home, name) for home in homes if hasattr(home, name))
    return found


def _explain(part: dict[str, Any], kind: type[Any]) -> None:
    """Put the docstring where readers of a schema look for it: what a field means goes to the field."""
    meaning, _, attributes = inspect.cleandoc(kind.__doc__ or "").partition("\n\nAttributes:\n")
    part["description"] = " ".join(meaning.split())
    names = {field.name: field.encode_name for field in msgspec.structs.fields(kind)}
    for entry in inspect.cleandoc(attributes).replace("\n    ", " ").splitlines():
        name, _, about = entry.partition(": ")
        if name in names:
            part["properties"][names[name]]["description"] = about.strip()


if __name__ == "__main__":
    PATH.write_text(text(), encoding="utf-8")
    print(f"wrote {PATH}")

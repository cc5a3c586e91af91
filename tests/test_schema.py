"""The schema in the package is that of the types, and the golden traces fit it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from llmtaskgraph import _schema, read

GOLDEN = Path(__file__).parent / "golden"
TRACES = sorted(GOLDEN.glob("*.json"))
SCHEMA: dict[str, Any] = json.loads(_schema.PATH.read_bytes())
TYPES: dict[str, Any] = {
    "object": dict,
    "array": list,
    "string": str,
    "null": type(None),
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def problems(value: Any, schema: dict[str, Any], where: str = "") -> list[str]:
    """What of a value does not fit; knows the words of JSON Schema that ours uses."""
    if "$ref" in schema:
        return problems(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], where)
    if "anyOf" in schema:
        tried = [problems(value, option, where) for option in schema["anyOf"]]
        return [] if [] in tried else [f"{where}: fits none of {len(tried)}: {tried}"]
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{where}: {value!r}"]
    kind = schema.get("type")
    if kind is not None and (not isinstance(value, TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{where}: {type(value).__name__}, not {kind}"]
    if isinstance(value, list):
        return [told for i, item in enumerate(value) for told in problems(item, schema.get("items", {}), f"{where}[{i}]")]
    if not isinstance(value, dict):
        return []
    found = [f"{where}: {name} is missing" for name in schema.get("required", []) if name not in value]
    known, more = schema.get("properties", {}), schema.get("additionalProperties", {})
    if known:
        found += [f"{where}: {name} is unknown" for name in value if name not in known]
    return found + [told for name, item in value.items() for told in problems(item, known.get(name, more), f"{where}.{name}")]


def test_the_schema_in_the_package_is_up_to_date() -> None:
    assert _schema.PATH.read_text() == _schema.text(), "write it again with `make schema`"


def test_every_field_of_the_document_is_explained() -> None:
    for name, part in SCHEMA["$defs"].items():
        assert part.get("description"), name
    assert all(part.get("description") for part in SCHEMA["$defs"]["TaskRun"]["properties"].values())


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_a_golden_trace_fits_the_schema(path: Path) -> None:
    assert problems(json.loads(path.read_bytes()), SCHEMA) == []


def test_a_golden_journal_fits_the_schema() -> None:
    lines = (GOLDEN / "crashed.json.journal").read_bytes().splitlines()
    assert [told for line in lines for told in problems(json.loads(line), {"$ref": "#/$defs/JournalLine"})] == []


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.name)
def test_the_values_of_stages_fit_the_schema(path: Path) -> None:
    message = {"$ref": "#/$defs/Message"}
    kinds: dict[str, dict[str, Any]] = {"prompt": {"type": "array", "items": message}, "response": message}
    for task_run in read(path).state.task_runs.values():
        for name in ("prompt", "response"):
            stage = task_run.stage(name)
            if stage is not None:
                assert problems(json.loads(bytes(stage.value)), kinds[name]) == []


@pytest.mark.parametrize("change", [{"tasks": [{"id": "main"}]}, {"sequence": "7"}, {"runs": {}}, {"strange": 1}])
def test_the_schema_refuses_what_is_no_trace(change: dict[str, Any]) -> None:
    document = json.loads((GOLDEN / "finished.json").read_bytes())
    assert problems(document | change, SCHEMA) != []

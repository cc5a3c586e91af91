"""Schemas in the form that strict structured output wants."""

from __future__ import annotations

import enum
from typing import Any, Literal, TypedDict

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtaskgraph._structured import strict_schema, unwrap, wrap_root


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Issue(msgspec.Struct):
    text: str
    weight: float = 1.0
    colour: Colour | None = None


class Verdict(msgspec.Struct):
    score: int
    issues: list[Issue] = []


class Node(msgspec.Struct):
    name: str
    children: list[Node] = []


class Cat(msgspec.Struct, tag=True):
    lives: int


class Dog(msgspec.Struct, tag=True):
    trick: str


class Free(msgspec.Struct):
    notes: dict[str, str]


class Typed(TypedDict, total=False):
    kind: Literal["a", "b"]


ALLOWED = {
    *("type", "enum", "const", "title", "description", "properties", "required", "additionalProperties", "items", "anyOf"),
    *("$ref", "$defs", "minItems", "maxItems", "minimum", "maximum", "pattern", "format"),
}


def check(node: dict[str, Any]) -> None:
    """The rules of strict output, written down a second time."""
    assert node.keys() <= ALLOWED
    assert node.keys() & {"type", "$ref", "anyOf"}
    if "$ref" in node:
        assert node.keys() <= {"$ref", "$defs"}
    if node.get("type") == "object":
        assert node["additionalProperties"] is False
        assert node["required"] == list(node["properties"])
    for child in [*node.get("properties", {}).values(), *node.get("$defs", {}).values(), *node.get("anyOf", [])]:
        check(child)
    if "items" in node:
        check(node["items"])


@pytest.mark.parametrize(
    "kind", [Verdict, Node, Typed, list[Issue], list[str], int, bool, str | None, Cat | Dog, Colour, Literal["a", 1]]
)
def test_types_that_can_be_strict_are_made_so(kind: Any) -> None:
    root, wrapped = wrap_root(msgspec.json.schema(kind))
    schema, strict = strict_schema(root)
    assert strict
    assert schema["type"] == "object"
    assert wrapped == (kind not in (Verdict, Node, Typed))
    check(schema)


@pytest.mark.parametrize("kind", [Free, dict[str, int], list[dict[str, str]], Any, list[Any], tuple[int, str]])
def test_types_of_free_form_are_sent_as_they_are_and_not_strict(kind: Any) -> None:
    root, _ = wrap_root(msgspec.json.schema(kind))
    assert strict_schema(root) == (root, False)


def test_what_the_strict_form_describes_the_type_takes() -> None:
    """Every property is given, so an answer of the strict form decodes."""
    schema, _ = strict_schema(wrap_root(msgspec.json.schema(Verdict))[0])
    assert schema["required"] == ["score", "issues"]
    assert schema["$defs"]["Issue"]["required"] == ["text", "weight", "colour"]
    msgspec.json.decode(b'{"score": 1, "issues": [{"text": "a", "weight": 2, "colour": null}]}', type=Verdict)


def test_a_root_that_refers_to_itself_keeps_its_definition() -> None:
    root, wrapped = wrap_root(msgspec.json.schema(Node))
    assert not wrapped
    assert root["properties"]["children"]["items"] == {"$ref": "#/$defs/Node"}
    assert list(root["$defs"]) == ["Node"]


def test_a_property_may_have_the_name_of_a_keyword() -> None:
    named = {"type": "object", "properties": {"default": {"type": "string", "default": "x"}, "$ref": {"type": "integer"}}}
    schema, strict = strict_schema(named)
    assert strict
    assert schema["properties"] == {"default": {"type": "string"}, "$ref": {"type": "integer"}}


def test_a_description_of_the_root_is_kept_and_the_schema_given_is_not_changed() -> None:
    before = msgspec.json.schema(Verdict)
    copy = msgspec.json.decode(msgspec.json.encode(before))
    strict_schema(wrap_root(before)[0])
    assert before == copy


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_unwrap_undoes_the_wrapping(value: Any) -> None:
    assert unwrap({"value": value}) == value


@pytest.mark.parametrize("bare", [[1], "x", None, {"value": 1, "other": 2}, {}])
def test_unwrap_leaves_a_bare_value_alone(bare: Any) -> None:
    assert unwrap(bare) == bare

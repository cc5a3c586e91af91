"""What can be recorded, as which bytes, and how it comes back."""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import json
import os
import subprocess
import sys
import uuid
from typing import Any, NamedTuple

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtaskgraph._errors import UnrecordableValue
from llmtaskgraph._values import canonical, clean_text, decode, digest, encode

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
FEW = st.recursive(
    st.sampled_from([None, True, 1, 1.0, "1", 0.0, -0.0]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=3,
)
ANY_TEXT = st.text(st.characters(codec=None, categories=None) | st.characters(min_codepoint=0xD800, max_codepoint=0xDFFF))


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    LOW = 1


@dataclasses.dataclass
class Findings:
    tags: set[str]
    colour: Colour = Colour.RED


class Verdict(msgspec.Struct):
    score: int
    findings: Findings | None = None


class Renamed(msgspec.Struct, tag="renamed", tag_field="kind", rename="camel"):
    some_name: int
    other: Renamed | None = None


class Row(msgspec.Struct, array_like=True, tag=True):
    tags: set[str]
    left_out: int | msgspec.UnsetType = msgspec.UNSET
    note: str = ""


class Sparse(msgspec.Struct, omit_defaults=True):
    tags: set[str]
    zero: float = 0.0
    count: int = 3
    items: list[int] = []


class Point(NamedTuple):
    x: int
    y: int


@given(JSON)
def test_a_json_value_comes_back_as_it_was(value: Any) -> None:
    assert repr(decode(encode(value))) == repr(value)


@given(JSON)
def test_bytes_that_were_formatted_by_somebody_else_have_one_canonical_form(value: Any) -> None:
    assert canonical(json.dumps(value, indent=3).encode()) == encode(value)


@given(FEW, FEW)
def test_digests_are_equal_exactly_when_the_values_are_the_same(one: Any, other: Any) -> None:
    assert (digest(encode(one)) == digest(encode(other))) == (repr(one) == repr(other))


@given(ANY_TEXT)
def test_any_text_can_be_recorded_and_is_the_same_after_a_second_time(text: str) -> None:
    once = decode(encode(text))
    assert once == clean_text(text)
    assert encode(once) == encode(text)
    assert decode(encode({text: [text]})) == {once: [once]}


def test_cut_surrogate_pairs_are_joined_and_lone_ones_are_replaced() -> None:
    assert decode(encode(["\ud83d\ude00", "a\ud83d"])) == ["😀", "a\ufffd"]


@given(st.sets(st.text() | st.integers() | st.tuples(st.integers(), st.text())))
def test_equal_sets_have_equal_bytes(items: set[Any]) -> None:
    ordered = sorted(items, key=lambda item: hash((1, item)))
    shuffled = set(ordered)
    assert encode(shuffled) == encode(frozenset(items)) == encode(items)


def test_sets_have_the_same_bytes_in_every_process() -> None:
    """Hashes of text differ from process to process, inside Structs of any kind, too."""
    code = (
        "import msgspec; from llmtaskgraph._values import encode\n"
        "class Row(msgspec.Struct, array_like=True): tags: set[str]\n"
        "class Sparse(msgspec.Struct, omit_defaults=True): tags: set[str]\n"
        "tags = {f'tag {i}' for i in range(20)}\n"
        "print(encode([tags, Row(tags), Sparse(tags)]).decode())"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert said[0] == said[1]


@given(st.builds(Verdict, st.integers(), st.none() | st.builds(Findings, st.sets(st.text()), st.sampled_from(Colour))))
def test_nested_structs_dataclasses_enums_and_sets_come_back_as_their_types(verdict: Verdict) -> None:
    assert msgspec.json.decode(encode(verdict), type=Verdict) == verdict


@pytest.mark.parametrize(
    ("value", "recorded"),
    [
        (Renamed(1, Renamed(2)), {"kind": "renamed", "someName": 1, "other": {"kind": "renamed", "someName": 2, "other": None}}),
        (Row({"b", "a"}), ["Row", ["a", "b"], None, ""]),
        (Sparse({"b", "a"}), {"tags": ["a", "b"]}),
        (Sparse(set(), -0.0, 4, [1]), {"tags": [], "zero": -0.0, "count": 4, "items": [1]}),
        (Point(1, 2), [1, 2]),
        ([Colour.BLUE, Level.LOW, {Colour.RED: 1, Level.LOW: 2}], ["blue", 1, {"red": 1, "1": 2}]),
        ({1: "a", datetime.date(2020, 1, 2): "b"}, {"1": "a", "2020-01-02": "b"}),
        (datetime.datetime(2020, 1, 2, tzinfo=datetime.UTC), "2020-01-02T00:00:00Z"),
        ([decimal.Decimal("1.50"), uuid.UUID(int=1)], ["1.50", "00000000-0000-0000-0000-000000000001"]),
        (b"ab", "YWI="),
        (msgspec.Raw(b'{"a" : 1}'), {"a": 1}),
    ],
)
def test_every_kind_of_value_has_its_json_form(value: Any, recorded: Any) -> None:
    assert repr(decode(encode(value))) == repr(recorded)


@pytest.mark.parametrize("value", [Renamed(1, Renamed(2)), Row({"a"}, 1, "n"), Sparse({"a"}), Sparse(set(), 2.0, 4, [1])])
def test_structs_of_every_configuration_can_be_read_back(value: msgspec.Struct) -> None:
    assert msgspec.json.decode(encode(value), type=type(value)) == value


def test_what_msgspec_leaves_out_is_left_out() -> None:
    for value in (Sparse({"a"}), Sparse({"a"}, 2.0, 4, [1])):
        assert encode(value) == msgspec.json.encode(value)


def test_a_text_that_says_something_else_of_itself_is_recorded_as_what_it_is() -> None:
    class Odd(str):
        def __str__(self) -> str:
            return "changed"

    assert decode(encode([Odd("kept"), {Odd("key"): 1}])) == ["kept", {"key": 1}]


def test_a_dataclass_field_that_was_never_set_is_left_out() -> None:
    @dataclasses.dataclass
    class Partly:
        one: int
        later: int = dataclasses.field(init=False)

    assert decode(encode(Partly(1))) == {"one": 1}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (float("nan"), "float nan cannot"),
        ({"a": [1, {"b": float("inf")}]}, "float inf at ['a'][1]['b']"),
        (Sparse({"a"}, float("-inf")), "float -inf at .zero"),
        (Verdict(1, Findings({1.5, float("nan")})), "float nan at .findings.tags"),  # type: ignore[arg-type]
        ([object()], "a value of type object at [0]"),
        ({"f": lambda: 1}, "a value of type function at ['f']"),
        (range(3), "a value of type range cannot"),
        (1 + 2j, "a value of type complex cannot"),
        ({0.5: 1}, "a dict key of type float"),
        ({None: 1}, "a dict key of type NoneType"),
        ({True: 1}, "a dict key of type bool"),
        ({"a": {(1, 2): 1}}, "a dict key of type tuple at ['a']"),
        ({1: 2, "1": 3}, "a dict with two keys that JSON writes alike"),
        (dict.fromkeys([chr(0xD83D), chr(0xFFFD)], 1), "a dict with two keys that JSON writes alike"),
        pytest.param(10**5000, "an int of more than 4,300 digits", id="huge"),
        ({"a": -(10**5000)}, "an int of more than 4,300 digits"),
        (msgspec.UNSET, "a value of type msgspec.UnsetType"),
    ],
)
def test_a_value_that_json_cannot_hold_is_refused_with_its_place(value: Any, told: str) -> None:
    with pytest.raises(UnrecordableValue) as caught:
        encode(value)
    assert told in str(caught.value)


@given(st.integers(0, 4200), st.booleans())
def test_huge_ints_come_back_exactly(digits: int, negative: bool) -> None:
    value = (-1 if negative else 1) * (10**digits + 7)
    assert decode(encode([value])) == [value]


@dataclasses.dataclass
class Wrapped:
    inner: Any


@pytest.mark.parametrize(
    "wrap", [lambda v: [v], lambda v: {"a": v}, lambda v: (v,), Wrapped], ids=["list", "dict", "tuple", "dataclass"]
)
def test_deep_values_are_recorded_to_200_levels_and_refused_beyond(wrap: Any) -> None:
    value: Any = 1
    for _ in range(200):
        value = wrap(value)
    assert decode(encode(value)) is not None
    with pytest.raises(UnrecordableValue, match="nested more than 200 deep"):
        encode(wrap(value))


def test_a_value_that_holds_itself_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(UnrecordableValue, match="nested more than 200 deep"):
        encode(circle)


def test_a_value_near_the_end_of_the_stack_is_refused_as_too_deep() -> None:
    value: Any = 1
    for _ in range(150):
        value = {"a": value}

    def below(depth: int) -> bytes:
        return encode(value) if depth == 0 else below(depth - 1)

    with pytest.raises(UnrecordableValue, match="nested too deeply"):
        below(sys.getrecursionlimit() - 300)


def test_each_reader_gets_a_copy_of_its_own() -> None:
    data = encode({"a": [1]})
    one, other = decode(data), decode(data)
    one["a"].append(2)
    assert other == {"a": [1]}

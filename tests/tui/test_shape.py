"""What is wrong with a JSON value, and where."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltg_tui.model.shape import expected, problem, syntax


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    weight: float = 1.0


class Outer(msgspec.Struct):
    score: int
    issues: list[str] = []
    inner: Inner | None = None
    kind: Literal["a", "b"] = "a"
    pair: tuple[int, str] = (0, "")
    by_name: dict[str, list[Inner]] = {}
    flag: bool = False
    either: int | str | list[int] = 0


SCHEMA = msgspec.json.schema(Outer)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ('{"score": 1}', ""),
        ('{"score": 1, "more": 2}', ""),
        ("{}", '"score" is missing'),
        ("7", "an object is wanted, this is 7"),
        ('{"score": "8/10"}', 'score: a whole number is wanted, this is "8/10"'),
        ('{"score": true}', "score: a whole number is wanted, this is true"),
        ('{"score": 1, "issues": ["a", 2]}', "issues[1]: a string is wanted, this is 2"),
        ('{"score": 1, "inner": {"name": 1}}', "inner.name: a string is wanted, this is 1"),
        ('{"score": 1, "inner": {"name": "x", "other": 1}}', 'inner: "other" is not known here; known: name, weight'),
        ('{"score": 1, "inner": null}', ""),
        ('{"score": 1, "kind": "c"}', 'kind: one of "a", "b" is wanted, this is "c"'),
        ('{"score": 1, "pair": [1, 2]}', "pair[1]: a string is wanted, this is 2"),
        ('{"score": 1, "pair": [1]}', "pair: at least 2 items are wanted, there are 1"),
        ('{"score": 1, "by_name": {"x": [{"name": null}]}}', "by_name.x[0].name: a string is wanted, this is null"),
        ('{"score": 1, "flag": 0}', "flag: a boolean is wanted, this is 0"),
        ('{"score": 1, "either": ["a"]}', 'either[0]: a whole number is wanted, this is "a"'),
        ('{"score": 1, "either": null}', "either: integer or string or [integer] is wanted, this is null"),
    ],
)
def test_the_first_problem_is_told_with_its_path(text: str, wrong: str) -> None:
    assert problem(json.loads(text), SCHEMA) == wrong


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "JSON is wanted, and there is nothing"),
        ('{"a": 1,\n "b" 2}', "line 2, column 6: expected ':'"),
        ('{"ü": 1} x', "line 1, column 10: trailing characters"),
        ("[1,", "the JSON is not complete: Input data was truncated"),
        ("[" * 100_000, "this is nested too deeply"),
        ("[1]", ""),
    ],
)
def test_what_is_no_json_is_told_with_its_line(text: str, wrong: str) -> None:
    assert syntax(text)[1] == wrong


def test_what_is_wanted_is_told_in_a_few_words() -> None:
    assert expected(msgspec.json.schema(list[Inner])) == "[{name: string, weight?: number}]"
    assert expected({}) == "any JSON"


@dataclass
class Loop:
    value: int
    next: Loop | None = None


def test_a_type_that_holds_itself_comes_to_an_end() -> None:
    loop = msgspec.json.schema(Loop)
    assert problem({"value": 1, "next": {"value": "x"}}, loop) == 'next.value: a whole number is wanted, this is "x"'
    deep: Any = {"value": 1}
    for _ in range(400):
        deep = {"value": 1, "next": deep}
    assert problem(deep, loop) == ""
    assert len(expected(loop)) < 200
    assert problem(1, {"$ref": "#/$defs/A", "$defs": {"A": {"$ref": "#/$defs/A"}}}) == ""


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["score", "issues", "name", "inner", "kind", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)


@given(JSON)
def test_it_agrees_with_the_type_itself(value: Any) -> None:
    for kind in (Outer, Inner, list[int], dict[str, int | None], tuple[int, str], Literal["a", 1], int, float, str | None):
        try:
            msgspec.json.decode(json.dumps(value), type=kind)
            fits = True
        except msgspec.ValidationError:
            fits = False
        assert (problem(value, msgspec.json.schema(kind)) == "") == fits

"""What stands out in a text: as pieces of rows, wherever the rows are broken."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from ltg_tui.model.flow import Block, Flow
from ltg_tui.model.marks import Finder, Marks, Match


def finder(pattern: str) -> Finder:
    return lambda text: [found.span() for found in re.finditer(pattern, text)]


def painted(marks: Marks, text: str, width: int = 10) -> list[list[tuple[str, str]]]:
    flow = Flow([Block(text)], width)
    flow.found = marks.between
    flow.settle(0, 10_000)
    return [[tuple(piece) for piece in flow.row(n)] for n in range(flow.height)]  # type: ignore[misc]


def test_a_match_stands_out_also_where_a_row_breaks_it() -> None:
    marks = Marks()
    marks.set("match", finder("brown fox"))
    assert painted(marks, "the brown fox ran") == [[("the ", ""), ("brown", "match")], [("fox", "match"), (" ran", "")]]


def test_the_match_one_went_to_looks_different() -> None:
    marks = Marks()
    marks.set("match", finder("o"))
    marks.current = Match(0, 2, 3)
    assert painted(marks, "foo") == [[("f", ""), ("o", "match"), ("o", "match-current")]]


def test_what_was_searched_for_lies_over_the_words_of_another_task() -> None:
    marks = Marks()
    marks.set("words", finder("brown fox"))
    marks.set("match", finder("fox"))
    assert painted(marks, "brown fox", 20) == [[("brown ", "words"), ("fox", "words match")]]


def test_a_text_is_searched_once_however_often_it_is_painted() -> None:
    asked: list[str] = []
    marks = Marks()
    marks.set("match", lambda text: asked.append(text) or [])  # type: ignore[func-returns-value]
    painted(marks, "a b c d e f g h i j k l m n o p q")
    assert len(asked) == 1


@given(st.text(alphabet="ab \n\t日", max_size=80), st.integers(4, 12))
def test_the_pieces_of_a_row_are_the_row(text: str, width: int) -> None:
    marks = Marks()
    marks.set("match", finder("a+"))
    flow = Flow([Block(text)], width)
    flow.found = marks.between
    flow.settle(0, 10_000)
    plain = Flow([Block(text)], width)
    plain.settle(0, 10_000)
    for number in range(flow.height):
        pieces = flow.row(number)
        assert "".join(piece.text for piece in pieces) == "".join(piece.text for piece in plain.row(number))
        assert all(set(text) == {"a"} if look else "a" not in text for text, look in pieces)

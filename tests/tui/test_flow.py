"""Long text as rows: nothing is lost, every row fits, and only what is looked at is made."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from ltg_tui.model import flow as flows
from ltg_tui.model.flow import Block, Flow, Place, Span, beyond
from ltg_tui.model.safe import safe

ODD = "ab \t日é🙂\U0001f3fd\u0301\n\r\x1b\x85\u200d\ufe0f\u202e❤👩\u0600"


def rows(text: str, width: int = 10, **given: bool) -> list[str]:
    return texts(Flow([Block(text)], width, **given))


def texts(flow: Flow) -> list[str]:
    """All rows, each page wrapped."""
    flow.settle(0, 1_000_000)
    return ["".join(piece.text for piece in flow.row(n)) for n in range(flow.height)]


def test_lines_break_after_spaces_else_anywhere() -> None:
    assert rows("the quick brown fox") == ["the quick", "brown fox"]
    assert rows("abcdefghijklm") == ["abcdefghij", "klm"]


def test_an_empty_line_is_a_row() -> None:
    assert rows("a\n\nb\n") == ["a", "", "b", ""]


def test_wide_letters_count_twice() -> None:
    assert rows("日本語日本語") == ["日本語日本", "語"]


def test_what_joins_or_follows_a_letter_stays_with_it() -> None:
    assert rows("abcdefghie\u0301\u0302x") == ["abcdefghie\u0301\u0302", "x"]


@given(st.text(alphabet=ODD, min_size=1, max_size=80), st.integers(4, 20))
def test_every_row_fits_and_no_letter_is_lost(text: str, width: int) -> None:
    found = rows(text, width)
    assert all(cell_len(row) <= width for row in found)
    assert "".join(found).replace(" ", "") == safe(text).replace("\n", "").replace("\t", "").replace(" ", "")


@example("aaaa\t", 4, 5)
@example("aaaa\u200d❤", 4, 5)
@example("aaaa👩\U0001f3fd", 4, 5)
@example("aaaae\u0301", 4, 5)
@given(st.text(alphabet=ODD, max_size=300), st.integers(4, 20), st.integers(5, 40))
def test_pages_lose_nothing_and_every_row_knows_its_place(text: str, width: int, page: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flows, "PAGE", page)
        flow = Flow([Block(text), Block("end")], width)
        found = texts(flow)
        places = [flow.place(n) for n in range(flow.height)]
        assert "".join(found).replace(" ", "") == safe(text).replace("\n", "").replace("\t", "").replace(" ", "") + "end"
        assert places == sorted(places)
        assert [flow.find(place) for place in places] == sorted(flow.find(place) for place in places)
        assert all(flow.find(place) <= n for n, place in enumerate(places))
        if not set(text) & {"\x85", "\u202e"}:  # shown by several letters, which may be on two rows
            assert all(flow.place(flow.find(place)) == place for place in places)


@given(st.lists(st.text(alphabet=ODD, max_size=40), min_size=1, max_size=8), st.integers(4, 20), st.booleans())
def test_text_that_grows_is_shown_as_if_it_had_come_at_once(pieces: list[str], width: int, wrap: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flows, "PAGE", 30)
        flow = Flow([Block("thought", "dim"), Block("")], width, wrap=wrap)
        shown = texts(flow)
        for n in range(len(pieces)):
            whole = "".join(pieces[: n + 1])
            first = flow.update([Block("thought", "dim"), Block(whole)])
            now = texts(flow)
            assert now == texts(Flow([Block("thought", "dim"), Block(whole)], width, wrap=wrap))
            assert now[: min(first, len(shown))] == shown[: min(first, len(now))]
            shown = now


@pytest.mark.parametrize("text", ["word " * 2_000_000, "x" * 10_000_000, "日本語" * 2_000_000, "line\n" * 1_000_000])
def test_a_huge_text_is_shown_at_any_place_at_once(text: str) -> None:
    began = time.process_time()
    flow = Flow([Block(text)], 80)
    row = flow.settle(flow.height - 1, 50)
    assert flow.row(row)
    for part in (0.5, 0.1, 0.9):
        assert flow.row(flow.settle(round(part * flow.height), 50))
    assert time.process_time() - began < 0.5


def test_where_one_reads_stays_while_pages_above_are_wrapped() -> None:
    flow = Flow([Block("".join(f"{n} " + "word " * (n % 50) + "\n" for n in range(3000)))], 30)
    row = flow.settle(flow.height // 2, 10)
    seen = flow.row(row)
    while row > 40:
        above = flow.settle(row - 9, 10)
        assert flow.row(above + 9) == seen
        row, seen = above, flow.row(above)


def test_tabs_become_spaces_up_to_the_next_stop() -> None:
    assert rows("\tx\na\tb\r\n\tc") == ["    x", "a   b", "    c"]


def test_lines_that_are_not_wrapped_go_on_beyond_the_width() -> None:
    assert rows("the quick brown fox\njumps", wrap=False) == ["the quick brown fox", "jumps"]
    flow = Flow([Block("日本語 is seen from the side")], 10, wrap=False)
    assert "".join(piece.text for piece in beyond(flow.row(0), 4)[0]) == "語 is seen from the side"


def test_further_rows_of_a_line_can_hang() -> None:
    assert texts(Flow([Block("id  the judge and more", hang=4)], 12)) == ["id  the", "    judge", "    and more"]


def test_what_stands_out_does_so_wherever_hostile_letters_stand_before_it() -> None:
    flow = Flow([Block("a\x85b\tword word", "dim")], 40)
    start = flow.blocks[0].text.index("word")
    flow.found = lambda block, text, begin, end: [Span(start, start + 4, "match")]
    assert [piece for piece in flow.row(0) if "match" in piece.look] == [("word", "dim match")]


def test_spans_of_a_block_and_json_have_looks_of_their_own() -> None:
    flow = Flow([Block("very bold", spans=(Span(5, 9, "strong"),)), Block('"a": [1, "x", null]', syntax="json")], 40)
    assert flow.row(0) == [("very ", ""), ("bold", "strong")]
    assert [piece.look for piece in flow.row(1) if piece.look] == ["name", "dim", "number", "dim", "string", "dim", "word", "dim"]


def test_text_between_two_places_is_given_as_it_is() -> None:
    flow = Flow([Block("one\x1b two"), Block("three")], 40)
    assert flow.text(Place(0, 3), Place(1, 2)) == "\x1b two\nth"
    flow.selected = (Place(0, 4), Place(1, 2))
    assert [piece.text for n in range(2) for piece in flow.row(n) if "selected" in piece.look] == [" two", "th"]

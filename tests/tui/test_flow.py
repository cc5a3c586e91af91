"""Long text as rows: nothing is lost, every row fits, and only what is looked at is made."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ltg_tui.model.flow import Block, Flow, wrap


def rows(text: str, width: int = 10) -> list[str]:
    flow = Flow([Block(text)], width)
    flow.more(10_000)
    return [row.text for row in flow.rows]


def test_lines_break_after_spaces_else_anywhere() -> None:
    assert rows("the quick brown fox") == ["the quick", "brown fox"]
    assert rows("abcdefghijklm") == ["abcdefghij", "klm"]


def test_an_empty_line_is_a_row() -> None:
    assert rows("a\n\nb\n") == ["a", "", "b", ""]


def test_wide_letters_count_twice() -> None:
    assert rows("日本語日本語") == ["日本語日本", "語"]


@given(st.text(alphabet="ab 日é🙂\u0301", min_size=1, max_size=60), st.integers(4, 20))
def test_every_row_fits_and_no_letter_is_lost(text: str, width: int) -> None:
    found = list(wrap(text, width))
    assert all(cell_len(row) <= width for row in found)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")


def test_a_huge_text_is_wrapped_only_as_far_as_it_is_looked_at() -> None:
    flow = Flow([Block("word " * 1_000_000)], 80)
    flow.more(50)
    assert len(flow.rows) == 50
    assert not flow.done


def test_tabs_become_spaces() -> None:
    assert rows("\tx") == ["    x"]


@given(st.lists(st.text(alphabet="ab \t\n日é🙂\u0301\r\x1b", max_size=60), max_size=4), st.integers(4, 20))
def test_every_row_knows_its_place_in_what_is_shown(texts: list[str], width: int) -> None:
    flow = Flow([Block(text) for text in texts], width)
    flow.more(10_000)
    for number, row in enumerate(flow.rows):
        assert flow.texts[row.block][row.start : row.start + len(row.text)] == row.text
        assert flow.row_at(row.block, row.start) == number or not row.text

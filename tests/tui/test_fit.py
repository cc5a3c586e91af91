"""Text in a column."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ltg_tui.model.fit import fit, fit_end

TEXTS = st.text(st.sampled_from("ab 漢字…é\u0301👩"))


@given(TEXTS, st.integers(0, 12))
def test_a_text_takes_no_more_cells_than_there_are_and_what_is_cut_off_leaves_a_sign(text: str, width: int) -> None:
    shown = fit(text, width)
    assert cell_len(shown) <= width
    if cell_len(text) <= width:
        assert shown == text
    elif width:
        assert shown.endswith("…")
        assert text.startswith(shown[:-1])


@given(TEXTS, st.integers(0, 12))
def test_of_a_path_the_end_stays(text: str, width: int) -> None:
    shown = fit_end(text, width)
    assert cell_len(shown) <= width
    if cell_len(text) <= width:
        assert shown == text
    elif width:
        assert shown.startswith("…")
        assert text.endswith(shown[1:])

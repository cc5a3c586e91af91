"""Bars that tell when something happened."""

from __future__ import annotations

import pytest

from ltg_tui.model.waterfall import bar


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        (0, 10, "━━━━━━━━━━"),
        (0, 5, "━━━━━"),
        (5, 10, "     ━━━━━"),
        (0.5, 5, "╺━━━━"),
        (0, 5.5, "━━━━━╸"),
        (0, 0, "╸"),
        (9.9, 10, "         ╺"),
        (4.6, 4.6, "    ╺"),
        (-5, 20, "━━━━━━━━━━"),
    ],
)
def test_a_bar_is_exact_to_half_a_cell_and_never_empty(start: float, end: float, expected: str) -> None:
    free, line = bar(100 + start, 100 + end, 100, 10, 10)
    assert " " * free + line == expected


def test_a_run_that_took_no_time_has_bars_all_the_same() -> None:
    assert bar(100, 100, 100, 0, 10) == (0, "╸")

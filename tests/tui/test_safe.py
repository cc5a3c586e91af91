"""Hostile text: nothing of it acts on a terminal, and nothing of it is hidden."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltg_tui.model.safe import is_odd, message, one_line, safe

from .traces import HOSTILE

ACTIVE = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def acts(text: str, allowed: str = "") -> list[str]:
    harmless = {"\u200c", "\u200d", *allowed}  # joiners of scripts and emoji
    return [c for c in text if unicodedata.category(c) in ACTIVE and c not in harmless and not 0x0600 <= ord(c) < 0x0900]


@given(st.text(alphabet=st.characters(codec=None, max_codepoint=0x2FFF, exclude_categories=[]), max_size=40))
def test_no_text_keeps_a_character_that_acts(text: str) -> None:
    assert acts(safe(text), "\n\t") == []
    assert acts(one_line(text)) == []


def test_what_was_hostile_is_still_to_be_seen() -> None:
    shown = safe(HOSTILE)
    assert "␛[31mred" in shown
    assert "⟨U+202E⟩gnp.exe" in shown
    assert "[bold]not bold[/bold]" in shown
    assert "⟨U+E0041⟩" in shown


def test_half_a_character_becomes_a_replacement_character() -> None:
    assert safe("a\ud800b") == "a\ufffdb"


def test_line_ends_and_tabs_stay_in_a_text_and_are_shown_on_one_line() -> None:
    assert safe("a\n\tb\r\nc\rd") == "a\n\tb\nc␍d"
    assert one_line("a\n\tb") == "a␊ b"


def test_a_message_is_one_line_without_runs_of_white_space() -> None:
    assert message("no\n  such\x1b thing ") == "no such␛ thing"


@pytest.mark.parametrize("text", ["plain\n\ttext", "Grüße 🙂", ""])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert safe(text) == text
    assert not is_odd(text)


def test_emoji_are_taken_apart_since_terminals_disagree_on_the_width_of_those_that_are_joined() -> None:
    assert safe("👩\u200d💻 ❤\ufe0f 👍🏽 é\u0301") == one_line("👩💻 ❤ 👍 é\u0301") == "👩💻 ❤ 👍 é\u0301"
    assert safe("\u0646\u200d\u0645 🏽") == "\u0646\u200d\u0645 🏽"

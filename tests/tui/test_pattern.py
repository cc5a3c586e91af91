"""What is searched for: smart case, expressions, one clear line for a wrong one, and no text that takes for ever."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ltg_tui.io.alarm import bounded
from ltg_tui.model.pattern import PIECE, BadPattern, Pattern, pieces
from ltg_tui.model.sweep import GIVE_UP, Sweep, TooSlow


@pytest.mark.parametrize(
    ("typed", "text", "holds"),
    [
        ("zebra", "A Zebra ran", True),
        ("Zebra", "a zebra ran", False),
        ("Zebra", "A Zebra ran", True),
        ("é", "CAFÉ", True),
        ("a.c", "abc", False),
        ("/a.c/", "ABC", True),
        ("/a.C/", "abc", False),
        (r"/\Sb/", "AB", True),
        ("/^b$/", "a\nb\nc", True),
        ("/", "a/b", True),
        ("//", "a/b", False),
        ("/a/b", "x /a/b", True),
        ("[bold]", "[bold]x", True),
    ],
)
def test_small_letters_find_capitals_and_slashes_make_an_expression(typed: str, text: str, holds: bool) -> None:
    assert Pattern(typed).found(text) is holds


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/(a/", "not a regular expression: missing ), unterminated subpattern, at letter 1"),
        ("/a**/", "not a regular expression: multiple repeat, at letter 3"),
        ("/a{99999999999}/", "not a regular expression"),
        ("x" * 2000, "a search may have up to 1,000 letters"),
    ],
)
def test_a_wrong_expression_is_told_in_one_line(typed: str, told: str) -> None:
    with pytest.raises(BadPattern) as error:
        Pattern(typed)
    assert str(error.value).startswith(told)
    assert "\n" not in str(error.value)


def test_matches_of_no_letters_are_none() -> None:
    assert Pattern("/x*/").spans("axxb") == [(1, 3)]
    assert not Pattern("/x*/").found("ab")


def test_matches_are_found_in_every_piece_of_a_long_text() -> None:
    text = ("filler " * 3000 + "\nneedle 7\n") * 3
    assert [text[start:end] for start, end in Pattern(r"/needle \d/").spans(text)] == ["needle 7"] * 3


@given(st.text(alphabet="aA bB\n.é", max_size=30), st.text(alphabet="aA bB\n.éK", max_size=60))
def test_words_are_found_where_they_stand_and_nowhere_else(words: str, text: str) -> None:
    if not words:
        return
    pattern = Pattern(words)
    spans = pattern.spans(text)
    assert pattern.found(text) == bool(spans)
    fold = str.lower if words == words.lower() else str
    assert all(fold(text[start:end]) == fold(words) for start, end in spans)
    assert bool(spans) == (fold(words) in fold(text))


@given(st.text(alphabet='aB "\\\n.é/', max_size=12), st.text(alphabet='aB "\\\n.é/', max_size=40), st.booleans())
def test_the_quick_look_never_misses_a_text(words: str, text: str, as_ascii: bool) -> None:
    literal = words[:1] != "/" or words[-1:] != "/"  # else it is an expression, and perhaps a wrong one
    if words and literal and Pattern(words).literal and Pattern(words).found(text):
        assert Pattern(words).might(json.dumps(text, ensure_ascii=as_ascii).encode())


def test_the_quick_look_spares_most_texts() -> None:
    assert not Pattern("zebra crossing").might(b'"a horse crossin"')
    assert Pattern("zebra crossing").might(b'"a Zebra crossing"')


@given(st.text(alphabet="ab\n", max_size=50).map(lambda text: text * 2000))
def test_pieces_are_the_text_and_none_is_longer_than_one_may_be(text: str) -> None:
    found = list(pieces(text))
    assert "".join(text[start:end] for start, end in found) == text
    assert all(end - start <= PIECE for start, end in found)


@pytest.mark.parametrize(
    ("typed", "text"), [("/(a+)+$/", "a" * 60 + "b"), ("/.*[xy]z/", "x" * 1_000_000), ("/(x+x+)+y/", "x" * 80)]
)
def test_an_expression_that_takes_for_ever_is_given_up(typed: str, text: str) -> None:
    pattern = Pattern(typed)
    with pytest.raises(TooSlow):
        bounded(0.05, lambda: pattern.found(text))


def test_a_sweep_goes_on_after_a_text_that_took_too_long_and_ends_after_several() -> None:
    def look(number: int) -> None:
        if number % 2:
            raise TooSlow

    few = Sweep(iter(range(5)), look)
    few.step(None)
    assert (few.checked, few.slow, few.done) == (5, 2, True)
    many = Sweep(iter(range(100)), look)
    many.step(None)
    assert (many.checked, many.slow, many.done) == (2 * GIVE_UP, GIVE_UP, True)


def test_a_sweep_stops_when_its_time_is_up_and_goes_on_from_there() -> None:
    seen: list[int] = []
    sweep = Sweep(iter(range(3)), lambda number: seen.append(number) or time.sleep(0.2))
    sweep.step(0.1)
    assert (seen, sweep.done) == ([0], False)
    sweep.step(None)
    assert (seen, sweep.done) == ([0, 1, 2], True)

"""Differences of two texts: applied, they give the other text; they are where the words changed; they end soon."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

import ltg_tui.model.worddiff as module
from ltg_tui.model.worddiff import matches, worddiff

WORDS = st.lists(
    st.sampled_from(["the", "cat", "sat", " ", "\n", "on", ".", "\r\n", "\u2028", "é", "😀", "  "]), max_size=60
).map("".join)


def signs(old: str, new: str) -> str:
    """`=kept -gone +came`, for reading."""
    return "|".join(f"{sign}{text}" for sign, text in worddiff(old, new).pieces)


@given(st.one_of(WORDS, st.text(max_size=200)), st.one_of(WORDS, st.text(max_size=200)))
def test_the_pieces_make_up_both_texts(old: str, new: str) -> None:
    found = worddiff(old, new)
    assert (found.old, found.new) == (old, new)
    assert all(piece.text for piece in found.pieces)
    assert all(a.sign != b.sign for a, b in zip(found.pieces, found.pieces[1:], strict=False))


@given(WORDS, WORDS, st.integers(0, 100))
def test_the_pieces_make_up_both_texts_however_little_may_be_compared(old: str, new: str, most: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "WORDS", most)
        patch.setattr(module, "SHORT", 4)
        found = worddiff(old, new)
    assert (found.old, found.new) == (old, new)


@given(WORDS, WORDS, WORDS, WORDS)
def test_what_surrounds_a_change_is_kept(before: str, old: str, new: str, after: str) -> None:
    found = worddiff(before + old + after, before + new + after)
    assert (found.old, found.new) == (before + old + after, before + new + after)


@given(st.lists(st.sampled_from("abcde"), max_size=40), st.lists(st.sampled_from("abcde"), max_size=40))
def test_matches_are_equal_in_order_and_apart(old: list[str], new: list[str]) -> None:
    at_old = at_new = 0
    for start_old, start_new, length in matches(old, new):
        assert start_old >= at_old
        assert start_new >= at_new
        assert old[start_old : start_old + length] == new[start_new : start_new + length]
        at_old, at_new = start_old + length, start_new + length


@pytest.mark.parametrize(
    ("old", "new", "wanted"),
    [
        ("", "", ""),
        ("same", "same", "=same"),
        ("", "new", "+new"),
        ("old", "", "-old"),
        ("the cat sat", "the dog sat", "=the |-cat|+dog|= sat"),
        ("a red old car", "a blue new car", "=a |-red old|+blue new|= car"),
        ("one\ntwo\nthree\n", "one\n2\nthree\n", "=one\n|-two|+2|=\nthree\n"),
        ("one\nthree\n", "one\ntwo\nthree\n", "=one\n|+two\n|=three\n"),
        (
            '[\n "a cat",\n "a dog"\n]',
            '[\n "a cat",\n "no fish",\n "a dog",\n "a cow"\n]',
            '=[\n "a cat",\n|+ "no fish",\n|= "a dog"|+,|=\n|+ "a cow"\n|=]',
        ),
        ('"score": 7,', '"score": 6,', '="score": |-7|+6|=,'),
    ],
)
def test_the_words_that_changed_are_the_ones_that_are_marked(old: str, new: str, wanted: str) -> None:
    assert signs(old, new) == wanted


def test_lines_with_little_in_common_count_as_replaced() -> None:
    old = "It was a bright cold day in April, and the clocks were striking thirteen."
    new = "Call me Ishmael. Some years ago, never mind how long precisely, I went to sea."
    assert [sign for sign, _ in worddiff(old, new).pieces] == ["-", "+"]


@pytest.mark.parametrize("kind", ["edited", "unlike", "one line", "repeated", "reversed"])
def test_a_megabyte_is_compared_in_about_a_second(kind: str) -> None:
    random.seed(7)
    words = [
        random.choice(["river", "city", "light", "iron", "memory", "the", "a", "of", "and", "weaves"]) for _ in range(180_000)
    ]
    text = " ".join(word if n % 12 else f"{word}\n" for n, word in enumerate(words))
    other = {
        "edited": text[:400_000] + "ANOTHER" + text[400_010:],
        "unlike": " ".join(random.choice("abcdefgh") * 6 for _ in range(150_000)),
        "one line": text.replace("\n", " ")[:500_000] + "x" + text.replace("\n", " ")[500_000:],
        "repeated": "the " * 250_000,
        "reversed": text[::-1],
    }[kind]
    old = text.replace("\n", " ") if kind == "one line" else text
    began = time.process_time()
    found = worddiff(old, other)
    assert time.process_time() - began < 5
    assert (found.old, found.new) == (old, other)
    if kind in ("edited", "one line"):
        assert sum(len(text) for sign, text in found.pieces if sign != "=") < 100
    assert found.coarse == (kind in ("unlike", "repeated", "reversed"))

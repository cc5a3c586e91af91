"""In a real terminal: words are searched for in what was recorded; the response that caused a wrong final output is found and
repaired with few keys."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from llmtaskgraph import read

from .terminals import Terminal, recorded, terminal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not at hand"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a trace of one run of the example."""
    return recorded(tmp_path)


def chosen(screen: Terminal) -> str:
    """What is in the pane of the task that was found, without the tree above it."""
    return screen.text.partition(" 4 info ")[2]


def told(count: str) -> Callable[[str], object]:
    """Whether the last line tells a count, and nothing else."""
    return lambda text: text.rstrip().splitlines()[-1].strip() == count


def test_words_of_one_response_and_expressions_are_searched_for_in_bodies(folder: Path) -> None:
    before = (folder / "t.json").read_bytes()
    words = "reader cannot tell"
    assert before.decode().count(words) == 1, "it is in one response alone"
    with terminal(folder, COLORTERM="truecolor") as screen:
        screen.type("$PYTHON -m ltg_tui.cli t.json; echo code=$?")
        screen.until("run 1/1  ✔ succeeded")
        screen.press("/")
        screen.write(words)
        screen.until(re.compile(rf"/{words} +1/1").search)  # while one types
        screen.press("Enter")
        screen.until(told("1/1"))
        assert f"/{words} 1  " in screen.text
        assert "whether anything broke" in chosen(screen)
        assert screen.background(words) not in ("", screen.background(" main "), screen.background(" judge[facts] "))
        screen.press("n")  # there is no other
        screen.until(told("1/1"))
        assert words in chosen(screen)

        screen.press("/")
        screen.write(r"/provider that|second \w+/")
        screen.until(re.compile(r"/ +2/4$", re.M).search)  # that of main is before
        screen.press("Enter")
        screen.until(told("2/4"))
        for key, at, begins, piece in [
            ("n", "3/4", "A provider that we depend on", "provider that"),
            ("n", "4/4", "We are adding a second provider", "second provider"),
            ("n", "1/4", "[", "provider that"),
            ("N", "4/4", "We are adding a second provider", "second provider"),
            ("N", "3/4", "A provider that we depend on", "provider that"),
        ]:
            screen.press(key)
            screen.until(told(at))
            screen.until(lambda _, begins=begins: chosen(screen).partition("\n")[2].lstrip().startswith(begins))
            assert screen.background(piece) not in ("", screen.background(" main "), screen.background(" issues "))
        screen.press("Escape")
        text = screen.until(lambda text: "second" not in text.splitlines()[-2] and not screen.background("provider that"))
        assert "A provider that we depend on" in text, "one stays where one was led to"
        screen.press("q")
        screen.until("code=0")
    assert (folder / "t.json").read_bytes() == before, "looking changes nothing"


def test_a_wrong_word_of_the_output_is_traced_to_its_response_and_repaired(folder: Path) -> None:
    with terminal(folder) as screen:
        screen.type("$PYTHON -m ltg_tui.cli t.json; echo code=$?")
        screen.until("run 1/1  ✔ succeeded")
        screen.press("/")  # the output says 55 minutes: who said so first?
        screen.write("55 m")
        screen.until("1/")
        screen.press("Enter")
        screen.press("T")
        screen.until("it first appears in the response of")
        screen.press("e")
        screen.until("response of main/judge[facts]")  # it came up while that one reasoned
        screen.press("C-k")  # 9 keys so far
        screen.write('{"score": 3, "issues": ["it was an hour"]}')
        screen.press("C-s")
        screen.until("✎ edited, not yet run")
        screen.press("q")
        screen.until("code=0")
    state = read(folder / "t.json").state
    (edit,) = state.pending_edits(1)
    assert edit.stage == "response"
    assert b"an hour" in bytes(edit.value)  # type: ignore[arg-type]

"""Runs of a real trace, in a real terminal: followed while another process writes them, compared, chosen in a folder, refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmtaskgraph import read

from .terminals import Terminal, terminal

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
FIXED = '{"score": 9, "issues": ["09:10 to 10:05 is 55 minutes"]}'

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not at hand"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("review.py", "review.script.json"):
        shutil.copy(EXAMPLES / name, tmp_path)
    return tmp_path


@pytest.fixture
def screen(folder: Path) -> Iterator[Terminal]:
    with terminal(folder) as opened:
        yield opened


def words(folder: Path, *given: str, speed: str = "0") -> tuple[list[str], dict[str, str]]:
    env = {**os.environ, "XDG_STATE_HOME": str(folder / ".other"), "LTG_OFFLINE_SPEED": speed}
    return [sys.executable, "-m", "llmtaskgraph.cli", *given], env


def ltg(folder: Path, *given: str) -> None:
    command, env = words(folder, *given)
    subprocess.run(command, cwd=folder, env=env, check=True, capture_output=True, timeout=120)


def test_a_run_of_another_process_is_followed_from_its_first_task_to_its_end(folder: Path, screen: Terminal) -> None:
    screen.type("$PYTHON -m ltg_tui.cli t.json; echo code=$?")
    screen.until("waiting for the first run")
    command, env = words(folder, "run", "review.py:main", "--offline", "--trace", "t.json", speed="0.3")
    with subprocess.Popen(command, cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as writer:
        screen.until("run 1/1  ● running")
        screen.until("judge[facts]")
        screen.press("S")
        screen.until("this run was started elsewhere")
        screen.until("run 1/1  ✔ succeeded")
        assert writer.wait(120) == 0
    ltg(folder, "edit", "t.json", "judge[facts]", "response", FIXED)
    ltg(folder, "resume", "t.json", "--yes")
    screen.until("run 2/2  ✔ succeeded")
    assert "reused" not in screen.text.splitlines()[0]
    screen.press("q")
    screen.until("code=0")


def test_two_runs_are_compared_to_the_words_that_a_person_edited(folder: Path, screen: Terminal) -> None:
    ltg(folder, "run", "review.py:main", "--offline", "--trace", "t.json")
    ltg(folder, "edit", "t.json", "judge[facts]", "response", FIXED)
    ltg(folder, "resume", "t.json", "--yes")
    before = (folder / "t.json").read_bytes()
    screen.type("$PYTHON -m ltg_tui.cli t.json; echo code=$?")
    screen.until("run 2/2")
    screen.press("=")
    text = screen.until("first difference: main/judge[facts] response: edited by you")
    assert "run 1 → run 2  ~3  =7" in text
    assert "[-not 20-]{+55+}" in text
    screen.press("n")
    screen.until("because of judge[facts]")
    screen.press("n")
    text = screen.until("difference 3 of 3: main/repair/fix[1]")
    assert "prompt: because of repair" in text
    screen.press("Escape")
    screen.until("run 2/2")
    screen.press("B")
    text = screen.until("run 2 resumed run 1")
    assert "✎ main/judge[facts] response" in text
    screen.press("k", "Enter")
    screen.until("run 1/2")
    screen.press("q")
    screen.until("code=0")
    assert (folder / "t.json").read_bytes() == before, "looking changes nothing"


def test_a_folder_is_chosen_from_and_come_back_to(folder: Path, screen: Terminal) -> None:
    screen.type("$PYTHON -m ltg_tui.cli; echo code=$?")
    screen.until("code=2")
    assert "there is none in this folder" in screen.text
    ltg(folder, "run", "review.py:main", "--offline", "--trace", "first.json")
    ltg(folder, "run", "review.py:main", "--offline", "--trace", "second.json")
    screen.type("clear; $PYTHON -m ltg_tui.cli; echo code=$?")
    screen.until("2 traces")
    screen.until(lambda text: text.count("✔ succeeded") == 2)
    screen.press("Enter")
    screen.until("second.json   run 1/1")
    screen.press("P")
    screen.until("2 traces")
    screen.press("j", "Enter")
    screen.until("first.json   run 1/1")
    screen.press("q")
    screen.until("code=0")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("raise ValueError('no such \\x1b[31m tower')", "its import raised ValueError"),
        ("def main(:", "broken.py:1"),
        ("main = 3", "main is a int"),
        ("import sys; sys.exit(5)", "its import ended the process"),
    ],
)
def test_a_program_that_cannot_be_run_is_told_in_a_line_and_by_the_exit_code(
    folder: Path, screen: Terminal, code: str, says: str
) -> None:
    (folder / "broken.py").write_text(code + "\n")
    screen.type("$PYTHON -m ltg_tui.cli --run broken.py:main; echo code=$?")
    text = screen.until("could not start")
    assert says in text
    assert "Nothing was run" in text
    screen.press("Escape")
    screen.until("waiting for the first run")
    screen.press("q")
    screen.until("code=3")
    assert not (folder / "broken.trace.json").exists()


def test_the_demo_runs_without_a_key_and_is_the_trace_on_the_screen(folder: Path, screen: Terminal) -> None:
    screen.type("LTG_OFFLINE_SPEED=0 $PYTHON -m ltg_tui.cli --demo; echo code=$?")
    screen.until("run 1/1  ✔ succeeded")
    screen.press("q")
    screen.until("code=0")
    assert [run.status for run in read(folder / "ltg-demo/review.trace.json").state.runs.values()] == ["succeeded"]

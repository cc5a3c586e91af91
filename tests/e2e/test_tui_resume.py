"""The loop, in a real terminal with real processes: look, edit the bad response, press r, and only what depends on it runs."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmtaskgraph import read

from .terminals import Terminal, recorded, terminal

TEXT = '{"score": 9, "issues": ["09:10 to 10:05 is 55 minutes"]}'

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not at hand"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the example and a trace of one run of it, made by somebody else: its code is not trusted yet."""
    return recorded(tmp_path, XDG_STATE_HOME=str(tmp_path / ".other"))


@pytest.fixture
def screen(folder: Path) -> Iterator[Terminal]:
    with terminal(folder, LTG_OFFLINE_SPEED="2") as opened:
        yield opened


def task_runs(trace: Path, run: int) -> list[Any]:
    return [json.dumps(found) for found in json.loads(trace.read_bytes())["task_runs"] if found["run"] == run]


def executed(trace: Path, run: int) -> set[str]:
    """The tasks of a run in which something was executed."""
    found = read(trace).state.in_run(run).values()
    return {each.task for each in found if each.attempts}


def test_a_response_is_edited_and_only_what_depends_on_it_runs_again(folder: Path, screen: Terminal) -> None:
    trace = folder / "t.json"
    first = task_runs(trace, 1)
    screen.type("$PYTHON -m ltg_tui.cli t.json; echo code=$?")
    screen.until("run 1/1  ✔ succeeded")
    screen.press("/")
    screen.write("judge[facts]")
    screen.press("Enter")
    screen.until("is not 20 minutes")
    screen.press("e")
    screen.until("response of main/judge[facts]")
    screen.press("C-k")  # the line
    screen.write(TEXT)
    screen.press("C-s")
    screen.until("✎ edited, not yet run")
    screen.until("55 minutes")
    text = screen.until("⟳")
    assert re.search(r"judge\[style\] +\d", text), "what does not depend on it is not marked"

    screen.press("r")
    text = screen.until("will run")
    assert "its response is edited" in text
    screen.press("Enter")
    text = screen.until("run this program?")  # somebody else's trace names this code
    assert str(folder / "review.py") in re.sub(r"\s", "", text)
    screen.press("y")
    screen.until(lambda text: "run 2/2" in text and "✔ succeeded" in text)

    assert task_runs(trace, 1) == first, "the first run is there, unchanged"
    assert executed(trace, 2) == {"main/issues", "main/repair", "main/repair/fix[1]"}
    calls = {task.task for task in read(trace).state.in_run(2).values() for attempt in task.attempts if attempt.model}
    assert calls == {"main/repair/fix[1]"}, "one call: the sentence for the new issue"
    assert "run 1/2" in pressed(screen, "[", "run 1/2")
    screen.press("n")  # the run that was followed had moved on from there
    screen.until("is not 20 minutes")
    screen.press("q")
    screen.until("code=0")


def pressed(screen: Terminal, key: str, wanted: str) -> str:
    screen.press(key)
    return screen.until(wanted)


def test_saying_no_runs_nothing_and_is_asked_again(folder: Path, screen: Terminal) -> None:
    screen.type("$PYTHON -m ltg_tui.cli t.json; echo code=$?")
    screen.until("run 1/1")
    for _ in range(2):
        screen.press("r")
        screen.until("nothing has to run")
        screen.press("Enter")
        screen.until("run this program?")
        screen.press("n")
        screen.until("run 1/1")
    screen.press("q")
    screen.until("code=0")
    assert list(read(folder / "t.json").state.runs) == [1]
    assert not (folder / ".state/llmtaskgraph/trusted.json").exists()


def test_a_run_that_was_started_here_can_be_stopped_and_resumed(folder: Path, screen: Terminal) -> None:
    screen.type("LTG_OFFLINE_SPEED=0.1 $PYTHON -m ltg_tui.cli --run review.py:main --offline --trace new.json; echo code=$?")
    screen.until("●4")
    screen.press("q")
    text = screen.until("quit?")
    assert "leave it running" in text
    screen.press("c")
    screen.press("S")
    screen.until("◌ cancelled")
    screen.until("was stopped; r resumes it")
    screen.press("q")
    screen.until("code=0")
    assert [run.status for run in read(folder / "new.json").state.runs.values()] == ["cancelled"]


def test_a_run_that_is_left_running_ends_without_the_screen(folder: Path, screen: Terminal) -> None:
    screen.type("LTG_OFFLINE_SPEED=0.2 $PYTHON -m ltg_tui.cli --run review.py:main --offline --trace new.json; echo code=$?")
    screen.until("●4")
    screen.press("q")
    screen.until("quit?")
    screen.press("l")
    screen.until("code=0")
    screen.type("clear; $PYTHON -m ltg_tui.cli new.json; echo code=$?")
    screen.until("run 1/1  ● running")
    screen.until("run 1/1  ✔ succeeded")
    screen.press("q")
    screen.until("code=0")


def test_an_unforeseen_error_leaves_the_terminal_usable_and_prints_nothing_private(folder: Path, screen: Terminal) -> None:
    (folder / "broken.py").write_text(
        "import sys\nfrom ltg_tui import cli\nfrom ltg_tui.screens import main\n"
        "def broken(session, task):\n    secret = 'sk-secret'\n    raise RuntimeError(secret + str(task))\n"
        "main.detail = broken\nsys.exit(cli.main(['t.json']))\n"
    )
    screen.type("$PYTHON broken.py; echo code=$?; stty -a | grep -o ' echo '")
    text = screen.until("code=3")
    assert "something went wrong that was not foreseen; nothing is lost" in text
    assert "sk-secret" not in text
    assert "Traceback" not in text
    screen.until(" echo ")
    (report,) = (folder / ".state/llmtaskgraph").glob("crash-*.txt")
    assert "sk-secret" in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600

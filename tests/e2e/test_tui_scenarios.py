"""What people do all day, in a real terminal with real child processes: mend, change, run again, stop, lose the terminal."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from llmtaskgraph import read

from .terminals import Terminal, terminal

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not at hand"),
]


def ran(folder: Path, name: str) -> Path:
    """A trace of one run of an example, made here: its code is trusted."""
    for file in (f"{name}.py", f"{name}.script.json"):
        shutil.copy(EXAMPLES / file, folder)
    words = [sys.executable, "-m", "llmtaskgraph.cli", "run", f"{name}.py:main", "--offline", "--trace", "t.json"]
    env = {"XDG_STATE_HOME": str(folder / ".state"), "LTG_OFFLINE_SPEED": "0", "PATH": "/usr/bin:/bin"}
    subprocess.run(words, cwd=folder, env=env, capture_output=True, timeout=120, check=False)
    return folder / "t.json"


@pytest.fixture
def review(tmp_path: Path) -> Path:
    return ran(tmp_path, "review")


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Terminal]:
    with terminal(tmp_path, LTG_OFFLINE_SPEED="3") as opened:
        yield opened


def opened(screen: Terminal, wanted: str = "run 1/1") -> None:
    screen.type("$PYTHON -m ltg_tui.cli t.json; echo code=$?")
    screen.until(wanted)


def go_to(screen: Terminal, name: str) -> None:
    screen.press("/")
    screen.write(name)
    screen.press("Enter")


def stands(screen: Terminal, run: int, status: str) -> None:
    """Wait until the newest run stands so."""
    screen.until(lambda text: any(f"run {run}/{run} " in line and status in line for line in text.splitlines()))


def resumed(screen: Terminal, run: int, status: str = "✔ succeeded") -> None:
    """r, Enter, and wait for the run."""
    screen.press("r")
    screen.until("Enter start")
    screen.press("Enter")
    stands(screen, run, status)


def executed(trace: Path, run: int) -> set[str]:
    return {each.task for each in read(trace).state.in_run(run).values() if each.attempts}


def calls(trace: Path, run: int) -> list[str]:
    """The tasks of a run that asked a model."""
    found = read(trace).state.in_run(run).values()
    return sorted(each.task for each in found for attempt in each.attempts if attempt.model)


def test_a_failed_parse_is_repaired_by_editing_the_response(tmp_path: Path, screen: Terminal) -> None:
    trace = ran(tmp_path, "story")
    opened(screen)
    screen.press("x", "2", "e")
    screen.until("a whole number is wanted")
    broken = next(each for each in read(trace).state.in_run(1).values() if each.status == "failed" and each.response)
    screen.press("C-k")
    screen.write('{"score": 9, "advice": ""}')
    screen.press("C-s")
    screen.until("edited; r shows what follows")
    resumed(screen, 2)
    assert broken.task not in calls(trace, 2), "the answer that was mended is not asked for again"
    seen = read(trace).state.seen(2, broken.task)
    assert seen is not None
    assert seen.status == "succeeded"


def test_a_prompt_is_changed_and_only_its_call_is_made_again(review: Path, screen: Terminal) -> None:
    opened(screen)
    go_to(screen, "judge[style]")
    screen.press("1", "e")
    screen.until("prompt of main/judge[style]")
    screen.write("Be kind. ")
    screen.press("C-s")
    screen.until("edited; r shows what follows")
    resumed(screen, 2)
    assert calls(review, 2) == ["main/judge[style]"]


def test_the_model_of_one_task_is_changed(review: Path, screen: Terminal) -> None:
    opened(screen)
    go_to(screen, "judge[tone]")
    screen.press("m")
    screen.until("model and params of main/judge[tone]")
    screen.press("C-u")
    screen.write("openai:gpt-5")
    screen.press("C-s")
    screen.until("edited; r shows what follows")
    resumed(screen, 2)
    assert calls(review, 2) == ["main/judge[tone]"]
    (made,) = (each for each in read(review).state.in_run(2).values() if each.task == "main/judge[tone]")
    assert made.attempts[-1].model is not None
    assert "gpt-5-mini" not in made.attempts[-1].model


def test_a_task_is_run_three_more_times(review: Path, screen: Terminal) -> None:
    opened(screen)
    go_to(screen, "judge[facts]")
    for run in (2, 3, 4):
        screen.press("R")
        screen.until(f"run main/judge[facts] again: resume run {run - 1}")
        screen.press("Enter")
        stands(screen, run, "✔ succeeded")
        screen.until(f"the resume of run {run - 1} is done")
    for run in (2, 3, 4):
        assert "main/judge[facts]" in calls(review, run)


def test_a_resume_is_stopped_half_way_and_resumed(review: Path, tmp_path: Path) -> None:
    with terminal(tmp_path, LTG_OFFLINE_SPEED="0.05") as screen:
        opened(screen)
        go_to(screen, "judge[style]")
        screen.press("R")
        screen.until("again: resume run 1")
        screen.press("Enter")
        stands(screen, 2, "● running")
        screen.until("●1")
        screen.press("S")
        screen.until("was stopped; r resumes it")
        screen.press("q")
        screen.until("code=0")
    assert read(review).state.runs[2].status == "cancelled"
    with terminal(tmp_path, LTG_OFFLINE_SPEED="3") as screen:
        opened(screen, "run 2/2")
        resumed(screen, 3)
    assert "main/judge[style]" in calls(review, 3)
    assert read(review).state.runs[3].parent == 2


@pytest.mark.parametrize("way", ["closed", "killed"])
def test_an_edit_that_a_lost_terminal_cut_off_is_found_again(review: Path, tmp_path: Path, way: str) -> None:
    with terminal(tmp_path) as screen:
        screen.type("$PYTHON -m ltg_tui.cli t.json & echo $! > pid; fg")
        screen.until("run 1/1")
        go_to(screen, "judge[facts]")
        screen.press("e")
        screen.until("response of main/judge[facts]")
        screen.write("hours of work")
        screen.until("hours of work")
        if way == "killed":
            screen.until(lambda _: any((tmp_path / ".state/llmtaskgraph/drafts").glob("*.json")))
            screen.press("!")
            screen.until("hours of work!")
            screen.until(lambda _: kept(tmp_path, "work!"))
            subprocess.run(["kill", "-9", (tmp_path / "pid").read_text().strip()], check=True)
            screen.until("Killed")
    end = time.monotonic() + 60
    while not kept(tmp_path, "hours of work") and time.monotonic() < end:
        time.sleep(0.05)
    assert kept(tmp_path, "hours of work")
    with terminal(tmp_path) as screen:
        opened(screen, "was kept: response of main/judge[facts]")
        go_to(screen, "judge[facts]")
        screen.press("e")
        screen.until("Ctrl+R takes it up")
        screen.press("C-r")
        screen.until("hours of work")
        screen.press("Escape", "Escape")
        screen.until("run 1/1")
        screen.press("q")
        screen.until("code=0")
    assert drafts(tmp_path) == []


def drafts(folder: Path) -> list[Path]:
    return list((folder / ".state/llmtaskgraph/drafts").glob("*.json"))


def kept(folder: Path, text: str) -> bool:
    return any(text in path.read_text() for path in drafts(folder))


def test_a_run_that_was_left_goes_on_when_the_terminal_is_closed(review: Path, tmp_path: Path) -> None:
    with terminal(tmp_path, LTG_OFFLINE_SPEED="0.2") as screen:  # it takes about ten seconds
        opened(screen)
        go_to(screen, "judge[style]")
        screen.press("R")
        screen.until("again: resume run 1")
        screen.press("Enter")
        stands(screen, 2, "● running")
    with terminal(tmp_path) as screen:
        opened(screen, "run 2/2  ✔ succeeded")
    assert "main/judge[style]" in calls(review, 2)

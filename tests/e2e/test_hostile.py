"""Hostile text in every field of a trace: no byte of it acts on the terminal, nothing breaks, nothing is done.

What is looked at is what a raw pseudo-terminal received.
"""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from llmtaskgraph import read
from ltg_tui import actions

from .hostile_trace import hostile
from .payloads import ALL, BEL, ESC, PAYLOADS, problems
from .pty_screen import Pty, screen

LTG = [sys.executable, "-m", "llmtaskgraph.cli"]
TUI = [sys.executable, "-m", "ltg_tui.cli"]
NAME = f"a{ESC}]0;name{BEL}\x9b2J\u202e[@click=app.quit].json"
ESCAPE = f"{ESC}[27u"
"""As newer terminals send it: whatever comes soon after is not taken for a part of it."""

HARMFUL = {"quit", "suspend", "command", "pick"}
"""Actions that leave the screen."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hostile")
    hostile(path / "t.json").store.close()
    shutil.copy(path / "t.json", path / NAME)
    return path


def seen(opened: Pty, *, ended: bool = False) -> None:
    """What it has written so far is harmless, and it still runs."""
    found = problems(opened.quiet(0.25))
    assert found == []
    assert (opened.process.poll() is not None) is ended, opened.text[-2000:]


def test_the_payloads_would_be_noticed() -> None:
    assert len(PAYLOADS) > 60
    assert problems("\x1b[1;1H\x1b[1;38;2;9;9;9;48;5;7mtext ✔ ␛[2J\x1b[0m\n".encode()) == []
    acting = [text for text in PAYLOADS if problems(text.encode("utf-8", "replace"))]
    assert len(acting) >= 60


def test_every_payload_is_shown_in_every_pane_and_none_acts(folder: Path) -> None:
    with screen([*TUI, "t.json"], folder, size=(200, 60)) as opened:
        opened.until("run 1/1")
        for _ in range(len(PAYLOADS) + 4):
            opened.send("j")
            opened.quiet(0.06)
        seen(opened)
        text = opened.text
        short = [n for n, payload in enumerate(PAYLOADS) if len(payload) < 400]  # the end of a long one is not on the screen
        assert [n for n in short if f"P{n:02}" not in text] == []
        assert "[@click=app.quit]click[/]" in text
        opened.send("q")
        assert opened.wait() == 0
        seen(opened, ended=True)


def test_no_screen_lets_anything_through(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "t.json", tmp_path / "t.json")
    words = [actions.word(action) for action in actions.of("app", "trace", "tree") if action.id not in HARMFUL]
    with screen([*TUI, "t.json"], tmp_path, size=(80, 24), EDITOR="true", VISUAL="true") as opened:
        opened.until("run 1/1")
        opened.send("j")
        for pane in ESCAPE, "1", "2", "3", "4":
            opened.send(f"{pane}")
            for word in words if pane in (ESCAPE, "2") else ("edit", "search", "help"):
                opened.send(f":{word}\r")
                for _ in range(2):
                    opened.quiet(0.02)
                    opened.send(ESCAPE)
        seen(opened)
    assert list(read(tmp_path / "t.json").state.runs) == [1], "nothing was started"


def test_what_is_typed_or_pasted_does_not_act(folder: Path) -> None:
    with screen([*TUI, "t.json"], folder, size=(120, 30)) as opened:
        opened.until("run 1/1")
        for key in "/", ":", "f":
            opened.send(f"{key}\x1b[200~{ALL.replace(ESC, '')}\x1b[201~")
            opened.quiet(0.1)
            opened.send("\r")
            opened.quiet(0.2)
            opened.send(ESCAPE * 2)
        seen(opened)


def test_names_of_files_do_not_act(folder: Path, tmp_path: Path) -> None:
    for words in ([NAME], [str(folder)]):
        with screen([*TUI, *words], folder, size=(100, 30)) as opened:
            opened.until("json" if words == [NAME] else "t.json")
            seen(opened)
    for words in (["--run", f"{NAME}.py:x"], [f"no{NAME}"], [f"--{ALL}"], ["--config", ALL], ["--theme", ALL, "t.json"]):
        with screen([*TUI, *[word.replace("\0", "") for word in words]], folder) as opened:
            opened.quiet(0.4)
            assert problems(opened.written) == []


def test_what_a_program_prints_does_not_act(tmp_path: Path) -> None:
    (tmp_path / "loud.py").write_text(
        "import sys\nfrom llmtaskgraph import Registry\napp = Registry('loud')\n"
        f"TEXT = {ALL!r}\n"
        "@app.task\ndef speak() -> str:\n    print(TEXT, flush=True)\n    print(TEXT, file=sys.stderr, flush=True)\n"
        "    raise ValueError(TEXT)\n"
        "@app.graph\ndef main() -> str:\n    return speak()\n"
    )
    with screen([*TUI, "--run", "loud.py:main"], tmp_path, size=(100, 30)) as opened:
        opened.until("ended with failures")
        opened.send("L")
        opened.until("P00")
        opened.send("\x1b")
        opened.send("x3")
        opened.until("ValueError")
        seen(opened)
    with screen([*LTG, "run", "loud.py:main", "--trace", "other.json"], tmp_path) as opened:
        opened.wait()
        printed = opened.written  # what the program itself prints is its own; what ltg adds is not
        assert b"\x1b]0;title" in printed
    with screen([*LTG, "show", "other.json", "speak"], tmp_path) as opened:
        opened.wait()
        assert problems(opened.written) == []


TASK = f"main/{PAYLOADS[30]}"
COMMANDS = {
    "show": ["show", "t.json"],
    "show all": ["show", "t.json", "--all"],
    "show a task": ["show", "t.json", "*P30"],
    "show the failed one": ["show", "t.json", "main/fails*"],
    "show a stage": ["show", "t.json", "*P30", "--stage", "response"],
    "show no stage": ["show", "t.json", "*P30", "--stage", f"x{ALL}"],
    "show no task": ["show", "t.json", f"nowhere{ALL}"],
    "show several": ["show", "t.json", "*P*"],
    "plan": ["plan", "t.json"],
    "causes": ["causes", "t.json", "main/fails*", "--all"],
    "effects": ["effects", "t.json", "*P30", "--all"],
    "check": ["check", "t.json"],
    "check no trace": ["check", f"no{NAME}"],
    "check by name": ["check", NAME],
    "check garbage": ["check", "garbage.json"],
    "edit": ["edit", "mine.json", "*P30", "response", ALL],
    "edit badly": ["edit", "mine.json", "*P30", "prompt", f"[{ALL}"],
    "edit nothing": ["edit", "mine.json", "*P30", ALL, "x"],
    "resume": ["resume", "t.json", "--yes"],
    "resume another": ["resume", "t.json", "--app", f"{ALL}.py:x", "--yes"],
    "run nothing": ["run", f"{NAME}.py:main"],
    "run what is broken": ["run", "broken.py:main"],
    "no command": [ALL],
    "no option": ["show", f"--{ALL}"],
}


@pytest.fixture(scope="module")
def cli_folder(folder: Path) -> Path:
    shutil.copy(folder / "t.json", folder / "mine.json")
    (folder / "garbage.json").write_text(json.dumps({"format": f"llmtaskgraph/{ALL}", ALL: ALL}, ensure_ascii=False))
    (folder / "broken.py").write_text(f"raise ValueError({ALL!r})\n")
    return folder


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_no_command_lets_anything_through(cli_folder: Path, words: list[str]) -> None:
    words = [word.replace("\0", "") for word in words]
    for extra in [], ["--json"]:
        with screen([*LTG, *words, *extra], cli_folder, size=(120, 40)) as opened:
            code = opened.wait()
            assert problems(opened.written) == []
            assert opened.written
            assert code in (0, 1, 2, 3)
            assert "Traceback" not in opened.text.replace("Traceback (most recent call last) P", "")


def test_half_a_character_in_a_trace_breaks_nothing(folder: Path, tmp_path: Path) -> None:
    data = (folder / "t.json").read_bytes().replace(b"P70", b"P70\\ud800\\udfff\\udfff")
    (tmp_path / "t.json").write_bytes(data)
    for words in ([*LTG, "show", "t.json"], [*LTG, "check", "t.json"], [*TUI, "t.json"]):
        with screen(words, tmp_path) as opened:
            opened.quiet(0.4)
            assert problems(opened.written) == []
            assert "Traceback" not in opened.text

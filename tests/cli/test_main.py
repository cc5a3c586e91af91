"""The command line as such: help, what it imports, how it starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from llmtaskgraph.cli.arguments import _ADD
from llmtaskgraph.cli.words import COMMANDS

from .conftest import Ltg

HEAVY = ("msgspec", "anyio", "openai", "textual", "rich", "httpx2", "asyncio", "llmtaskgraph._store", "llmtaskgraph._app")


def test_help_lists_every_command(ltg: Ltg) -> None:
    told = ltg("--help")
    assert told.code == 0
    assert all(f"  {name} " in told.out for name in COMMANDS)
    assert list(_ADD) == list(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(ltg: Ltg, command: str) -> None:
    told = ltg(command, "--help")
    assert told.code == 0
    assert told.out.startswith(f"usage: ltg {command} ")
    assert "--json" in told.out


def test_the_version_is_that_of_the_package(ltg: Ltg) -> None:
    assert ltg("--version").out == "ltg 0.1.0\n"


def loaded(*words: str) -> set[str]:
    code = "import sys; from llmtaskgraph.cli import main; main(sys.argv[1:]); print(*sys.modules, sep='\\n', file=sys.stderr)"
    return set(subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True).stderr.split())


def test_help_imports_nothing_heavy() -> None:
    assert not loaded("--help") & {*HEAVY, "argparse"}
    assert not loaded("show", "--help") & {*HEAVY}


def test_show_imports_no_engine_and_no_sdk(trace: Path) -> None:
    assert not loaded("show", "t.json") & {"openai", "textual", "httpx2", "ltg_tui", "llmtaskgraph._engine"}


def test_module_and_main_are_one_command(trace: Path) -> None:
    told = subprocess.run([sys.executable, "-m", "llmtaskgraph.cli", "check", "t.json"], capture_output=True, text=True)
    assert (told.returncode, told.stdout.splitlines()[0]) == (0, "t.json: whole")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_what_is_printed_while_a_stream_is_closed_does_not_land_in_the_trace(
    ltg: Ltg, program: str, at_home: Path, closed: str
) -> None:
    file = at_home / "review.py"
    file.write_text(file.read_text() + "\nimport os\nos.write(1, b'to one')\nos.write(2, b'to two')\n")
    words = "-m llmtaskgraph.cli run review.py:main --offline --trace t.json"
    assert subprocess.run(f"'{sys.executable}' {words} {closed}", shell=True).returncode == 0
    assert ltg("check", "t.json").code == 0
    assert b"to one" not in (at_home / "t.json").read_bytes()
    assert {task["status"] for task in ltg("show", "t.json", "--json").json["tasks"]} == {"succeeded"}

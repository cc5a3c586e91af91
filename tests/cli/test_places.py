"""Programs that have moved, and functions that were renamed, are found again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """
from llmtaskgraph import Registry
app = Registry("p")

@app.task
def square(n: int) -> int:
    return n * n

@app.graph
def main(n: int = 3) -> int:
    return square(n)
"""


def ltg(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "llmtaskgraph.cli", *words], cwd=folder, capture_output=True, text=True)


def test_a_trace_that_was_resumed_from_another_folder_finds_the_program_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "misc"
    folder.mkdir()
    (folder / "p.py").write_text(PROGRAM)
    assert ltg(folder, "run", "p.py:main", "--trace", "t.json").stdout == "9\n"
    assert ltg(tmp_path, "resume", "misc/t.json", "--yes").returncode == 0
    again = ltg(folder, "resume", "t.json", "--yes", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["executed"] == []


def test_a_root_function_that_was_renamed_is_resumed_by_its_new_name_and_its_tasks_are_reused(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    assert ltg(tmp_path, "run", "p.py:main", "--trace", "t.json").returncode == 0
    (tmp_path / "p.py").write_text(PROGRAM.replace("def main", "def begin"))
    gone = ltg(tmp_path, "resume", "t.json", "--yes")
    assert (gone.returncode, len(gone.stderr.splitlines())) == (3, 1)
    again = ltg(tmp_path, "resume", "t.json", "--app", "p.py:begin", "--yes", "--json")
    assert again.returncode == 0, again.stderr
    assert json.loads(again.stdout)["executed"] == ["begin"]


def test_an_empty_trace_path_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    told = ltg(tmp_path, "run", "p.py:main", "--trace", "")
    assert (told.returncode, list(tmp_path.glob("*.json"))) == (2, [])


def test_a_plan_tells_into_which_run_the_edits_of_an_older_one_went(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    ltg(tmp_path, "run", "p.py:main", "--trace", "t.json")
    ltg(tmp_path, "edit", "t.json", "main/square", "output", "10")
    assert "went into" not in ltg(tmp_path, "plan", "t.json").stderr
    assert ltg(tmp_path, "resume", "t.json", "--yes").stdout == "10\n"
    told = ltg(tmp_path, "plan", "t.json", "--run", "1")
    assert told.stderr.startswith("edits made on run 1 went into run 2")
    assert "went into" not in ltg(tmp_path, "plan", "t.json", "--run", "2").stderr

"""mypy --strict over what users write: right code passes, and each mistake is told where it is made."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("mypy")

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def errors() -> dict[str, list[tuple[int, str]]]:
    """File name -> line and code of each error; checked as a program outside the project would be."""
    cache = ROOT / ".mypy_cache/typing"  # the first time takes ten seconds, the others one
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--follow-imports=silent", "--config-file="]
    files = [str(ROOT / "tests/typing" / name) for name in ("right.py", "wrong.py")]
    done = subprocess.run([*command, f"--cache-dir={cache}", *files], cwd=ROOT, capture_output=True, text=True)
    assert not done.stderr
    found: dict[str, list[tuple[int, str]]] = {"right.py": [], "wrong.py": []}
    for line in done.stdout.splitlines():
        told = re.fullmatch(r".*?([^/]+\.py):(\d+): error: .*?\[([a-z-]+)\]", line)
        if told is not None:
            found.setdefault(told[1], []).append((int(told[2]), told[3]))
        else:
            assert ": note: " in line, line
    return found


def test_right_code_passes(errors: dict[str, list[tuple[int, str]]]) -> None:
    assert errors["right.py"] == []


def test_each_mistake_is_told_where_it_is_made_and_nothing_else(errors: dict[str, list[tuple[int, str]]]) -> None:
    lines = (ROOT / "tests/typing/wrong.py").read_text().splitlines()
    expected = [(number, line.partition("# E: ")[2]) for number, line in enumerate(lines, 1) if "# E: " in line]
    assert errors["wrong.py"] == expected
    assert set(errors) == {"right.py", "wrong.py"}

"""A thread that is stuck in a function that was given up does not hold up the end of the process."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from llmtaskgraph._store import read

from .conftest import Ltg

STUCK = """
import time
from pathlib import Path
from llmtaskgraph import Registry
app = Registry("stuck")

@app.task({settings})
def step() -> int:
    Path("begun").touch()
    time.sleep(120)

@app.graph
def main() -> int:
    return step()
"""
WORDS = [sys.executable, "-m", "llmtaskgraph.cli", "run", "stuck.py:main"]


def test_a_run_whose_function_took_too_long_ends(ltg: Ltg, at_home: Path) -> None:
    (at_home / "stuck.py").write_text(STUCK.format(settings="timeout=0.1"))
    done = subprocess.run([*WORDS, "--json"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert '"status": "failed"' in done.stdout, "all of it was written"
    assert "took longer than 0.1 s" in done.stderr
    assert read("stuck.trace.json").state.runs[1].status == "failed"
    assert not Path("stuck.trace.json.journal").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_a_run_whose_function_is_stuck(ltg: Ltg, at_home: Path, number: int) -> None:
    (at_home / "stuck.py").write_text(STUCK.format(settings=""))
    with subprocess.Popen(WORDS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        try:
            while not Path("begun").exists():
                assert child.poll() is None
            child.send_signal(number)
            _, err = child.communicate(timeout=60)
        finally:
            child.kill()
    assert child.returncode == 130
    assert "interrupted: everything that was answered is in stuck.trace.json" in err
    assert read("stuck.trace.json").state.runs[1].status == "cancelled"

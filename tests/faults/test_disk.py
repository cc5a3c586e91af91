"""A disk that fails in the middle of a run ends it with one clear error, and nothing that was recorded is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from llmtaskgraph import _values as values
from llmtaskgraph import read

DISKS = Path(__file__).with_name("disks.py")


def run(failure: str, backend: str, trace: Path) -> list[str]:
    command = [sys.executable, str(DISKS), failure, backend, str(trace)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=trace.parent)
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@pytest.mark.parametrize(("failure", "why"), [("full", "File too large"), ("unsynced", "Invalid argument")])
def test_a_disk_that_fails_with_calls_in_flight_ends_the_run_with_one_error(
    failure: str, why: str, backend: str, tmp_path: Path
) -> None:
    trace = tmp_path / "t.json"
    *sent, error = run(failure, backend, trace)
    advice = "free the disk, then resume: nothing before this is lost"
    assert error == f"JournalBroken {trace}.journal: cannot be written ({why}); {advice}"
    assert sorted(os.listdir(tmp_path)) == ["t.json", "t.json.journal"], "the lock is gone"
    state = read(trace).state
    kept = [t for t in state.task_runs.values() if t.response is not None and t.attempts[-1].status == "succeeded"]
    assert len(kept) >= 1
    *again, output = run("fine", backend, trace)
    prompts = [values.decode(t.prompt.value)[0]["parts"][0]["content"] for t in kept if t.prompt is not None]
    assert not {f"sent {prompt}" for prompt in prompts} & set(again), "what was answered and recorded is not sent again"
    assert output == "output " + " | ".join(["first answer", *(f"other {n} answered"[:12] for n in range(8))])
    assert len(sent) + len(again) >= 10


def test_a_trace_that_somebody_reformatted_resumes_with_nothing_executed(tmp_path: Path) -> None:
    trace = tmp_path / "t.json"
    *sent, output = run("fine", "asyncio", trace)
    assert len(sent) == 10
    trace.write_text(json.dumps(json.loads(trace.read_bytes()), indent=2))
    assert run("fine", "asyncio", trace) == [output]
    assert len(read(trace).state.runs) == 2

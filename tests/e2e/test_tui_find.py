"""The response that caused a wrong final output is found and repaired in a real terminal, with few keys."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from llmtaskgraph import read

from .terminals import terminal

EXAMPLES = Path(__file__).parent.parent.parent / "examples"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not at hand"),
]


def test_a_wrong_word_of_the_output_is_traced_to_its_response_and_repaired(tmp_path: Path) -> None:
    for name in ("review.py", "review.script.json"):
        shutil.copy(EXAMPLES / name, tmp_path)
    words = [sys.executable, "-m", "llmtaskgraph.cli", "run", "review.py:main", "--offline", "--trace", "t.json"]
    env = {"XDG_STATE_HOME": str(tmp_path / ".state"), "LTG_OFFLINE_SPEED": "0", "PATH": "/usr/bin:/bin"}
    subprocess.run(words, cwd=tmp_path, env=env, check=True, capture_output=True, timeout=60)
    with terminal(tmp_path) as screen:
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
    state = read(tmp_path / "t.json").state
    (edit,) = state.pending_edits(1)
    assert edit.stage == "response"
    assert b"an hour" in bytes(edit.value)  # type: ignore[arg-type]

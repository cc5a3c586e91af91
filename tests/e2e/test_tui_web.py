"""`b` in a real terminal: the web viewer comes up beside the debugger, and goes with it, even when that is killed."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import time
from pathlib import Path

import pytest

from .terminals import Terminal, recorded, terminal

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not at hand"),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return recorded(tmp_path)


def begin(screen: Terminal) -> int:
    """Press `b`. Gives the port on the screen."""
    screen.type("sh -c 'echo $$ >pid; exec $PYTHON -m ltg_tui.cli t.json'; echo code=$?")
    screen.until("run 1/1  ✔ succeeded")
    screen.press("b")
    text = screen.until("From another machine")
    found = re.search(r"http://127\.0\.0\.1:(\d+)/\?token=", text)
    assert found is not None, text
    assert f"ssh -L {found[1]}:127.0.0.1:{found[1]} {socket.gethostname()}" in text
    return int(found[1])


def listens(port: int) -> bool:
    with socket.socket() as tried:
        tried.settimeout(2)
        return tried.connect_ex(("127.0.0.1", port)) == 0


def gone(port: int) -> bool:
    end = time.monotonic() + 60
    while listens(port) and time.monotonic() < end:
        time.sleep(0.05)
    return not listens(port)


def test_the_viewer_goes_on_until_b_or_the_end_of_the_debugger(folder: Path) -> None:
    with terminal(folder, SSH_CONNECTION="1 2 3 4") as screen:
        port = begin(screen)
        screen.press("Escape")
        screen.until(lambda text: "From another machine" not in text)
        assert listens(port)
        screen.press("b")
        screen.until("From another machine")
        screen.press("b")
        screen.until("the web viewer has ended")
        assert gone(port)
        screen.press("b")
        again = int(re.search(r"127\.0\.0\.1:(\d+)/", screen.until("From another machine"))[1])  # type: ignore[index]
        screen.press("Escape", "q")
        screen.until("code=0")
        assert gone(again)


def test_the_viewer_does_not_outlive_a_debugger_that_is_killed(folder: Path) -> None:
    with terminal(folder, SSH_CONNECTION="1 2 3 4") as screen:
        port = begin(screen)
        os.kill(int((folder / "pid").read_text()), signal.SIGKILL)
        assert gone(port)

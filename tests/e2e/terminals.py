"""A real terminal: programs run in it as a person runs them, and their screen can be read. Needs tmux."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .rest import at_work

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def recorded(folder: Path, **env: str) -> Path:
    """A folder, now with the example `review.py` and with `t.json`, the trace of one run of it."""
    for name in ("review.py", "review.script.json"):
        shutil.copy(EXAMPLES / name, folder)
    words = [sys.executable, "-m", "llmtaskgraph.cli", "run", "review.py:main", "--offline", "--trace", "t.json"]
    env = {**os.environ, "XDG_STATE_HOME": str(folder / ".state"), "LTG_OFFLINE_SPEED": "0", **env}
    subprocess.run(words, cwd=folder, env=env, check=True, capture_output=True, timeout=120)
    return folder


LOOK = 0.02


class Terminal:
    """A pane of a tmux server of its own."""

    def __init__(self, cwd: Path, env: dict[str, str], width: int, height: int) -> None:
        self._socket = f"ltg-{uuid.uuid4().hex[:8]}"
        shell = "env " + " ".join(shlex.quote(f"{name}={value}") for name, value in env.items()) + " sh"
        size = ["-x", str(width), "-y", str(height)]
        self._tmux("-f", os.devnull, "new-session", "-d", "-s", "t", *size, "-c", str(cwd), shell)
        self._tmux("set-option", "-g", "remain-on-exit", "on")
        self._pids = [int(pid) for pid in self._tmux("display-message", "-p", "-t", "t", "#{pid} #{pane_pid}").split()]

    def _tmux(self, *words: str) -> str:
        environment = {name: value for name, value in os.environ.items() if name not in ("TMUX", "TMUX_PANE")}
        environment["LC_ALL"] = "C.UTF-8"
        done = subprocess.run(
            ["tmux", "-u", "-L", self._socket, *words], capture_output=True, text=True, env=environment, check=True
        )
        return done.stdout

    def type(self, line: str) -> None:
        """Type a command and press Enter."""
        self._tmux("send-keys", "-t", "t", "-l", line)
        self._tmux("send-keys", "-t", "t", "Enter")

    def press(self, *keys: str) -> None:
        """Press keys, by tmux's names, one after the other as a person does."""
        for key in keys:
            self._tmux("send-keys", "-t", "t", key)
            self._rest(0.2 if key == "Escape" else 0.12)  # what comes soon after Escape is one key with it

    def write(self, text: str) -> None:
        """Type a text into what has the focus."""
        self._tmux("send-keys", "-t", "t", "-l", text)
        self._rest(0.2)

    def _rest(self, seconds: float, limit: float = 10) -> None:
        """Wait as long as somebody does between two keys; time in which a program has to take in the last one does not count."""
        rested, end = 0.0, time.monotonic() + limit
        while rested < seconds and time.monotonic() < end:
            time.sleep(LOOK)
            rested += 0 if at_work(*self._pids) else LOOK

    @property
    def text(self) -> str:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p", "-t", "t")

    def background(self, piece: str) -> str:
        """The colour on which a piece stands that looks the same throughout, and otherwise than what is beside it; or ''."""
        colour = ""
        for look, text in re.findall(r"\x1b\[([\d;]*)m|([^\x1b]+)", self._tmux("capture-pane", "-p", "-e", "-t", "t")):
            if text == piece:
                return colour
            if not text:
                found = re.search(r"(?:^|;)(48;2;\d+;\d+;\d+|48;5;\d+|4[0-79]|0)$", look)
                colour = found[1] if found else colour
        return ""

    def until(self, wanted: str | Callable[[str], object], seconds: float = 120) -> str:
        """Wait for a text on the screen, or until it is as wanted. Gives the screen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            text = self.text
            if wanted in text if isinstance(wanted, str) else wanted(text):
                return text
            time.sleep(0.05)
        raise AssertionError(f"{wanted!r} did not come about on\n{self.text}")

    def close(self) -> None:
        """End it with all that runs in it."""
        self._tmux("kill-server")


@contextmanager
def terminal(cwd: Path, *, width: int = 80, height: int = 24, **env: str) -> Iterator[Terminal]:
    """A terminal in a folder. `$PYTHON` is this Python; nothing of the person who runs the tests is read or written."""
    here = {"PYTHON": sys.executable, "XDG_STATE_HOME": str(cwd / ".state"), "PS1": "$ ", "LC_ALL": "C.UTF-8", **env}
    opened = Terminal(cwd, here, width, height)
    try:
        yield opened
    finally:
        opened.close()

"""What becomes of the terminal: it is left as it was, whatever ends the program; nothing private is printed."""

from __future__ import annotations

import re
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .pty_screen import Pty, screen

SECRET = "sk-secret-prompt"
LEFT = (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?2004l", b"\x1b[?1004l")
OPEN = "run 1/1"

# A program that breaks where it is told to, with what is private in its message and in its variables.
BROKEN = f"""
import os, sys, threading
from ltg_tui import app, cli
SECRET = {SECRET!r}

class Broken(app.DebuggerApp):
    def action_fold(self): pass
    def on_key(self, event):
        secret = SECRET
        if event.key == "f7":
            raise RuntimeError(secret)
        if event.key == "f8":
            threading.Thread(target=self.broken, args=(secret,)).start()
        if event.key == "f9":
            self.run_worker(self.broken_soon(secret))
        if event.key == "f6":
            self._loop.create_task(self.broken_soon(secret))
            self.exit(0)

    def compose(self):
        if os.environ.get("BREAK") == "compose":
            raise RuntimeError(SECRET)
        return ()

    def broken(self, secret):
        raise RuntimeError(secret)

    async def broken_soon(self, secret):
        raise RuntimeError(secret)

app.DebuggerApp = Broken
sys.exit(cli.main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tui.traces import review

    path = tmp_path_factory.mktemp("terminal")
    review(path / "t.json").store.close()
    (path / "broken.py").write_text(BROKEN)
    return path


@pytest.fixture
def broken(folder: Path, tmp_path: Path) -> Iterator[Pty]:
    with screen([sys.executable, "broken.py", "t.json"], folder, XDG_STATE_HOME=str(tmp_path)) as opened:
        opened.until(OPEN)
        opened.quiet()
        yield opened


def is_left_as_it_was(opened: Pty) -> None:
    assert opened.modes == opened.before
    end = opened.written[opened.written.rindex(b"\x1b[?1049h") :]
    for each in LEFT:
        assert each in end
    assert opened.written.rindex(b"\x1b[?25h") > opened.written.rindex(b"\x1b[?25l")
    assert opened.written.rindex(b"\x1b[?1000l") > opened.written.rindex(b"\x1b[?1000h")


@pytest.mark.parametrize("key", ["\x1b[18~", "\x1b[19~", "\x1b[20~"], ids=["in a key", "in a thread", "in a worker"])
def test_a_crash_leaves_the_terminal_usable_and_tells_only_a_private_file(broken: Pty, tmp_path: Path, key: str) -> None:
    broken.send(key)
    assert broken.wait() == 3
    is_left_as_it_was(broken)
    assert "something went wrong that was not foreseen; nothing is lost" in broken.text
    assert "Traceback" not in broken.text
    assert SECRET not in broken.text
    (report,) = (tmp_path / "llmtaskgraph").glob("crash-*.txt")
    assert str(report) in re.sub(r"\s", "", broken.text)
    assert SECRET in report.read_text()
    assert report.stat().st_mode & 0o777 == 0o600


def test_a_crash_before_the_first_screen_likewise(folder: Path, tmp_path: Path) -> None:
    words = [sys.executable, "broken.py", "t.json"]
    with screen(words, folder, XDG_STATE_HOME=str(tmp_path), BREAK="compose") as opened:
        assert opened.wait() == 3
        assert opened.modes == opened.before
        assert SECRET not in opened.text
        assert "not foreseen" in opened.text
        assert b"\x1b[?25l" not in opened.written.rpartition(b"\x1b[?25h")[2]


def test_a_failure_that_nobody_awaits_prints_nothing(broken: Pty) -> None:
    broken.send("\x1b[17~")
    broken.wait()
    assert SECRET not in broken.text
    assert "Traceback" not in broken.text
    is_left_as_it_was(broken)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_ends_it_leaves_the_terminal_as_it_was(folder: Path, number: signal.Signals) -> None:
    with screen([sys.executable, "-m", "ltg_tui.cli", "t.json"], folder) as opened:
        opened.until(OPEN)
        opened.quiet()
        opened.process.send_signal(number)
        assert opened.wait() == 128 + number
        assert opened.modes == opened.before
        if number == signal.SIGTERM:
            is_left_as_it_was(opened)
        assert "Traceback" not in opened.text


def test_a_hang_up_that_is_ignored_stays_so(folder: Path) -> None:
    with screen(["sh", "-c", f"trap '' HUP; exec {sys.executable} -m ltg_tui.cli t.json"], folder) as opened:
        opened.until(OPEN)
        opened.quiet()
        opened.process.send_signal(signal.SIGHUP)
        opened.quiet()
        opened.send("q")
        assert opened.wait() == 0
        is_left_as_it_was(opened)


def test_a_line_that_is_gone_ends_it(folder: Path) -> None:
    with screen([sys.executable, "-m", "ltg_tui.cli", "t.json"], folder) as opened:
        opened.until(OPEN)
        opened.hang_up()
        assert opened.process.wait(60) in (128 + signal.SIGHUP, -signal.SIGHUP)


def test_a_line_that_is_gone_ends_it_though_nobody_tells_it(folder: Path) -> None:
    with screen([sys.executable, "-m", "ltg_tui.cli", "t.json"], folder, controlled=False) as opened:
        opened.until(OPEN)
        opened.send("je")
        opened.until("Ctrl+S apply")
        opened.send("hours of work")
        opened.quiet(1.0)  # whatever is written would find out
        opened.hang_up()
        assert opened.process.wait(60) == 128 + signal.SIGHUP
    drafts = list((folder / ".state/llmtaskgraph/drafts").glob("*.json"))
    assert ["hours of work" in path.read_text() for path in drafts] == [True]


def test_ctrl_z_gives_the_terminal_back_and_fg_comes_back(folder: Path) -> None:
    with screen([sys.executable, "-m", "ltg_tui.cli", "t.json"], folder) as opened:
        opened.until(OPEN)
        opened.quiet()
        for _ in range(2):
            opened.written = b""
            opened.send("\x1a")
            stopped(opened)
            assert opened.modes == opened.before
            for each in LEFT:
                assert each in opened.quiet()
            opened.written = b""
            opened.process.send_signal(signal.SIGCONT)
            opened.until("judge[facts]")
            opened.quiet()
        opened.send("q")
        assert opened.wait() == 0
        is_left_as_it_was(opened)


def stopped(opened: Pty) -> None:
    """Wait until it is stopped."""
    end = time.monotonic() + 60
    while "T" not in Path(f"/proc/{opened.process.pid}/stat").read_text().rpartition(")")[2].split()[0]:
        assert time.monotonic() < end
        time.sleep(0.05)


def test_over_ssh_the_mouse_is_off_and_colours_are_the_terminals_own(folder: Path) -> None:
    words = [sys.executable, "-m", "ltg_tui.cli", "t.json"]
    with screen(words, folder, SSH_CONNECTION="10.0.0.1 5000 10.0.0.2 22") as opened:
        opened.until(OPEN)
        opened.quiet()
        assert b"\x1b[?1000h" not in opened.written
        assert b"38;2;" not in opened.written
        assert b"48;2;" not in opened.written
        assert b"\x1b[?1049h" in opened.written
    with screen([*words, "--mouse", "--theme", "nord"], folder, SSH_CONNECTION="10.0.0.1 5000 10.0.0.2 22") as opened:
        opened.until(OPEN)
        opened.quiet()
        assert b"\x1b[?1000h" in opened.written
        assert b"38;2;" in opened.written


def test_lofi_is_ascii_in_sixteen_colours(folder: Path) -> None:
    with screen([sys.executable, "-m", "ltg_tui.cli", "t.json", "--lofi"], folder, size=(160, 40)) as opened:
        opened.until(OPEN)
        opened.send("?")
        opened.until("next row")
        written = opened.quiet()
        assert written.isascii()
        assert re.search(rb"[34]8;[25];", written) is None


def test_without_colour_none_is_sent(folder: Path) -> None:
    with screen([sys.executable, "-m", "ltg_tui.cli", "t.json"], folder, NO_COLOR="1") as opened:
        opened.until(OPEN)
        codes = set(re.findall(rb"\x1b\[([\d;]*)m", opened.quiet()))
        used = {int(code) for found in codes for code in found.split(b";") if code}
        assert used <= {0, 1, 2, 3, 4, 7, 9, 39, 49, 22, 23, 24, 27, 29}
        assert 7 in used, "the cursor is still to be seen"


def test_a_terminal_that_can_show_no_screen_is_told_so(folder: Path) -> None:
    with screen([sys.executable, "-m", "ltg_tui.cli", "t.json"], folder, TERM="dumb") as opened:
        assert opened.wait() == 3
        assert "this terminal can show no screen" in opened.text
        assert b"\x1b" not in opened.written

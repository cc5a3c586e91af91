"""How every screen looks, at 80x24 and at 200x60: a picture of each is kept, and a change of one is seen.

`pytest tests/tui/test_pictures.py --snapshot-update` takes them anew; look at them before they are committed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from textual.pilot import Pilot

from llmtaskgraph import Child
from llmtaskgraph import _events as ev
from llmtaskgraph._graph import Arg
from ltg_tui.app import DebuggerApp
from ltg_tui.cli import open_trace
from ltg_tui.config import Settings, parse
from ltg_tui.guiding import MET
from ltg_tui.looks import settled
from ltg_tui.picking import PickerApp
from ltg_tui.terminal import TerminalApp
from ltg_tui.widgets.tree import TaskTree

from .conftest import Screen
from .test_app import hostile
from .test_compare import resumed
from .traces import HOSTILE, llm, review, say, scribe

NOW = 1_763_794_100.0
WIDE = "幅の広い文字、👩‍👩‍👧 emoji, e\u0301\u0301 marks, ﷺ and עברית"

PRINTED = "\n".join(
    [
        *(f"judge[facts]: 429 Too Many Requests, again in {seconds} s" for seconds in range(1, 41)),
        "review.py:31: UserWarning: " + "a program wrote this on one long line, " * 5 + "and there it ended",
        WIDE,
        HOSTILE,
        "\tone tab\tand two\rcarriage return",
        "judge[facts]: succeeded\n",
    ]
)


def failed(path: Path) -> None:
    review(path, fails=True).store.close()


def ended(path: Path) -> None:
    by = review(path, answer="The style is plain.\n\n{'score': 8}\n" + "It goes on for a while. " * 40)
    by.end(by.start(1), "cancelled")
    by.store.close()


def whole(path: Path) -> None:
    review(path, answer="The style is plain.\n\nIt goes on for a while. " + "And on. " * 60).store.close()


def edited(path: Path) -> None:
    by = review(path)
    by.edit(1, "main/judge[style]", "response", say("style is bad"))
    by.store.close()


def repaired(path: Path) -> None:
    """The second of three runs has an edit; the third was to do without it, and was stopped."""
    by = review(path)
    by.edit(1, "main/judge[facts]", "response", say("09:10 to 10:05 is 55 minutes"))
    resumed(by, "09:10 to 10:05 is 55 minutes", origin="edited", output={"score": 9})
    by.end(by.start(1), "cancelled")
    by.store.close()


def running(path: Path) -> None:
    by = scribe(path)
    by.root(text="A text.")
    run = by.start()
    root = by.begin(run, "main")
    by.declare(root, [llm(2, "main/judge[a]"), llm(3, "main/judge[b]"), llm(4, "main/judge[c]")], Arg(ref="main/judge[a]"))
    by.answer(by.ask(run, "main/judge[a]", "Judge a"), "good")
    by.record(ev.ResponseStreamed(by.ask(run, "main/judge[b]", "Judge b"), "It was a bright cold day in Ap"))
    by.now = NOW - 5
    by.ask(run, "main/judge[c]", "Judge c")
    by.store.close()
    for each in path.parent.glob(f"{path.name}*"):
        os.utime(each, (NOW - 5, NOW - 5))


def nothing(path: Path) -> None:
    by = scribe(path)
    by.root()
    by.store.close()


def bad(path: Path) -> None:
    hostile(path).store.close()


def wide(path: Path) -> None:
    review(path, answer=f"{WIDE}\n" * 20, name=WIDE).store.close()


def damaged(path: Path) -> None:
    failed(path)
    path.write_bytes(path.read_bytes()[:-200])


class Case(NamedTuple):
    """A trace and the keys that lead to the screen."""

    trace: Callable[[Path], None]
    keys: tuple[str, ...] = ()
    settings: Settings = Settings()


WRONG = parse("theme = 1\n[keys]\nresume = 'e'\nstop = 'K'", Path("tui.toml"))
ANSI = Settings(theme="ansi-dark")
CASES = {
    "task": Case(whole, ("j",)),
    "pane": Case(whole, ("j", "2")),
    "zoomed": Case(whole, ("j", "1", "z")),
    "failed": Case(failed, ("x",)),
    "runs": Case(ended),
    "runs-list": Case(repaired, ("B",)),
    "runs-compared": Case(repaired, ("left_square_bracket", "equals_sign")),
    "edited": Case(edited, ("j",)),
    "running": Case(running, ("j", "j")),
    "empty": Case(nothing),
    "hostile": Case(bad, ("j",)),
    "hostile-failed": Case(bad, ("j", "j")),
    "wide-letters": Case(wide, ("j",)),
    "damaged": Case(damaged, ("j",)),
    "help": Case(whole, ("question_mark",)),
    "command": Case(whole, ("colon", "r")),
    "search": Case(whole, ("slash", *"jud")),
    "nothing-found": Case(whole, ("slash", *"xyzzy", "enter")),
    "filter": Case(failed, ("f", *"status:failed", "enter")),
    "causes": Case(failed, ("x", "c")),
    "slice": Case(failed, ("x", "C")),
    "editor": Case(whole, ("j", "e")),
    "editor-messages": Case(whole, ("j", "j", "1", "e")),
    "editor-hostile": Case(bad, ("j", "e")),
    "model": Case(whole, ("j", "m")),
    "plan": Case(edited, ("r",)),
    "settings": Case(
        whole, ("colon", *"settings", "enter"), parse("theme = 1\n[keys]\nresume = 'e'\nstop = 'K'", Path("tui.toml"))
    ),
    "ansi": Case(failed, ("x",), ANSI),
    "ansi-light": Case(edited, ("j",), Settings(theme="ansi-light")),
    "ansi-help": Case(whole, ("question_mark",), ANSI),
    "lofi": Case(edited, ("j",), settled(Settings(), {}, lofi=True)),
    "light": Case(failed, ("x",), Settings(theme="textual-light")),
}
SIZES = {"80x24": (80, 24), "200x60": (200, 60)}


@pytest.fixture(autouse=True)
def same_everywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The time stands still, in UTC; paths are short and the same."""
    monkeypatch.setattr(time, "time", lambda: NOW)
    monkeypatch.setitem(TaskTree.__init__.__kwdefaults__, "clock", time.time)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.chdir(tmp_path)


def picture(compare: Any, app: TerminalApp, keys: tuple[str, ...], size: tuple[int, int]) -> bool:
    async def pressed(pilot: Pilot[int]) -> None:
        screen = Screen(app, pilot)  # type: ignore[arg-type]
        await screen.settled()
        await screen.press(*keys)

    return bool(compare(app, terminal_size=size, run_before=pressed))


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_screen_looks_as_before(snap_compare: Any, case: Case, size: tuple[int, int]) -> None:
    case.trace(Path("trace.json"))
    session, follower = open_trace(Path("trace.json"), None, wait=True)
    try:
        assert picture(snap_compare, DebuggerApp(session, follower, settings=case.settings), case.keys, size)
    finally:
        if follower is not None:
            follower.close()


class Printing(Child):
    """A process that has printed something and goes on."""

    def __init__(self) -> None:
        self.doing = "the resume of run 1"

    def code(self) -> int | None:
        return None

    def printed(self, limit: int = 1_000_000) -> str:
        return PRINTED


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_what_a_run_printed_looks_as_before(snap_compare: Any, size: tuple[int, int]) -> None:
    failed(Path("trace.json"))
    session, follower = open_trace(Path("trace.json"), None, wait=True)
    assert follower is not None
    try:
        assert picture(snap_compare, DebuggerApp(session, follower, Printing()), ("L",), size)
    finally:
        follower.close()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_first_day_looks_as_before(snap_compare: Any, state_home: Path, size: tuple[int, int]) -> None:
    (state_home / "llmtaskgraph" / MET).unlink()
    whole(Path("trace.json"))
    session, follower = open_trace(Path("trace.json"), None, wait=True)
    assert follower is not None
    try:
        assert picture(snap_compare, DebuggerApp(session, follower), (), size)
    finally:
        follower.close()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("full", [True, False], ids=["traces", "none"])
def test_the_list_of_traces_looks_as_before(
    snap_compare: Any, size: tuple[int, int], full: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "resolve", lambda self, strict=False: Path("/home/somebody", self))
    Path("runs").mkdir()
    for name, make in {"good.json": whole, "bad.json": failed, "half.json": running}.items() if full else ():
        make(Path("runs", name))
        for path in Path("runs").glob(f"{name}*"):
            os.utime(path, (NOW - 3600, NOW - 3600))
    assert picture(snap_compare, PickerApp(Path("runs")), (), size)

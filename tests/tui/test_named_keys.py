"""A text that names a key names the one that works: what `tui.toml` changed is changed in hints and messages, too."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import ltg_tui
from ltg_tui import actions
from ltg_tui.config import parse
from ltg_tui.guiding import MET
from ltg_tui.picking import PickerApp

from .conftest import Opened, Screen
from .test_live import begun
from .traces import review, say, wide

SETTINGS = parse(
    """
[keys]
resume = "F5"
help = "F2"
follow = "F6"
edit = "F3"
stop = "F8"
quit = "F10"
next-problem = "F9"
revert = "F11"
wrap = "F12"
select = "F13"
copy = "F14"
child-log = "F17"
back = "F18"
again = "F19"
[keys.tree]
down = "F21"
up = "F22"
enter = "F23"
unfold = "F24"
[keys.text]
down = "Ctrl+G"
up = "Ctrl+T"
[keys.runs]
mark = "F20"
compare = "F21"
[keys.edits]
revert = "F22"
[keys.picker]
quit = "F10"
[keys.editor]
apply = "F4"
cancel = "F9"
""",
    Path("tui.toml"),
)

TASK = "main/judge[style]"


def test_all_of_these_settings_hold() -> None:
    assert SETTINGS.warnings == ()
    assert len(SETTINGS.keys) == 26


@pytest.fixture(autouse=True)
def keys_as_before() -> Iterator[None]:
    """Other tests have the keys of the registry."""
    yield
    actions.use_keys({})


@pytest.mark.anyio
async def test_the_word_on_the_first_day(debugger: Opened, tmp_path: Path, state_home: Path) -> None:
    (state_home / "llmtaskgraph" / MET).unlink()
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=(120, 24), settings=SETTINGS) as screen:
        line = screen.text.splitlines()[-1]
        assert line.strip() == "first time? F21 F22 move · F23 reads · F3 edits · F5 resumes · F2 all keys · F10 quits"


@pytest.mark.anyio
async def test_a_trace_that_is_not_there_yet(debugger: Opened, tmp_path: Path) -> None:
    async with debugger(tmp_path / "t.json", wait=True, settings=SETTINGS) as screen:
        assert "F17 what a run started here prints  F10 quits" in screen.text


@pytest.mark.anyio
async def test_a_group(debugger: Opened, tmp_path: Path) -> None:
    wide(40, tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", settings=SETTINGS) as screen:
        assert "a group of 40 tasks: F24 unfolds it" in await screen.press("f21")


@pytest.mark.anyio
async def test_a_run_that_failed(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json", fails=True).store.close()
    async with debugger(tmp_path / "t.json", settings=SETTINGS) as screen:
        assert "main/issues failed; F9 goes there" in screen.text
        assert "there is only one run: F5 resumes it, and then = compares the two" in await screen.press("equals_sign")
        assert "the whole tree; F10 quits" in await screen.press("f18")


@pytest.mark.anyio
async def test_edits_that_are_pending(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=(120, 24), settings=SETTINGS) as screen:
        assert "nothing was edited yet: F3 edits what is under the cursor" in await screen.press("M")
        await screen.press("escape", "f21", "f3", "x")
        assert "the text was changed: F4 applies it, F9 again throws the change away" in await screen.press("f9")
        await screen.press("f4")
        await screen.until("edited; F5 shows what follows")


@pytest.mark.anyio
async def test_a_task_that_is_to_run_again(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=(120, 24), settings=SETTINGS) as screen:
        await screen.press("f21", "f19")
        await screen.until(f"run {TASK} again: resume run 1")
        later = await screen.press("escape")
        assert f"{TASK} stays marked to run again: F5 starts it, F11 takes it back" in later


@pytest.mark.anyio
async def test_a_task_with_two_edits(debugger: Opened, tmp_path: Path) -> None:
    by = review(tmp_path / "t.json")
    by.edit(1, TASK, "response", say("bad"))
    by.edit(1, TASK, "output", "bad")
    by.store.close()
    async with debugger(tmp_path / "t.json", size=(120, 24), settings=SETTINGS) as screen:
        text = await screen.press("f21", "f11")
        assert "go to the pane of the one to take back, then F11; or M, then F22" in text


@pytest.mark.anyio
async def test_a_pane_that_is_read(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=(120, 24), settings=SETTINGS) as screen:
        await screen.press("f21", "f23")
        assert "Ctrl+G Ctrl+T move, F13 holds this row, F14 copies it, F18 ends" in await screen.press("f13")
        assert "in a pane; F12 wraps them again" in await screen.press("f12")


@pytest.mark.anyio
async def test_the_list_of_runs(debugger: Opened, tmp_path: Path) -> None:
    by = review(tmp_path / "t.json")
    by.end(by.start(1))
    by.store.close()
    async with debugger(tmp_path / "t.json", size=(120, 24), settings=SETTINGS) as screen:
        await screen.press("B")
        assert "go to another run, then F21; F20 marks this one" in await screen.press("f21")
        assert "F21 compares the run under the cursor" in await screen.press("f20")
        assert "mark it: F21 on another one compares" in await screen.press("question_mark")


@pytest.mark.anyio
async def test_a_run_that_is_under_way_and_was_left(debugger: Opened, tmp_path: Path) -> None:
    by, run, _ = begun(tmp_path / "t.json")
    by.begin(run, "main/first")
    async with debugger(tmp_path / "t.json", settings=SETTINGS) as screen:
        assert "this run is under way: F8 stops it" in await screen.press("f5")
        assert "▼ F6" in await screen.press("f22")
        by.begin(run, "main/part[9]")
        await screen.until("▼ 1 new · F6")
    by.store.close()


@pytest.mark.anyio
async def test_a_run_whose_process_is_gone(debugger: Opened, tmp_path: Path) -> None:
    by, run, _ = begun(tmp_path / "t.json")
    by.begin(run, "main/first")
    by.store.close(fold=False)
    async with debugger(tmp_path / "t.json", size=(120, 24), settings=SETTINGS) as screen:
        await screen.until("what was finished is kept, F5 resumes it")


@pytest.mark.anyio
async def test_a_folder_without_traces(tmp_path: Path) -> None:
    app = PickerApp(tmp_path, settings=SETTINGS)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = Screen(app, pilot)  # type: ignore[arg-type]
        assert "there is no trace to open yet; F10 quits" in await screen.press("enter")


def test_the_help_of_an_action_that_tells_of_others() -> None:
    actions.use_keys(SETTINGS.keys)
    told = actions.help_text(actions.find("app", "select"))
    assert told == "select rows; F13 again holds the first one, Ctrl+G Ctrl+T move on, F18 ends"
    assert [action.id for action in actions.ACTIONS if "{" in actions.help_text(action)] == []


def test_an_action_without_a_key_is_named_as_the_command_line_has_it() -> None:
    actions.use_keys({"app.child_log": ""})
    assert actions.key("child_log") == ":child-log"


# No text brings a key of its own

SIGNS = {"Enter", "Esc", "Space", "PgUp", "PgDn"}
WRITTEN = {key for each in actions.ACTIONS for key in actions.key_text(each).split() if key.isalpha() and len(key) == 1}
NAMES = SIGNS | WRITTEN | {key for each in actions.ACTIONS for key in actions.key_text(each).split() if "Ctrl+" in key}
NAMED = re.compile(rf"(?<![^\s:;,(·])(?:{'|'.join(sorted(map(re.escape, NAMES)))})(?![^\s:;,)·])")
ALLOWED = {
    "actions.py": "the registry itself",
    "cli.py": "what `--help` tells is told before there are settings",
    "model/format.py": "the letters of dates",
}


def literals(text: str) -> Iterator[str]:
    """Texts of more than a word that a module holds, without what it says about itself."""
    tree = ast.parse(text)
    about = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in about and " " in node.value.strip():
            yield node.value


def test_texts_take_the_keys_they_name_from_the_registry() -> None:
    """It sees letters and names such as Enter and Ctrl+S. Signs, such as = and ?, are punctuation, too: those it cannot see."""
    root = Path(ltg_tui.__file__).parent
    found = [
        f"{path.relative_to(root)}: {NAMED.findall(text)} {text!r}"
        for path in sorted(root.rglob("*.py"))
        if str(path.relative_to(root)) not in ALLOWED
        for text in literals(path.read_text())
        if NAMED.search(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "line", ['say("q quits")', 'say(f"{text}; r shows it")', 'say("Ctrl+S applies it")', 'say("then u, or M")']
)
def test_a_text_with_a_key_of_its_own_would_be_seen(line: str) -> None:
    assert any(NAMED.search(text) for text in literals(line))

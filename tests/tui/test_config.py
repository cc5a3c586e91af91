"""`tui.toml`: what is right holds; what is wrong is one warning that names file, line and what exists."""

from __future__ import annotations

from pathlib import Path

import pytest

from ltg_tui import actions
from ltg_tui.app import DebuggerApp
from ltg_tui.config import Settings, load, parse, place_of_settings
from ltg_tui.model.keymap import UnknownKey, key_name, pretty
from ltg_tui.model.session import Session

from .conftest import Opened
from .traces import review

FILE = Path("tui.toml")


def warned(text: str) -> str:
    found = parse(text, FILE)
    assert len(found.warnings) == 1, found.warnings
    return found.warnings[0]


def test_without_a_file_the_defaults_hold_silently(tmp_path: Path) -> None:
    assert load() == Settings()
    assert "there is no such file" in load(tmp_path / "other.toml").warnings[0]


def test_keys_and_looks_are_taken() -> None:
    text = 'theme = "nord"\nmouse = false\nlofi = true\n[keys]\nstop = ["S", "Ctrl+K"]\nolder-run = "<"\n'
    text += '[keys.tree]\ndown = "down"\n'
    found = parse(text, FILE)
    assert found.warnings == ()
    assert (found.theme, found.mouse, found.lofi) == ("nord", False, True)
    assert found.keys == {"app.stop": "S,ctrl+k", "app.older_run": "less_than_sign", "tree.down": "down"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('\ntheme = "nord', "tui.toml: "),
        ("a\x00b", "tui.toml: "),
        ('colour = "red"', "line 1: there is no setting 'colour'; there is theme, mouse, lofi, keys"),
        ("theme = 3", "line 1: theme is a text in quotes"),
        ('mouse = "yes"', "line 1: mouse is true or false"),
        ('keys = "x"', "line 1: there is no setting 'keys'"),
        ('[keys]\n\nresum = "R"', "line 3: there is no action 'resum'; there is resume"),
        ('[keys.tre]\ndown = "x"', "line 1: there is no table [keys.tre]; there is tree"),
        ('[keys.tree]\nresume = "x"', "line 2: there is no action 'resume' in [keys.tree]"),
        ('[keys]\nresume = "Hyper+x"', "line 2: there is no key Hyper+x"),
        ("[keys]\nresume = 7", "line 2: there is no key 7"),
        ('keys.resume = "e"', "line 1: e is the key of 'edit'"),
        ('[keys]\nresume = "j"', "line 2: j is the key of 'down' (next row)"),
        ('[keys.tree]\ndown = "r"', "line 2: r is the key of 'resume'"),
        ('[keys.main]\nruns = "r"', "line 2: r is the key of 'resume'"),
        ('[keys.main]\ndown = "f5"', "line 2: there is no action 'down' in [keys.main]"),
        ("[keys.read]\ncancel = []", "line 2: 'cancel' (close) needs a key: without one there is no way back"),
    ],
)
def test_a_wrong_line_is_one_warning_and_the_default_holds(text: str, says: str) -> None:
    warning = warned(text)
    assert warning.startswith("tui.toml")
    assert says in warning
    assert "default" in warning
    found = parse(text, FILE)
    assert (found.theme, found.mouse, dict(found.keys)) == (None, None, {})


def test_the_other_lines_hold_beside_a_wrong_one() -> None:
    found = parse('theme = 1\nlofi = true\n[keys]\nnonsense = "x"\nresume = "U"\nrun = "f5"\n', FILE)
    assert len(found.warnings) == 2
    assert found.lofi is True
    assert found.keys == {"app.resume": "U", "app.run": "f5"} or "key of" in found.warnings[1]


@pytest.mark.parametrize("text", ['resume = "S"\nstop = "q"', 'resume = "e"\nedit = "q"', 'stop = "q"\nresume = "S"\nquit = "r"'])
def test_a_key_that_is_refused_leaves_no_two_actions_with_one(text: str) -> None:
    found = parse(f"[keys]\n{text}\n", FILE)
    actions.use_keys(found.keys)
    try:
        keys = [key for action in actions.of(*actions.MAIN) for key in actions.keys_of(action).split(",") if key]
    finally:
        actions.use_keys({})
    assert len(keys) == len(set(keys))
    assert found.warnings or len(found.keys) == 3


def test_an_action_of_the_name_of_a_table_is_found_beside_it() -> None:
    found = parse('[keys.main]\nruns = "f7"\n[keys.runs]\ncancel = "f8"\n', FILE)
    assert found.warnings == ()
    assert found.keys == {"app.runs": "f7", "runs.cancel": "f8"}


@pytest.mark.anyio
async def test_an_action_without_a_key_is_not_hinted_at_and_is_there_by_its_name(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    settings = parse("[keys]\nresume = []\nedit = []\n", FILE)
    assert settings.warnings == ()
    async with debugger(tmp_path / "t.json", settings=settings, size=(120, 30)) as screen:
        hints = screen.text.split("\n")[-1]
        assert "resume" not in hints
        assert " edit" not in hints
        assert "Ctrl+S apply" in await screen.press("j", "colon", *"edit", "enter")


def test_two_actions_may_change_their_keys_with_each_other() -> None:
    found = parse('[keys]\nedit = "u"\nrevert = "e"\n', FILE)
    assert found.warnings == ()
    assert found.keys == {"app.edit": "u", "app.revert": "e"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("?", "question_mark"),
        ("/", "slash"),
        ("R", "R"),
        ("Ctrl+S", "ctrl+s"),
        ("shift+ctrl+Tab", "ctrl+shift+tab"),
        ("PgDn", "pagedown"),
        ("F5", "f5"),
        ("Space", "space"),
        ("+", "plus"),
        ("ctrl++", "ctrl+plus"),
        ("left_square_bracket", "left_square_bracket"),
    ],
)
def test_keys_have_the_names_that_people_use(text: str, name: str) -> None:
    assert key_name(text) == name
    assert key_name(pretty(name)) == name


@pytest.mark.parametrize("text", ["", "F99", "Ctrl", "ctrl+", "+x", "win+x", "\x00", "ab"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(UnknownKey):
        key_name(text)


def test_every_key_of_the_registry_can_be_written_in_the_file() -> None:
    for action in actions.ACTIONS:
        for key in action.keys.split(","):
            assert not key or key_name(pretty(key)) == key


@pytest.mark.anyio
async def test_a_changed_key_works_and_is_what_hints_and_help_name(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    settings = parse('theme = "nord"\n[keys]\nhelp = "F2"\nsearch = "r"\nresume = "/"\n', FILE)
    async with debugger(tmp_path / "t.json", size=(200, 40), settings=settings) as screen:
        assert screen.app.theme == "nord"
        assert " F2 help" in screen.text
        assert " / resume" in screen.text
        assert "Enter start" in await screen.press("slash")
        assert "keys in the tree" not in await screen.press("escape", "question_mark")
        text = await screen.press("f2")
        assert "F2             the keys" in text
    DebuggerApp(Session(tmp_path / "t.json"))
    assert actions.key_text(actions.find("app", "help")) == "? F1", "another app has its own keys"


@pytest.mark.anyio
async def test_a_wrong_setting_is_told_at_the_start_and_listed(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    settings = parse('theme = "norf"\nnonsense = 1\n', FILE)
    async with debugger(tmp_path / "t.json", size=(200, 50), settings=settings) as screen:
        assert "tui.toml, line 2: there is no setting 'nonsense'" in screen.text
        assert "and 1 more: :settings" in screen.text
        text = await screen.press("colon", *"settings", "enter")
        assert "tui.toml, line 1: there is no theme 'norf'; there is ansi-dark" in text


def test_the_file_is_where_the_desktop_keeps_such_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere")
    assert place_of_settings() == Path("/somewhere/llmtaskgraph/tui.toml")

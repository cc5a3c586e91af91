"""The registry of actions: complete, without conflicts, and bound where it says."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from ltg_tui import actions
from ltg_tui.app import DebuggerApp
from ltg_tui.model.hints import Hint, fitting
from ltg_tui.model.session import Session
from ltg_tui.screens.compare import CompareScreen, PairList
from ltg_tui.screens.editor import EditorSheet
from ltg_tui.screens.edits import EditsSheet
from ltg_tui.screens.help import help_groups
from ltg_tui.screens.links import LinksSheet
from ltg_tui.screens.main import MainScreen
from ltg_tui.screens.picker import PickerScreen
from ltg_tui.screens.plan import PlanSheet
from ltg_tui.screens.runs import RunsSheet
from ltg_tui.screens.sheet import ReadSheet
from ltg_tui.screens.web import WebSheet
from ltg_tui.widgets.flow_view import FlowView
from ltg_tui.widgets.row_list import RowList
from ltg_tui.widgets.tree import TaskTree

PLACES = {
    "tree": TaskTree,
    "text": FlowView,
    "trace": MainScreen,
    "editor": EditorSheet,
    "plan": PlanSheet,
    "edits": EditsSheet,
    "read": ReadSheet,
    "web": WebSheet,
    "list": RowList,
    "links": LinksSheet,
    "picker": PickerScreen,
    "runs": RunsSheet,
    "pairs": PairList,
    "compare": CompareScreen,
}


@pytest.fixture(scope="module")
def app() -> DebuggerApp:
    return DebuggerApp(Session(Path("t.json")))


@pytest.mark.parametrize("action", actions.ACTIONS, ids=lambda action: f"{action.place}.{action.id}")
def test_an_action_has_a_method_in_the_place_that_does_it(app: DebuggerApp, action: actions.Action) -> None:
    if action.place == "app":
        assert callable(app.parts[action.id])
    else:
        assert callable(getattr(PLACES[action.place], f"action_{action.id}"))


def test_every_method_that_does_an_action_stands_in_the_registry(app: DebuggerApp) -> None:
    assert set(app.parts) == {action.id for action in actions.of("app")}
    assert set(app.completes) <= {action.id for action in actions.of("app") if action.argument}


@pytest.mark.parametrize("places", actions.TOGETHER, ids="+".join)
def test_no_key_means_two_things_in_one_place(places: tuple[actions.Place, ...]) -> None:
    keys = Counter(key for action in actions.of(*places) for key in action.keys.split(",") if key)
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_place_has_its_keys_checked() -> None:
    assert {action.place for action in actions.ACTIONS} == {place for places in actions.TOGETHER for place in places}


def test_ids_are_unique_in_their_place() -> None:
    ids = Counter((action.place, action.id) for action in actions.ACTIONS)
    assert max(ids.values()) == 1


@pytest.mark.parametrize("place", ["tree", "text"])
def test_help_tells_of_every_action_that_works_there(place: actions.Place) -> None:
    told = {entry.help for group in help_groups(place, *actions.MAIN) for entry in group.entries}
    assert [each.id for each in actions.of(place, *actions.MAIN) if actions.help_text(each) not in told and each.keys] == []


def test_hints_give_way_whole_and_the_least_important_ones_first() -> None:
    hints = [Hint("Enter", "read", 3), Hint("e", "edit", 1), Hint("/", "search", 4), Hint("?", "help", 0)]
    full = sum(hint.width for hint in hints)
    assert fitting(hints, full) == hints
    assert [hint.key for hint in fitting(hints, full - 1)] == ["Enter", "e", "?"]
    assert [hint.key for hint in fitting(hints, 12)] == ["?"]
    assert fitting(hints, 3) == []
    for width in range(60):
        assert sum(hint.width for hint in fitting(hints, width)) <= width

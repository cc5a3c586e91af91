"""The registry of actions: complete, without conflicts, and bound where it says."""

from __future__ import annotations

from collections import Counter

import pytest

from ltg_tui import actions
from ltg_tui.screens.editor import EditorSheet
from ltg_tui.screens.help import help_blocks
from ltg_tui.screens.main import MainScreen
from ltg_tui.screens.sheet import PlanSheet, ReadSheet
from ltg_tui.widgets.flow_view import FlowView
from ltg_tui.widgets.tree import TaskTree

PLACES = {"tree": TaskTree, "text": FlowView, "trace": MainScreen, "edit": EditorSheet, "plan": PlanSheet, "read": ReadSheet}


@pytest.mark.parametrize("action", actions.ACTIONS, ids=lambda action: f"{action.place}.{action.id}")
def test_an_action_has_a_method_where_it_is_bound(action: actions.Action) -> None:
    assert callable(getattr(PLACES[action.place], f"action_{action.id.partition('(')[0]}"))


@pytest.mark.parametrize("places", [("tree", "trace"), ("text", "trace"), ("edit",), ("plan", "text"), ("read", "text")])
def test_no_key_means_two_things_in_one_place(places: tuple[actions.Place, ...]) -> None:
    keys = Counter(key for place in places for action in actions.of(place) for key in action.keys.split(","))
    assert [key for key, count in keys.items() if count > 1] == []


def test_ids_are_unique_in_their_place() -> None:
    ids = Counter((action.place, action.id) for action in actions.ACTIONS)
    assert max(ids.values()) == 1


def test_help_tells_of_every_action_of_the_main_screen() -> None:
    text = "\n".join(block.text for block in help_blocks())
    assert [action.id for action in actions.ACTIONS if action.place in actions.TITLES and action.help not in text] == []

"""From the registry of actions to Textual's bindings."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from .. import actions


def bindings(*places: actions.Place) -> list[BindingType]:
    """The bindings of these places. Their ids let a keymap change the keys."""
    return [
        Binding(action.keys, call(action), actions.word(action), show=False, id=f"{action.place}.{action.id}")
        for action in actions.of(*places)
        if action.keys
    ]


def call(action: actions.Action, argument: str = "") -> str:
    """What Textual shall call: a method of the place, or the app, which asks its parts."""
    return f"app.do({action.id!r}, {argument!r})" if action.place == "app" else action.id

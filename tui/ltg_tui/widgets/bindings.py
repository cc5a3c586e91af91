"""From the registry of actions to Textual's bindings."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from .. import actions


def bindings(place: actions.Place) -> list[BindingType]:
    """The bindings of a place. Their ids let a keymap change the keys."""
    return [Binding(action.keys, action.id, action.help, show=False, id=f"{place}.{action.id}") for action in actions.of(place)]

"""The keys, from the registry of actions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from textual.content import Content
from textual.widget import Widget

from .. import actions
from ..model.columns import Entry, Group, laid_out
from ..model.safe import one_line
from ..widgets.bindings import bindings
from ..widgets.page import Page
from .sheet import Sheet

_LOOKS = {"heading": "bold $text-primary", "key": "bold", "dim": "$ltg-dim"}

GLYPHS = Group(
    "Glyphs",
    (
        Entry("✔ ✖ ● ·", "succeeded, failed, running, waiting"),
        Entry("⊘ ◌", "blocked by a failure, cancelled"),
        Entry("✎ ⟳", "edited; a resume will or may run it again"),
        Entry("dim", "taken over from an older run"),
    ),
)


def help_groups(*places: actions.Place, why_not: Callable[[actions.Action], str] = lambda action: "") -> list[Group]:
    """The keys of these places, in groups."""
    found = [action for action in actions.of(*places) if actions.keys_of(action)]
    groups = []
    for title, members in groupby(found, key=lambda action: action.group):
        groups.append(
            Group(
                title, tuple(Entry(actions.key_text(each), actions.help_text(each), one_line(why_not(each))) for each in members)
            )
        )
    words = [action for action in actions.of(*places) if action.argument]
    if words:
        told = tuple(Entry(f":{actions.word(each)} {each.argument}", actions.help_text(each)) for each in words)
        groups.append(Group(f"After {actions.key('command')} (Tab completes)", told))
    return groups


class HelpSheet(Sheet[None]):
    """The keys that work where one was."""

    BINDINGS = bindings("read")

    def __init__(self, title: str, groups: list[Group]) -> None:
        super().__init__(title, "read")
        self._groups = groups

    def body(self) -> list[Widget]:
        return [Page(self._page)]

    def _page(self, width: int) -> Content:
        lines = laid_out([*self._groups, GLYPHS], width)
        return Content("\n").join(
            Content.assemble(*((text, _LOOKS[look]) if look else text for text, look in line)) for line in lines
        )

    def action_cancel(self) -> None:
        self.dismiss(None)

"""What the app does about the order of the tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from .model.at import At
from .model.order import ORDERS, Order
from .model.words import starting
from .screens.choice import ChoiceSheet

if TYPE_CHECKING:
    from .app import DebuggerApp

_WORDS: Final[dict[str, tuple[Order, str]]] = {
    "d": ("declared", "as declared"),
    "b": ("start", "by begin: the first to start comes first"),
    "t": ("duration", "by time: the longest first"),
    "c": ("cost", "by cost: the dearest first"),
    "k": ("tokens", "by tokens: the most first"),
    "p": ("problems", "problems first: failed, blocked, cancelled, running"),
}
"""Key -> order, and how the menu tells of it."""

_ALSO: Final[dict[str, Order]] = {"begin": "start", "time": "duration"}
"""Words of the menu that `:sort` takes, too."""


class Arranging:
    """Sorting of siblings."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app

    def do_sort(self, at: At) -> None:
        """Ask for an order, and sort siblings by it."""
        if at.argument:
            order = next((order for order in ORDERS if order == at.argument), _ALSO.get(at.argument))
            if order is None:
                self.app.say(f"there is no order {at.argument!r}; there is {', '.join(ORDERS)}")
            else:
                self._sort(order)
            return

        def answered(answer: str | None) -> None:
            if answer in _WORDS:
                self._sort(_WORDS[answer][0])

        now = self.app.session.order
        answers = {key: f"{words}{'  (now)' if order == now else ''}" for key, (order, words) in _WORDS.items()}
        lines = ["Tasks that belong to one graph or group stand in this order. It stays while a run goes on."]
        self.app.push_screen(ChoiceSheet("sort", lines, {**answers, "s": "leave it"}), answered)

    def complete_sort(self, typed: str) -> Iterable[str]:
        """The orders."""
        return starting(typed, ORDERS)

    def _sort(self, order: Order) -> None:
        self.app.session.order = order
        self.app.main.task_tree.sort(order)
        self.app.say(f"siblings are sorted {next(words for each, words in _WORDS.values() if each == order)}")

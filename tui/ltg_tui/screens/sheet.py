"""Screens that lie over the main one: a title, something to read or fill in, a line of keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.containers import Container
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Static

from .. import actions
from ..model.flow import Block
from ..model.safe import message, one_line
from ..widgets.bindings import bindings
from ..widgets.flow_view import FlowView
from ..widgets.lines import HintLine

T = TypeVar("T")

LOOK = 0.3
"""Seconds between two looks at what a process printed."""


class Sheet(ModalScreen[T]):
    """A title, a body, a line for errors, a line of keys."""

    def __init__(self, title: str, place: actions.Place) -> None:
        super().__init__()
        self.heading, self.place = title, place
        self._due: tuple[T | None] | None = None

    def compose(self) -> ComposeResult:
        with Container(classes="sheet"):
            yield Static(Content(one_line(self.heading)), classes="sheet-title", markup=False)
            yield from self.body()
            yield Static("", classes="sheet-line", markup=False)
            yield HintLine()

    def body(self) -> list[Widget]:
        """What is between title and keys."""
        return []

    def on_mount(self) -> None:
        self.query_one(HintLine).hint(self.hinted())

    def hinted(self) -> list[actions.Action]:
        """The actions that the line of keys tells of."""
        return actions.of(self.place)

    def say(self, text: str, *, error: bool = False) -> None:
        """A line above the keys."""
        line = self.query_one(".sheet-line", Static)
        line.set_class(error, "-error")
        line.update(Content(message(text)))

    def dismiss(self, result: T | None = None) -> AwaitComplete:
        """Close, once: keys that were typed before it was gone must not close what lies under it, nor the end of some work what
        lies over it. Textual closes whatever is on top."""
        if self.app.screen is self:
            if self.is_mounted:
                return super().dismiss(result)
            self.call_later(self._dismiss_later, result)  # Textual goes on to make its parts, and they would be gone
            return AwaitComplete()
        if self in self.app.screen_stack:
            self._due = (result,)
        return AwaitComplete()

    def _dismiss_later(self, result: T | None) -> None:
        self.dismiss(result)  # not awaited: a screen cannot wait for its own end

    def on_screen_resume(self) -> None:
        """Nothing lies over it any more."""
        if self._due is not None:
            (result,), self._due = self._due, None
            self.dismiss(result)


class ReadSheet(Sheet[None]):
    """Something to read. Any of the keys closes it."""

    BINDINGS = bindings("read")

    def __init__(self, title: str, blocks: list[Block], *, tail: bool = False) -> None:
        super().__init__(title, "read")
        self._blocks, self._tail = blocks, tail

    def body(self) -> list[Widget]:
        return [FlowView(id="sheet-text")]

    def hinted(self) -> list[actions.Action]:
        page, end = actions.find("text", "page_down"), actions.find("text", "last")
        return [*super().hinted(), page._replace(hint="a page down", rank=2), end._replace(hint="the end", rank=3)]

    def on_mount(self) -> None:
        super().on_mount()
        self.show(self._blocks)

    def show(self, blocks: list[Block]) -> None:
        """Show another text."""
        self.query_one(FlowView).show(blocks, "read", tail=self._tail)

    def action_cancel(self) -> None:
        self.dismiss(None)


class LogSheet(ReadSheet):
    """What a process prints, as it prints it. The end stays in sight until one goes up."""

    def __init__(self, title: str, read: Callable[[], str]) -> None:
        self._read, self._shown = read, read()
        super().__init__(title, _log(self._shown), tail=True)

    def on_mount(self) -> None:  # that of `ReadSheet` is called, too, and shows the first blocks
        self.set_interval(LOOK, self._look)

    def _look(self) -> None:
        text = self._read()
        if text != self._shown:
            self._shown = text
            self.show(_log(text))


def _log(text: str) -> list[Block]:
    return [Block(text or "nothing yet", "" if text else "dim")]

"""A page of styled text that was made for the width, with the keys of a text."""

from __future__ import annotations

from collections.abc import Callable

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from .bindings import bindings


class Page(VerticalScroll):
    """Shows what `make` gives for the width; asks again when the width changes. What it gives is not markup, and safe."""

    BINDINGS = bindings("text")

    def __init__(self, make: Callable[[int], Content]) -> None:
        self._text = Static(markup=False)
        super().__init__(self._text, classes="page")
        self._make = make
        self._width = 0

    def on_resize(self) -> None:
        """Another width."""
        width = self.scrollable_content_region.width
        if width != self._width:
            self._width = width
            self._text.update(self._make(width))

    def action_down(self) -> None:
        self.scroll_relative(y=1, animate=False)

    def action_up(self) -> None:
        self.scroll_relative(y=-1, animate=False)

    def action_page_down(self) -> None:
        self.scroll_relative(y=max(1, self.size.height - 1), animate=False)

    def action_page_up(self) -> None:
        self.scroll_relative(y=-max(1, self.size.height - 1), animate=False)

    def action_first(self) -> None:
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        self.scroll_end(animate=False)

"""What is as tall as its rows, and paints only those on the screen."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.widget import Widget


class Tall(ScrollView):
    """A view of many rows."""

    def fit(self, rows: int) -> None:
        """There are so many rows now. Only its own scroll bar follows: Textual would lay out the whole screen again."""
        size = Size(0, rows)
        if size != self.virtual_size:
            self.set_reactive(Widget.virtual_size, size)
            self._scroll_update(size)

"""One line of text that changes often."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Line(Static):
    """A text of fixed height: a new one is no reason to lay out the screen, nor to paint its scroll bars, again."""

    def put(self, content: Content) -> None:
        """Show a text; nothing is painted where it is the one that is shown."""
        shown = self.content
        if not (isinstance(shown, Content) and shown.is_same(content)):
            self.update(content, layout=False)

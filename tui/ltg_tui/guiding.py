"""What the app does to help a person find their way: the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model.at import At
from .screens.help import help_blocks
from .screens.sheet import ReadSheet

if TYPE_CHECKING:
    from .app import DebuggerApp


class Guiding:
    """Help."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app

    def do_help(self, at: At) -> None:
        """Show the keys."""
        self.app.push_screen(ReadSheet("keys", help_blocks("tree" if at.pane is None else "text")))

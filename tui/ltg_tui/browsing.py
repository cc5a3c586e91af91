"""What the app does to put another run on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .model.at import At
from .model.session import News

if TYPE_CHECKING:
    from .app import DebuggerApp


class Browsing:
    """The runs of the trace, and other traces."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app

    def show(self, run: int) -> None:
        """Put a run on the screen."""
        self.app.session.show_run(run)
        self.app.main.take(News(everything=True))
        self.app.resuming.replan()

    def do_older_run(self, at: At) -> None:
        """Show the run before."""
        self._step(-1, "this is the oldest run")

    def do_newer_run(self, at: At) -> None:
        """Show the run after."""
        self._step(1, "this is the newest run")

    def _step(self, step: int, otherwise: str) -> None:
        run = self.app.session.neighbour(step)
        if run is None:
            self.app.say(otherwise)
        else:
            self.show(run)

    def do_pick(self, at: At) -> None:
        """Leave this trace for the list of those in its folder."""
        self.app.resuming.quit(-1)  # `cli.PICK`

"""What the app does to put another run on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import actions
from .model.at import At
from .model.session import News
from .screens.compare import CompareScreen
from .screens.runs import RunsSheet, Wanted

if TYPE_CHECKING:
    from .app import DebuggerApp


class Browsing:
    """The runs of the trace, and other traces."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app

    def show(self, run: int) -> None:
        """Put a run on the screen."""
        state = self.app.session.state
        if state is None or run not in state.runs:  # it was asked for on a sheet, and the trace is another by now
            self.app.say(f"there is no run {run} any more", "$text-error")
            return
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

    # All runs, and two of them

    def do_runs(self, at: At) -> None:
        """List the runs."""
        session = self.app.session
        if session.state is not None and session.run is not None:
            self.app.push_screen(RunsSheet(session.state, session.run), self._wanted)

    def _wanted(self, wanted: Wanted | None) -> None:
        if wanted is None or self.app.session.state is None:
            return
        if wanted.other is None:
            self.show(wanted.run)
        else:
            self.compare(wanted.run, wanted.other)

    def do_compare(self, at: At) -> None:
        """Compare the run on the screen with its parent, or the one before; the oldest with the next."""
        session = self.app.session
        shown = session.shown
        if shown is None:
            return
        other = shown.parent or session.neighbour(-1) or session.neighbour(1)
        if other is None:
            self.app.say(
                f"there is only one run: {actions.key('resume')} resumes it, and then {actions.key('compare')} compares the two"
            )
        else:
            self.compare(shown.id, other, at.task.id if at.task is not None else "")

    def compare(self, one: int, other: int, task: str = "") -> None:
        """Compare two runs; with the cursor on a task, where that differs."""
        state = self.app.session.state
        if state is not None and one in state.runs and other in state.runs:
            self.app.push_screen(CompareScreen(state, min(one, other), max(one, other), task))

    def choose_other(self, run: int) -> None:
        """Choose what to compare a run with."""
        state = self.app.session.state
        if state is None:
            return

        def chosen(wanted: Wanted | None) -> None:
            if wanted is not None:
                self.app.pop_screen()
                self._wanted(wanted)

        self.app.push_screen(RunsSheet(state, run, choosing=True), chosen)

    def go_to(self, run: int, task: str) -> None:
        """Show a task of a run on the main screen."""
        self.app.pop_screen()
        if run != self.app.session.run:
            self.show(run)
        self.app.jumping.go(task)

    def do_pick(self, at: At) -> None:
        """Leave this trace for the list of those in its folder."""
        self.app.resuming.quit(-1)  # `cli.PICK`

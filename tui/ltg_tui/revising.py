"""What the app does about edits that were made: list them, go to one, take one back; and ask for a task to run again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import UNSET

from llmtaskgraph import again_followed

from . import actions
from .io import drafts
from .model.at import At
from .model.edits import EditRow
from .model.needs import why_not
from .screens.edits import EditsSheet

if TYPE_CHECKING:
    from .app import DebuggerApp


class Revising:
    """The edits of the trace."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app

    def do_edits(self, at: At) -> None:
        """All edits of the trace."""
        session = self.app.session
        state = session.state
        assert state is not None

        def answered(place: tuple[int, str] | None) -> None:
            if place is not None:
                self._go(*place)

        kept = [each for each in drafts.kept(session.path) if each.run in state.runs]
        self.app.push_screen(EditsSheet(state, kept), answered)

    def revert(self, sheet: EditsSheet, row: EditRow) -> None:
        """Take back the edit under the cursor of the list."""
        edit = row.edit
        session = self.app.session
        why = why_not(("editable",), session, None)
        if not why and session.state is not None and sheet.state is not session.state:
            sheet.look(session.state)
            why = "the trace was read anew, and these are its edits now: choose again"
        if not why and edit.value is UNSET:
            why = "that took an edit back already"
        if not why and sheet.state.edits_to_apply(edit.run).get((edit.task, edit.stage)) is not edit:
            why = "that edit is not in force any more"
        if why:
            sheet.say(why, error=True)
            return

        def told(text: str, refused: bool) -> None:
            if sheet.is_attached:
                if not refused and self.app.session.state is not None:
                    sheet.look(self.app.session.state)
                sheet.say(text, error=refused)

        self.app.editing.revert(edit.run, edit.task, edit.stage, told)

    def _go(self, run: int, task: str) -> None:
        """Go to a task in the run that is on screen; in its own run where it is not there."""
        if self.app.jumping.find(task) is None:
            self.app.do("run", str(run))
        self.app.jumping.go(task)

    def do_again(self, at: At) -> None:
        """Ask for a new sample of a task. The plan tells what that takes, and starts it."""
        follower, run, task = self.app.follower, self.app.session.run, at.task
        assert run is not None
        assert task is not None
        if self.app.resuming.busy() or self.app.editing.busy() or follower is None:
            return
        self.app.look()

        def done() -> None:
            self.app.look()
            keys = f"{actions.key('resume')} starts it, {actions.key('revert')} takes it back"
            later = f"{task.id} stays marked to run again: {keys}"
            if self.app.session.run == run:
                self.app.resuming.show_plan(f"run {task.id} again", later)
            else:  # one has gone on to another run meanwhile
                self.app.say(f"in run {run}, {later}")

        self.app.editing.record(
            lambda: again_followed(follower, run, task.id), done, lambda why: self.app.say(why, "$text-error")
        )

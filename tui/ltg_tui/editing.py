"""What the app does about edits: open an editor, save what was applied, take an edit back."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from llmtaskgraph import LLMTaskGraphError, State, Task, UnsavedEdit, edit_followed, revert_followed

from .io.outside import EditorFailed, edit_outside
from .model.at import At
from .model.choice import CannotEdit, field_to_edit, fields_to_revert
from .model.draft import BadDraft, Draft, draft
from .model.safe import is_odd
from .screens.editor import EditorSheet

if TYPE_CHECKING:
    from .app import DebuggerApp


class Editing:
    """Edits of the run on screen. Saving is done in a thread: a large trace takes a moment."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app

    def do_edit(self, at: At) -> None:
        """Edit what a pane shows, here."""
        found = self._draft(at)
        if found is None:
            return
        if found.refusal:
            self.app.say(f"{found.refusal}: E opens it in $EDITOR")
            return
        self.app.push_screen(EditorSheet(found))

    def do_edit_model(self, at: At) -> None:
        """Edit the model of a task."""
        task, state, run = self._there(at)
        self.app.push_screen(EditorSheet(draft(state, run, task, "model")))

    def do_edit_outside(self, at: At) -> None:
        """Edit in the user's own editor."""
        found = self._draft(at)
        if found is None:
            return
        try:
            text = edit_outside(self.app.suspend, found.text, ".txt" if found.form in ("text", "free") else ".json")
        except EditorFailed as error:
            self.app.say(str(error), "$text-error")
            return
        self.app.refresh(layout=True)
        if text == found.text:
            self.app.say("nothing was changed")
            return
        try:
            value = found.value(text)
        except BadDraft as error:
            if is_odd(text):
                self.app.say(str(error), "$text-error")
                return
            sheet = EditorSheet(found, text)
            self.app.push_screen(sheet)
            sheet.call_after_refresh(sheet.refuse, str(error))
            return
        self.save(found, value, None)

    def save(self, found: Draft, value: str, sheet: EditorSheet | None) -> None:
        """Put a value into the trace."""
        run, follower = self.app.session.run, self.app.follower
        assert run is not None
        self.app.look()
        if follower is not None:
            done = f"{found.field} of {found.task} edited; r shows what follows"
            self._record(lambda: edit_followed(follower, run, found.task, found.field, value), done, sheet)

    def _record(self, make: Callable[[], UnsavedEdit], done: str, sheet: EditorSheet | None) -> None:
        """Check an edit here, and save it in a thread: the disk, or another writer, may take a moment."""
        try:
            unsaved = make()
        except LLMTaskGraphError as error:
            self._refused(str(error), sheet)
            return

        def work() -> None:
            try:
                unsaved.save()
            except LLMTaskGraphError as error:
                self.app.call_from_thread(self._refused, str(error), sheet)
            else:
                self.app.call_from_thread(self._saved, done, sheet)

        self.app.run_worker(work, thread=True, group="edit")

    def do_revert(self, at: At) -> None:
        """Take an edit back."""
        task, state, run = self._there(at)
        fields = fields_to_revert(state, run, task, at.pane)
        if not fields:
            self.app.say(f"nothing of {task.id} is edited")
            return
        if len(fields) > 1:
            self.app.say(f"{' and '.join(fields)} are edited: go to the pane of the one to take back, then u")
            return
        field, follower = fields[0], self.app.follower
        self.app.look()
        if follower is not None:
            done = f"the edit of the {field} of {task.id} is taken back"
            self._record(lambda: revert_followed(follower, run, task.id, field), done, None)

    def _draft(self, at: At) -> Draft | None:
        task, state, run = self._there(at)
        try:
            return draft(state, run, task, field_to_edit(state, run, task, at.pane))
        except CannotEdit as error:
            self.app.say(str(error))
            return None

    def _there(self, at: At) -> tuple[Task, State, int]:
        """What the needs of these actions say is there."""
        session = self.app.session
        assert at.task is not None
        assert session.state is not None
        assert session.run is not None
        return at.task, session.state, session.run

    def _saved(self, text: str, sheet: EditorSheet | None) -> None:
        if sheet is not None and sheet.is_attached:
            sheet.dismiss(None)
        self.app.look()
        self.app.say(text, "$text-success")

    def _refused(self, why: str, sheet: EditorSheet | None) -> None:
        if sheet is not None and sheet.is_attached:
            sheet.refuse(why)
        else:
            self.app.say(why, "$text-error")

"""What the app does about edits: open an editor, save what was applied, take an edit back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmtaskgraph import LLMTaskGraphError, Task, edit_trace, revert_trace

from .io.outside import EditorFailed, edit_outside
from .model.choice import CannotEdit, field_to_edit, fields_to_revert
from .model.detail import PaneName
from .model.draft import BadDraft, Draft, Field, draft
from .model.safe import is_odd
from .screens.editor import EditorSheet

if TYPE_CHECKING:
    from .app import DebuggerApp


class Editing:
    """Edits of the run on screen. Saving is done in a thread: a large trace takes a moment."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app

    def edit(self, task: Task | None, pane: PaneName | None) -> None:
        """Edit what a pane shows, here."""
        found = self._draft(task, pane)
        if found is None:
            return
        if found.refusal:
            self.app.say(f"{found.refusal}: E opens it in $EDITOR")
            return
        self.app.push_screen(EditorSheet(found))

    def edit_model(self, task: Task | None) -> None:
        """Edit the model of a task."""
        state, run = self.app.session.state, self.app.session.run
        if not self._ready(task) or task is None or state is None or run is None:
            return
        if task.type != "llm":
            self.app.say("only an LLM task has a model")
            return
        self.app.push_screen(EditorSheet(draft(state, run, task, "model")))

    def edit_outside(self, task: Task | None, pane: PaneName | None) -> None:
        """Edit in the user's own editor."""
        found = self._draft(task, pane)
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
        run = self.app.session.run
        assert run is not None

        def work() -> None:
            try:
                edit_trace(self.app.session.path, run, found.task, found.field, value)
            except LLMTaskGraphError as error:
                self.app.call_from_thread(self._refused, str(error), sheet)
            else:
                self.app.call_from_thread(self._saved, f"{found.field} of {found.task} edited; r shows what follows", sheet)

        self.app.run_worker(work, thread=True, group="edit")

    def revert(self, task: Task | None, pane: PaneName | None) -> None:
        """Take an edit back."""
        state, run = self.app.session.state, self.app.session.run
        if not self._ready(task) or task is None or state is None or run is None:
            return
        fields = fields_to_revert(state, run, task, pane)
        if not fields:
            self.app.say(f"nothing of {task.id} is edited")
            return
        if len(fields) > 1:
            self.app.say(f"{' and '.join(fields)} are edited: go to the pane of the one to take back, then u")
            return
        field: Field = fields[0]

        def work() -> None:
            try:
                revert_trace(self.app.session.path, run, task.id, field)
            except LLMTaskGraphError as error:
                self.app.call_from_thread(self._refused, str(error), None)
            else:
                self.app.call_from_thread(self._saved, f"the edit of the {field} of {task.id} is taken back", None)

        self.app.run_worker(work, thread=True, group="edit")

    def _draft(self, task: Task | None, pane: PaneName | None) -> Draft | None:
        state, run = self.app.session.state, self.app.session.run
        if not self._ready(task) or task is None or state is None or run is None:
            return None
        try:
            return draft(state, run, task, field_to_edit(state, run, task, pane))
        except CannotEdit as error:
            self.app.say(str(error))
            return None

    def _ready(self, task: Task | None) -> bool:
        session = self.app.session
        why = ""
        if session.read_only:
            why = f"read-only: {session.read_only}"
        elif task is None:
            why = "this is a group: go to one of its tasks" if session.outline is not None else "there is nothing to edit yet"
        elif session.live:
            why = "this run is still under way: stop it (S) or wait, then edit"
        if why:
            self.app.say(why)
        return not why

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

"""What the app does about edits: open an editor, save what was applied, take an edit back, keep what was not applied."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from llmtaskgraph import (
    EditName,
    LLMTaskGraphError,
    State,
    Task,
    UnsavedEdit,
    edit_followed,
    revert_followed,
)

from . import actions
from .io import drafts
from .io.outside import EditorFailed, edit_outside
from .model.at import At
from .model.choice import CannotEdit, field_to_edit, fields_to_revert
from .model.draft import BadDraft, Draft, draft, typed
from .model.format import ago, count
from .model.safe import is_odd
from .screens.choice import ChoiceSheet
from .screens.editor import EditorSheet, Part, title_of

if TYPE_CHECKING:
    from .app import DebuggerApp


class Editing:
    """Edits of the run on screen. Saving is done in a thread: the disk, or another writer, may take a moment.

    Attributes:
        saving: how many edits are being saved.
    """

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app
        self.saving = 0

    def busy(self) -> bool:
        """Whether an edit is being saved; says so. What follows from it is not known yet."""
        if self.saving:
            self.app.say("the edit before is being saved ...")
        return bool(self.saving)

    # Editors

    def do_edit(self, at: At) -> None:
        """Edit what a pane shows, here."""
        found = self._draft(at)
        if found is None:
            return
        if found.refusal:
            self.app.say(f"{found.refusal}: {actions.key('edit_outside')} opens it in $EDITOR")
            return
        self._open([found])

    def do_edit_model(self, at: At) -> None:
        """Edit the model of a task and its parameters."""
        task, state, run = self._there(at)
        self._open([draft(state, run, task, "model"), draft(state, run, task, "params")])

    def _open(self, found: Sequence[Draft], text: str | None = None, note: str = "") -> None:
        parts = [Part(each, self._keeper(each), self._kept(each), text) for each in found]
        self.app.push_screen(EditorSheet(title_of(found), parts, note))

    def do_edit_outside(self, at: At) -> None:
        """Edit in the user's own editor: what is recorded, or a draft of it that was kept."""
        found = self._draft(at)
        if found is None:
            return
        kept = self._kept(found)
        if not kept:
            self._outside(found, found.text)
            return

        def answered(answer: str | None) -> None:
            if answer == "d":
                self._outside(found, kept[0].text, kept[:1])
            elif answer == "r":
                self._outside(found, found.text)

        answers = {"d": "the draft", "r": "what is recorded", "n": "neither"}
        lines = [f"A draft of the {found.field} of {found.task} from {ago(kept[0].at)} was kept.", "What shall be opened?"]
        self.app.push_screen(ChoiceSheet("open the draft?", lines, answers), answered)

    def _outside(self, found: Draft, given: str, kept: Sequence[drafts.Kept] = ()) -> None:
        try:
            text = self._lend(found, given)
        except EditorFailed as error:
            self.app.say(self._failed(found, error), "$text-error")
            return
        if text == found.text:
            self.app.say("nothing was changed")
            return
        part = Part(found, self._keeper(found), text=text, taken=kept)
        try:  # before anything can go wrong with it
            part.keeper.keep(text)
        except OSError as error:
            self.app.say(f"no draft can be kept ({error.strerror or error})", "$text-error")
        try:
            value = found.value(text)
        except BadDraft as error:
            self._stays(found, part, text, str(error))
            return
        doubt = found.doubt(text)
        if doubt:
            self._stays(found, part, text, doubt)
        else:
            self._save([(found, value)], lambda saved: part.drop(), self._refused_outside)

    def _stays(self, found: Draft, part: Part, text: str, why: str) -> None:
        """What came from outside does not fit: to be mended here, or outside again."""
        if is_odd(text) or typed(found, text).refusal:
            self.app.say(f"not applied, but kept as a draft, {actions.key('edit_outside')} opens it again: {why}", "$text-error")
            return
        part.keeper.drop()  # the editor keeps it from now on
        self._open([found], text, why)

    def _refused_outside(self, why: str) -> None:
        self.app.say(f"not applied, but kept as a draft, {actions.key('edit_outside')} opens it again: {why}", "$text-error")

    def _lend(self, found: Draft, text: str) -> str:
        """Lend the terminal to the user's own editor. Gives what became of a text.

        Raises:
            EditorFailed: it failed.
        """
        try:
            return edit_outside(self.app.suspend, text, ".txt" if found.form in ("text", "turns", "free") else ".json")
        finally:
            self.app.refresh(layout=True)

    def _failed(self, found: Draft, error: EditorFailed) -> str:
        """What to tell of an editor that failed; what it had written is kept."""
        if error.left is None or error.left == found.text:
            return str(error)
        try:
            self._keeper(found).keep(error.left)
        except OSError as why:
            return f"{error}; what it had written cannot be kept ({why.strerror or why})"
        return (
            f"{error}; what it had written is kept as a draft: {actions.key('edit')} or {actions.key('edit_outside')} offers it"
        )

    def outside(self, sheet: EditorSheet, part: Part) -> None:
        """Ctrl+O in an editor: go on in the user's own."""
        try:
            text = self._lend(part.draft, part.text)
        except EditorFailed as error:
            sheet.refuse(self._failed(part.draft, error))
            return
        refusal = typed(part.draft, text).refusal
        if refusal:
            try:
                self._keeper(part.draft).keep(text)
            except OSError as error:  # better slow, or without its control characters, than lost
                part.text = text
                sheet.refuse(f"{refusal}, and cannot be kept as a draft ({error.strerror or error}): apply it soon")
                return
            sheet.refuse(
                f"{refusal}: kept as a draft; {actions.key('cancel', 'editor')}, then {actions.key('edit_outside')} opens it"
            )
        elif text != part.text:
            part.text = text

    # Saving

    def apply(self, sheet: EditorSheet, values: list[tuple[Draft, str]]) -> None:
        """Ctrl+S in an editor."""
        self._save(values, sheet.done, sheet.refuse)

    def _save(self, values: list[tuple[Draft, str]], done: Callable[[list[Draft]], None], refused: Callable[[str], None]) -> None:
        """Put values into the trace, one after the other."""
        follower = self.app.follower
        if follower is None:
            refused(f"read-only: {self.app.session.read_only}")
            return

        def save(position: int) -> None:
            if position == len(values):
                found = [each for each, _ in values]
                done(found)
                self._saved(f"{' and '.join(each.field for each in found)} of {found[0].task} edited", found[0].run)
                return
            each, value = values[position]
            self.app.look()  # so that it is made from what is in the file
            if follower.trace is not None and follower.trace.state.id != each.trace:
                refused("the file holds another trace by now; the text is kept as a draft")
                return
            self.record(
                lambda: edit_followed(follower, each.run, each.task, each.field, value), lambda: save(position + 1), refused
            )

        save(0)

    def record(self, make: Callable[[], UnsavedEdit], done: Callable[[], None], refused: Callable[[str], None]) -> None:
        """Check an edit here, and save it in a thread."""
        try:
            unsaved = make()
        except LLMTaskGraphError as error:
            refused(str(error))
            return

        def ended(then: Callable[[], None]) -> None:
            self.saving -= 1
            then()

        def work() -> None:
            try:
                unsaved.save()
            except (LLMTaskGraphError, OSError) as error:
                why = str(error)
                self.app.call_from_thread(ended, lambda: refused(why))
            else:
                self.app.call_from_thread(ended, done)

        self.saving += 1
        self.app.run_worker(work, thread=True, group="edit")

    def _saved(self, text: str, run: int) -> None:
        self.app.look()
        there = "" if run == self.app.session.run else f" in run {run}, which is not on the screen any more: `:run {run}`, then"
        self.app.say(f"{text}{there or ';'} {actions.key('resume')} shows what follows", "$text-success")

    # Taking back

    def do_revert(self, at: At) -> None:
        """Take an edit back."""
        if self.busy():
            return
        task, state, run = self._there(at)
        fields = fields_to_revert(state, run, task, at.pane)
        if not fields:
            self.app.say(f"nothing of {task.id} is edited")
            return
        if len(fields) > 1:
            back = f"then {actions.key('revert')}; or {actions.key('edits')}, then {actions.key('revert', 'edits')}"
            self.app.say(f"{' and '.join(fields)} are edited: go to the pane of the one to take back, {back}")
            return
        self.revert(run, task.id, fields[0])

    def revert(self, run: int, task: str, field: EditName, told: Callable[[str, bool], None] | None = None) -> None:
        """Take the edit of a field back. `told` gets the outcome, and whether it was refused."""
        follower = self.app.follower
        tell = told or (lambda text, refused: self.app.say(text, "$text-error" if refused else "$text-success"))
        if follower is None:
            tell(f"read-only: {self.app.session.read_only}", True)
            return

        what = "the asking to run again" if field == "sample" else f"the edit of the {field}"

        def done() -> None:
            self.app.look()
            tell(f"{what} of {task} is taken back", False)

        self.app.look()
        self.record(lambda: revert_followed(follower, run, task, field), done, lambda why: tell(why, True))

    # Drafts

    def greet(self) -> None:
        """Tell of drafts that were kept."""
        session = self.app.session
        if session.state is None or session.read_only:
            return
        found = [each for each in drafts.kept(session.path) if each.run in session.state.runs]
        if not found:
            return
        first = found[0]
        where = "" if first.run == session.run else f" (run {first.run})"
        more = f", and {count(len(found) - 1, 'draft')} more" if len(found) > 1 else ""
        keys = f"{actions.key('edits')} lists, {actions.key('edit')} there offers it"
        self.app.say(
            f"a draft from {ago(first.at)} was kept: {first.field} of {first.task}{where}{more}; {keys}",
            "$text-warning",
        )

    def rescue(self) -> None:
        """The end is near: keep what is being typed."""
        for screen in self.app.screen_stack:
            if isinstance(screen, EditorSheet):
                screen.keep()

    def _keeper(self, found: Draft) -> drafts.Keeper:
        return drafts.Keeper(self.app.session.path, found.run, found.task, found.field, found.form)

    def _kept(self, found: Draft) -> list[drafts.Kept]:
        """The drafts of a field whose text stands for a value in the same way."""
        wanted = (found.run, found.task, found.field, found.form)
        return [each for each in drafts.kept(self.app.session.path) if (each.run, each.task, each.field, each.form) == wanted]

    # Where

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

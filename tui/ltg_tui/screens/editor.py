"""The editor of a field, or of two that belong together. A buffer that was not touched is no edit.

What is typed is checked as one types, and kept in a private file, so that nothing takes it but a person's own word.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from textual import events
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from .. import actions
from ..io import drafts
from ..model.draft import BadDraft, Draft
from ..model.format import ago
from ..widgets.bindings import bindings
from .sheet import Sheet

SETTLE = 0.25
"""Seconds after the first of some keys until what was typed is kept and checked."""

_WORDS = {"turns": " (a line `--- role` for each turn)", "messages": " (messages as JSON)", "message": " (a message as JSON)"}


class Buffer(TextArea):
    """A text area that leaves Escape to its sheet.

    The sheet's keys are ordinary bindings, so that they come after what was typed before them; priority bindings overtake it.
    """

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.prevent_default()  # of the text area's own handler, which would stop it


class Part:
    """One field in the editor.

    Attributes:
        opened: the text that it opened with.
        loaded: likewise, as the widget gives it back.
        offers: drafts that were kept, newest first; those in `taken` were taken up.
    """

    def __init__(
        self,
        draft: Draft,
        keeper: drafts.Keeper,
        offers: Sequence[drafts.Kept] = (),
        text: str | None = None,
        taken: Sequence[drafts.Kept] = (),
    ) -> None:
        self.draft, self.keeper, self.offers = draft, keeper, offers
        self.opened = self.loaded = draft.text if text is None else text
        self.taken = list(taken)
        self.widget: Input | Buffer

    def make(self, alone: bool) -> Widget:
        """Its widget."""
        if self.draft.form == "name":
            hint = "PROVIDER:MODEL, such as openai:gpt-5-mini"
            self.widget = Input(self.opened, placeholder=hint, select_on_focus=False)
        else:
            self.widget = Buffer(
                self.opened, soft_wrap=True, show_line_numbers=False, tab_behavior="indent" if alone else "focus"
            )
            self.widget.cursor_blink = False
        self.loaded = self.text
        return self.widget

    @property
    def text(self) -> str:
        """What is in it now."""
        return self.widget.value if isinstance(self.widget, Input) else self.widget.text

    @text.setter
    def text(self, text: str) -> None:
        if isinstance(self.widget, Input):
            self.widget.value = text
        else:  # as an edit, so that it can be undone
            self.widget.replace(text, (0, 0), self.widget.document.end)

    @property
    def changed(self) -> bool:
        """Whether it differs from what is recorded."""
        return self.text != self.loaded or self.opened != self.draft.text

    def keeping(self) -> Callable[[], None]:
        """What keeps the text as it is now, in a thread if need be; nothing is kept where nothing was typed."""
        return self.keeper.later(self.text if self.changed else None)

    def saved(self, text: str) -> None:
        """This text is recorded by now: what was typed since is a change of it."""
        self.draft = replace(self.draft, text=text)
        self.opened = self.loaded = text

    def drop(self) -> None:
        """What was typed here, and the drafts that were taken up, are not needed any more. Others were never looked at."""
        self.keeper.drop()
        for each in self.taken:
            drafts.drop(each.path)


class EditorSheet(Sheet[None]):
    """Edits drafts; asks the app to apply them, and closes when that is done."""

    BINDINGS = bindings("editor")

    @dataclass
    class Applied(Message):
        """Ctrl+S: these values are to be saved."""

        sheet: EditorSheet
        values: list[tuple[Draft, str]]

    @dataclass
    class Outside(Message):
        """Ctrl+O: the text is to be edited in the user's own editor."""

        sheet: EditorSheet
        part: Part

    def __init__(self, title: str, parts: Sequence[Part], note: str = "") -> None:
        super().__init__(title, "editor")
        self.parts, self._note = parts, note
        self._saving = self._settling = False
        self._sent: list[tuple[Part, str]] = []  # what is being saved
        self._unkept = ""  # why what was typed last is not kept
        self._warned: list[str] | None = None
        self._doubted: list[str] | None = None
        self._refused: list[str] | None = None

    def body(self) -> list[Widget]:
        found: list[Widget] = []
        for part in self.parts:
            if len(self.parts) > 1:
                found.append(Static(f" {part.draft.field}", classes="sheet-label", markup=False))
            found.append(part.make(len(self.parts) == 1))
        return found

    def on_mount(self) -> None:
        self._tell()
        if self._note:
            self.refuse(self._note)

    def hinted(self) -> list[actions.Action]:
        offered = any(part.offers for part in self.parts)
        return [each for each in super().hinted() if offered or each.id != "take_up"]

    @property
    def part(self) -> Part:
        """The one with the focus."""
        return next((part for part in self.parts if part.widget.has_focus), self.parts[0])

    @property
    def changed(self) -> bool:
        """Whether anything differs from what is recorded."""
        return any(part.changed for part in self.parts)

    # Typing

    def on_text_area_changed(self) -> None:
        """Something was typed."""
        self._typed()

    def on_input_changed(self) -> None:
        """Something was typed."""
        self._typed()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter applies what has one line."""
        self.action_apply()

    def _typed(self) -> None:
        if self._warned and self._warned != [part.text for part in self.parts]:
            self._warned = None
        if not self._settling and self.is_mounted:
            self._settling = True
            self.set_timer(SETTLE, self._settle)

    def _settle(self) -> None:
        self._settling = False
        open_yet = self.is_attached and self in self.app.screen_stack  # it is attached a little longer
        if open_yet and not self._saving:
            self._keep_soon()
            self._tell()

    def _keep_soon(self) -> None:
        """Keep what was typed, in a thread: typing never waits for the disk."""
        works = [part.keeping() for part in self.parts]

        def work() -> None:
            why = _failure(works)
            self.call_later(self._kept, why)

        self.app.run_worker(work, thread=True, group="draft")

    def keep(self) -> None:
        """Keep what was typed, now. Says so where that is not possible."""
        self._kept(_failure([part.keeping() for part in self.parts]))

    def _kept(self, failure: str) -> None:
        before, self._unkept = self._unkept, failure
        if not self.is_attached:
            return
        if failure:
            self.say(failure, error=True)
        elif before and not self._saving:
            self._tell()

    def _tell(self) -> None:
        """That nothing can be kept; what is wrong with the text; else which draft there is; else what is wanted."""
        if self._warned or self._refused == [part.text for part in self.parts]:
            return
        if self._unkept:
            self.say(self._unkept, error=True)
            return
        part = self.part
        if part.changed or part.draft.text:
            wrong = self._wrong(part)
            if wrong:
                self.say(wrong, error=True)
                return
        left = self._left(part)
        if left and not part.changed:
            more = f" (and {len(left) - 1} more)" if len(left) > 1 else ""
            self.say(f"a draft from {ago(left[0].at)} was kept{more}: {actions.key('take_up', 'editor')} takes it up")
        else:
            wants = part.draft.wants
            self.say(f"wanted: {wants}" if wants else "")

    def _wrong(self, part: Part) -> str:
        try:
            part.draft.value(part.text)
        except BadDraft as error:
            return str(error)
        return part.draft.doubt(part.text)

    def _left(self, part: Part) -> list[drafts.Kept]:
        return [each for each in part.offers if each not in part.taken]

    # Keys

    def refuse(self, why: str) -> None:
        """It could not be applied: the text stays."""
        self._saving = False
        self._refused = [part.text for part in self.parts]
        if self.is_attached:
            self.say(why, error=True)
            self._typed()  # what was typed meanwhile is not kept yet

    def done(self, saved: Sequence[Draft]) -> None:
        """These were saved. Closes, unless something was typed meanwhile."""
        self._saving = False
        for part, text in self._sent:
            if part.draft not in saved:
                continue
            if part.text == text:
                part.drop()
            part.saved(text)
        if self.is_attached and self.changed:
            self.say(f"saved as it was; what you typed since is not: {actions.key('apply', 'editor')} applies it")
            self._warned = None
            self._typed()
        else:
            self.dismiss(None)

    @property
    def saving(self) -> bool:
        """Whether one has to wait for what is being saved; says so."""
        if self._saving:
            self.say("saving ...")
        return self._saving

    def action_apply(self) -> None:
        if self.saving:
            return
        changed = [part for part in self.parts if part.changed]
        if not changed:
            self._close()
            return
        values: list[tuple[Draft, str]] = []
        for part in changed:
            try:
                values.append((part.draft, part.draft.value(part.text)))
            except BadDraft as error:
                part.widget.focus()
                self.refuse(f"not applied: {error}")
                return
        texts = [part.text for part in changed]
        doubt = next((found for part in changed if (found := part.draft.doubt(part.text))), "")
        if doubt and texts != self._doubted:
            self._doubted = texts
            again = f"if the code wants it so by now, {actions.key('apply', 'editor')} again applies it"
            self.refuse(f"not applied: {doubt} ({again})")
            return
        self._saving, self._sent = True, [(part, part.text) for part in changed]
        self.keep()
        self.say("saving ...")
        self.post_message(self.Applied(self, values))

    def action_take_up(self) -> None:
        """Put the text of a draft that was kept in the place of this one."""
        part = self.part
        left = self._left(part)
        if not left:
            self.say("there is no draft that was kept" if not part.offers else "there is no other draft")
            return
        part.taken.append(left[0])
        part.text = left[0].text

    def action_outside(self) -> None:
        if not self.saving:
            self.post_message(self.Outside(self, self.part))

    def action_cancel(self) -> None:
        if self.saving:
            return
        if self.changed and not self._warned:
            self._warned = [part.text for part in self.parts]
            keys = f"{actions.key('apply', 'editor')} applies it, {actions.key('cancel', 'editor')} again throws the change away"
            self.say(f"the text was changed: {keys}")
            return
        self._close()

    def _close(self) -> None:
        for part in self.parts:
            if part.changed:
                part.drop()
            else:
                part.keeper.drop()
        self.dismiss(None)


def _failure(works: Sequence[Callable[[], None]]) -> str:
    """Why what is typed cannot be kept; empty when it is kept."""
    try:
        for work in works:
            work()
    except OSError as error:
        return f"what you type cannot be kept as a draft ({error.strerror or error}): apply it soon"
    return ""


def title_of(found: Sequence[Draft]) -> str:
    """The title of an editor."""
    return f"{' and '.join(draft.field for draft in found)} of {found[0].task}{_WORDS.get(found[0].form, '')}"

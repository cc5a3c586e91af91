"""The editor of a stage. A buffer that was not touched is no edit."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, TextArea

from ..model.draft import BadDraft, Draft
from ..widgets.bindings import bindings
from .sheet import Sheet

_WORDS = {
    "text": "",
    "messages": " (messages as JSON)",
    "message": " (a message as JSON)",
    "json": " (JSON)",
    "free": "",
    "name": "",
}


class Buffer(TextArea):
    """A text area that leaves Escape to its sheet.

    The sheet's keys are ordinary bindings, so that they come after what was typed before them; priority bindings overtake it.
    """

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "escape":
            event.prevent_default()  # of the text area's own handler, which would stop it


class EditorSheet(Sheet[None]):
    """Edits a draft; asks the app to apply it, and closes when that is done."""

    BINDINGS = bindings("editor")

    @dataclass
    class Applied(Message):
        """Ctrl+S: `value` is to be saved."""

        sheet: EditorSheet
        draft: Draft
        value: str

    def __init__(self, draft: Draft, text: str | None = None) -> None:
        super().__init__(f"{draft.field} of {draft.task}{_WORDS[draft.form]}", "editor")
        self.draft = draft
        self._text = draft.text if text is None else text
        self._as_loaded = ""
        self._warned = False
        self._saving = False

    def body(self) -> list[Widget]:
        if self.draft.form == "name":
            return [Input(self._text, placeholder="PROVIDER:MODEL, such as openai:gpt-5-mini", select_on_focus=False)]
        area = Buffer(self._text, soft_wrap=True, show_line_numbers=False, tab_behavior="indent")
        area.cursor_blink = False
        return [area]

    def on_mount(self) -> None:
        super().on_mount()
        self._as_loaded = self.text
        if self.draft.form == "name":
            self.say("PROVIDER:MODEL")

    @property
    def text(self) -> str:
        """What is in the buffer."""
        if self.draft.form == "name":
            return self.query_one(Input).value
        return self.query_one(TextArea).text

    @property
    def changed(self) -> bool:
        """Whether the buffer differs from what it opened with."""
        return self.text != self._as_loaded or self._text != self.draft.text

    def refuse(self, why: str) -> None:
        """It could not be applied: the text stays."""
        self._saving = False
        self.say(why, error=True)

    def action_apply(self) -> None:
        if self._saving:
            return
        if not self.changed:
            self.dismiss(None)
            return
        try:
            value = self.draft.value(self.text)
        except BadDraft as error:
            self.refuse(str(error))
            return
        self._saving = True
        self.say("saving ...")
        self.post_message(self.Applied(self, self.draft, value))

    def action_cancel(self) -> None:
        if self.changed and not self._warned:
            self._warned = True
            self.say("the text was changed: Ctrl+S applies it, Esc again throws the change away")
            return
        self.dismiss(None)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter applies a single line."""
        self.action_apply()

    def on_text_area_changed(self) -> None:
        """Typing on takes the question back."""
        if self._warned:
            self._warned = False
            self.say("")

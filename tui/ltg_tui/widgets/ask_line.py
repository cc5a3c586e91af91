"""A line to type one thing into: a search, a filter, a command. It takes the place of the hints while it asks."""

from __future__ import annotations

from collections.abc import Callable

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.suggester import Suggester
from textual.widget import Widget
from textual.widgets import Input, Static

from ..model.safe import one_line


class AskLine(Horizontal):
    """Asks for a line. Enter gives it to `done`; Escape, or going elsewhere, calls `gone`."""

    def __init__(self) -> None:
        super().__init__(id="ask")
        self._done: Callable[[str], object] | None = None
        self._changed: Callable[[str], object] | None = None
        self._gone: Callable[[], object] | None = None
        self._back: Widget | None = None

    def compose(self) -> ComposeResult:
        yield Static(id="ask-mark", markup=False)
        asked = Input(id="ask-input", select_on_focus=False)
        asked.cursor_blink = False
        yield asked
        yield Static(id="ask-note", markup=False)

    @property
    def input(self) -> Input:
        """What is typed into."""
        return self.query_one(Input)

    @property
    def asking(self) -> bool:
        """Whether it is on the screen."""
        return self._done is not None

    def ask(
        self,
        mark: str,
        done: Callable[[str], object],
        *,
        changed: Callable[[str], object] | None = None,
        gone: Callable[[], object] | None = None,
        value: str = "",
        placeholder: str = "",
        suggester: Suggester | None = None,
    ) -> None:
        """Ask.

        Args:
            mark: what stands before it, such as `/`.
            done: gets what was typed.
            changed: gets what was typed so far, at each letter.
            gone: nothing was given.
            value: what stands there at first.
            suggester: proposes how to go on; the right arrow takes it.
        """
        self.give_up()
        self._done, self._changed, self._gone, self._back = done, changed, gone, self.screen.focused
        self.query_one("#ask-mark", Static).update(Content(f" {one_line(mark)}"))
        self.note("")
        asked = self.input
        asked.suggester, asked.placeholder = suggester, placeholder
        with asked.prevent(Input.Changed):
            asked.value = value
        asked.cursor_position = len(value)
        self.screen.add_class("-asking")
        asked.focus()

    def note(self, text: str) -> None:
        """A word at the end of the line, such as how many were found."""
        self.query_one("#ask-note", Static).update(Content(f" {one_line(text)} " if text else ""))

    def give_up(self) -> None:
        """Stop asking; nothing was given."""
        if self.asking:
            gone = self._gone
            self._close()
            if gone is not None:
                gone()

    def _close(self) -> None:
        back, self._done, self._changed, self._gone, self._back = self._back, None, None, None, None
        self.screen.remove_class("-asking")
        if back is not None and back.is_attached and self.input.has_focus:
            back.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """A letter was typed."""
        event.stop()
        if self._changed is not None:
            self._changed(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        done = self._done
        self._close()
        if done is not None:
            done(event.value)

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """Something else got the focus."""
        event.stop()
        self.give_up()

    def on_key(self, event: events.Key) -> None:
        """Escape gives up."""
        if event.key == "escape":
            event.stop()
            event.prevent_default()
            self.give_up()

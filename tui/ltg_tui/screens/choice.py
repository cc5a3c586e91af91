"""A question with a few answers, each with its key."""

from __future__ import annotations

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from ..model.safe import one_line
from .sheet import Sheet


class ChoiceSheet(Sheet[str]):
    """Gives the key of the answer; Escape gives the last one, which is always the one that does nothing."""

    def __init__(self, title: str, lines: list[str], answers: dict[str, str]) -> None:
        super().__init__(title, "choice")
        self._lines, self._answers = lines, answers

    def body(self) -> list[Widget]:
        text = Content("\n".join(one_line(line) for line in self._lines) + "\n\n")
        for key, answer in self._answers.items():
            text += Content.styled(f"  {key}", "bold") + Content(f"  {one_line(answer)}\n")
        return [VerticalScroll(Static(text, markup=False), classes="choice")]

    def on_key(self, event: events.Key) -> None:
        """An answer was chosen."""
        event.stop()
        if event.key == "escape":
            self.dismiss(list(self._answers)[-1])
        elif event.character in self._answers:
            self.dismiss(event.character)

"""What the app does for reading: other views of a pane, wrapping, selecting, copying, writing to a file."""

from __future__ import annotations

import os
import re
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

from . import actions
from .io.clipboard import TooLong, copy
from .model.at import At
from .model.flow import Block
from .model.format import clock, count
from .screens.sheet import ReadSheet

if TYPE_CHECKING:
    from .app import DebuggerApp


SAID: Final = 200
"""So many messages can be read again."""


class Reading:
    """The texts of the panes, and what was said.

    Attributes:
        said: the last messages, and when each was said.
    """

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app
        self.said: deque[tuple[float, str]] = deque(maxlen=SAID)

    def do_view(self, at: At) -> None:
        """Show the pane in the next view; say which ones do not apply."""
        panes = self.app.main.panes
        before = panes.here.shown_as
        skipped = panes.here.cycle()
        panes.facts_changed(panes.here.view)
        if panes.here.shown_as == before:
            self.app.say(f"only one way to look at this; {'; '.join(skipped)}")
        elif skipped:
            self.app.say("; ".join(skipped))

    def do_wrap(self, at: At) -> None:
        """Wrap long lines, or let them go on to the side."""
        panes = self.app.main.panes
        wrap = not panes.here.view.wraps
        panes.wrap_lines(wrap)
        aside = f"{actions.key('left', 'text')} {actions.key('right', 'text')} in a pane; {actions.key('wrap')} wraps them again"
        self.app.say("long lines are wrapped" if wrap else f"long lines go on to the side: {aside}")

    def do_select(self, at: At) -> None:
        """Begin to select, or hold the first row."""
        panes = self.app.main.panes
        panes.here.view.focus()
        held = panes.here.view.select()
        panes.facts_changed(panes.here.view)
        move = f"{actions.key('down', 'text')} {actions.key('up', 'text')}"
        ends = f"{actions.key('copy')} copies it, {actions.key('back', 'trace')} ends"
        self.app.say(
            f"{move} extend the selection, {ends}" if held else f"{move} move, {actions.key('select')} holds this row, {ends}"
        )

    def do_redraw(self, at: At) -> None:
        """Something else wrote over the screen."""
        self.app.repaint()

    def do_messages(self, at: At) -> None:
        """What was said, in full."""
        lines = [Block(f"{clock(when)[-8:]}  {text}", hang=10) for when, text in reversed(self.said)]
        self.app.push_screen(ReadSheet("what was said, newest first", lines or [Block("nothing yet", "dim")]))

    # Taking text away

    def do_copy(self, at: At) -> None:
        """Copy to the clipboard of the terminal."""
        what, text = self._wanted(at)
        if not text:
            self.app.say(f"{what}: there is nothing to copy")
            return
        driver = self.app._driver
        try:
            way = copy(text, driver.write if driver is not None else lambda data: None)
        except TooLong as why:
            self.app.say(f"not copied: {why}; {actions.key('write')} writes it to a file", "$text-warning")
            return
        self.app.say(f"copied {what}, {count(len(text), 'character')}, {way}; {actions.key('write')} writes it to a file")

    def do_write(self, at: At) -> None:
        """Ask for a name, and write to a new private file."""
        what, text = self._wanted(at)
        if not text:
            self.app.say(f"{what}: there is nothing to write")
        elif at.argument:
            self._write(at.argument, what, text)
        else:
            name = _free(f"{_file_name(at, what)}{self._suffix(at)}")
            self.app.main.ask_line.ask(f"write {what} to: ", lambda given: self._write(given, what, text), value=name)

    def _write(self, name: str, what: str, text: str) -> None:
        path = Path(name.strip()).expanduser()
        if not name.strip():
            self.app.say("nothing was written: a name is needed")
            return
        try:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fd, "wb") as file:
                file.write(text.encode("utf-8", "replace"))
        except FileExistsError:
            again = f"{actions.key('write')} again, with another name"
            self.app.say(f"{path} is there already and was not touched: {again}", "$text-warning")
        except (OSError, ValueError) as error:
            self.app.say(f"{path}: {getattr(error, 'strerror', None) or error}", "$text-error")
        else:
            self.app.say(f"wrote {what}, {count(len(text), 'character')}, to {path}", "$text-success")

    def _wanted(self, at: At) -> tuple[str, str]:
        """What a person means, and its text."""
        pane = self.app.main.panes.here
        if pane.view.selected_text:
            return "the selection", pane.view.selected_text
        if at.pane is None:
            return ("the id of the task", at.task.id) if at.task is not None else ("this is a group", "")
        return f"the {pane.text.title}", pane.exact

    def _suffix(self, at: At) -> str:
        return ".json" if at.pane is not None and self.app.main.panes.here.shown_as == "json" else ".txt"


def _file_name(at: At, what: str) -> str:
    parts = [at.task.id if at.task is not None else "trace", what.split()[-1]]
    return re.sub(r"[^\w.\[\]-]+", "-", "-".join(parts)).strip("-.")[-100:] or "text"


def _free(name: str) -> str:
    """The name, with a number if there is such a file."""
    stem, suffix = os.path.splitext(name)
    for number in range(1, 1000):
        found = name if number == 1 else f"{stem}-{number}{suffix}"
        if not os.path.lexists(found):
            return found
    return name

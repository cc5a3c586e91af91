"""The application: follows the trace, and does what the screens ask for."""

from __future__ import annotations

import os
import traceback
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.color import Color

from llmtaskgraph import Follower, LLMTaskGraphError

from .editing import Editing
from .io.child import Child
from .io.private import new_file
from .model.safe import message
from .model.session import Session
from .resuming import Resuming
from .screens.editor import EditorSheet
from .screens.help import help_blocks
from .screens.main import MainScreen
from .screens.sheet import ReadSheet
from .widgets.wall import Wall

PAINTS = 10
"""At most so many paints a second for what happens by itself."""


class DebuggerApp(App[int]):
    """`ltg-tui`."""

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    TITLE = "ltg-tui"

    def __init__(self, session: Session, follower: Follower | None = None, child: Child | None = None) -> None:
        super().__init__()
        self.animation_level = "none"
        self.session, self.follower = session, follower
        self.main = MainScreen(session)
        self.editing = Editing(self)
        self.resuming = Resuming(self, child)
        self.crash_report: str | None = None
        self._filters.append(Wall())

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours, and ours."""
        found = super().get_css_variables()
        back, front, primary = (Color.parse(found[name]) for name in ("background", "foreground", "primary"))
        return {
            **found,
            "ltg-edited": "#d787ff" if self.current_theme.dark else "#8700af",
            "ltg-dim": back.blend(front, 0.55).hex,  # mixed here: a component's style drops what shines through
            "ltg-cursor": back.blend(primary, 0.45).hex,
            "ltg-cursor-off": back.blend(primary, 0.2).hex,
        }

    def on_mount(self) -> None:
        self.push_screen(self.main)
        if self.session.read_only:
            self.call_after_refresh(self.say, f"read-only: {self.session.read_only}", "$text-warning")
        self.call_after_refresh(self.resuming.replan)
        self.set_interval(1 / PAINTS, self.look)

    # Following

    def look(self) -> None:
        """Take in what happened to the trace, and to the process that was started here."""
        self.resuming.watch()
        if self.follower is None or self.resuming.planning:
            return
        try:
            change = self.follower.poll()
        except LLMTaskGraphError as error:
            self.follower.close()
            self.follower = None
            self.session.read_only = "the trace could not be read further"
            self.say(str(error), "$text-error")
            self.main.refresh_status()
            return
        if change is None:
            return
        news = self.session.take(change)
        self.main.take(news)
        if news.replan:
            self.resuming.replan()

    def say(self, text: str, look: str = "") -> None:
        """One line for the person, until the next key."""
        self.main.say(text, look)

    # What the screens ask for

    def on_main_screen_asked(self, event: MainScreen.Asked) -> None:
        """A key asked for something."""
        match event.action:
            case "edit":
                self.editing.edit(event.task, event.pane)
            case "edit_outside":
                self.editing.edit_outside(event.task, event.pane)
            case "edit_model":
                self.editing.edit_model(event.task)
            case "revert":
                self.editing.revert(event.task, event.pane)
            case "replan":
                self.resuming.replan()
            case "resume":
                self.resuming.resume()
            case "stop":
                self.resuming.stop()
            case "child_log":
                self.resuming.show_log()
            case "help":
                self.push_screen(ReadSheet("keys", help_blocks()))
            case "quit":
                self.resuming.quit()

    def on_editor_sheet_applied(self, event: EditorSheet.Applied) -> None:
        """Ctrl+S in an editor."""
        self.editing.save(event.draft, event.value, event.sheet)

    async def action_quit(self) -> None:
        """Ctrl+Q, wherever one is."""
        self.resuming.quit()

    def action_help_quit(self) -> None:
        """Ctrl+C: no toast, and no surprise."""
        self.say("q quits; edits are saved already")

    # When something goes wrong

    def _fatal_error(self) -> None:
        """An exception that nobody foresaw: leave the terminal as it was, and name a private file that tells more.

        Neither prompts nor keys are printed: the report has no local variables, and stays in the file.
        """
        self._close_messages_no_wait()
        if self.crash_report is not None:  # what follows from the first one
            return
        text = traceback.format_exc()
        try:
            fd, path = new_file("crash-", ".txt")
            with os.fdopen(fd, "w", errors="replace") as file:
                file.write(text)
            where = f"the details are in {path} (it may hold parts of prompts: look before you share it)"
        except OSError:
            where = "the details could not be written"
        self.crash_report = message(f"ltg-tui: something went wrong that was not foreseen; nothing is lost; {where}")

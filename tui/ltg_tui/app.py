"""The application: follows the trace, and does what the screens ask for."""

from __future__ import annotations

from llmtaskgraph import Follower, LLMTaskGraphError

from .editing import Editing
from .io.child import Child
from .model.session import Session
from .resuming import Resuming
from .screens.editor import EditorSheet
from .screens.help import help_blocks
from .screens.main import MainScreen
from .screens.sheet import ReadSheet
from .terminal import TerminalApp

PAINTS = 10
"""At most so many paints a second for what happens by itself."""


class DebuggerApp(TerminalApp):
    """`ltg-tui`."""

    def __init__(self, session: Session, follower: Follower | None = None, child: Child | None = None) -> None:
        super().__init__()
        self.session, self.follower = session, follower
        self.main = MainScreen(session)
        self.editing = Editing(self)
        self.resuming = Resuming(self, child)

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

"""The app that lists the traces of a folder. It ends when one is chosen, and another app opens that."""

from __future__ import annotations

from pathlib import Path

from . import actions
from .config import Settings
from .screens.picker import PickerScreen
from .terminal import TerminalApp


class PickerApp(TerminalApp):
    """A list of traces.

    Attributes:
        chosen: the trace to open; None to quit.
    """

    def __init__(self, folder: Path, at: Path | None = None, said: str = "", settings: Settings | None = None) -> None:
        super().__init__(settings)
        self.screen_of_traces = PickerScreen(folder, at, said)
        self.chosen: Path | None = None

    def on_mount(self) -> None:
        self.push_screen(self.screen_of_traces)

    def on_picker_screen_picked(self, event: PickerScreen.Picked) -> None:
        """Leave, with what was chosen."""
        self.chosen = event.path
        self.exit(0)

    def action_help_quit(self) -> None:
        """Ctrl+C: no toast, and no surprise."""
        self.screen_of_traces.say(f"{actions.key('quit', 'picker')} quits")

"""What the app does to help a person find their way: the keys, the settings, a word on the first day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmtaskgraph import state_folder

from . import actions, config
from .model.at import At
from .model.flow import Block
from .model.needs import why_not
from .screens.help import HelpSheet, help_groups
from .screens.sheet import ReadSheet

if TYPE_CHECKING:
    from .app import DebuggerApp

MET = "tui-met"
"""The file that tells that the first day's word was said."""


class Guiding:
    """Help."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app

    def do_help(self, at: At) -> None:
        """Show the keys."""
        place: actions.Place = "tree" if at.pane is None else "text"
        groups = help_groups(place, *actions.MAIN, why_not=lambda action: why_not(action.needs, self.app.session, at.task))
        where = "in the tree" if at.pane is None else f"in the {at.pane} pane"
        self.app.push_screen(HelpSheet(f"keys {where} and everywhere", groups))

    def do_settings(self, at: At) -> None:
        """Show what is set, and what is wrong with it."""
        found = self.app.settings
        path = found.path or config.place_of_settings()
        blocks = [Block(str(path) + ("" if found.path else " is not there: the defaults hold"), "heading")]
        blocks += [Block(f"\n{warning}", "warning") for warning in found.warnings]
        blocks.append(Block(f"\ntheme = {self.app.theme}"))
        blocks += [
            Block(f"{name.removeprefix('app.').removeprefix('trace.')} = {keys.replace(',', ' ')}")
            for name, keys in found.keys.items()
        ]
        blocks.append(Block("\nactions that can have other keys", "heading"))
        for action in actions.ACTIONS:
            table = "" if action.place in actions.MAIN else f".{action.place}"
            blocks.append(Block(f"[keys{table}] {actions.word(action)} = {actions.keys_of(action)!r}", "dim"))
        self.app.push_screen(ReadSheet("settings", blocks))

    def do_suspend(self, at: At) -> None:
        """Give the terminal to the shell for a while."""
        self.app.action_suspend_process()

    def welcome(self) -> None:
        """What there is to say at the start: of wrong settings each time, of the keys once in a life."""
        if self.app.main.saying:
            return
        wrong = self.app.settings.warnings
        if wrong:
            more = f" (and {len(wrong) - 1} more: :settings)" if len(wrong) > 1 else ""
            self.app.say(f"{wrong[0]}{more}", "$text-warning")
            return
        if first_time():
            move = f"{actions.key('down', 'tree')} {actions.key('up', 'tree')} move"
            reads, edits = f"{actions.key('enter', 'tree')} reads", f"{actions.key('edit')} edits"
            resumes, quits = f"{actions.key('resume')} resumes", f"{actions.key('quit')} quits"
            self.app.say(f"first time? {move} · {reads} · {edits} · {resumes} · {actions.key('help')} all keys · {quits}")


def first_time() -> bool:
    """Whether nobody was told yet; from now on somebody was."""
    mark = state_folder() / MET
    try:
        mark.touch(mode=0o600, exist_ok=False)
    except OSError:
        return False  # it is there, or nothing can be remembered: then better say nothing each time
    return True

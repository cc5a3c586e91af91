"""The command line `:` and what only it does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from . import actions
from .model.at import At
from .model.words import BadCommand, Complete, Way, starting, understood, ways
from .widgets.bindings import call

if TYPE_CHECKING:
    from .app import DebuggerApp


class Commanding:
    """Commands: the actions of the registry by their names."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app
        self._place: actions.Place = "tree"

    def do_command(self, at: At) -> None:
        """Ask for a command."""
        self._place = "tree" if at.pane is None else "text"
        self.app.main.ask_line.ask(":", self._run, complete=self._ways)

    @property
    def _known(self) -> list[actions.Action]:
        return [action for action in actions.of(*actions.MAIN, self._place) if action.id != "command"]

    def _ways(self, line: str) -> list[Way]:
        return ways(line, self._known, self._complete)

    def _complete(self, id: str) -> Complete | None:
        return self.app.completes.get(id)

    def _run(self, line: str) -> None:
        if not line.strip():
            return
        try:
            action, argument = understood(line, self._known)
        except BadCommand as error:
            self.app.say(str(error), "$text-error")
            return
        main = self.app.main
        doer = {"tree": main.task_tree, "text": main.panes.pane(main.panes.current).view}.get(action.place, main)
        self.app.call_later(self.app.run_action, call(action, argument), doer)

    # What only it does

    def do_run(self, at: At) -> None:
        """Show a run by its number."""
        state = self.app.session.state
        runs = state.runs if state is not None else {}
        if not at.argument.isdecimal() or len(at.argument) > 18 or int(at.argument) not in runs:
            newest = max(runs, default=0)
            there = "there is none yet" if not runs else f"there are 1 to {newest}" if len(runs) > 1 else f"there is run {newest}"
            self.app.say(f"which run? {there}" if not at.argument else f"there is no run {at.argument!r}; {there}")
            return
        self.app.browsing.show(int(at.argument))

    def complete_run(self, typed: str) -> Iterable[str]:
        """Its numbers, newest first."""
        state = self.app.session.state
        return starting(typed, map(str, sorted(state.runs, reverse=True))) if state is not None else ()

    def do_task(self, at: At) -> None:
        """Go to the next task whose id is like this."""
        tree = self.app.main.task_tree
        node, outline = tree.node, tree.outline
        if not at.argument:
            self.app.say("which task? an id, or a part of one with *, such as main/judge*")
            return
        if node is None or outline is None:
            self.app.say("there is no task yet")
            return
        wanted = like(at.argument)
        first = next((task.id for task in outline.after(node) if wanted.match(task.id)), None)
        if first is None and outline.narrowed is not None:  # it may be hidden
            first = next((id for id in outline.census.tasks if wanted.match(id)), None)
        found = at.argument if outline.node(at.argument) is not None else first
        if found is not None:
            self.app.jumping.go(found)
        elif node.task is None or not wanted.match(node.key):
            self.app.say(f"no task is like {at.argument!r}")

    def complete_task(self, typed: str) -> Iterable[str]:
        """Ids."""
        outline = self.app.session.outline
        return starting(typed, outline.census.tasks) if outline is not None else ()

    def do_theme(self, at: At) -> None:
        """Try colours."""
        if at.argument not in self.app.available_themes:
            why = f"there is no theme {at.argument!r}" if at.argument else "which theme?"
            self.app.say(f"{why}; there is {', '.join(sorted(self.app.available_themes))}")
            return
        self.app.theme = at.argument
        self.app.say(f'theme = "{at.argument}" in tui.toml keeps it')

    def complete_theme(self, typed: str) -> Iterable[str]:
        """Their names."""
        return starting(typed, sorted(self.app.available_themes))


def like(pattern: str) -> re.Pattern[str]:
    """`*` and `?` stand for any letters and any one letter; without them it may stand anywhere. Brackets are as they are."""
    words = "".join({"*": ".*", "?": "."}.get(sign) or re.escape(sign) for sign in pattern)
    return re.compile(f"{words}$" if "*" in pattern or "?" in pattern else f".*{words}", re.DOTALL)

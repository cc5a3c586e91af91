"""What the app does to find a task: by its name, or since it failed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .model.at import At
from .model.outline import Node

if TYPE_CHECKING:
    from .app import DebuggerApp


class Finding:
    """Searches of the run on screen."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app
        self._wanted = ""

    def do_search(self, at: At) -> None:
        """Ask for a part of a name and go to the next task that has it."""
        if at.argument:
            self._search(at.argument)
        else:
            self.app.main.ask_line.ask("/", self._search, placeholder="part of a name")

    def _search(self, text: str) -> None:
        self._wanted = text.strip().lower() or self._wanted
        self._match()

    def do_next_match(self, at: At) -> None:
        """Go to the next one."""
        self._match()

    def do_previous_match(self, at: At) -> None:
        """Go to the one before."""
        self._match(backwards=True)

    def _match(self, *, backwards: bool = False) -> None:
        wanted = self._wanted
        if not wanted:
            self.app.say("nothing was searched for yet; / searches the names of tasks")
            return
        self._jump(
            lambda node: node.task is not None and wanted in node.key.lower(),
            f"no other task has {wanted!r} in its name",
            backwards=backwards,
        )

    def do_next_problem(self, at: At) -> None:
        """Go to the next task that failed."""
        self._jump(_is_problem, "no other task failed in this run")

    def do_previous_problem(self, at: At) -> None:
        """Go to the one before."""
        self._jump(_is_problem, "no other task failed in this run", backwards=True)

    def _jump(self, wanted: Callable[[Node], bool], otherwise: str, *, backwards: bool = False) -> None:
        tree = self.app.main.task_tree
        node = tree.node
        if node is None or tree.outline is None:
            self.app.say("there is no task yet")
            return
        found = next((each for each in tree.outline.after(node, backwards=backwards) if wanted(each)), None)
        if found is None:
            self.app.say(otherwise)
        else:
            tree.go_to(found)


def _is_problem(node: Node) -> bool:
    return bool(node.own.failed)

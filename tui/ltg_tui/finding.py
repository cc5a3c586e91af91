"""What the app does to find a task: by its name, or since it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmtaskgraph import Task

from .model.at import At
from .model.outline import Node, Outline

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
        node, outline = self._here()
        if node is not None and outline is not None:
            tasks = outline.after(node, backwards=backwards)
            self._jump(
                next((task for task in tasks if wanted in task.id.lower()), None), f"no other task has {wanted!r} in its name"
            )

    def do_next_problem(self, at: At) -> None:
        """Go to the next task that failed."""
        self._problem()

    def do_previous_problem(self, at: At) -> None:
        """Go to the one before."""
        self._problem(backwards=True)

    def _problem(self, *, backwards: bool = False) -> None:
        node, outline = self._here()
        if node is not None and outline is not None:
            self._jump(outline.problem(node, backwards=backwards), "no other task failed in this run")

    def _here(self) -> tuple[Node | None, Outline | None]:
        tree = self.app.main.task_tree
        if tree.node is None:
            self.app.say("there is no task yet")
        return tree.node, tree.outline

    def _jump(self, task: Task | None, otherwise: str) -> None:
        tree = self.app.main.task_tree
        node = None if task is None or tree.outline is None else tree.outline.node(task.id)
        if node is None:
            self.app.say(otherwise)
        else:
            tree.go_to(node)

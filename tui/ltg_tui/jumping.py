"""What the app does to go to a task from afar, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmtaskgraph import Task

from .model.at import At
from .model.detail import PaneName
from .model.jumps import Jumps

if TYPE_CHECKING:
    from .app import DebuggerApp


class Jumping:
    """Jumps: every one is remembered."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app
        self._jumps = Jumps()

    def find(self, id: str) -> Task | None:
        """A task of the run on screen."""
        outline = self.app.session.outline
        return None if outline is None else outline.census.tasks.get(id)

    def go(self, id: str, pane: PaneName | None = None, *, kept: bool = True) -> bool:
        """Put the cursor on a task. Returns whether it is there.

        Args:
            pane: the pane to show of it.
            kept: whether one can go back.
        """
        main, outline = self.app.main, self.app.session.outline
        if outline is None or outline.node(id) is None:
            self.app.say(f"{id} is not in this run")
            return False
        if not outline.shows(id):
            self.app.narrowing.widen()
        node, start = outline.node(id), main.chosen
        if node is None:
            return False
        if kept and start is not None:
            self._jumps.jump(start.id, id)
        main.task_tree.go_to(node)
        main.look_at(id, pane)
        return True

    def remember(self, start: str, end: str) -> None:
        """One jumped, in another way."""
        self._jumps.jump(start, end)

    def do_jump_back(self, at: At) -> None:
        """Go back to where one jumped from."""
        here = self.app.main.chosen
        self._step(self._jumps.back("" if here is None else here.id), "nothing was jumped from yet")

    def do_jump_forward(self, at: At) -> None:
        """Go forward again."""
        self._step(self._jumps.forward(), "this is the last jump")

    def _step(self, id: str | None, otherwise: str) -> None:
        if id is None:
            self.app.say(otherwise)
        else:
            self.go(id, kept=False)

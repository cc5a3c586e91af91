"""Where a text first appeared: among all that a task depends on, the first, causes before effects, that holds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from llmtaskgraph import LinkEnd, State, Task

from .bodies import Bodies, literals
from .detail import PaneName
from .pattern import Pattern


class Origin(NamedTuple):
    """The task and pane in which a text first appears, and where it came from in words."""

    task: str
    pane: PaneName
    told: str


class OriginHunt:
    """Looks at the ends of `Links.in_order` until one holds the text.

    Attributes:
        found: where it first appeared; None as long as that is not known.
    """

    def __init__(self, state: State, run: int, find: Callable[[str], Task | None], pattern: Pattern) -> None:
        self._find, self._pattern, self._bodies = find, pattern, Bodies(state, run)
        self.found: Origin | None = None

    def look(self, end: LinkEnd) -> bool:
        """Look at one end. True when that was it."""
        task = self._find(end[0])
        if task is not None:
            self.found = self._call(task) if end[1] == "call" else self._output(task)
        return self.found is not None

    def _call(self, task: Task) -> Origin | None:
        """What the program gave to a task, beside what other tasks made."""
        if any(self._pattern.found(text) for text in literals(task)):
            if task.scope is None:
                return Origin(task.id, "prompt", "it came with the input of the run")
            return Origin(task.id, "prompt", f"the program gives it to {task.name} as it is")
        if task.type == "llm" and self._holds(task, ("prompt",)) is not None:
            return Origin(task.id, "prompt", f"it is from the program's own prompt for {task.name}")
        return None

    def _output(self, task: Task) -> Origin | None:
        pane = self._holds(task, ("response", "output"))
        if pane is None:
            return None
        word = {"response": "the response", "output": "the output"}[pane]
        return Origin(task.id, pane, f"it first appears in {word} of {task.name}")

    def _holds(self, task: Task, panes: tuple[PaneName, ...]) -> PaneName | None:
        return next((pane for pane, text in self._bodies.of(task) if pane in panes and self._pattern.found(text)), None)

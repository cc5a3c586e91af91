"""How a run is doing while it is under way, and whether the screen goes along with it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from llmtaskgraph import Task

from .. import actions
from .format import seconds

QUIET: Final = 3.0
"""After so many seconds without an event it is told how long nothing has happened."""


@dataclass
class Pulse:
    """What is known of a run beyond its events.

    Attributes:
        heard: when the last event came, in seconds since the epoch; None before the first.
        pinned: whether the cursor goes with the newest running task; until a person moves it.
        new: how many tasks started since then.
        running: ids of tasks that may be under way, the newest last.
        died: its process is gone, and it has not ended.
    """

    heard: float | None = None
    pinned: bool = True
    new: int = 0
    running: dict[str, None] = field(default_factory=dict)
    died: bool = False

    def begun(self, tasks: Iterable[Task | None]) -> None:
        """These tasks started."""
        for task in tasks:
            if task is not None and task.type != "graph":
                self.running.pop(task.id, None)
                self.running[task.id] = None
                self.new += not self.pinned

    def silence(self, now: float) -> str:
        """How long nothing has happened; empty when it is not worth telling."""
        if self.heard is None or now - self.heard < QUIET:
            return ""
        return f"last event {seconds(now - self.heard)} ago"

    @property
    def pill(self) -> str:
        """What a person misses who has moved the cursor; empty while it is pinned."""
        if self.pinned:
            return ""
        follow = actions.key("follow")
        return f"▼ {self.new:,} new · {follow}" if self.new else f"▼ {follow}"

"""Where one is when a key is pressed."""

from __future__ import annotations

from typing import NamedTuple

from llmtaskgraph import Task

from .detail import PaneName


class At(NamedTuple):
    """What an action is about.

    Attributes:
        task: the one under the cursor; None on a group and where there is none.
        pane: the one with the focus; None in the tree.
        argument: what was given after its name on the command line.
    """

    task: Task | None = None
    pane: PaneName | None = None
    argument: str = ""

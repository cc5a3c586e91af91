"""What is said where there is nothing to show: why, and the key that helps."""

from __future__ import annotations

from .. import actions
from .detail import PANES, PaneName, PaneText
from .flow import Block
from .format import count
from .outline import Node
from .session import Session


def no_rows(session: Session) -> tuple[str, ...]:
    """In place of the tree."""
    keys = f"{actions.key('child_log')} what a run started here prints  {actions.key('quit')} quits"
    if session.state is None:
        return (
            "There is no trace yet: it is shown as soon as a run writes it.",
            keys,
        )
    if session.shown is None:
        return (
            "No run has begun yet: the first one is shown as it starts.",
            keys,
        )
    return ("No task is shown.", f"{actions.key('back', 'trace')} shows all")


def no_task(session: Session, node: Node | None) -> dict[PaneName, PaneText]:
    """In place of the panes, where the cursor is on no task."""
    if node is None:
        text = "no task yet" if session.shown is None else "no task is shown"
    else:
        text = (
            f"a group of {count(node.inner.tasks, 'task')}: {actions.key('unfold', 'tree')} unfolds it, and each has its own text"
        )
    return {name: PaneText(name, [Block(text, "dim")]) for name in PANES}

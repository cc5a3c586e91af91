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
    quits, log = (actions.first_key(actions.find("app", id)) for id in ("quit", "child_log"))
    if session.state is None:
        return (
            "There is no trace yet: it is shown as soon as a run writes it.",
            f"{log} what a run started here prints  {quits} quits",
        )
    if session.shown is None:
        return (
            "No run has begun yet: the first one is shown as it starts.",
            f"{log} what a run started here prints  {quits} quits",
        )
    return ("No task is shown.", "Esc shows all")


def no_task(session: Session, node: Node | None) -> dict[PaneName, PaneText]:
    """In place of the panes, where the cursor is on no task."""
    if node is None:
        text = "no task yet" if session.shown is None else "no task is shown"
    else:
        opens = actions.first_key(actions.find("tree", "unfold"))
        text = f"a group of {count(node.inner.tasks, 'task')}: {opens} unfolds it, and each has its own text"
    return {name: PaneText(name, [Block(text, "dim")]) for name in PANES}

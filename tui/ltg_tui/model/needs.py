"""What must hold for an action, and what a person is told where it does not."""

from __future__ import annotations

from llmtaskgraph import Task

from .. import actions
from .session import Session


def why_not(needs: tuple[actions.Need, ...], session: Session, task: Task | None) -> str:
    """Why these do not hold, in one line; empty when they do."""
    for need in needs:
        why = _why_not(need, session, task)
        if why:
            return why
    return ""


def _why_not(need: actions.Need, session: Session, task: Task | None) -> str:
    if need in ("writable", "editable") and session.read_only:
        return f"read-only: {session.read_only}"
    match need:
        case "run" if session.shown is None:
            return "there is no run yet"
        case "task" if task is None:
            return "this is a group: go to one of its tasks" if session.outline is not None else "there is no task yet"
        case "editable" if session.live:
            return f"this run is still under way: stop it ({actions.key('stop')}) or wait, then edit"
        case "ended" if session.live:
            return f"this run is under way: {actions.key('stop')} stops it"
        case "llm" if task is None or task.type != "llm":
            return "only an LLM task has a model"
        case _:
            return ""

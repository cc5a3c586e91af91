"""Which stage a key means: what an edit, or the taking back of one, is about."""

from __future__ import annotations

from llmtaskgraph import State, Task, editable

from .detail import PaneName
from .draft import Field


class CannotEdit(ValueError):
    """There is nothing to edit there. The message says why."""


def field_to_edit(state: State, run: int, task: Task, pane: PaneName | None) -> Field:
    """The field that `e` edits: that of the pane with the focus; from the tree, what is most likely wrong.

    Raises:
        CannotEdit: that pane shows nothing that can be edited.
    """
    field = _field(state, run, task, pane)
    if field not in editable(task):
        if field == "input":
            raise CannotEdit("these arguments come from other tasks: edit the output of those")
        raise CannotEdit(f"a {_KIND[task.type]} has no {field} to edit; edit its output")
    return field


_KIND = {"llm": "LLM task", "python": "Python task", "graph": "graph"}


def _field(state: State, run: int, task: Task, pane: PaneName | None) -> Field:
    if pane is None or pane == "info":
        if task.scope is None and (task.kwargs or task.args):
            return "input"
        if task.type != "llm":
            return "output"
        seen = state.seen(run, task.id)
        return "prompt" if seen is not None and seen.response is None and seen.prompt is not None else "response"
    if pane == "prompt" and task.type != "llm":
        return "input"
    return pane


def fields_to_revert(state: State, run: int, task: Task, pane: PaneName | None) -> list[Field]:
    """The edited fields that `u` takes back: that of the pane, or the only one there is."""
    edited: list[Field] = [stage for id, stage in state.edits_to_apply(run) if id == task.id and stage in _FIELDS]
    named = "input" if pane == "prompt" and task.type != "llm" else pane
    return [field for field in edited if field == named] or edited


_FIELDS = ("prompt", "response", "output", "model", "params", "input", "sample")

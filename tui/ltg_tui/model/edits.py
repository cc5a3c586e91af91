"""All edits of a trace, newest first: what was edited, when, from what to what, and which runs took it up."""

from __future__ import annotations

from dataclasses import dataclass

from msgspec import UNSET, Raw
from rich.cells import cell_len

from llmtaskgraph import Edit, State, Task

from . import values
from .fit import fit
from .format import ago
from .safe import one_line

SHORT = 300
"""So many letters of a value are shown."""


@dataclass(frozen=True)
class EditRow:
    """An edit in the list.

    Attributes:
        runs: those that were made with it.
        pending: whether the next resume of its run takes it up.
        held: whether it is what a resume of its run applies: nothing later is in its place.
    """

    edit: Edit
    runs: tuple[int, ...]
    pending: bool
    held: bool

    @property
    def what(self) -> str:
        """What was edited: `response`, `run again`; with a word where it was taken back."""
        name = "run again" if self.edit.stage == "sample" else self.edit.stage
        return f"{name} taken back" if self.edit.value is UNSET else name

    @property
    def fate(self) -> str:
        """What became of it."""
        if self.edit.value is UNSET:
            return "pending" if self.pending and self.held else ""
        if self.runs:
            shown = ", ".join(map(str, self.runs[:3])) + (" ..." if len(self.runs) > 3 else "")
            return f"run{'s' if len(self.runs) > 1 else ''} {shown}"
        return "pending" if self.pending and self.held else "replaced" if self.pending else "never run"


def edit_rows(state: State) -> list[EditRow]:
    """The edits of a trace, newest first."""
    runs: dict[int, list[int]] = {}
    for run in state.runs.values():
        for id in run.edits:
            runs.setdefault(id, []).append(run.id)
    pending = {run: {edit.id for edit in state.pending_edits(run)} for run in {edit.run for edit in state.edits.values()}}
    newest = {(edit.run, edit.task, edit.stage): edit.id for edit in state.edits.values()}
    return [
        EditRow(
            edit,
            tuple(runs.get(edit.id, ())),
            edit.id in pending[edit.run],
            newest[edit.run, edit.task, edit.stage] == edit.id,
        )
        for edit in reversed(state.edits.values())
    ]


def row_text(row: EditRow, width: int) -> tuple[str, str]:
    """The two ends of a row."""
    right = f" {row.fate} "
    left = f" {ago(row.edit.at)}  {row.what:<10} {one_line(row.edit.task)}"
    return fit(left, width - cell_len(right)), right


def change(state: State, edit: Edit) -> str:
    """From what to what."""
    if edit.stage == "sample":
        return f"a new sample of {edit.task} was asked for" if edit.value is not UNSET else "the asking was taken back"
    now = "what was recorded" if edit.value is UNSET else _short(edit.value)
    return f"{_short(_before(state, edit))} → {now}"


def _before(state: State, edit: Edit) -> Raw | str:
    earlier = [each for each in state.edits.values() if each.id < edit.id and each.run == edit.run]
    for each in reversed(earlier):
        if (each.task, each.stage) == (edit.task, edit.stage):
            return each.value if each.value is not UNSET else _recorded(state, edit)
    return _recorded(state, edit)


def _recorded(state: State, edit: Edit) -> Raw | str:
    in_force = state.edits_in_force(edit.run).get((edit.task, edit.stage)) if edit.run in state.runs else None
    if in_force is not None and in_force.value is not UNSET:
        return in_force.value
    seen = state.seen(edit.run, edit.task) if edit.run in state.runs else None
    stage = getattr(seen, edit.stage, None)
    if stage is not None:
        return stage.value  # type: ignore[no-any-return]
    task: Task | None = next((task for task in state.tasks.values() if task.id == edit.task), None)
    if edit.stage == "model" and task is not None:
        return task.model or "no model"
    if edit.stage == "params" and task is not None:
        return values.compact(task.params)
    return "nothing" if edit.stage != "input" else "the input that was given"


def _short(value: Raw | str) -> str:
    if isinstance(value, str):
        text = value
    else:
        message = values.message(value)
        several = None if message is not None else values.messages(value)
        if message is not None:
            text = message.text
        elif several:
            text = " / ".join(each.text for each in several)
        else:
            text = values.readable(value)
    text = " ".join(text[: 2 * SHORT].split())
    return text if len(text) <= SHORT else f"{text[: SHORT - 1]}…"

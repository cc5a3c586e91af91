"""All edits of the trace, and the drafts that were kept: go to one, or take it back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message
from textual.widget import Widget

from llmtaskgraph import State

from .. import actions
from ..io.drafts import Kept
from ..model.edits import EditRow, change, edit_rows, row_text
from ..model.format import ago
from ..model.safe import one_line
from ..widgets.bindings import bindings
from ..widgets.row_list import Parts, RowList
from .sheet import Sheet


class EditsSheet(Sheet[tuple[int, str]]):
    """Gives the run and the task to go to."""

    BINDINGS = bindings("edits")

    @dataclass
    class Reverted(Message):
        """An edit is to be taken back."""

        sheet: EditsSheet
        row: EditRow

    def __init__(self, state: State, kept: Sequence[Kept]) -> None:
        super().__init__("edits of this trace, newest first", "edits")
        self.state, self.kept = state, kept
        self.rows: list[EditRow] = []

    def body(self) -> list[Widget]:
        empty: list[Parts] = [[(f" nothing was edited yet: {actions.key('edit')} edits what is under the cursor", "dim")]]
        return [RowList(self._row, empty=empty, id="edits-rows")]

    def on_mount(self) -> None:
        self.look(self.state)
        self.query_one(RowList).focus()

    def look(self, state: State) -> None:
        """The edits may be others now."""
        self.state = state
        self.rows = edit_rows(self.state)
        self.query_one(RowList).show(len(self.kept) + len(self.rows))
        self._tell()

    def _row(self, position: int, width: int) -> Parts:
        if position < len(self.kept):
            kept = self.kept[position]
            text = f" {ago(kept.at)}  {one_line(kept.field):<10} {one_line(kept.task)}"
            return [(text[: max(0, width - 8)].ljust(width - 8), "warning"), (" draft  ", "warning")]
        row = self.rows[position - len(self.kept)]
        left, right = row_text(row, width)
        look = "edited" if row.fate == "pending" else "dim" if not row.runs else ""
        return [(left.ljust(width - len(right)), look), (right, look)]

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Another row."""
        self._tell()

    def _tell(self) -> None:
        position = self.query_one(RowList).cursor
        if position < len(self.kept):
            takes = f"{actions.key('edit')} there and {actions.key('take_up', 'editor')} take it up"
            self.say(f"a draft that was not applied: {actions.key('go', 'edits')} goes to its task, {takes}")
        elif self.rows:
            self.say(change(self.state, self.rows[position - len(self.kept)].edit))

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Enter."""
        self.action_go()

    def action_go(self) -> None:
        position = self.query_one(RowList).cursor
        if position < len(self.kept):
            self.dismiss((self.kept[position].run, self.kept[position].task))
        elif self.rows:
            edit = self.rows[position - len(self.kept)].edit
            self.dismiss((edit.run, edit.task))
        else:
            self.dismiss(None)

    def action_revert(self) -> None:
        position = self.query_one(RowList).cursor - len(self.kept)
        if position < 0:
            away = f"{actions.key('take_up', 'editor')} and {actions.key('cancel', 'editor')} twice there throw it away"
            self.say(f"a draft is no edit: {actions.key('edit')} at its task opens it, {away}", error=True)
        elif self.rows:
            self.post_message(self.Reverted(self, self.rows[position]))

    def action_cancel(self) -> None:
        self.dismiss(None)

"""What a resume would do: what it comes to, and each task with its reason, by function."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from llmtaskgraph import Plan

from ..model.planned import PlanRows, cost_line, summary
from ..model.safe import message
from ..widgets.bindings import bindings
from ..widgets.row_list import Parts, RowList
from .sheet import Sheet


class PlanSheet(Sheet[bool]):
    """Gives whether to start it."""

    BINDINGS = bindings("plan")

    def __init__(self, title: str, plan: Plan, note: str = "") -> None:
        super().__init__(title, "plan")
        self.plan, self._note = plan, note
        self._rows = PlanRows(plan)
        self._head = Static(self._facts(), classes="plan-head", markup=False)

    def body(self) -> list[Widget]:
        return [self._head, RowList(self._row, id="plan-rows")]

    def _facts(self) -> Content:
        lines = [Content.styled(message(summary(self.plan)), "bold $text-primary")]
        lines += [Content(message(line)) for line in (cost_line(self.plan), self._note) if line]
        code = "" if self.plan.code_checked else "by the trace; what you changed in the code runs as well"
        lines += [Content.styled(code, "$ltg-dim")] if code else []
        return Content("\n").join(lines)

    def replan(self, plan: Plan) -> None:
        """The trace has changed: this is what would be done now."""
        if plan == self.plan:
            return
        self.plan, self._rows = plan, PlanRows(plan)
        self._head.update(self._facts())
        rows = self.query_one(RowList)
        rows.show(len(self._rows))
        self.say("the trace has changed, and so has this plan", error=True)

    def on_mount(self) -> None:
        rows = self.query_one(RowList)
        rows.show(len(self._rows))
        rows.focus()

    def _row(self, position: int, width: int) -> Parts:
        return self._rows.row(position, width)

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Another row: its reason in full."""
        self.say(self._rows.about(event.position))

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Enter starts, wherever the cursor is."""
        self.action_start()

    def action_start(self) -> None:
        self.dismiss(True)

    def action_cancel(self) -> None:
        self.dismiss(False)

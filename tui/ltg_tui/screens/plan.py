"""What a resume would do: what it comes to, and each task with its reason, by function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from llmtaskgraph import LLMTaskGraphError, Plan

from ..model.fit import fit
from ..model.planned import PlanRows, cost_line, summary
from ..model.safe import message
from ..widgets.bindings import bindings
from ..widgets.row_list import Parts, RowList
from .sheet import Sheet

Check: TypeAlias = Callable[[], Awaitable[Plan]]
"""Makes the plan with the code as it is now, or raises an `LLMTaskGraphError` that tells why it cannot."""

LONGEST = 300
"""So many letters of why the code could not be looked at are shown."""


class PlanSheet(Sheet[bool]):
    """Gives whether to start it.

    Attributes:
        plan: what is shown.

    Args:
        title: what would be done.
        plan: by the trace alone, which is there at once.
        check: makes the plan that a resume will follow.
        note: a line about it.
    """

    BINDINGS = bindings("plan")

    def __init__(self, title: str, plan: Plan, check: Check, note: str = "") -> None:
        super().__init__(title, "plan")
        self.plan, self._recorded, self._check, self._note = plan, plan, check, note
        self._code = ""
        self._rows = PlanRows(plan)
        self._head = Static(classes="plan-head", markup=False)

    def body(self) -> list[Widget]:
        return [self._head, RowList(self._row, id="plan-rows")]

    def _facts(self) -> Content:
        lines = [Content.styled(message(summary(self.plan)), "bold $text-primary")]
        lines += [Content(message(line)) for line in (cost_line(self.plan), self._note) if line]
        lines.append(Content.styled(message(self._code), "$ltg-dim"))
        return Content("\n").join(lines)

    def replan(self, plan: Plan) -> None:
        """The trace has changed: this is what would be done now."""
        if plan != self._recorded:
            self._recorded = plan
            self._put(plan, "the trace has changed, and so has this plan")
            self._look_at_code()

    def _put(self, plan: Plan, why: str) -> None:
        self.plan, self._rows = plan, PlanRows(plan)
        self.query_one(RowList).show(len(self._rows))
        self.say(why, error=True)

    def _look_at_code(self) -> None:
        self._code = "by the trace; your code is being looked at ..."
        self._head.update(self._facts())
        self.run_worker(self._with_code(), group="code", exclusive=True)

    async def _with_code(self) -> None:
        """The plan with the code, in the place of that by the trace. Ends with this sheet."""
        try:
            plan = await self._check()
        except LLMTaskGraphError as error:
            self._code = f"by the trace alone: {fit(str(error), LONGEST)}"
        else:
            self._code = "by the trace and by your code as it is now"
            if (plan.tasks, plan.kept) != (self.plan.tasks, self.plan.kept):
                self._put(plan, "your code has changed since: this plan is with it")
        self._head.update(self._facts())

    def on_mount(self) -> None:
        rows = self.query_one(RowList)
        rows.show(len(self._rows))
        rows.focus()
        self._look_at_code()

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

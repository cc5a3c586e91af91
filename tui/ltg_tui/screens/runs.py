"""All runs of the trace, as a tree of forks. Which one to show, or which two to compare."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from llmtaskgraph import State

from .. import actions
from ..model.run_tree import Facts, about, heading, row, run_rows, survey
from ..widgets.bindings import bindings
from ..widgets.row_list import Parts, RowList
from .help import HelpSheet, help_groups
from .sheet import Sheet

SLICE: Final = 0.02
PAUSE: Final = 0.004
TELL: Final = 0.3
"""Seconds after which the numbers are shown again while they grow."""


@dataclass(frozen=True)
class Wanted:
    """What was asked for: `run` on the screen, or compared with `other`."""

    run: int
    other: int | None = None


class RunsSheet(Sheet[Wanted]):
    """Gives what was asked for; None when it was closed.

    Args:
        shown: the run on the screen.
        choosing: it is opened to choose what to compare with: Enter compares.
    """

    BINDINGS = bindings("runs")
    AUTO_FOCUS = "RowList"

    def __init__(self, state: State, shown: int, *, choosing: bool = False) -> None:
        title = f"compare run {shown} with" if choosing else f"runs: {len(state.runs):,}"
        super().__init__(title, "runs")
        self.state, self.shown, self.choosing = state, shown, choosing
        self.marked = shown
        self.runs = run_rows(state.runs.values())
        self.facts = {found.run.id: Facts() for found in self.runs}
        self._counting = self._count()
        self._told_at = 0.0

    def body(self) -> list[Widget]:
        return [Static(id="runs-heading", markup=False), RowList(self._row), Static(id="runs-about", markup=False)]

    def on_mount(self) -> None:
        super().on_mount()
        at = next((at for at, found in enumerate(self.runs) if found.run.id == self.shown), 0)
        self.rows.show(len(self.runs), at)
        self._tell()
        self.set_timer(PAUSE, self._work)
        self.set_interval(1.0, self._tick)

    def on_resize(self) -> None:
        """Another width: other columns fit."""
        self.query_one("#runs-heading", Static).update(Content.styled(heading(self.size.width), "$ltg-dim"))

    @property
    def rows(self) -> RowList:
        """The list."""
        return self.query_one(RowList)

    @property
    def chosen(self) -> int:
        """The run under the cursor."""
        return self.runs[self.rows.cursor].run.id

    def _row(self, position: int, width: int) -> Parts:
        found = self.runs[position]
        id = found.run.id
        return row(found, self.facts[id], width, time.time(), shown=id == self.shown, marked=id == self.marked)

    # Counting, in slices: the run under the cursor and the newest ones first

    def _count(self) -> Iterator[None]:
        order = sorted(self.runs, key=lambda found: (found.run.id != self.shown, -found.run.id))
        for found in order:
            yield from survey(self.state, found.run.id, self.facts[found.run.id])

    def _work(self) -> None:
        end = time.monotonic() + SLICE
        while time.monotonic() < end:
            try:
                next(self._counting)
            except StopIteration:
                self.rows.refresh()
                return
        if end > self._told_at + TELL:
            self._told_at = end
            self.rows.refresh()
        self.set_timer(PAUSE, self._work)

    def _tick(self) -> None:
        if any(found.run.status == "running" for found in self.runs):
            self.rows.refresh()

    def _tell(self) -> None:
        self.query_one("#runs-about", Static).update(Content(f" {about(self.state, self.state.runs[self.chosen])}"))

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """The cursor is on another run."""
        self._tell()

    # Keys

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Enter on a run."""
        if self.choosing:
            self.action_compare()
        else:
            self.action_show()

    def action_show(self) -> None:
        self.dismiss(Wanted(self.chosen))

    def action_compare(self) -> None:
        if len(self.runs) < 2:
            resumes = f"{actions.key('resume')} on the main screen resumes it"
            self.say(f"there is only one run: {resumes}, and then there are two to compare")
        elif self.chosen == self.marked:
            other = "the marked one" if self.marked != self.shown else "the run on the screen"
            keys = f"{actions.key('compare', 'runs')}; {actions.key('mark', 'runs')} marks this one"
            self.say(f"this is {other}: go to another run, then {keys}")
        else:
            self.dismiss(Wanted(self.chosen, self.marked))

    def action_mark(self) -> None:
        self.marked = self.shown if self.marked == self.chosen else self.chosen
        self.rows.refresh()
        self.say(f"{actions.key('compare', 'runs')} compares the run under the cursor with run {self.marked}")

    def action_help(self) -> None:
        self.app.push_screen(HelpSheet("keys in the list of runs", help_groups("runs", "list")))

    def action_cancel(self) -> None:
        self.dismiss(None)

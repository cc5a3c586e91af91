"""Two runs beside each other: the tasks of both in one tree with `=` `~` `+` `−`, and the words that changed."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from llmtaskgraph import State

from .. import actions
from ..model.compare import Comparison
from ..model.compare_rows import CompareRows, signed, signed_dollars, signed_seconds
from ..model.flow import Block
from ..model.pair_text import QUICK, pair_blocks, size
from ..model.safe import one_line
from ..widgets.bindings import bindings
from ..widgets.flow_view import FlowView
from ..widgets.lines import HintLine
from ..widgets.row_list import Parts, RowList
from .help import HelpSheet, help_groups

SLICE: Final = 0.02
PAUSE: Final = 0.004
"""Seconds between two slices, in which keys are answered."""

TELL: Final = 0.3
"""Seconds after which one is told again how far it is."""

SETTLE: Final = 0.04
"""Seconds for which the cursor rests before the text follows."""

_MARKS: Final = {"~": "$text-warning", "+": "$text-success", "−": "$text-error", "=": "$ltg-dim"}


class PairList(RowList):
    """The tree of both runs."""

    BINDINGS = bindings("pairs")

    @dataclass
    class Fold(Message):
        """The row under the cursor is to be folded, or unfolded."""

        folded: bool

    def action_fold(self) -> None:
        self.post_message(self.Fold(True))

    def action_unfold(self) -> None:
        self.post_message(self.Fold(False))


class CompareScreen(Screen[None]):
    """Compares while one waits, in slices; then shows where it began to differ."""

    BINDINGS = bindings("compare")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-normal"), (150, "-wide")]  # noqa: RUF012
    AUTO_FOCUS = "#compare-rows"

    @dataclass
    class OtherRun(Message):
        """Another run is to be chosen to compare `run` with."""

        run: int

    @dataclass
    class GoTo(Message):
        """A task is to be shown on the main screen."""

        run: int
        task: str

    def __init__(self, state: State, old: int, new: int, at: str = "") -> None:
        super().__init__()
        self.comparison = Comparison(state, old, new)
        self._at = at
        self._work = self.comparison.work()
        self._rows: CompareRows | None = None
        self._settling = False
        self._shown = -1
        self._told_at = 0.0

    def compose(self) -> ComposeResult:
        yield Static(id="compare-title", classes="sheet-title", markup=False)
        with Container(id="compare-body"):
            yield PairList(self._row, empty=[[(" comparing ...", "dim")]], id="compare-rows")
            yield FlowView(id="compare-text")
        yield HintLine()

    def on_mount(self) -> None:
        self._title()
        self.hints()
        self.set_timer(PAUSE, self._compare)

    @property
    def rows(self) -> RowList:
        """The tree of both."""
        return self.query_one(RowList)

    @property
    def text(self) -> FlowView:
        """What is different about the task under the cursor."""
        return self.query_one(FlowView)

    @property
    def position(self) -> int:
        """The pair under the cursor; -1 while there is none."""
        rows = self._rows.rows if self._rows is not None else []
        return rows[self.rows.cursor] if self.rows.cursor < len(rows) else -1

    def say(self, text: str, look: str = "") -> None:
        """A message in place of the hints, until the next key."""
        self.query_one(HintLine).say(text, look)

    def hints(self) -> None:
        """Which keys help."""
        self.query_one(HintLine).hint(actions.of("compare"))

    def on_key(self) -> None:
        """A message stays until the next key."""
        if self.query_one(HintLine).said:
            self.hints()

    # Comparing

    def _compare(self) -> None:
        end = time.monotonic() + SLICE
        while time.monotonic() < end:
            try:
                next(self._work)
            except StopIteration:
                self._done()
                return
        if end > self._told_at + TELL:
            self._told_at = end
            self._title()
        self.set_timer(PAUSE, self._compare)

    def _done(self) -> None:
        found = self.comparison
        self._rows = CompareRows(found)
        first = found.first
        if self._at:
            first = next((at for at in found.differing if found.pairs[at].task.id == self._at), first)
        self._title()
        if not found.differing:
            self._rows.only_differences = False
            self._rows.lay_out()
        self.rows.show(len(self._rows.rows), self._rows.reveal(first) if first >= 0 else 0)
        self.say(found.told, "$text-warning" if found.differing else "$text-success")
        self._show_text()

    def _title(self) -> None:
        found = self.comparison
        title = Content(f"run {found.old} → run {found.new}")
        if not found.done:
            done = f"  comparing ... {len(found.pairs):,} tasks"
            self.query_one("#compare-title", Static).update(title + Content.styled(done, "$ltg-dim"), layout=False)
            return
        for mark in ("~", "+", "−", "="):
            if found.counts[mark] or mark in "~=":
                title += Content.styled(f"  {mark}{found.counts[mark]:,}", _MARKS[mark])
        old, new = found.spent_old, found.spent_new
        parts = [
            signed_seconds(new.seconds - old.seconds) if old.seconds is not None and new.seconds is not None else "",
            f"{signed(new.tokens - old.tokens)} tok" if new.tokens != old.tokens else "",
            signed_dollars((new.cost or 0.0) - (old.cost or 0.0)) if old.cost is not None or new.cost is not None else "",
        ]
        self.query_one("#compare-title", Static).update(title + Content("  ".join(["", *(part for part in parts if part)])))

    # The task under the cursor

    def _row(self, number: int, width: int) -> Parts:
        assert self._rows is not None
        return self._rows.row(number, width)

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """The text follows when the cursor has come to rest."""
        if not self._settling:
            self._settling = True
            self.set_timer(SETTLE, self._show_text)

    def _show_text(self) -> None:
        self._settling = False
        at = self.position
        if at < 0 or at == self._shown:
            return
        self._shown = at
        if size(self.comparison.pairs[at]) <= QUICK:
            self._show_blocks(at, pair_blocks(self.comparison, at))
            return
        self._show_blocks(at, [Block(self.comparison.pairs[at].task.id, "heading"), Block("comparing long texts ...", "dim")])

        def work() -> None:
            blocks = pair_blocks(self.comparison, at)
            self.app.call_from_thread(self._show_blocks, at, blocks, "done")

        self.run_worker(work, thread=True, group="words", exclusive=True)

    def _show_blocks(self, at: int, blocks: list[Block], key: str = "") -> None:
        if at == self._shown and self.is_attached:
            self.text.show(blocks, (at, key))

    def on_pair_list_fold(self, event: PairList.Fold) -> None:
        """Fold, or go to the graph that a task is in; or unfold."""
        if self._rows is None or self.position < 0:
            return
        pair = self.comparison.pairs[self.position]
        if event.folded and (pair.size == 1 or self.position in self._rows.folded):
            if pair.parent >= 0:
                self.rows.go_to(self._rows.reveal(pair.parent))
            return
        self._rows.fold(self.rows.cursor, event.folded)
        self.rows.show(len(self._rows.rows))

    # Keys

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Enter: read."""
        self.text.focus()

    def action_next_difference(self, backwards: bool = False) -> None:
        if self._rows is None:
            return
        found = self.comparison.next(self.position, backwards=backwards)
        if found < 0:
            self.say("no task differs")
            return
        row = self._rows.reveal(found)
        self.rows.show(len(self._rows.rows), row)
        self.say(self._numbered(found))

    def _numbered(self, at: int) -> str:
        number = self.comparison.differing.index(at) + 1
        return f"difference {number:,} of {len(self.comparison.differing):,}: {one_line(self.comparison.pairs[at].task.id)}"

    def action_previous_difference(self) -> None:
        self.action_next_difference(backwards=True)

    def action_only_differences(self) -> None:
        if self._rows is None:
            return
        at = self.position
        self._rows.only_differences = not self._rows.only_differences
        self._rows.lay_out()
        near = self._rows.reveal(at) if at >= 0 and at in self._rows.rows else 0
        self.rows.show(len(self._rows.rows), near)
        self.say("only what differs" if self._rows.only_differences else "all tasks of both runs")

    def action_other_run(self) -> None:
        self.post_message(self.OtherRun(self.comparison.new))

    def action_to_tree(self) -> None:
        pair = self.comparison.pairs[self.position] if self.position >= 0 else None
        if pair is None:
            return
        run = self.comparison.new if pair.new is not None else self.comparison.old
        self.post_message(self.GoTo(run, pair.task.id))

    def action_switch(self) -> None:
        (self.rows if self.text.has_focus else self.text).focus()

    def action_help(self) -> None:
        places: tuple[actions.Place, ...] = ("text",) if self.text.has_focus else ("pairs", "list")
        self.app.push_screen(HelpSheet("keys when two runs are compared", help_groups("compare", *places)))

    def action_cancel(self) -> None:
        if self.text.has_focus:
            self.rows.focus()
        else:
            self.dismiss(None)

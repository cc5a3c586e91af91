"""The tree of tasks: paints only the rows on screen, and of these, after a change, only those that look different."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.timer import Timer

from .. import actions
from ..model.order import Order
from ..model.outline import Node, Outline
from .bindings import bindings
from .tall import Tall
from .tree_row import WATERFALL_FROM, changed_cells, row_strip

LOOKS = (
    "name",
    "dim",
    "number",
    "edited",
    "stale",
    "maybe",
    "succeeded",
    "failed",
    "blocked",
    "cancelled",
    "running",
    "ready",
    "waiting",
    "match",
    "found",
)


COUNT_AT_ONCE = 0.01
COUNT_AFTER = 0.2
COUNT_EVERY = 0.02
COUNT_FOR = 0.012
"""Totals are counted for so long when a run is shown, and from so long after it on: so often, for so long (seconds), and
painted after so many times."""
COUNTS_A_PAINT = 6


class TaskTree(Tall, can_focus=True):
    """Tasks as rows, with a cursor."""

    BINDINGS = bindings("tree")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"tree--cursor", *(f"tree--{look}" for look in LOOKS)}

    @dataclass
    class Moved(Message):
        """The cursor is on another task, or on a group."""

        node: Node

    @dataclass
    class Entered(Message):
        """Enter was pressed on a task."""

        node: Node

    @dataclass
    class Refused(Message):
        """A key cannot act now."""

        why: str

    @dataclass
    class Counted(Message):
        """Totals are further on; everything is counted when the census is complete."""

    def __init__(self, *, id: str | None = None, clock: Callable[[], float] = time.time) -> None:
        super().__init__(id=id)
        self.outline: Outline | None = None
        self.nothing: tuple[str, ...] = ()  # what stands there while there are no rows
        self.cursor = 0
        self.clock = clock
        self.waterfall = False
        self._counts = 0
        self._counting: Timer | None = None
        self._painted: dict[int, Strip] = {}
        self._ready: dict[int, Strip] = {}
        self._on: Node | None = None
        self._styles: dict[str, Style] = {}

    @property
    def node(self) -> Node | None:
        """The node under the cursor."""
        if self.outline is None or not 0 <= self.cursor < len(self.outline.rows):
            return None
        return self.outline.rows[self.cursor]

    # What it shows

    def show(self, outline: Outline | None) -> None:
        """Show another outline; the cursor stays on the task where that is there, too."""
        before, self.outline, self._on = self.node, outline, None
        if outline is None:
            self.cursor = 0
        else:
            found = outline.same(before)
            self.cursor = outline.index(found) if found is not None else 0
            outline.census.advance(COUNT_AT_ONCE)  # all of a small trace
            if not outline.census.complete and self._counting is None:
                self._counting = self.set_interval(COUNT_EVERY, self._count, pause=True)
                self.set_timer(COUNT_AFTER, self._counting.resume)  # the first paint, and the first key, come first
        self.rows_changed(None)

    def _count(self) -> None:
        """Count on for a moment: a key never waits for it."""
        outline = self.outline
        if outline is not None and outline.census.advance(COUNT_FOR):
            self._counts += 1
            if self._counts % COUNTS_A_PAINT and not outline.census.complete:
                return
            self.looks_changed()
            self.post_message(self.Counted())
        elif self._counting is not None:
            self._counting.stop()
            self._counting = None
            self.post_message(self.Counted())

    def rows_changed(self, keep: Node | None, *, steady: bool = False) -> None:
        """Rows came or went; the cursor stays on `keep`, and with `steady` at its height on the screen, too."""
        rows, before = [] if self.outline is None else self.outline.rows, self.cursor
        if keep is not None and self.outline is not None:
            found = self.outline.same(keep)
            if found is not None:
                self.cursor = self.outline.index(found)
        self.cursor = max(0, min(self.cursor, len(rows) - 1))
        self.fit(len(rows))
        if steady and self.cursor != before:
            self.scroll_to(y=self.scroll_offset.y + self.cursor - before, animate=False, force=True, immediate=True)
        self.looks_changed()
        self._look_at_cursor()
        self._tell()

    def grown(self) -> None:
        """Rows came or went by themselves: the cursor stays where it is."""
        self.rows_changed(self._on, steady=True)

    def _tell(self) -> None:
        node = self.node
        if node is not self._on or node is None:
            self._on = node
            if node is not None:
                self.post_message(self.Moved(node))

    def looks_changed(self) -> None:
        """Paint those visible rows again that look different now."""
        top = self.scroll_offset.y
        for y in range(top, top + self.size.height):
            self._repaint(y)

    def _repaint(self, y: int) -> None:
        """Paint those cells of a row again that look different now."""
        line = y - self.scroll_offset.y
        if 0 <= line < self.size.height:
            strip = self._ready[y] = self._strip(y)
            left, right = changed_cells(self._painted.get(line), strip)
            if left < right:
                self.refresh(Region(left, line, right - left, 1))

    def go_to(self, node: Node) -> None:
        """Put the cursor on a node and unfold what hides it."""
        assert self.outline is not None
        rows, before = len(self.outline.rows), self.cursor
        self.cursor = self.outline.reveal(node)
        if len(self.outline.rows) != rows:
            self.rows_changed(node)
        else:
            self._moved(before)

    def pin(self, node: Node) -> None:
        """Go to a node for the time being: what is unfolded for it is folded again when the next one is pinned."""
        assert self.outline is not None
        self.outline.pin(node)
        self.rows_changed(node, steady=True)

    def unpin(self) -> None:
        """Leave everything as it is now."""
        if self.outline is not None:
            self.outline.trail.clear()

    def sort(self, order: Order) -> None:
        """Put siblings into another order; the cursor stays on its task."""
        node = self.node
        if self.outline is not None:
            self.outline.sort(order)
            self.rows_changed(node)

    def action_waterfall(self) -> None:
        self.waterfall = not self.waterfall
        if self.waterfall and self.size.width < WATERFALL_FROM:
            self.waterfall = False
            self.post_message(
                self.Refused(f"there is no room for bars here: {actions.key('zoom', 'trace')} gives the tree the whole screen")
            )
        self.looks_changed()

    # Painting

    def render_line(self, y: int) -> Strip:
        """A line of the screen."""
        line, y = y, y + self.scroll_offset.y
        strip = self._ready.pop(y, None)
        if strip is None or strip.cell_length != self.scrollable_content_region.width:  # a scroll bar came or went
            strip = self._strip(y)
        self._painted[line] = strip
        if self.outline is not None and y < len(self.outline.rows):
            self.outline.rows[y].row = y
        return strip

    def _strip(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        base = self._styles.get("base") or self._styles.setdefault("base", self.rich_style)
        if self.outline is None or not self.outline.rows:
            text = f" {self.nothing[y]}" if y < len(self.nothing) else ""
            return Strip([Segment(text, base + self._style("dim"))]).adjust_cell_length(width, base)
        if y >= len(self.outline.rows):
            return Strip.blank(width, base)
        node, now, cursor = self.outline.rows[y], self.clock(), y == self.cursor
        return row_strip(self.outline, node, width, now, self._style, base, cursor=cursor, waterfall=self.waterfall)

    def _style(self, look: str) -> Style:
        style = self._styles.get(look)
        if style is None:
            partial = self.get_component_rich_style(f"tree--{look}", partial=True)
            style = self._styles[look] = partial
        return style

    def notify_style_update(self) -> None:
        """The theme or the focus changed."""
        super().notify_style_update()
        self._styles.clear()
        self._ready.clear()

    def on_resize(self) -> None:
        """Another size: the cursor stays in sight."""
        self._look_at_cursor()

    # Moving

    def _move(self, to: int) -> None:
        rows = 0 if self.outline is None else len(self.outline.rows)
        to = max(0, min(to, rows - 1))
        if to != self.cursor:
            before, self.cursor = self.cursor, to
            self._moved(before)

    def _moved(self, before: int) -> None:
        self._look_at_cursor()
        self._repaint(before)
        self._repaint(self.cursor)
        self._tell()

    def _look_at_cursor(self) -> None:
        top, height = self.scroll_offset.y, self.size.height
        if height and not top <= self.cursor < top + height:  # else the scroll bar would be painted for nothing
            self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True, x_axis=False)

    def action_down(self) -> None:
        self._move(self.cursor + 1)

    def action_up(self) -> None:
        self._move(self.cursor - 1)

    def action_page_down(self) -> None:
        self._move(self.cursor + max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self._move(self.cursor - max(1, self.size.height - 1))

    def action_first(self) -> None:
        self._move(0)

    def action_last(self) -> None:
        self._move(len(self.outline.rows) - 1 if self.outline else 0)

    # Folding

    def _fold(self, opened: bool) -> None:
        assert self.outline is not None
        self.outline.fold(self.cursor, opened)
        self.rows_changed(None)

    def action_fold(self) -> None:
        node = self.node
        if node is None or self.outline is None:
            return
        if node.open and self.outline.has_children(node):
            self._fold(False)
        elif node.parent is not None:
            self._move(self.outline.index(node.parent))

    def action_unfold(self) -> None:
        node = self.node
        if node is None or self.outline is None or not self.outline.has_children(node):
            return
        if node.open:
            self._move(self.cursor + 1)
        else:
            self._fold(True)

    def action_toggle_fold(self) -> None:
        node = self.node
        if node is not None:
            self._fold(not node.open)

    def action_toggle_below(self) -> None:
        node = self.node
        if node is not None and self.outline is not None:
            self.outline.unfold_below(self.cursor, not node.open)
            self.rows_changed(None)

    def action_enter(self) -> None:
        node = self.node
        if node is None:
            return
        if node.link is not None:
            self.go_to(node.link)
        elif node.task is None:
            self._fold(not node.open)
        else:
            self.post_message(self.Entered(node))

    def on_click(self, event: events.Click) -> None:
        """A click selects; a second one folds."""
        row = event.y + self.scroll_offset.y
        if self.outline is None or row >= len(self.outline.rows):
            return
        if row == self.cursor and event.chain == 2:
            self.action_toggle_fold()
        self._move(row)

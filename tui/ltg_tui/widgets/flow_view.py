"""A pane of long text: wraps and paints only what is looked at."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..model.flow import Block, Flow
from ..model.marks import Finder, Marks, Place
from .bindings import bindings

LOOKS = ("dim", "heading", "error", "edited", "stale", "key", "warning", "match", "match-current", "words")
AT_ONCE = 400
"""Rows that are wrapped before the first paint; the others follow in the background."""
AT_A_TIME = 4000


class FlowView(ScrollView, can_focus=True):
    """Blocks of text to read. Shows them as they are: nothing in them is markup."""

    BINDINGS = bindings("text")
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"flow--{look}" for look in LOOKS}

    @dataclass
    class Focused(Message):
        """The view got the focus."""

        view: FlowView

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._key: object = None
        self._flow = Flow([], 80)
        self._marks = Marks()
        self._styles: dict[str, Style] = {}

    def show(self, blocks: list[Block], key: object = None, *, tail: bool = False) -> None:
        """Show a text.

        Args:
            key: what the text is of; while it stays the same, so does the place one reads at.
            tail: stay at the end while text arrives, unless somebody has scrolled up.
        """
        same = key == self._key and key is not None
        if same and blocks == self._flow.blocks and self._flow.width == self._width:
            return
        at_end = not same or self.scroll_offset.y >= self.max_scroll_y - 1
        self._key, offset = key, self.scroll_offset.y if same else 0
        self._wrap(blocks, offset + self.size.height + AT_ONCE)
        if tail and at_end:
            self.action_last()
        elif not same:
            self.scroll_to(0, 0, animate=False, force=True)

    @property
    def _width(self) -> int:
        """Always leaves room for a scroll bar, and for an empty column beside it."""
        full = self.scrollable_content_region.width + (1 if self.show_vertical_scrollbar else 0)
        return max(4, (full or 80) - 2)

    def _wrap(self, blocks: list[Block], rows: int) -> None:
        self._flow = Flow(blocks, self._width)
        self._marks.forget()
        self._make(rows)

    def _make(self, rows: int) -> None:
        """Wrap so many more rows, and leave the others for later."""
        self._flow.more(rows)
        self.virtual_size = Size(0, len(self._flow.rows))
        self.refresh()
        if not self._flow.done:
            self.set_timer(0.03, self._make_more)

    def _make_more(self) -> None:
        if not self._flow.done:
            self._make(AT_A_TIME)

    def on_resize(self) -> None:
        """Another width wraps otherwise; the place one reads at stays about the same."""
        if self._flow.width == self._width:
            return
        before = max(1, len(self._flow.rows))
        part = self.scroll_offset.y / before
        self._wrap(self._flow.blocks, before + AT_ONCE)
        self.scroll_to(y=round(part * len(self._flow.rows)), animate=False, force=True)

    def on_focus(self) -> None:
        """Tell the screen, which marks the pane."""
        self.post_message(self.Focused(self))

    def render_line(self, y: int) -> Strip:
        """A line of the screen."""
        y += self.scroll_offset.y
        base = self._styles.get("base") or self._styles.setdefault("base", self.rich_style)
        width = self.scrollable_content_region.width
        if y >= len(self._flow.rows):
            return Strip.blank(width, base)
        row = self._flow.rows[y]
        style = base + self._style(row.look) if row.look else base
        pieces = self._marks.pieces(row, self._flow.texts)
        return Strip([Segment(text, style + self._style(look) if look else style) for text, look in pieces]).adjust_cell_length(
            width, base
        )

    # What stands out

    def highlight(self, look: str, find: Finder | None) -> None:
        """Let what a finder finds stand out as a `match` or as `words`; None for nothing."""
        self._marks.set(look, find)
        self.refresh()

    def go_to_match(self, *, backwards: bool = False, first: bool = False) -> tuple[int, int]:
        """Go to the next match, or to the first one, around the end. Returns its number and how many there are."""
        while not self._flow.done:
            self._flow.more(100_000)
        self.virtual_size = Size(0, len(self._flow.rows))
        places = self._marks.places("match", self._flow.texts)
        if not places:
            return 0, 0
        at = 0 if first else self._next_match(places, backwards)
        self._marks.current = places[at]
        row = self._flow.row_at(places[at].block, places[at].start)
        if not self.scroll_offset.y <= row < self.scroll_offset.y + self.size.height:
            self._scroll(row - self.size.height // 3)
        self.refresh()
        return at + 1, len(places)

    def _next_match(self, places: list[Place], backwards: bool) -> int:
        """The one after the current; without one, the first that begins on the screen or below."""
        current = self._marks.current
        if current is None:
            top = self._flow.rows[min(self.scroll_offset.y, len(self._flow.rows) - 1)]
            at = bisect_left(places, (top.block, top.start, 0))
            return (at - 1 if backwards else at) % len(places)
        at = bisect_left(places, current)
        same = at < len(places) and places[at] == current
        return (at - 1 if backwards else at + same) % len(places)

    def _style(self, look: str) -> Style:
        style = self._styles.get(look)
        if style is None:
            style = self._styles[look] = self.get_component_rich_style(f"flow--{look}", partial=True)
        return style

    def notify_style_update(self) -> None:
        """The theme or the focus changed."""
        super().notify_style_update()
        self._styles.clear()

    def _scroll(self, y: float) -> None:
        self.scroll_to(y=y, animate=False, force=True)

    def action_down(self) -> None:
        self._scroll(self.scroll_offset.y + 1)

    def action_up(self) -> None:
        self._scroll(self.scroll_offset.y - 1)

    def action_page_down(self) -> None:
        self._scroll(self.scroll_offset.y + max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self._scroll(self.scroll_offset.y - max(1, self.size.height - 1))

    def action_first(self) -> None:
        self._scroll(0)

    def action_last(self) -> None:
        while not self._flow.done:
            self._flow.more(100_000)
        self.virtual_size = Size(0, len(self._flow.rows))
        self.refresh()
        self._scroll(self.max_scroll_y)

"""A list of rows with a cursor, as long as one likes: makes and paints only the rows on screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from .bindings import bindings
from .tall import Tall

Parts: TypeAlias = Sequence[tuple[str, str]]
"""A row as (text, look); the text is safe already."""

LOOKS = ("dim", "heading", "error", "edited", "warning", "success", "accent", "bold")


class RowList(Tall, can_focus=True):
    """Rows that are made when they are painted.

    Args:
        make: (position, width) -> the parts of that row.
        empty: what is shown when there are none.
    """

    BINDINGS = bindings("list")
    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--cursor", *(f"rows--{look}" for look in LOOKS)}

    @dataclass
    class Moved(Message):
        """The cursor is on another row."""

        position: int

    @dataclass
    class Chosen(Message):
        """Enter on a row; also where there are none."""

        position: int

    def __init__(self, make: Callable[[int, int], Parts], *, empty: Sequence[Parts] = (), id: str | None = None) -> None:
        super().__init__(id=id)
        self.make, self.empty = make, empty
        self.count = self.cursor = 0
        self._styles: dict[str, Style] = {}

    def show(self, count: int, cursor: int | None = None) -> None:
        """There are so many rows now; they are painted anew."""
        self.count = count
        before = self.cursor
        self.cursor = max(0, min(self.cursor if cursor is None else cursor, count - 1))
        self.fit(count)
        self.refresh()
        self._look_at_cursor()
        if self.cursor != before:
            self.post_message(self.Moved(self.cursor))

    # Painting

    def render_line(self, y: int) -> Strip:
        """A line of the screen."""
        y += self.scroll_offset.y
        width = self.scrollable_content_region.width
        base = self._styles.get("base") or self._styles.setdefault("base", self.rich_style)
        if y < self.count:
            parts = self.make(y, width)
            if y == self.cursor:
                base = base + self._style("cursor")
        else:
            parts = self.empty[y] if not self.count and y < len(self.empty) else ()
        strip = Strip([Segment(text, base + self._style(look) if look else base) for text, look in parts])
        return strip.adjust_cell_length(width, base)

    def _style(self, look: str) -> Style:
        style = self._styles.get(look)
        if style is None:
            style = self._styles[look] = self.get_component_rich_style(f"rows--{look}", partial=True)
        return style

    def notify_style_update(self) -> None:
        """The theme or the focus changed."""
        super().notify_style_update()
        self._styles.clear()

    # Moving

    def go_to(self, position: int) -> None:
        """Put the cursor on a row."""
        position = max(0, min(position, self.count - 1))
        if position != self.cursor:
            before, self.cursor = self.cursor, position
            self.refresh_line(before)
            self.refresh_line(position)
            self._look_at_cursor()
            self.post_message(self.Moved(position))

    def refresh_line(self, position: int) -> None:
        """Paint a row again."""
        y = position - self.scroll_offset.y
        if 0 <= y < self.size.height:
            self.refresh(Region(0, y, self.size.width, 1))

    def _look_at_cursor(self) -> None:
        if self.size.height:
            self.scroll_to_region(Region(0, self.cursor, 1, 1), animate=False, force=True, x_axis=False)

    def on_resize(self) -> None:
        """Another size: the cursor stays in sight."""
        self._look_at_cursor()

    def action_down(self) -> None:
        self.go_to(self.cursor + 1)

    def action_up(self) -> None:
        self.go_to(self.cursor - 1)

    def action_page_down(self) -> None:
        self.go_to(self.cursor + max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self.go_to(self.cursor - max(1, self.size.height - 1))

    def action_first(self) -> None:
        self.go_to(0)

    def action_last(self) -> None:
        self.go_to(self.count - 1)

    def action_choose(self) -> None:
        self.post_message(self.Chosen(self.cursor))

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor; a second one chooses."""
        row = event.y + self.scroll_offset.y
        if row < self.count:
            chosen = row == self.cursor and event.chain == 2
            self.go_to(row)
            if chosen:
                self.action_choose()


def spread(left: Parts, right: Parts, width: int) -> Parts:
    """Parts at both ends of a row; the last of those on the left gives way."""
    taken = sum(cell_len(text) for text, _ in right)
    used = sum(cell_len(text) for text, _ in left)
    return [*left, (" " * max(0, width - used - taken), ""), *right]

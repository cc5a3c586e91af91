"""A pane of long text: wraps and paints only what is looked at."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset, Region
from textual.message import Message
from textual.selection import Selection
from textual.strip import Strip

from .. import actions
from ..model.flow import Block, Flow, Piece, Place, beyond
from ..model.marks import Finder, Marks, Match
from .bindings import bindings
from .tall import Tall

LOOKS = ("dim", "heading", "error", "edited", "stale", "key", "warning", "match", "match-current", "words", "selected")
LOOKS_TOO = ("name", "string", "number", "word", "strong", "emphasis", "code", "link", "gone", "came")


@dataclass(frozen=True)
class _Seen:
    """What is on the screen, and all else that its letters hang on."""

    rows: list[list[Piece]]
    place: tuple[object, ...]


class FlowView(Tall, can_focus=True):
    """Blocks of text to read. Shows them as they are: nothing in them is markup.

    Attributes:
        old: the text was forgotten, and another is to come: until then nothing is painted.
    """

    BINDINGS = bindings("text")
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"flow--{look}" for look in (*LOOKS, *LOOKS_TOO)}

    @dataclass
    class Focused(Message):
        """The view got the focus."""

        view: FlowView

    @dataclass
    class Refused(Message):
        """A key cannot act now."""

        view: FlowView
        why: str

    @dataclass
    class Scrolled(Message):
        """Another part of the text is on the screen, or the view has another size."""

        view: FlowView

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.old = False
        self._key: object = None
        self._flow = Flow([], 80)
        self._marks = Marks()
        self._styles: dict[str, Style] = {}
        self._settling = False
        self._aside = 0
        self._row: int | None = None  # of the selection that the keys move; None while there is none
        self._start: int | None = None  # where it is held; None while it is one row that moves

    # What is shown

    @property
    def blocks(self) -> Sequence[Block]:
        """What is shown. Places are counted in the letters of these blocks."""
        return self._flow.blocks

    def show(self, blocks: Sequence[Block], key: object = None, *, tail: bool = False) -> None:
        """Show a text.

        Args:
            key: what the text is of; while it stays the same, so does the place one reads at.
            tail: stay at the end while text arrives, unless somebody has scrolled up.
        """
        if self.old:
            self.old = False
            self.refresh()
        if key is None or key != self._key or self._flow.width != self._width:
            seen = self._seen()
            self._key = key
            self._aside, self._row, self._start = 0, None, None
            self._flow = Flow(blocks, self._width, wrap=self._flow.wrap)
            self._flow.found = self._marks.between
            self._marks.forget()
            self._fit()
            self._scroll(self._flow.height if tail else 0)
            self._refresh_since(seen)
            return
        at_end = self.scroll_offset.y >= self.max_scroll_y - 1
        before = self._flow.height
        first = self._flow.update(blocks)
        if first == before == self._flow.height and self._flow.blocks == list(blocks):
            return
        self._fit()
        if tail and at_end:
            self._scroll(self._flow.height)
        self._marks.grown()
        self._refresh_from(first)

    def forget(self) -> None:
        """Paint nothing until there is another text."""
        self.old = True
        self.refresh()

    def reveal(self, place: Place) -> None:
        """Scroll so that a letter is on the screen, if it is not."""
        row = self._flow.find(place)
        self._fit()
        if not self.scroll_offset.y <= row < self.scroll_offset.y + self.size.height:
            self._scroll(row - self.size.height // 3)

    @property
    def selected_text(self) -> str:
        """The letters that are selected, by keys or with the mouse, exactly as they are; empty when none are."""
        return "" if self._flow.selected is None else self._flow.text(*self._flow.selected)

    @property
    def text(self) -> str:
        """All that is shown, exactly."""
        return "\n".join(block.text for block in self._flow.blocks)

    @property
    def part(self) -> str:
        """Which part of the text is on the screen, in a word; empty when all of it is."""
        height, rows = self.size.height, self._flow.height
        top = self.scroll_offset.y
        if rows <= height:
            return ""
        return "top" if top <= 0 else "end" if top >= rows - height else f"{round(100 * top / (rows - height))}%"

    # What stands out

    def highlight(self, look: str, find: Finder | None) -> None:
        """Let what a finder finds stand out as a `match` or as `words`; None for nothing."""
        self._marks.set(look, find)
        self.refresh()

    def go_to_match(self, *, backwards: bool = False, first: bool = False) -> tuple[int, int]:
        """Go to the next match, or to the first one, around the end. Returns its number and how many there are."""
        places = self._marks.places("match", self._flow.blocks)
        if not places:
            return 0, 0
        at = 0 if first else self._next_match(places, backwards)
        self._marks.current = places[at]
        self.reveal(Place(places[at].block, places[at].start))
        self.refresh()
        return at + 1, len(places)

    def _next_match(self, places: list[Match], backwards: bool) -> int:
        """The one after the current; without one, the first that begins on the screen or below."""
        current = self._marks.current
        if current is None:
            at = bisect_left(places, (*self._flow.place(self.scroll_offset.y), 0))
            return (at - 1 if backwards else at) % len(places)
        at = bisect_left(places, current)
        same = at < len(places) and places[at] == current
        return (at - 1 if backwards else at + same) % len(places)

    # Size and place

    @property
    def _width(self) -> int:
        """Always leaves room for a scroll bar, and for an empty column beside it."""
        full = self.scrollable_content_region.width + (1 if self.show_vertical_scrollbar else 0)
        return max(4, (full or 80) - 2)

    def _fit(self) -> None:
        self.fit(self._flow.height)

    def _settle(self, row: int) -> int:
        """Wrap what `row` and those below show. Returns where that row is now."""
        self._settling = True
        try:
            row = self._flow.settle(min(max(row, 0), max(0, self._flow.height - 1)), max(1, self.size.height))
            self._fit()
        finally:
            self._settling = False
        return row

    def _scroll(self, row: int) -> None:
        """Scroll a row to the top; one near the end as far as it goes."""
        height = self.size.height
        end = self._flow.height - height
        if row >= end:
            self._settle(self._flow.height - 1)
            self._settle(self._flow.height - height)
            row = self._flow.height - height
        else:
            row = self._settle(row)
        self._settling = True
        try:
            self.scroll_to(y=max(0, row), animate=False, force=True, immediate=True)
        finally:
            self._settling = False

    def watch_scroll_y(self, old: float, new: float) -> None:
        """Somebody scrolled, by a key, the wheel or the bar: what is seen now has to be wrapped."""
        super().watch_scroll_y(old, new)
        if round(old) != round(new):
            self.post_message(self.Scrolled(self))
            if not self._settling:
                row = self._settle(round(new))
                if row != round(new):
                    self._scroll(row)

    def on_resize(self) -> None:
        """Another width wraps otherwise; the place one reads at stays. What is told of the text has another room."""
        self.post_message(self.Scrolled(self))
        if self._flow.width != self._width:
            self._again(self._flow.wrap)
        else:  # it may be taller, or have had no height yet: what was its end is not
            self._scroll(self.scroll_offset.y)

    @property
    def wraps(self) -> bool:
        """Whether long lines are wrapped."""
        return self._flow.wrap

    def wrap_lines(self, wrap: bool) -> None:
        """Wrap long lines, or let them go on to the side."""
        if wrap != self._flow.wrap:
            self._aside = 0
            self._again(wrap)

    def _again(self, wrap: bool) -> None:
        """Wrap anew; the row on top stays there."""
        place, old = self._flow.place(self.scroll_offset.y), self._flow
        self._flow = Flow(old.blocks, self._width, wrap=wrap)
        self._flow.found, self._flow.selected = old.found, old.selected
        row = self._flow.find(place)
        self._fit()
        self._scroll(row)
        self.refresh()

    def on_focus(self) -> None:
        """Tell the screen, which marks the pane."""
        self.post_message(self.Focused(self))

    # Painting

    def _seen(self) -> _Seen:
        top = self.scroll_offset.y
        rows = [self._flow.row(number) for number in range(top, top + self.size.height)]
        return _Seen(rows, (top, self.size, self._aside, self._row, self.show_vertical_scrollbar))

    def _refresh_since(self, before: _Seen) -> None:
        """Paint the rows that look different now: one row is short, and most of a pane is blank."""
        now = self._seen()
        if now.place != before.place:
            self.refresh()
            return
        differing = [y for y, (old, new) in enumerate(zip(before.rows, now.rows, strict=True)) if old != new]
        if differing:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in differing))

    def _refresh_from(self, row: int) -> None:
        """Paint the rows from one on."""
        top = row - self.scroll_offset.y
        if top <= 0:
            self.refresh()
        elif top < self.size.height:
            self.refresh(Region(0, top, self.size.width, self.size.height - top))

    def render_line(self, y: int) -> Strip:
        """A line of the screen."""
        if self.old:
            return Strip.blank(self.size.width, self.rich_style)
        base = self._style("")
        width = self.scrollable_content_region.width
        number = y + self.scroll_offset.y
        pieces = self._flow.row(number)
        skipped = 0
        if self._aside:
            pieces, skipped = beyond(pieces, self._aside)
        strip = Strip([Segment(piece.text, self._style(piece.look)) for piece in pieces])
        if number == self._row:
            base = self._style("selected")
        if not self._flow.wrap and strip.cell_length > width:
            strip = Strip.join([strip.crop(0, width - 1), Strip([Segment("›", self._style("dim"))])])
        return strip.adjust_cell_length(width, base).apply_offsets(skipped, number)

    def _style(self, looks: str) -> Style:
        style = self._styles.get(looks)
        if style is None:
            style = self.rich_style
            for look in looks.split():
                style += self.get_component_rich_style(f"flow--{look}", partial=True)
            self._styles[looks] = style
        return style

    def notify_style_update(self) -> None:
        """The theme or the focus changed."""
        super().notify_style_update()
        self._styles.clear()

    # Selecting

    @property
    def selecting(self) -> bool:
        """Whether keys move a selection."""
        return self._row is not None

    def select(self) -> bool:
        """Begin to select rows; once more: hold the first row, so that the keys extend it. Returns whether it is held."""
        if self._row is None:
            self._row, self._start = self.scroll_offset.y, None
        else:
            self._start = self._row if self._start is None else None
        self._select()
        return self._start is not None

    def unselect(self) -> bool:
        """Select nothing. Returns whether something was selected."""
        was = self._row is not None
        self._row = self._start = self._flow.selected = None
        self.refresh()
        return was

    def _select(self) -> None:
        assert self._row is not None
        rows = sorted((self._row, self._row if self._start is None else self._start))
        self._flow.selected = (self._flow.place(rows[0]), self._flow.end_of(rows[1]))
        self.refresh()

    def _move(self, rows: int) -> None:
        """Move the selection, or scroll."""
        if self._row is None:
            self._scroll(self.scroll_offset.y + rows)
            return
        last = self._flow.height - 1
        if not 0 <= self._row + rows <= last:
            self._scroll(self._flow.height if rows > 0 else 0)
            last = self._flow.height - 1
        self._row = min(max(self._row + rows, 0), last)
        if not self.scroll_offset.y <= self._row < self.scroll_offset.y + self.size.height:
            self._scroll(self._row if rows < 0 else self._row - self.size.height + 1)
        self._select()

    def selection_updated(self, selection: Selection | None) -> None:
        """Something was selected with the mouse."""
        self._row = self._start = self._flow.selected = None
        if selection is not None:
            start, end = selection.start or Offset(0, 0), selection.end
            first = self._flow.place_in(start.y, start.x)
            last = self._flow.place_in(end.y, end.x) if end is not None else self._flow.end_of(self._flow.height)
            self._flow.selected = (min(first, last), max(first, last))
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """What was selected with the mouse, for Textual's own copying."""
        return (self.selected_text, "\n") if self._flow.selected is not None else None

    # Keys

    def action_down(self) -> None:
        self._move(1)

    def action_up(self) -> None:
        self._move(-1)

    def action_page_down(self) -> None:
        self._move(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self._move(-max(1, self.size.height - 1))

    def action_first(self) -> None:
        self._move(-self._flow.height)

    def action_last(self) -> None:
        self._move(self._flow.height)

    def action_left(self) -> None:
        self._sideways(-1)

    def action_right(self) -> None:
        self._sideways(1)

    def _sideways(self, step: int) -> None:
        """Half a screen to the side. Only lines that are not wrapped go on there."""
        if self._flow.wrap:
            self.post_message(self.Refused(self, f"lines are wrapped: {actions.key('wrap')} lets them go on to the side"))
            return
        self._aside = max(0, self._aside + step * max(1, self.size.width // 2))
        self.refresh()

"""A line to type one thing into: a search, a filter, a command. It takes the place of the hints while it asks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rich.cells import cell_len, set_cell_size
from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Input, Static

from ..model.safe import one_line
from ..model.words import Way

LISTED = 8
"""So many ways to go on are shown."""


class AskLine(Vertical):
    """Asks for a line. Enter gives it to `done`; Escape, or going elsewhere, calls `gone`."""

    def __init__(self) -> None:
        super().__init__(id="ask")
        self._done: Callable[[str], object] | None = None
        self._changed: Callable[[str], object] | None = None
        self._gone: Callable[[], object] | None = None
        self._complete: Callable[[str], Sequence[Way]] | None = None
        self._back: Widget | None = None
        self._ways: Sequence[Way] = ()
        self._way = -1

    def compose(self) -> ComposeResult:
        yield Static(id="ask-ways", markup=False)
        with Horizontal(id="ask-row"):
            yield Static(id="ask-mark", markup=False)
            asked = Input(id="ask-input", select_on_focus=False)
            asked.cursor_blink = False
            yield asked
            yield Static(id="ask-note", markup=False)

    @property
    def input(self) -> Input:
        """What is typed into."""
        return self.query_one(Input)

    @property
    def asking(self) -> bool:
        """Whether it is on the screen."""
        return self._done is not None

    def asks_for(self, done: Callable[[str], object]) -> bool:
        """Whether it asks what this gets."""
        return self._done == done

    def ask(
        self,
        mark: str,
        done: Callable[[str], object],
        *,
        changed: Callable[[str], object] | None = None,
        gone: Callable[[], object] | None = None,
        complete: Callable[[str], Sequence[Way]] | None = None,
        value: str = "",
        placeholder: str = "",
    ) -> None:
        """Ask.

        Args:
            mark: what stands before it, such as `/`.
            done: gets what was typed.
            changed: gets what was typed so far, at each letter.
            gone: nothing was given.
            complete: how a line could go on; they are listed, and Tab goes through them.
            value: what stands there at first.
        """
        self.give_up()
        self._done, self._changed, self._gone, self._complete = done, changed, gone, complete
        self._back = self.screen.focused
        self.query_one("#ask-mark", Static).update(Content(f" {one_line(mark)}"))
        self.note("")
        asked = self.input
        asked.placeholder = placeholder
        with asked.prevent(Input.Changed):
            asked.value = value
        asked.cursor_position = len(value)
        self.screen.add_class("-asking")
        asked.focus()
        self._look_up(value)

    def note(self, text: str) -> None:
        """A word at the end of the line, such as how many were found."""
        self.query_one("#ask-note", Static).update(Content(f" {one_line(text)} " if text else ""))

    def give_up(self) -> None:
        """Stop asking; nothing was given."""
        if self.asking:
            gone = self._gone
            self._close()
            if gone is not None:
                gone()

    def _close(self) -> None:
        back, self._back = self._back, None
        self._done = self._changed = self._gone = self._complete = None
        self._show_ways(())
        self.screen.remove_class("-asking")
        if back is not None and back.is_attached and self.input.has_focus:
            back.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """A letter was typed."""
        event.stop()
        if self._changed is not None:
            self._changed(event.value)
        self._look_up(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter."""
        event.stop()
        done = self._done
        self._close()
        if done is not None:
            done(event.value)

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """Something else got the focus."""
        event.stop()
        self.give_up()

    def on_key(self, event: events.Key) -> None:
        """Escape gives up; Tab goes through what could be meant."""
        if event.key == "escape":
            self.give_up()
        elif event.key in ("tab", "down") and self._complete is not None:
            self._take(1)
        elif event.key in ("shift+tab", "up") and self._complete is not None:
            self._take(-1)
        elif event.key not in ("tab", "shift+tab"):
            return
        event.stop()
        event.prevent_default()

    # How the line could go on

    def _look_up(self, text: str) -> None:
        if self._complete is not None:
            self._show_ways(self._complete(text))

    def _take(self, step: int) -> None:
        if not self._ways:
            return
        self._way = (self._way + step) % len(self._ways) if self._way >= 0 else 0 if step > 0 else len(self._ways) - 1
        line = self._ways[self._way].line
        with self.input.prevent(Input.Changed):
            self.input.value = line
        self.input.cursor_position = len(line)
        if len(self._ways) == 1 and line.endswith(" "):
            self._look_up(line)  # it is settled: on to what comes after it
        else:
            self._list()

    def _show_ways(self, ways: Sequence[Way]) -> None:
        self._ways, self._way = ways, -1
        self._list()

    def _list(self) -> None:
        shown = self.query_one("#ask-ways", Static)
        shown.display = bool(self._ways)
        if not self._ways:
            return
        room = max(1, min(LISTED, self.screen.size.height - 4))
        top = max(0, min(self._way - room // 2, len(self._ways) - room))
        width = max(1, self.screen.size.width)
        column = min(max(cell_len(one_line(way.line)) for way in self._ways[top : top + room]) + 2, width // 2)
        lines = []
        for at, way in enumerate(self._ways[top : top + room], top):
            line = set_cell_size(one_line(way.line), column if way.note else width - 2)
            text = Content(f" {line}") + Content.styled(one_line(way.note), "" if at == self._way else "$ltg-dim")
            lines.append(text.truncate(width, ellipsis=True, pad=True).stylize("bold reverse" if at == self._way else ""))
        rest = len(self._ways) - room
        self.note(f"{len(self._ways):,} · Tab" if rest > 0 else "Tab")
        shown.update(Content("\n").join(lines))

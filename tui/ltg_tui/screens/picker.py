"""The traces of a folder: newest first, filled in while one looks at it."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Static

from llmtaskgraph import Glance, LLMTaskGraphError, glance

from .. import actions
from ..io.folder import Sight, sight, traces
from ..model.fit import fit_end
from ..model.format import count
from ..model.listing import Entry, Listing, about, heading, row
from ..model.safe import one_line
from ..widgets.bindings import bindings
from ..widgets.lines import HintLine
from ..widgets.row_list import Parts, RowList
from .help import HelpSheet, help_groups

SLICE: Final = 0.012
"""Seconds of looking at files between two chances for a key."""

PAUSE: Final = 0.03
AGAIN: Final = 2.0
"""Seconds after which the files are looked at again."""


class PickerScreen(Screen[None]):
    """Tells the app which trace was chosen.

    Args:
        folder: where to look.
        at: the trace that the cursor starts on: the one that one came from.
        said: what to tell at once: why a trace could not be opened.
    """

    BINDINGS = bindings("picker")
    AUTO_FOCUS = "#picker-rows"

    @dataclass
    class Picked(Message):
        """A trace was chosen; None to quit."""

        path: Path | None

    def __init__(self, folder: Path, at: Path | None = None, said: str = "") -> None:
        super().__init__()
        self.folder, self.came_from, self._said = folder, at, said
        self.listing = Listing()
        self._cursor: Path | None = at
        self._looking: Iterator[Sight | None] | None = None
        self._glancing: Iterator[Glance] | None = None
        self._glanced: Path | None = None
        self._waiting: deque[Path] = deque()
        self._next_look = 0.0
        self._found: set[Path] = set()

    def compose(self) -> ComposeResult:
        yield Static(id="picker-title", classes="sheet-title", markup=False)
        yield Static(id="picker-heading", markup=False)
        yield RowList(self._row, empty=self._empty(), id="picker-rows")
        yield Static(id="picker-about", markup=False)
        yield HintLine()

    def on_mount(self) -> None:
        self.hints()
        if self._said:
            self.say(self._said, "$text-error")
        self._tell()
        self._look()
        self.set_interval(PAUSE, self._look)

    def on_resize(self) -> None:
        """Another width: other columns fit."""
        self.query_one("#picker-heading", Static).update(Content.styled(heading(self.size.width), "$ltg-dim"))
        self._tell()

    def hints(self) -> None:
        """Show which keys help."""
        self.query_one(HintLine).hint(actions.of("picker"))

    def say(self, text: str, look: str = "") -> None:
        """A message in place of the hints, until the next key."""
        self.query_one(HintLine).say(text, look)

    @property
    def rows(self) -> RowList:
        """The list."""
        return self.query_one(RowList)

    def _row(self, position: int, width: int) -> Parts:
        return row(self.listing.entries[position], width, time.time())

    def _empty(self) -> list[Parts]:
        lines = [
            "",
            " No trace here yet, nor in the folders below.",
            "",
            " Record one:   ltg run program.py:main --trace t.json     it appears here as it starts",
            " Or see one:   ltg-tui --demo",
        ]
        return [[(line, "dim")] for line in lines]

    # Looking, in slices

    def _look(self) -> None:
        end = time.monotonic() + SLICE
        changed = False
        while time.monotonic() < end and self._step():
            changed = True
        if changed:
            self._show()

    def _step(self) -> bool:
        """One step: a file found, or a slice of one looked at. Returns whether there was anything to do."""
        if self._looking is not None:
            try:
                found = next(self._looking)
            except StopIteration:
                self._looked()
                return True
            if found is not None:
                self._put(found)
            return True
        if self._glancing is not None or self._waiting:
            self._glance()
            return True
        if time.monotonic() >= self._next_look:
            self._looking, self._found = traces(self.folder), set()
            return True
        return False

    def _put(self, found: Sight) -> None:
        self._found.add(found.path)
        name = str(found.path.relative_to(self.folder)) if found.path.is_relative_to(self.folder) else str(found.path)
        if self.listing.put(found.path, name, found.at, found.size) and found.path not in self._waiting:
            self._waiting.append(found.path)

    def _looked(self) -> None:
        self._looking = None
        for entry in list(self.listing.entries):
            if entry.path not in self._found and sight(entry.path) is None:
                self.listing.drop(entry.path)
        newest_first = [entry.path for entry in self.listing.entries]
        self._waiting = deque(sorted(self._waiting, key=newest_first.index))
        self._next_look = time.monotonic() + AGAIN

    def _glance(self) -> None:
        if self._glancing is None:
            self._glanced = self._waiting.popleft()
            self._glancing = glance(self._glanced)
        assert self._glanced is not None
        entry = self.listing.get(self._glanced)
        try:
            found = next(self._glancing)
        except (StopIteration, LLMTaskGraphError):
            self._glancing = None
            return
        if entry is not None and (entry.glance is None or not entry.glance.done or found.done):
            entry.glance = found  # until a second look is done, the first one stands

    # Showing

    def _show(self) -> None:
        self.rows.show(len(self.listing), self.listing.position(self._cursor))
        self._tell()

    def _tell(self) -> None:
        looking = self._looking is not None or self._glancing is not None or bool(self._waiting)
        where = one_line(str(self.folder.resolve()))
        number = count(len(self.listing), "trace") if len(self.listing) else "no traces"
        busy = " ..." if looking and self._next_look == 0.0 else ""
        told = f"   {number}{busy}"
        room = max(10, self.size.width - 2 - len(told))
        self.query_one("#picker-title", Static).update(Content(f"{fit_end(where, room)}{told}"))
        entry = self._entry
        self.query_one("#picker-about", Static).update(Content(f" {about(entry)}" if entry is not None else ""))

    @property
    def _entry(self) -> Entry | None:
        at = self.rows.cursor
        return self.listing.entries[at] if at < len(self.listing) else None

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """The cursor moved: it stays on that trace when others appear."""
        if event.position < len(self.listing):
            self._cursor = self.listing.entries[event.position].path
        self._tell()

    def on_key(self) -> None:
        """A message stays until the next key."""
        if self.query_one(HintLine).said:
            self.hints()

    # Keys

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Enter on a trace."""
        self.action_open()

    def action_open(self) -> None:
        entry = self._entry
        if entry is None:
            self.say(f"there is no trace to open yet; {actions.key('quit', 'picker')} quits")
            return
        self.post_message(self.Picked(entry.path))

    def action_again(self) -> None:
        self._next_look = 0.0

    def action_help(self) -> None:
        self.app.push_screen(HelpSheet("keys in the list of traces", help_groups("picker", "list")))

    def action_back(self) -> None:
        self.post_message(self.Picked(self.came_from))

    def action_quit(self) -> None:
        self.post_message(self.Picked(None))

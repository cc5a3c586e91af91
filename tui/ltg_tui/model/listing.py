"""The traces of a folder as a list, newest first, and each as a row."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.cells import cell_len

from llmtaskgraph import Glance

from .fit import fit, fit_end
from .format import age, count, dollars, short
from .safe import message, one_line

Parts = Sequence[tuple[str, str]]

GLYPHS: Final = {"succeeded": "✔", "failed": "✖", "cancelled": "◌", "running": "●"}
LOOKS: Final = {"succeeded": "success", "failed": "error", "cancelled": "warning", "running": "accent"}

COLUMNS: Final = (("runs", 6), ("newest run", 13), ("tasks", 8), ("failed", 8), ("cost", 11), ("age", 6))
"""Headings and widths, on the right of the name; on a narrow screen those on the left go first."""

NAME: Final = 24
"""Cells that a name has at least before columns go."""


WIDEST: Final = 130
"""Numbers that stand further from their name belong to no row."""


@dataclass
class Entry:
    """A trace of the list.

    Attributes:
        name: its path from the folder.
        at: when it was last written, seconds since the epoch.
        size: in bytes.
        glance: what is known of it; None when nothing is yet.
    """

    path: Path
    name: str
    at: float
    size: int
    glance: Glance | None = None


class Listing:
    """The traces that were found.

    Attributes:
        entries: newest first.
    """

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._by_path: dict[Path, Entry] = {}

    def __len__(self) -> int:
        return len(self.entries)

    def get(self, path: Path) -> Entry | None:
        """The entry of a trace."""
        return self._by_path.get(path)

    def put(self, path: Path, name: str, at: float, size: int) -> bool:
        """A trace was found, or has changed. Returns whether anything is different."""
        known = self._by_path.get(path)
        if known is not None:
            if (known.at, known.size) == (at, size):
                return False
            self.entries.remove(known)
            known.at, known.size = at, size
        else:
            known = self._by_path[path] = Entry(path, name, at, size)
        insort(self.entries, known, key=lambda entry: (-entry.at, entry.name))
        return True

    def drop(self, path: Path) -> None:
        """A trace is gone."""
        gone = self._by_path.pop(path, None)
        if gone is not None:
            self.entries.remove(gone)

    def position(self, path: Path | None) -> int:
        """The row of a trace; the first one when it is not there."""
        return next((at for at, entry in enumerate(self.entries) if entry.path == path), 0)


def heading(width: int) -> str:
    """What stands over the columns."""
    width = min(width, WIDEST)
    shown = _shown(width)
    room = max(0, width - sum(each for _, each in shown))
    return " trace"[:room].ljust(room) + "".join(f"{name:>{each}}" for name, each in shown)


def row(entry: Entry, width: int, now: float) -> Parts:
    """An entry, so wide, or `WIDEST`."""
    width = min(width, WIDEST)
    found = entry.glance
    shown = _shown(width)
    room = width - sum(each for _, each in shown)
    name = fit_end(one_line(entry.name), room - 1)
    parts = [(f" {name}".ljust(room - cell_len(name) + len(name)), "" if found is not None and found.done else "dim")]
    if found is not None and found.problem and not found.runs:
        return [*parts, (fit(f" {message(found.problem)}", width - room), "error")]
    for column, each in shown:
        text, look = _cell(column, entry, found, now)
        parts.append((f"{text:>{each}}" if column != "newest run" else f"  {text:<{each - 2}}", look))
    return parts


def _cell(column: str, entry: Entry, found: Glance | None, now: float) -> tuple[str, str]:
    if column == "age":
        return age(max(0.0, now - entry.at)), "dim"
    if found is None:
        return "", ""
    newest = found.newest
    match column:
        case "newest run" if found.problem:
            return "damaged" if found.problem.startswith("damaged") else "see inside", "error"
        case "newest run":
            status = newest.status if newest is not None else ""
            return (
                (f"{GLYPHS[status]} {status}", LOOKS[status])
                if newest is not None and status in GLYPHS
                else ("no run yet", "dim")
            )
        case "runs":
            return f"{len(found.runs):,}", ""
        case "tasks":
            return short(found.tasks), ""
        case "failed":
            return (f"✖{short(found.failed)}", "error") if found.failed else ("", "")
        case _:
            return (dollars(found.cost) if found.cost is not None else "unpriced" if found.unpriced else ""), ""


def about(entry: Entry) -> str:
    """What there is no room for in the row, in one line."""
    found = entry.glance
    if found is None:
        return ""
    newest = found.newest
    parts = [
        message(found.problem),
        "a process is writing it now" if found.live else "",
        f"of {one_line(newest.app)}" if newest is not None and newest.app else "",
        count(len(found.runs), "run") if found.runs else "",
        f"{count(found.tasks, 'task')}" if found.tasks else "",
        f"{found.unpriced:,} answers without a price" if found.unpriced and found.cost is not None else "",
        f"{entry.size / 1e6:,.1f} MB" if entry.size >= 1e6 else "",
    ]
    return " · ".join(part for part in parts if part)


def _shown(width: int) -> list[tuple[str, int]]:
    shown = list(COLUMNS)
    order = ["runs", "tasks", "failed", "cost", "age"]
    while shown and width - sum(each for _, each in shown) < NAME and order:
        gone = order.pop(0)
        shown = [column for column in shown if column[0] != gone]
    return shown

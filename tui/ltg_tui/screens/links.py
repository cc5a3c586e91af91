"""The direct causes or effects of a task, as a list: what, through which argument, and the value that went there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual.widget import Widget

from .. import actions
from ..model.fit import fit
from ..model.safe import one_line
from ..widgets.bindings import bindings
from ..widgets.look import GLYPHS
from ..widgets.row_list import Parts, RowList
from .sheet import Sheet

_LOOKS = {"succeeded": "success", "failed": "error", "blocked": "warning", "cancelled": "warning", "running": "accent"}


class LinkRow(NamedTuple):
    """A cause or an effect.

    Attributes:
        task: its id.
        status: how it stands.
        through: the argument that takes the value; or a phrase.
        value: the beginning of the value that goes from one to the other.
    """

    task: str
    status: str
    through: str
    value: str


class LinksSheet(Sheet[int | None]):
    """Gives the position of the one to go to."""

    BINDINGS = bindings("links")

    def __init__(self, title: str, scope: str, rows: Sequence[LinkRow]) -> None:
        super().__init__(title, "links")
        self._scope, self._rows = scope, rows
        self._column = min(40, max((cell_len(_short(row, scope)) for row in rows[:1000]), default=0))

    def body(self) -> list[Widget]:
        return [RowList(self._row, id="links-rows")]

    def on_mount(self) -> None:
        super().on_mount()
        rows = self.query_one(RowList)
        rows.show(len(self._rows))
        rows.focus()
        self._tell(0)

    def hinted(self) -> list[actions.Action]:
        """Choosing is what matters."""
        return [actions.find("list", "choose")._replace(hint="go there", rank=1), *actions.of("links")]

    def _row(self, position: int, width: int) -> Parts:
        row = self._rows[position]
        name = _short(row, self._scope)
        name += " " * (self._column - cell_len(name))
        through = one_line(row.through)
        parts = [(f" {GLYPHS.get(row.status, ' ')} ", _LOOKS.get(row.status, "dim")), (name, ""), (f"  {through}", "accent")]
        room = width - 8 - cell_len(name) - cell_len(through)
        return [*parts, (f"  {fit(one_line(row.value[: room + 1]), room)}", "dim")] if room > 12 else parts

    def _tell(self, position: int) -> None:
        value = self._rows[position].value if position < len(self._rows) else ""
        self.say(value if value else "no value has gone there yet")

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        """Another row: what went there."""
        self._tell(event.position)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        """Enter."""
        self.dismiss(event.position if self._rows else None)

    def action_cancel(self) -> None:
        self.dismiss(None)


def _short(row: LinkRow, scope: str) -> str:
    """Within the scope the last part of the id is enough."""
    return one_line(row.task.removeprefix(f"{scope}/") if row.task != scope else row.task)

"""The status line and the hint line."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from .. import actions
from ..model.format import count, dollars, running, seconds, short
from ..model.hints import Hint, fitting
from ..model.safe import message, one_line
from ..model.session import Session
from .line import Line
from .look import EDITED, GLYPHS, STALE

_STATUS_LOOKS = {"succeeded": "$text-success", "failed": "$text-error", "running": "$text-accent", "cancelled": "$text-warning"}


class StatusLine(Line):
    """What is on screen: the trace, the run, how it stands, what it took."""

    def __init__(self) -> None:
        super().__init__(id="status", markup=False)

    def show(self, session: Session, extra: str = "") -> None:
        """Show how the session stands."""
        name = Content.styled(f" {one_line(session.path.name)} ", "bold")
        run, outline = session.shown, session.outline
        if session.state is None or run is None or outline is None or outline.root is None:
            self.put(name + Content.styled(" waiting for the first run", "$ltg-dim"))
            return
        total = outline.census.total
        live, pulse, now = session.live, session.pulse, time.time()
        took = (run.ended if run.ended is not None else now if live or pulse.heard is None else pulse.heard) - run.started
        status = "cancelled" if pulse.died else run.status
        parts = [
            Content.styled(extra, "$text-accent"),
            Content.styled(f"{GLYPHS[status]} {'cut off' if pulse.died else status}", _STATUS_LOOKS.get(status, "")),
            Content(running(took) if live else seconds(took)),
            Content.styled(pulse.pill if live else "", "bold $text-accent"),
            Content.styled(pulse.silence(now) if live else "", "$text-warning"),
            Content(count(total.tasks, "task") + ("" if outline.census.complete else " …")),
            Content.styled(
                " ".join(f"{GLYPHS[s]}{n:,}" for s in ("failed", "blocked") if (n := getattr(total, s))), "$text-error"
            ),
            Content.styled(f"{GLYPHS['running']}{total.running:,}" if total.running else "", "$text-accent"),
            Content(f"{short(total.tokens)} tok" if total.tokens else ""),
            Content(dollars(total.dollars) if total.tokens else ""),
            Content.styled(f"{total.unpriced:,} unpriced" if total.unpriced else "", "$text-warning"),
            Content.styled(f"{EDITED}{total.edited:,}" if total.edited else "", "$ltg-edited"),
            Content.styled(f"{STALE}{total.stale:,}" if total.stale else "", "$text-warning"),
            Content.styled("read-only" if session.read_only else "", "$text-warning"),
        ]
        runs = f"run {run.id}/{max(session.state.runs)}"
        self.put(Content("  ").join([name, Content(runs), *(part for part in parts if part.plain)]))


class HintLine(Line):
    """Which keys help now; or, until the next key, what has just happened. Never longer than the line.

    Args:
        rest: the key that shows the rest of a message that is longer.
    """

    def __init__(self, rest: Callable[[], str] | None = None) -> None:
        super().__init__(id="hints", markup=False)
        self.said = self._look = ""
        self._rest = rest
        self._hints: list[Hint] = []

    def say(self, text: str, look: str = "") -> None:
        """Show a message in place of the hints."""
        self.said, self._look = message(text), look
        self._show_said()

    def _show_said(self) -> None:
        width, shown, rest = self.size.width or 80, f" {self.said}", Content("")
        if self._rest is not None and cell_len(shown) > width:
            rest = Content("…  ") + Content.styled(self._rest(), "bold") + Content(" all")
            shown = set_cell_size(shown, max(1, width - rest.cell_length - 1))
        self.put((Content.styled(shown, self._look) if self._look else Content(shown)) + rest)

    def hint(self, found: Iterable[actions.Action]) -> None:
        """Show the hints of these actions, as far as they fit."""
        named = [(actions.first_key(action), action) for action in found if action.hint]
        hints = [Hint(key, action.hint, action.rank) for key, action in named if key]
        if self.said or hints != self._hints:
            self.said, self._hints = "", hints
            self._show()

    def on_resize(self) -> None:
        """Another width: other hints fit."""
        if self.said:
            self._show_said()
        else:
            self._show()

    def _show(self) -> None:
        shown = fitting(self._hints, self.size.width or 80)
        self.put(Content("").join(Content.styled(f" {hint.key}", "bold") + Content(f" {hint.word} ") for hint in shown))

"""The four panes of a task, and the line of tabs that stands for those not shown on a small screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message

from ..model.detail import PANES, PaneName, PaneText
from ..model.marks import Finder
from ..model.safe import one_line
from ..model.views import NoView, View, described, next_view, viewed
from .compositor import displayed
from .flow_view import FlowView
from .line import Line

VIEW_NAMES: Final[dict[View, str]] = {"markdown": "markdown", "json": "JSON", "raw": "raw"}
_LOOKS = {"edited": "$ltg-edited", "stale": "$text-warning", "error": "$text-error", "live": "$text-accent"}


class Pane(Vertical):
    """A heading and a text. What is hidden is told what to show, and makes it when it is seen: most texts never are."""

    def __init__(self, name: PaneName, position: int) -> None:
        super().__init__(id=f"pane-{name}", classes="pane")
        self.pane: PaneName = name
        self.position = position
        self.title_line = Line(classes="pane-title", markup=False)
        self._view = FlowView(id=f"text-{name}")
        self._shown_as: View = "text"
        self.text = PaneText(name)
        self.wanted: View = "text"
        self._key: object = None
        self._due = False

    def compose(self) -> ComposeResult:
        yield self.title_line
        yield self._view

    @property
    def view(self) -> FlowView:
        """What shows the text, which is there when this is asked for."""
        self.catch_up()
        return self._view

    @property
    def shown_as(self) -> View:
        """The view that the text is in."""
        self.catch_up()
        return self._shown_as

    def show(self, text: PaneText, key: object) -> None:
        """Show a text, in the view that was chosen for this kind of pane where it applies; `key` tells what it is of."""
        self.text, self._key, self._due = text, key, True
        if displayed(self) or (self.has_class("-current") and displayed(self.parent)):  # that it is, the styles may not know yet
            self.catch_up()
        elif not self._view.old:  # what is painted when it is seen is not what was there before
            self._view.forget()
            self.title_line.put(Content(""))

    def catch_up(self) -> None:
        """Show what came while the pane was hidden."""
        if not self._due:
            return
        self._due = False
        try:
            blocks, self._shown_as = viewed(self.text, self.wanted), self.wanted
        except NoView:
            blocks, self._shown_as = self.text.blocks, "text"
        self._view.show(blocks, (self._key, self._shown_as), tail=self.text.live)
        self.show_title()

    def highlight(self, look: str, find: Finder | None) -> None:
        """Let what a finder finds stand out, in whichever text is shown."""
        self._view.highlight(look, find)

    def wrap_lines(self, wrap: bool) -> None:
        """Wrap long lines, or not."""
        self._view.wrap_lines(wrap)
        if not self._due:
            self.show_title()

    def on_show(self) -> None:
        """It is seen now."""
        self.catch_up()

    @property
    def exact(self) -> str:
        """The text as it is: where the view is of one recorded text, that text; else what is shown."""
        plain = self.text.plain
        return plain if plain is not None and self.shown_as in ("text", "markdown", "raw") else self.view.text

    def cycle(self) -> list[str]:
        """Take the next view that applies. Returns why others were left out."""
        self.wanted, skipped = next_view(self.text, self.shown_as)
        self.show(self.text, self._key)
        return skipped

    def show_title(self) -> None:
        """Name the pane, and what is known of its text."""
        title = Content(f"{self.position} {one_line(self.text.title)}")
        self.title_line.put(title + self.facts(self.size.width - title.cell_length - 2))

    def facts(self, width: int) -> Content:
        """How long the text is, where it is from, how and which part of it is shown: what fits."""
        text = self.text
        size = described(text) if text.plain or text.record is not None or text.live else ""
        parts = [
            (0, Content.styled("selecting" if self._view.selecting else "", "reverse")),
            (4, Content(size if self.pane != "info" else "")),
            (5, Content(f"{text.tokens:,} tokens" if text.tokens is not None else "")),
            (1, Content.styled(one_line(text.note), _LOOKS.get(text.look, "$ltg-dim"))),
            (2, Content.styled(VIEW_NAMES.get(self._shown_as, ""), "$text-accent")),
            (3, Content("" if self._view.wraps else "not wrapped")),
            (3, Content.styled(self._view.part, "$ltg-dim")),
        ]
        told = [(rank, Content(" · ") + part) for rank, part in parts if part.plain]
        while told and sum(part.cell_length for _, part in told) > width:
            told.remove(max(told, key=lambda each: each[0]))
        return Content("").join([part for _, part in told])


class Tabs(Line):
    """All panes on one line; the current one is marked."""

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        pane: PaneName

    def __init__(self) -> None:
        super().__init__(id="tabs", markup=False)
        self._ends: list[tuple[int, PaneName]] = []

    def show(self, panes: list[Pane], current: PaneName) -> None:
        """Name the panes."""
        parts, end = [], 0
        self._ends = []
        for pane in panes:
            word = f" {pane.position} {one_line(pane.text.title)} "
            end += len(word)
            self._ends.append((end, pane.pane))
            look = "bold reverse" if pane.pane == current else _LOOKS.get(pane.text.look, "$ltg-dim")
            parts.append(Content.styled(word, look))
        facts = next((pane.facts(self.size.width - end) for pane in panes if pane.pane == current), Content(""))
        self.put(Content("").join([*parts, facts]))

    def on_click(self, event: events.Click) -> None:
        """Choose the tab under the pointer."""
        found = next((pane for end, pane in self._ends if event.x < end), None)
        if found is not None:
            self.post_message(self.Chosen(found))


class Panes(Container):
    """The panes of the task under the cursor."""

    def __init__(self) -> None:
        super().__init__(id="panes")
        self.current: PaneName = "response"
        self._tabs = Tabs()
        self._panes = {name: Pane(name, position) for position, name in enumerate(PANES, 1)}

    def compose(self) -> ComposeResult:
        yield self._tabs
        with Container(id="grid"):
            yield from self._panes.values()

    def on_mount(self) -> None:
        self._mark()

    @property
    def here(self) -> Pane:
        """The current one."""
        return self.pane(self.current)

    def pane(self, name: PaneName) -> Pane:
        """A pane by its name."""
        return self._panes[name]

    def choose(self, name: PaneName) -> None:
        """Make a pane the current one: the one that is shown where there is room for one only."""
        if name == self.current:
            return
        self.current = name
        self._mark()
        if displayed(self):
            self.here.catch_up()
        self._show_tabs()

    def _mark(self) -> None:
        for each in PANES:
            self.pane(each).set_class(each == self.current, "-current")

    def show(self, texts: dict[PaneName, PaneText], key: object) -> None:
        """Show a task."""
        for name, text in texts.items():
            self.pane(name).show(text, (key, name))
        self._show_tabs()

    def _show_tabs(self) -> None:
        self._tabs.show(list(self._panes.values()), self.current)

    def on_flow_view_focused(self, event: FlowView.Focused) -> None:
        """A text got the focus: its pane becomes the current one."""
        event.stop()
        parent = event.view.parent
        if isinstance(parent, Pane):
            self.choose(parent.pane)

    def on_flow_view_scrolled(self, event: FlowView.Scrolled) -> None:
        """Tell which part is seen now."""
        event.stop()
        self.facts_changed(event.view)

    def wrap_lines(self, wrap: bool) -> None:
        """Wrap long lines in all panes, or in none."""
        for name in PANES:
            self.pane(name).wrap_lines(wrap)
        self._show_tabs()

    def unselect(self) -> bool:
        """Select nothing in the current pane. Returns whether something was selected."""
        was = self.here.view.unselect()
        if was:
            self.facts_changed(self.here.view)
        return was

    def facts_changed(self, view: FlowView) -> None:
        """Name a pane anew."""
        pane = view.parent
        if isinstance(pane, Pane):
            pane.show_title()
            if pane.pane == self.current:
                self._show_tabs()

    def on_tabs_chosen(self, event: Tabs.Chosen) -> None:
        """A tab was clicked."""
        event.stop()
        self.choose(event.pane)

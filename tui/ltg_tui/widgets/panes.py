"""The four panes of a task, and the line of tabs that stands for those not shown on a small screen."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Container, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from ..model.detail import PANES, PaneName, PaneText
from ..model.safe import one_line
from .flow_view import FlowView

_LOOKS = {"edited": "$ltg-edited", "stale": "$text-warning", "error": "$text-error", "live": "$text-accent"}


class Pane(Vertical):
    """A heading and a text."""

    def __init__(self, name: PaneName, position: int) -> None:
        super().__init__(id=f"pane-{name}", classes="pane")
        self.pane: PaneName = name
        self.position = position
        self.text = PaneText(name)

    def compose(self) -> ComposeResult:
        yield Static(classes="pane-title", markup=False)
        yield FlowView(id=f"text-{self.pane}")

    @property
    def view(self) -> FlowView:
        """The text."""
        return self.query_one(FlowView)

    def show(self, text: PaneText, key: object) -> None:
        """Show a text; `key` tells what it is of."""
        self.text = text
        note = Content.styled(f"  {one_line(text.note)}", _LOOKS.get(text.look, "$ltg-dim")) if text.note else Content("")
        self.query_one(".pane-title", Static).update(Content(f"{self.position} {one_line(text.title)}") + note)
        self.view.show(text.blocks, key, tail=text.live)


class Tabs(Static):
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
            if pane.pane == current and pane.text.note:
                note = f" {one_line(pane.text.note)}  "
                end += len(note)
                parts.append(Content.styled(note, _LOOKS.get(pane.text.look, "$ltg-dim")))
        self.update(Content("").join(parts))

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

    def compose(self) -> ComposeResult:
        yield Tabs()
        with Container(id="grid"):
            for position, name in enumerate(PANES, 1):
                yield Pane(name, position)

    def on_mount(self) -> None:
        self.choose(self.current)

    def pane(self, name: PaneName) -> Pane:
        """A pane by its name."""
        return self.query_one(f"#pane-{name}", Pane)

    def choose(self, name: PaneName) -> None:
        """Make a pane the current one: the one that is shown where there is room for one only."""
        self.current = name
        for each in PANES:
            self.pane(each).set_class(each == name, "-current")
        self._show_tabs()

    def show(self, texts: dict[PaneName, PaneText], key: object) -> None:
        """Show a task."""
        for name, text in texts.items():
            self.pane(name).show(text, (key, name))
        self._show_tabs()

    def _show_tabs(self) -> None:
        self.query_one(Tabs).show([self.pane(name) for name in PANES], self.current)

    def on_flow_view_focused(self, event: FlowView.Focused) -> None:
        """A text got the focus: its pane becomes the current one."""
        event.stop()
        parent = event.view.parent
        if isinstance(parent, Pane):
            self.choose(parent.pane)

    def on_tabs_chosen(self, event: Tabs.Chosen) -> None:
        """A tab was clicked."""
        event.stop()
        self.choose(event.pane)

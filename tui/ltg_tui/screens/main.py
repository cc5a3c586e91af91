"""The main screen: the tree, the panes of the task under the cursor, a status line and a hint line."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.screen import Screen

from llmtaskgraph import Task

from .. import actions
from ..model.at import At
from ..model.detail import PANES, PaneName, detail
from ..model.empty import no_rows, no_task
from ..model.needs import why_not
from ..model.safe import one_line
from ..model.session import News, Session
from ..widgets.ask_line import AskLine
from ..widgets.bindings import bindings
from ..widgets.compositor import SeenOnly
from ..widgets.flow_view import FlowView
from ..widgets.lines import HintLine, StatusLine
from ..widgets.panes import Panes
from ..widgets.tree import TaskTree

SETTLE = 0.04
"""Seconds for which the cursor rests before the panes follow: holding a key moves the cursor only."""

STEP = 0.12
"""Seconds after which a move is a single step: the panes go with it, in the same paint."""

TURNS = 3
"""Turns of the loop until widgets that changed have told the screen so: until then it has something to do and does not paint."""


class MainScreen(Screen[None]):
    """Looking at a run. What concerns the trace, its runs or the program is done by the app (`actions.py`, place `app`).

    Attributes:
        task_tree: the tree.
        panes: the panes.
        ask_line: where a search, a filter or a command is typed.
    """

    BINDINGS = bindings("trace", "app")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-normal"), (150, "-wide")]  # noqa: RUF012
    AUTO_FOCUS = "#tree"

    @dataclass
    class Took(Message):
        """What happened to the trace is on the screen."""

        news: News

    @dataclass
    class Shown(Message):
        """The panes show a task."""

        task: Task

    @dataclass
    class Back(Message):
        """Escape where there is nothing to go back from."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._compositor = SeenOnly()
        self.session = session
        self.task_tree = TaskTree(id="tree")
        self.panes = Panes()
        self.ask_line = AskLine()
        self._status, self._hints = StatusLine(), HintLine(rest=lambda: actions.key("messages"))
        self._told: dict[str, str] = {}
        self._wanted: tuple[str, PaneName] | None = None
        self._settling = False
        self._moved_at = 0.0
        self._picked = False  # whether a person chose a pane; until then it is the one that tells most

    def compose(self) -> ComposeResult:
        with Container(id="body"):
            yield self.task_tree
            yield self.panes
        yield self._status
        yield self.ask_line
        yield self._hints

    def on_mount(self) -> None:
        self.task_tree.show(self.session.outline)
        self.refresh_status()
        self._hint()
        self.set_interval(1.0, self._second)
        self._show_task()

    @property
    def at(self) -> At:
        """Where one is."""
        return At(self.chosen, None if self.task_tree.has_focus else self.panes.current)

    @property
    def chosen(self) -> Task | None:
        """The task under the cursor."""
        node = self.task_tree.node
        return None if node is None else node.task

    # What happens to the trace

    def take(self, news: News) -> None:
        """Show what changed."""
        if news.everything:
            self.task_tree.show(self.session.outline)
            self._show_task()
        elif news.rows:
            self.task_tree.grown()
        else:
            self.task_tree.looks_changed()
        task = self.chosen
        if task is not None and (task.id in news.tasks or news.ended is not None):
            self._show_task()
        self.refresh_status()
        self.post_message(self.Took(news))

    def marks_changed(self) -> None:
        """Edits or the plan changed."""
        self.task_tree.looks_changed()
        self._show_task()
        self.refresh_status()

    def refresh_status(self) -> None:
        """Show how things stand."""
        self._status.show(self.session, "  ".join(filter(None, self._told.values())))

    def tell(self, about: str, text: str) -> None:
        """Say on the status line, as long as it lasts, how things stand with a search or a filter; nothing takes it away."""
        text = one_line(text)
        if self._told.get(about, "") != text:
            self._told[about] = text
            self.refresh_status()

    def say(self, text: str, look: str = "") -> None:
        """A message in place of the hints, until the next key."""
        self._hints.say(text, look)

    def unsay(self, text: str) -> None:
        """What was said is over."""
        if self._hints.said == text:
            self._hint()

    @property
    def stands(self) -> bool:
        """Whether everything is there: it is taken down part by part when the app closes, and messages still arrive."""
        parts = (self.task_tree, self.panes, self._status, self.ask_line, self._hints)
        return self.is_mounted and all(part.is_attached for part in parts)

    @property
    def saying(self) -> bool:
        """Whether a message stands in place of the hints."""
        return bool(self._hints.said)

    @property
    def said(self) -> str:
        """The message that is there now."""
        return self._hints.said

    def _second(self) -> None:
        if self.session.live:
            self.task_tree.looks_changed()
            self.refresh_status()

    def on_task_tree_refused(self, event: TaskTree.Refused) -> None:
        """A key of the tree cannot act now."""
        self.say(event.why)

    def on_task_tree_counted(self, event: TaskTree.Counted) -> None:
        """Totals are further on."""
        self.refresh_status()
        outline = self.session.outline
        if outline is not None and outline.census.complete:
            self._show_task()

    # The task under the cursor

    async def on_task_tree_moved(self, event: TaskTree.Moved) -> None:
        """The panes follow: at once after a single step, else when the cursor has come to rest."""
        before, self._moved_at = self._moved_at, time.monotonic()
        if self._moved_at - before > STEP:
            self._show_task()
            for _ in range(TURNS):
                await asyncio.sleep(0)
        elif not self._settling:
            self._settling = True
            self.set_timer(SETTLE, self._settle)

    def _settle(self) -> None:
        """Show the task if the cursor rests; else look again when it may."""
        rest = SETTLE - (time.monotonic() - self._moved_at)
        if self._settling and rest > SETTLE / 10:
            self.set_timer(rest, self._settle)
        elif self._settling:
            self._show_task()

    def on_task_tree_entered(self, event: TaskTree.Entered) -> None:
        """Enter on a task: read it."""
        self._show_task()
        self.panes.pane(self.panes.current).view.focus()

    def _telling(self, task: Task) -> PaneName:
        """The pane that tells most of a task."""
        seen = self.session.seen(task.id)
        failed = seen is not None and seen.status in ("failed", "blocked")
        return "output" if failed or task.type != "llm" else "response"

    def look_at(self, task: str, pane: PaneName | None) -> None:
        """Show the task under the cursor now; in a pane, as long as the cursor stays there."""
        self._wanted = None if pane is None else (task, pane)
        if pane is not None:
            self.panes.choose(pane)
        self._show_task()

    def _show_task(self) -> None:
        self._settling = False
        task = self.chosen
        if task is not None:
            if self._wanted is not None and self._wanted[0] != task.id:
                self._wanted = None
            if self._wanted is None and not self._picked and self.task_tree.has_focus:
                self.panes.choose(self._telling(task))
            self.panes.show(detail(self.session, task), (task.id, self.session.run))
            self.post_message(self.Shown(task))
        else:
            node = self.task_tree.node
            self.panes.show(no_task(self.session, node), (None if node is None else node.key, self.session.run))
            self._show_nothing()
        if not self._hints.said:
            self._hint()

    def _show_nothing(self) -> None:
        nothing = no_rows(self.session)
        if nothing != self.task_tree.nothing:
            self.task_tree.nothing = nothing
            self.task_tree.refresh()

    # Focus

    def on_key(self, event: events.Key) -> None:
        """A message stays until the next key."""
        if self._hints.said:
            self._hint()

    def on_flow_view_refused(self, event: FlowView.Refused) -> None:
        """A key could not act."""
        self.say(event.why)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Other hints for another place."""
        if isinstance(event.widget, TaskTree | FlowView):
            self._zoom_follows()
            if not self._hints.said:
                self._hint()

    def _hint(self) -> None:
        place: actions.Place = "tree" if isinstance(self.focused, TaskTree) else "text"
        found = [each for each in actions.of(place, *actions.MAIN) if not why_not(each.needs, self.session, self.chosen)]
        self._hints.hint(found)

    def action_pane_prompt(self) -> None:
        self.choose("prompt")

    def action_pane_response(self) -> None:
        self.choose("response")

    def action_pane_output(self) -> None:
        self.choose("output")

    def action_pane_info(self) -> None:
        self.choose("info")

    def choose(self, name: PaneName) -> None:
        """Go to a pane."""
        self._picked = True
        self.panes.choose(name)
        self.panes.pane(name).view.focus()

    def action_next_pane(self, step: int = 1) -> None:
        places: list[PaneName | None] = [None, *PANES]
        at = places.index(None if self.task_tree.has_focus else self.panes.current)
        name = places[(at + step) % len(places)]
        if name is None:
            self.task_tree.focus()
        else:
            self.choose(name)

    def action_previous_pane(self) -> None:
        self.action_next_pane(-1)

    def action_back(self) -> None:
        if self.panes.unselect():
            return
        if self.task_tree.has_focus and not self.has_class("-zoom-tree"):
            self.post_message(self.Back())
        self.remove_class("-zoom-tree", "-zoom-panes")
        self.task_tree.focus()

    def action_zoom(self) -> None:
        zoomed = self.has_class("-zoom-tree") or self.has_class("-zoom-panes")
        self.remove_class("-zoom-tree", "-zoom-panes")
        if not zoomed:
            self.add_class("-zoom-tree" if self.task_tree.has_focus else "-zoom-panes")

    def _zoom_follows(self) -> None:
        if self.has_class("-zoom-tree") or self.has_class("-zoom-panes"):
            self.set_class(self.task_tree.has_focus, "-zoom-tree")
            self.set_class(not self.task_tree.has_focus, "-zoom-panes")

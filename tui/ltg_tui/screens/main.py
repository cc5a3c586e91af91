"""The main screen: the tree, the panes of the task under the cursor, a status line and a hint line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.containers import Container
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from llmtaskgraph import Task

from ..model.detail import PANES, PaneName, detail
from ..model.outline import Node
from ..model.session import News, Session
from ..widgets.bindings import bindings
from ..widgets.flow_view import FlowView
from ..widgets.lines import HintLine, StatusLine
from ..widgets.panes import Panes
from ..widgets.tree import TaskTree

SETTLE = 0.04
"""Seconds for which the cursor rests before the panes follow: holding a key moves the cursor only."""


class MainScreen(Screen[None]):
    """Looking at a run. What changes the trace is asked of the app, by messages."""

    BINDINGS = bindings("trace")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-normal"), (150, "-wide")]  # noqa: RUF012
    AUTO_FOCUS = "#tree"

    @dataclass
    class Asked(Message):
        """A key asked for something that the app does: `edit`, `resume`, ..."""

        action: str
        task: Task | None
        pane: PaneName | None

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.extra = ""
        self._settling = False
        self._wanted = ""
        self._picked = False  # whether a person chose a pane; until then it is the one that tells most

    def compose(self) -> ComposeResult:
        with Container(id="body"):
            yield TaskTree(id="tree")
            yield Panes()
        yield StatusLine()
        yield Input(id="search", placeholder="part of a name", select_on_focus=False)
        yield HintLine()

    def on_mount(self) -> None:
        self.task_tree.show(self.session.outline)
        self.refresh_status()
        self._hint()
        self.set_interval(1.0, self._second)

    @property
    def task_tree(self) -> TaskTree:
        """The tree."""
        return self.query_one(TaskTree)

    @property
    def panes(self) -> Panes:
        """The panes."""
        return self.query_one(Panes)

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
            self.task_tree.rows_changed(self.task_tree.node)
        else:
            self.task_tree.looks_changed()
        task = self.chosen
        if task is not None and (task.id in news.tasks or news.ended is not None):
            self._show_task()
        self.refresh_status()

    def marks_changed(self) -> None:
        """Edits or the plan changed."""
        self.task_tree.looks_changed()
        self._show_task()
        self.refresh_status()

    def refresh_status(self) -> None:
        """Show how things stand."""
        self.query_one(StatusLine).show(self.session, self.extra)

    def say(self, text: str, look: str = "") -> None:
        """A message in place of the hints, until the next key."""
        self.query_one(HintLine).say(text, look)

    def _second(self) -> None:
        if self.session.live:
            self.task_tree.looks_changed()
            self.refresh_status()

    # The task under the cursor

    def on_task_tree_moved(self, event: TaskTree.Moved) -> None:
        """The panes follow when the cursor has come to rest."""
        if not self._settling:
            self._settling = True
            self.set_timer(SETTLE, self._show_task)

    def on_task_tree_entered(self, event: TaskTree.Entered) -> None:
        """Enter on a task: read it."""
        self._show_task()
        self.panes.pane(self.panes.current).view.focus()

    def _telling(self, task: Task) -> PaneName:
        """The pane that tells most of a task."""
        seen = self.session.seen(task.id)
        failed = seen is not None and seen.status in ("failed", "blocked")
        return "output" if failed or task.type != "llm" else "response"

    def _show_task(self) -> None:
        self._settling = False
        task = self.chosen
        if task is not None:
            if not self._picked and self.task_tree.has_focus:
                self.panes.choose(self._telling(task))
            self.panes.show(detail(self.session, task), (task.id, self.session.run))

    # Focus

    def on_key(self, event: events.Key) -> None:
        """A message stays until the next key."""
        if self.query_one(HintLine).said:
            self._hint()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Other hints for another place."""
        if isinstance(event.widget, TaskTree | FlowView):
            self._zoom_follows()
            self._hint()

    def _hint(self) -> None:
        self.query_one(HintLine).hint(*(("tree", "trace") if isinstance(self.focused, TaskTree) else ("trace",)))

    def action_pane(self, name: PaneName) -> None:
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
            self.action_pane(name)

    def action_previous_pane(self) -> None:
        self.action_next_pane(-1)

    def action_back(self) -> None:
        if self.has_class("-zoom-tree", "-zoom-panes"):
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

    # Finding

    def action_search(self) -> None:
        asked = self.query_one("#search", Input)
        asked.add_class("-asking")
        self.query_one(HintLine).add_class("-asking-hints")
        asked.value = ""
        asked.focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Search for what was typed."""
        self._wanted = event.value.strip().lower() or self._wanted
        self._stop_asking()
        self.action_next_match()

    def on_input_blurred(self, event: Input.Blurred) -> None:
        """Something else got the focus."""
        self._stop_asking()

    def _stop_asking(self) -> None:
        asked = self.query_one("#search", Input)
        if asked.has_class("-asking"):
            asked.remove_class("-asking")
            self.query_one(HintLine).remove_class("-asking-hints")
            self.task_tree.focus()

    def action_next_match(self, backwards: bool = False) -> None:
        if not self._wanted:
            self.say("nothing was searched for yet; / searches the names of tasks")
            return
        wanted = self._wanted
        self._jump(
            lambda node: node.task is not None and wanted in node.key.lower(),
            backwards,
            f"no other task has {wanted!r} in its name",
        )

    def action_previous_match(self) -> None:
        self.action_next_match(backwards=True)

    def action_next_problem(self, backwards: bool = False) -> None:
        self._jump(self._is_problem, backwards, "no other task failed in this run")

    def action_previous_problem(self) -> None:
        self.action_next_problem(backwards=True)

    def _is_problem(self, node: Node) -> bool:
        return bool(node.own.failed)

    def _jump(self, wanted: Callable[[Node], bool], backwards: bool, otherwise: str) -> None:
        node = self.task_tree.node
        if node is None or self.task_tree.outline is None:
            return
        found = next((each for each in self.task_tree.outline.after(node, backwards=backwards) if wanted(each)), None)
        if found is None:
            self.say(otherwise)
        else:
            self.task_tree.go_to(found)

    # Runs

    def action_older_run(self) -> None:
        self._run(-1, "this is the oldest run")

    def action_newer_run(self) -> None:
        self._run(1, "this is the newest run")

    def _run(self, step: int, otherwise: str) -> None:
        run = self.session.neighbour(step)
        if run is None:
            self.say(otherwise)
            return
        self.session.show_run(run)
        self.take(News(everything=True))
        self._ask("replan")

    def action_follow(self) -> None:
        self.session.following = not self.session.following
        newest = max(self.session.state.runs, default=None) if self.session.state is not None else None
        if self.session.following and newest is not None and newest != self.session.run:
            self.session.show_run(newest)
            self.take(News(everything=True))
            self._ask("replan")
        self.say("new runs are shown as they start" if self.session.following else "this run stays on screen when another starts")

    # What the app does

    def _ask(self, action: str) -> None:
        pane = None if self.task_tree.has_focus else self.panes.current
        self.post_message(self.Asked(action, self.chosen, pane))

    def action_edit(self) -> None:
        self._ask("edit")

    def action_edit_outside(self) -> None:
        self._ask("edit_outside")

    def action_edit_model(self) -> None:
        self._ask("edit_model")

    def action_revert(self) -> None:
        self._ask("revert")

    def action_resume(self) -> None:
        self._ask("resume")

    def action_stop(self) -> None:
        self._ask("stop")

    def action_child_log(self) -> None:
        self._ask("child_log")

    def action_help(self) -> None:
        self._ask("help")

    def action_quit(self) -> None:
        self._ask("quit")

"""What the app does to show a part of the tree only: what a filter keeps, what is upstream or downstream of a task."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from llmtaskgraph import Links, Task

from . import actions
from .finding import guard
from .model.at import At
from .model.format import count
from .model.keep import Keep
from .model.query import EXAMPLE, BadQuery, Query
from .model.search import Filter
from .model.session import News
from .model.sweep import Sweep

if TYPE_CHECKING:
    from .app import DebuggerApp


class Narrowing:
    """The tree, narrowed or whole.

    Attributes:
        slice: the task and the direction of the slice that is shown; None without one.
    """

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app
        self.slice: tuple[str, str] | None = None
        self._filter: Filter | None = None
        self._keep: Keep | None = None
        self._said = ""
        self._asked: Callable[[str], None] | None = None
        self._painted = -1
        self._rests_until = 0.0
        self._links: Links | None = None

    @property
    def links(self) -> Links | None:
        """The causes and effects of the run on screen; None while there is none."""
        session = self.app.session
        if self._links is None and session.outline is not None and session.state is not None and session.run is not None:
            session.outline.census.advance(None)
            self._links = Links(session.state, session.run, session.outline.census.tasks.get)
        return self._links

    # The filter

    def do_filter(self, at: At) -> None:
        """Ask for a filter, and show what it keeps while it is typed."""
        if at.argument:
            self._typed(at.argument)
            return
        before = "" if self._filter is None else self._filter.query.text

        def done(text: str) -> None:
            try:
                Query(text, guard)
            except BadQuery:
                self._typed(before)  # not a part of what is wrong
            self._typed(text)

        self._asked = done
        self.app.main.ask_line.ask(
            "filter: ", done, changed=self._typed, gone=lambda: self._typed(before), value=before, placeholder=EXAMPLE
        )

    def _typed(self, text: str) -> None:
        ask_line = self.app.main.ask_line
        try:
            query = Query(text, guard)
        except BadQuery as error:
            ask_line.note(str(error)) if ask_line.asking else self.app.say(str(error), "$text-error")
            return
        if not query:
            if self._filter is not None:
                self.widen()
            ask_line.note("")
            return
        if self._filter is None or self._filter.query.text != query.text:
            self._filter_by(query)
        elif not ask_line.asking:
            self._say()

    def _filter_by(self, query: Query) -> None:
        session = self.app.session
        outline, state, run = session.outline, session.state, session.run
        if outline is None or state is None or run is None:
            self.app.say("there is no task yet")
            return
        tasks = outline.census.tasks
        self.slice = None
        self._filter = found = Filter(state, run, tasks.get, query, lambda id: id in outline.edited)
        self._keep = found.keep
        self.app.jobs.start("narrow", Sweep(outline.census.all(), found.look), self._heard)

    # Slices

    def do_upstream(self, at: At) -> None:
        """Show only what the task depends on; the same key shows all again."""
        self._slice("upstream", at.task)

    def do_downstream(self, at: At) -> None:
        """Show only what depends on the task; the same key shows all again."""
        self._slice("downstream", at.task)

    def _slice(self, direction: str, task: Task | None) -> None:
        if self.slice is not None and self.slice[1] == direction:
            self.widen()
        elif task is not None:
            self.app.counted(lambda: self._slice_of(direction, task))

    def _slice_of(self, direction: str, task: Task) -> None:
        outline, links = self.app.session.outline, self.links
        if outline is None or links is None:
            return
        tasks = outline.census.tasks
        keep = Keep(tasks.get)
        self.slice, self._filter, self._keep = (task.id, direction), None, keep
        reached: Iterator[str] = links.upstream(task) if direction == "upstream" else links.downstream(task)

        def look(id: str) -> None:
            if id in tasks:
                keep.add(tasks[id])

        self.app.jobs.start("narrow", Sweep(reached, look), self._heard)

    # Showing

    def _heard(self, sweep: Sweep[object]) -> None:
        before = time.monotonic()
        outline = self.app.session.outline
        if sweep.done or (before >= self._rests_until and outline is not None and outline.census.complete):
            self._show()
            self._rests_until = 10 * time.monotonic() - 9 * before  # most of the time is for the work itself
        ask_line = self.app.main.ask_line
        if self._asked is not None and ask_line.asks_for(self._asked):
            ask_line.note(self._count())
        elif sweep.done and not ask_line.asking:
            self._say()

    def _show(self) -> None:
        """Show what is kept by now."""
        outline, tree, keep = self.app.session.outline, self.app.main.task_tree, self._keep
        if outline is None or keep is None:
            return
        if outline.narrowed is None or outline.narrowed.keep is not keep or self._painted != keep.version:
            node = tree.node
            outline.narrow(keep)
            self.app.finding.narrowed()
            self._painted = keep.version
            tree.rows_changed(node)
            if tree.node is not None and tree.node.key not in keep:
                first = outline.kept(tree.node, keep)
                if first is not None and (found := outline.node(first.id)) is not None:
                    tree.go_to(found)
        self.app.main.tell("narrow", self._told())

    def _say(self) -> None:
        """Say what is shown; that is brought up to date while it is on the screen."""
        self.app.main.say(self._told())
        self._said = self.app.main.said

    def _told(self) -> str:
        if self._keep is None:
            return ""
        if self.slice is not None:
            return f"{self.slice[1]} of {self.slice[0].rpartition('/')[2]} · {self._count()}"
        text = "" if self._filter is None else self._filter.query.text
        return f"{actions.key('filter')} {text if len(text) <= 40 else text[:39] + '…'} · {self._count()}"

    def _count(self) -> str:
        kept = 0 if self._keep is None else len(self._keep)
        return count(kept, "task") + ("…" if self.app.jobs.running("narrow") else "")

    def widen(self) -> bool:
        """Show the whole tree. Returns whether it was narrowed."""
        if self._keep is None:
            return False
        self.app.jobs.stop("narrow")
        self.slice = self._filter = self._keep = None
        self._painted = -1
        outline, tree = self.app.session.outline, self.app.main.task_tree
        if outline is not None:
            node = tree.node
            outline.narrow(None)
            self.app.finding.narrowed()
            tree.rows_changed(node)
        self.app.main.tell("narrow", "")
        return True

    def take(self, news: News) -> None:
        """Something happened to the trace."""
        outline = self.app.session.outline
        if news.everything or news.rows:
            self._links = None
        if self._keep is None or outline is None:
            return
        if news.everything:
            if self._filter is not None:
                self._filter_by(self._filter.query)
            elif self.slice is not None and (task := self.app.jumping.find(self.slice[0])) is not None:
                self._slice_of(self.slice[1], task)
            else:
                self.widen()
        elif self._filter is not None and not self.app.jobs.running("narrow"):
            self._filter.again(outline.census.tasks, news.tasks)
            self._show()
            if self._said and self._said == self.app.main.said:
                self._say()
        elif news.rows and self.slice is not None and (task := self.app.jumping.find(self.slice[0])) is not None:
            self._slice_of(self.slice[1], task)

    def do_widen(self, at: At) -> None:
        """Stop what is under way, else show the whole tree again, else forget what was searched for."""
        if self.app.finding.stop() or self.app.causing.stop() or self.widen() or self.app.finding.clear():
            return
        self.app.say(f"this is the whole tree; {actions.key('quit')} quits")

"""What the app does to find a task: by a word in its name or its texts, or since it failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

from llmtaskgraph import Task

from . import actions
from .io.alarm import bounded
from .model.at import At
from .model.detail import PANES, PaneName
from .model.outline import Outline
from .model.pattern import BadPattern, Pattern
from .model.search import Search
from .model.session import News
from .model.sources import sources, spans
from .model.sweep import Sweep
from .widgets.flow_view import FlowView

if TYPE_CHECKING:
    from .app import DebuggerApp

PATIENCE: Final = 0.2
"""Seconds that a regular expression may take for one text."""


def guard(work: Callable[[], object]) -> object:
    """Do some work of an expression, if it is done in time."""
    return bounded(PATIENCE, work)


class Finding:
    """Searches of the run on screen.

    Attributes:
        pattern: what was searched for last; None when nothing stands out.
    """

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app
        self.pattern: Pattern | None = None
        self._search: Search | None = None
        self._sweep: Sweep[Task] | None = None
        self._anchor: str | None = None
        self._previewed: str | None = None  # where the search has led to while one types
        self._in_pane = (0, 0)
        self._waits: str | None = None  # for the first match: one has asked to go there, and is still on this task
        self._said = ""
        self._words: tuple[object, ...] = ()

    # Asking

    def do_search(self, at: At) -> None:
        """Ask for words, and go to where they are while they are typed."""
        if at.argument:
            self._typed_for_tree(at.argument)
            self._done(at.argument)
            return
        if self.app.main.task_tree.has_focus or at.pane is None:
            here = self.app.main.chosen
            self._anchor = None if here is None else here.id
            self.app.main.ask_line.ask(
                "/",
                self._done,
                changed=self._typed_for_tree,
                gone=self._gone,
                placeholder="words, or /expression/, in names and texts",
            )
        else:
            view = self.app.main.panes.pane(at.pane).view
            self.app.main.ask_line.ask(
                "/",
                partial(self._done_in, view),
                changed=partial(self._typed_in, view),
                gone=self.clear,
                placeholder=f"words, or /expression/, in this {at.pane}",
            )

    def _read(self, text: str) -> bool:
        """Take in what was typed so far. Returns whether it can be searched for."""
        self.clear()
        if not text.strip():
            self.app.main.ask_line.note("")
            return False
        try:
            self.pattern = Pattern(text, guard)
        except BadPattern as error:
            self.app.main.ask_line.note(str(error))
            return False
        self._mark()
        return True

    # In the tree

    def _typed_for_tree(self, text: str) -> None:
        if self._read(text):
            self._start()

    def _start(self) -> None:
        """Search the run for the pattern."""
        outline, state, run = self.app.session.outline, self.app.session.state, self.app.session.run
        if outline is None or state is None or run is None or self.pattern is None:
            return
        self._search = outline.found = Search(state, run, outline.census.tasks.get, self.pattern)
        self._sweep, self._previewed = Sweep(self._tasks(outline), self._search.look), None
        self.app.jobs.start("search", self._sweep, self._heard)

    def _tasks(self, outline: Outline) -> Iterator[Task | None]:
        """All tasks, those after the cursor first; None while they are counted still."""
        yield from outline.census.counting()
        node = self.app.main.task_tree.node
        if node is None or outline.narrowed is not None or self.app.session.live:
            yield from outline.census.all()
        else:
            yield from chain([] if node.task is None else [node.task], outline.after(node))

    def _heard(self, sweep: Sweep[Task]) -> None:
        """The search is further on."""
        main = self.app.main
        if main.ask_line.asks_for(self._done) and self._search is not None:
            self._preview(self._search)
            main.ask_line.note(self._counts())
        elif self._waits is not None and self._search is not None and self._search.keep:
            if not self.app.engaged and main.task_tree.has_focus and main.chosen is not None and main.chosen.id == self._waits:
                self._match()
            self._waits = None
        elif self._said and self._said == main.said:
            self._say(self._counts())
        main.task_tree.looks_changed()
        self._tell()

    def _say(self, text: str) -> None:
        """Say something that is brought up to date while it is on the screen."""
        self.app.main.say(text)
        self._said = self.app.main.said

    def _preview(self, search: Search) -> None:
        """While one types: go to the first from where one was."""
        outline = self.app.session.outline
        anchor = None if outline is None or self._anchor is None else outline.node(self._anchor)
        if outline is None or anchor is None:
            return
        found = anchor.task if anchor.key in search.keep else outline.kept(anchor, search.keep)
        if found is not None and self._previewed != found.id:
            self._previewed = found.id
            self._look_at(found, kept=False)

    def _done(self, text: str) -> None:
        """Enter: stay where the search has led."""
        if self.pattern is None or text != self.pattern.text:
            self._typed_for_tree(text)
        if self.pattern is None or self._search is None:
            return
        here = self.app.main.chosen
        if here is not None and here.id in self._search.keep:
            if self._anchor is not None:
                self.app.jumping.remember(self._anchor, here.id)
            self._say(self._counts())
        else:
            self._match()

    def _gone(self) -> None:
        """Escape: as it was before."""
        self.clear()
        if self._anchor is not None:
            self.app.jumping.go(self._anchor, kept=False)

    def do_next_match(self, at: At) -> None:
        """Go to the next one: in the pane that has the focus, else in the tree."""
        self._next(at)

    def do_previous_match(self, at: At) -> None:
        """Go to the one before."""
        self._next(at, backwards=True)

    def _next(self, at: At, *, backwards: bool = False) -> None:
        if at.pane is not None:
            self._match_in(self.app.main.panes.pane(at.pane).view, backwards=backwards)
        elif self.pattern is None:
            self.app.say("nothing was searched for yet; / searches names and texts")
        else:
            if self._search is None:
                self._start()
            self._match(backwards=backwards)

    def _match(self, *, backwards: bool = False) -> None:
        node, outline = self.app.main.task_tree.node, self.app.session.outline
        if node is None or outline is None or self._search is None:
            self.app.say("there is no task yet")
            return
        found = outline.kept(node, self._search.keep, backwards=backwards)
        waits = found is None and not self._search.keep and self.app.jobs.running("search")
        self._waits = node.task.id if waits and node.task is not None else None
        if found is not None:
            self._look_at(found)
        self._say(self._counts())

    def _look_at(self, task: Task, *, kept: bool = True) -> None:
        assert self._search is not None
        pane = self._search.where.get(task.id)
        if self.app.jumping.go(task.id, pane, kept=kept) and pane is not None:
            self.app.main.panes.pane(pane).view.go_to_match(first=True)

    def _counts(self) -> str:
        """`3/17 · 2,100 of 100,000 searched`."""
        search, sweep, outline = self._search, self._sweep, self.app.session.outline
        if search is None or sweep is None or outline is None:
            return ""
        node, total = self.app.main.task_tree.node, len(outline.census.tasks)
        at = outline.position(node, search.keep) if node is not None and node.key in search.keep else 0
        told = f"{at:,}/{len(search.keep):,}" if at else f"{len(search.keep):,} found"
        if search.keep and outline.narrowed is not None and not any(outline.shows(id) for id in search.keep):
            told = f"{len(search.keep):,} found, none among the tasks shown: {actions.key('back', 'trace')} shows all"
        if not search.keep and sweep.done and not sweep.slow:
            told = f"no task has '{search.pattern.text}' in its name or a text"
        if not sweep.done:
            ended = "" if self.app.jobs.running("search") else ", stopped"
            told += f" · {sweep.checked:,} of {total:,} searched{ended}"
        if sweep.slow:
            told += f" · {sweep.slow} took too long"
            told += f": given up after {sweep.checked:,} of {total:,}; make it simpler" if sweep.checked < total else ""
        return told

    def _tell(self) -> None:
        search = self._search
        if search is None:
            self.app.main.tell("search", "")
        else:
            more = "…" if self.app.jobs.running("search") else ""
            self.app.main.tell("search", f"/{search.pattern.text[:20]} {len(search.keep):,}{more}")

    # In a pane

    def _typed_in(self, view: FlowView, text: str) -> None:
        if self._read(text):
            at, count = self._in_pane = view.go_to_match()
            self.app.main.ask_line.note(f"{at}/{count}" if count else "not in this text")

    def _done_in(self, view: FlowView, text: str) -> None:
        if self.pattern is None or self.pattern.text != text:
            self._typed_in(view, text)
        if self.pattern is not None:
            at, count = self._in_pane
            self.app.say(f"{at}/{count} in this text" if count else f"'{self.pattern.text}' is not in this text")

    def _match_in(self, view: FlowView, *, backwards: bool) -> None:
        at, count = view.go_to_match(backwards=backwards)
        if count:
            self.app.say(f"{at}/{count} in this text")
        elif self.pattern is None:
            self.app.say("nothing was searched for yet; / searches this text")
        else:
            self.app.say(f"'{self.pattern.text}' is not in this text")

    # What stands out

    def _mark(self) -> None:
        """Let the pattern stand out in all panes."""
        for name in PANES:
            self.app.main.panes.pane(name).highlight("match", None if self.pattern is None else self.pattern.spans)

    def look_for(self, pattern: Pattern) -> None:
        """Let a pattern stand out, as if it had been searched for."""
        self.clear()
        self.pattern = pattern
        self._mark()

    def mark_words(self, pane: PaneName, words: tuple[str, ...]) -> bool:
        """Let some words stand out in a pane in place of what was searched for. Returns whether they are there."""
        self.clear()
        view = self.app.main.panes.pane(pane).view
        view.highlight("match", lambda text: spans(text, words))
        return view.go_to_match(first=True)[1] > 0

    def shown(self, task: Task) -> None:
        """The panes show a task: underline in its prompt what other tasks gave."""
        session = self.app.session
        seen = session.seen(task.id)
        key = (task.id, session.run, None if seen is None else seen.id, None if seen is None else seen.prompt)
        if key == self._words:
            return
        self._words = key
        found = [word for source in sources(session, task) for word in source.words] if task.type == "llm" else []
        self.app.main.panes.pane("prompt").highlight("words", (lambda text: spans(text, found)) if found else None)

    def narrowed(self) -> None:
        """The tree has other rows: a search that goes along them begins anew."""
        if self.app.jobs.running("search"):
            self._start()

    def stop(self) -> bool:
        """Stop a search that is under way. Returns whether one was."""
        if not self.app.jobs.stop("search"):
            return False
        self._tell()
        self.app.say(self._counts())
        return True

    def clear(self) -> bool:
        """Forget what was searched for. Returns whether there was something."""
        had = self.pattern is not None
        self.app.jobs.stop("search")
        self.pattern = self._search = self._sweep = None
        self._waits = None
        if self.app.session.outline is not None:
            self.app.session.outline.found = None
        self._mark()
        self.app.main.task_tree.looks_changed()
        self._tell()
        return had

    def take(self, news: News) -> None:
        """Something happened to the trace: what was searched for is searched for there, too."""
        search, outline = self._search, self.app.session.outline
        if search is None or outline is None:
            return
        if news.everything:
            self._start()
            return
        if self._sweep is not None and self._sweep.done:
            search.again(outline.census.tasks, news.tasks)
            self.app.main.task_tree.looks_changed()
            self._tell()

    # Problems

    def do_next_problem(self, at: At) -> None:
        """Go to the next task that failed."""
        self.app.counted(self._problem)

    def do_previous_problem(self, at: At) -> None:
        """Go to the one before."""
        self.app.counted(partial(self._problem, backwards=True))

    def _hidden_problem(self, outline: Outline) -> str:
        """What is the matter with a task that the narrowed tree does not show; empty for nothing."""
        if outline.root is None:
            return ""
        for word, into in (("failed", "failed"), ("is blocked", "blocked")):
            below = outline.tasks(outline.root, into=lambda node, into=into: bool(getattr(node.inner, into)))  # type: ignore[misc]
            wrong = outline.failed if into == "failed" else outline.blocked
            if any(wrong(task) and not outline.shows(task.id) for task in below):
                return word
        return ""

    def _problem(self, *, backwards: bool = False) -> None:
        node, outline = self.app.main.task_tree.node, self.app.session.outline
        if node is None or outline is None:
            self.app.say("there is no task yet")
            return
        found = outline.problem(node, backwards=backwards)
        if found is None:
            total = outline.census.total
            hidden = outline.narrowed is not None and self._hidden_problem(outline)
            if hidden:
                self.app.say(f"a task that {hidden} is not among those shown: {actions.key('back', 'trace')} shows all")
            else:
                self.app.say("no other task failed" if total.failed else "no task failed or is blocked in this run")
        else:
            self.app.jumping.go(found.id)

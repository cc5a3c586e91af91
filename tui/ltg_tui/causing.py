"""What the app does about cause and effect: the direct ones as a list, and where a text first appeared."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from llmtaskgraph import Link, LinkEnd, Task

from . import actions
from .finding import guard
from .model.at import At
from .model.bodies import text_of
from .model.detail import PaneName
from .model.format import count
from .model.origin import OriginHunt
from .model.pattern import BadPattern, Pattern
from .model.session import News
from .model.sources import sources
from .model.sweep import Sweep
from .screens.links import LinkRow, LinksSheet

if TYPE_CHECKING:
    from .app import DebuggerApp

SHOWN: Final = 400
"""Letters of a value that are shown in a list."""


class Causing:
    """Causes and effects of tasks."""

    def __init__(self, app: DebuggerApp) -> None:
        self.app = app
        self._hunt: Sweep[LinkEnd] | None = None

    # Direct ones

    def do_causes(self, at: At) -> None:
        """List what a task uses; Enter goes there."""
        links = self.app.narrowing.links
        if at.task is not None and links is not None:
            self._list(at.task, links.causes(at.task), backwards=True)

    def do_effects(self, at: At) -> None:
        """List what uses a task; Enter goes there."""
        links = self.app.narrowing.links
        if at.task is not None and links is not None:
            self._list(at.task, links.effects(at.task), backwards=False)

    def _list(self, task: Task, links: list[Link], *, backwards: bool) -> None:
        if not links:
            self.app.say(f"{task.name} depends on nothing" if backwards else f"nothing depends on {task.name}")
            return
        rows = [self._row(task, link, backwards=backwards) for link in links]
        word = "causes" if backwards else "effects"

        def chosen(position: int | None) -> None:
            if position is not None:
                self._follow(task, links[position], backwards=backwards)

        self.app.push_screen(LinksSheet(f"{word} of {task.id}", task.scope or "", rows), chosen)

    def _row(self, task: Task, link: Link, *, backwards: bool) -> LinkRow:
        session = self.app.session
        seen = session.seen(link.task)
        giver = link.task if backwards or link.through.startswith("declared") else task.id
        gives = session.seen(giver)
        value = ""
        if gives is not None and gives.output is not None and not link.through.startswith("declared"):
            value = " ".join(text_of("output", gives.output.value)[: 2 * SHOWN].split())[:SHOWN]
        return LinkRow(link.task, "waiting" if seen is None else seen.status, link.through, value)

    def _follow(self, task: Task, link: Link, *, backwards: bool) -> None:
        """Go along a link: to what the cause gave, or to where the effect has it from the task."""
        other = self.app.jumping.find(link.task)
        if other is None:
            return
        declared = link.through.startswith("declared")
        if backwards:
            pane: PaneName = "response" if other.type == "llm" else "output"
            self.app.jumping.go(other.id, None if declared else pane)
            return
        inside = declared or link.through.startswith("its output")
        if not self.app.jumping.go(other.id, None if declared else "output" if inside else "prompt") or inside:
            return
        words = next((s.words for s in sources(self.app.session, other) if s.task == task.id and s.argument == link.through), ())
        if words and not self.app.finding.mark_words("prompt", words):
            self.app.say(f"{link.through}: what {task.name} gave does not stand in the prompt word for word")

    # Where a text is from

    def do_origin(self, at: At) -> None:
        """Go to where what is selected, or was searched for, first appeared upstream."""
        view = None if at.pane is None else self.app.main.panes.pane(at.pane).view
        selected = "" if view is None else view.selected_text.strip()
        links, session = self.app.narrowing.links, self.app.session
        if at.task is None or links is None or session.state is None or session.run is None:
            return
        if selected or at.argument:
            try:
                pattern: Pattern | None = Pattern(selected or at.argument, guard)
            except BadPattern as error:
                self.app.say(str(error), "$text-error")
                return
        else:
            pattern = self.app.finding.pattern
        if pattern is None:
            ways = f"search for it with {actions.key('search')}, or select it in a pane with {actions.key('select')}"
            self.app.say(f"where is what from? {ways}")
            return
        hunt = OriginHunt(session.state, session.run, self.app.jumping.find, pattern)
        self._hunt = Sweep(links.in_order(at.task), hunt.look)
        self.app.jobs.start("origin", self._hunt, lambda sweep: self._heard(sweep, hunt, pattern))

    def _heard(self, sweep: Sweep[LinkEnd], hunt: OriginHunt, pattern: Pattern) -> None:
        short = pattern.text if len(pattern.text) <= 30 else f"{pattern.text[:29]}…"
        if not sweep.done:
            self.app.main.say(
                f"looking for {short!r} upstream: {count(sweep.checked, 'step')} so far; {actions.key('back', 'trace')} stops"
            )
        elif hunt.found is None:
            self.app.say(f"nothing upstream holds {short!r}")
        elif self.app.engaged:
            self.app.say(f"{hunt.found.told} ({hunt.found.task})")
        elif self.app.jumping.go(hunt.found.task, hunt.found.pane):
            if self.app.finding.pattern != pattern:
                self.app.finding.look_for(pattern)
            self.app.main.panes.pane(hunt.found.pane).view.go_to_match(first=True)
            self.app.say(hunt.found.told)

    def stop(self) -> bool:
        """Stop looking. Returns whether one was."""
        if not self.app.jobs.stop("origin"):
            return False
        self.app.say("stopped")
        return True

    def take(self, news: News) -> None:
        """Another run is on the screen."""
        if news.everything:
            self.app.jobs.stop("origin")

"""The application: follows the trace, and does what the screens ask for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from llmtaskgraph import Child, Follower

from . import actions
from .arranging import Arranging
from .browsing import Browsing
from .causing import Causing
from .commanding import Commanding
from .config import Settings
from .editing import Editing
from .finding import Finding
from .following import PAINTS, Following
from .guiding import Guiding
from .jobs import Jobs
from .jumping import Jumping
from .model.at import At
from .model.needs import why_not
from .model.session import Session
from .model.sweep import Sweep
from .model.words import Complete
from .narrowing import Narrowing
from .reading import Reading
from .resuming import Resuming
from .revising import Revising
from .screens.compare import CompareScreen
from .screens.editor import EditorSheet
from .screens.edits import EditsSheet
from .screens.main import MainScreen
from .serving import Serving
from .terminal import TerminalApp


class DebuggerApp(TerminalApp):
    """`ltg-tui`."""

    def __init__(
        self,
        session: Session,
        follower: Follower | None = None,
        child: Child | None = None,
        settings: Settings | None = None,
    ) -> None:
        super().__init__(settings)
        self.session, self.follower = session, follower
        self.main = MainScreen(session)
        self.editing = Editing(self)
        self.revising = Revising(self)
        self.resuming = Resuming(self, child)
        self.browsing = Browsing(self)
        self.jobs = Jobs(self, lambda: self.main.stands)
        self.jumping = Jumping(self)
        self.finding = Finding(self)
        self.narrowing = Narrowing(self)
        self.causing = Causing(self)
        self.following = Following(self)
        self.guiding = Guiding(self)
        self.serving = Serving(self)
        self.reading = Reading(self)
        parts = (
            self.editing,
            self.revising,
            self.resuming,
            self.browsing,
            self.jumping,
            self.finding,
            self.narrowing,
            self.causing,
            self.guiding,
            self.serving,
            self.reading,
            Commanding(self),
            Arranging(self),
            self.following,
        )
        self.parts: dict[str, Callable[[At], object]] = _methods("do_", parts)
        self.completes: dict[str, Complete] = _methods("complete_", parts)

    def on_mount(self) -> None:
        self.push_screen(self.main)
        self.call_after_refresh(self.guiding.welcome)
        if self.session.read_only:
            again = f"; {actions.key('follow')} reads it again" if self.follower is None else ""
            self.call_after_refresh(self.say, f"read-only: {self.session.read_only}{again}", "$text-warning")
        self.call_after_refresh(self.resuming.replan)
        self.call_after_refresh(self.editing.greet)
        self.set_interval(1 / PAINTS, self.following.time_to_look)

    def on_unmount(self) -> None:
        self.serving.end()

    @property
    def engaged(self) -> bool:
        """Whether a person types or reads elsewhere than in the tree and the panes: what comes late must not come over that."""
        return self.screen is not self.main or self.main.ask_line.asking

    def look(self) -> None:
        """Take in what happened, now."""
        self.following.look()

    def say(self, text: str, look: str = "") -> None:
        """One line for the person, until the next key."""
        self.main.say(text, look)
        self.reading.said.append((time.time(), self.main.said))

    def counted(self, then: Callable[[], object]) -> None:
        """Do something when all tasks are counted: now, or a little later if one is still at the same place by then."""
        outline, here = self.session.outline, self.main.chosen
        if outline is None or outline.census.complete:
            then()
            return

        def told(sweep: Sweep[None]) -> None:
            if sweep.done and outline is self.session.outline and here is self.main.chosen and not self.engaged:
                then()

        self.say("the tasks are being counted ...")
        self.jobs.start("count", Sweep(outline.census.counting(), bool), told)

    # What the screens ask for

    def do(self, id: str, argument: str = "") -> None:
        """Do an action of the registry, where one is now; or say why it cannot be done."""
        at = self.main.at._replace(argument=argument)
        why = why_not(actions.find("app", id).needs, self.session, at.task)
        if why:
            self.say(why)
        else:
            self.parts[id](at)

    def action_do(self, id: str, argument: str = "") -> None:
        """A key of an action."""
        self.do(id, argument)

    def on_main_screen_took(self, event: MainScreen.Took) -> None:
        """The trace changed."""
        if not self.main.stands:
            return
        self.finding.take(event.news)
        self.narrowing.take(event.news)
        self.causing.take(event.news)

    def on_main_screen_shown(self, event: MainScreen.Shown) -> None:
        """The panes show a task."""
        if self.main.stands:
            self.finding.shown(event.task)

    def on_main_screen_back(self, event: MainScreen.Back) -> None:
        """Escape in the tree."""
        self.do("widen")

    def on_compare_screen_other_run(self, event: CompareScreen.OtherRun) -> None:
        """Another run is to be compared."""
        self.browsing.choose_other(event.run)

    def on_compare_screen_go_to(self, event: CompareScreen.GoTo) -> None:
        """A task that was compared is to be shown."""
        self.browsing.go_to(event.run, event.task)

    def on_editor_sheet_applied(self, event: EditorSheet.Applied) -> None:
        """Ctrl+S in an editor."""
        self.editing.apply(event.sheet, event.values)

    def on_editor_sheet_outside(self, event: EditorSheet.Outside) -> None:
        """Ctrl+O in an editor."""
        self.editing.outside(event.sheet, event.part)

    def on_edits_sheet_reverted(self, event: EditsSheet.Reverted) -> None:
        """`u` in the list of edits."""
        self.revising.revert(event.sheet, event.row)

    def rescue(self) -> None:
        self.editing.rescue()

    async def action_quit(self) -> None:
        """Ctrl+Q, wherever one is."""
        self.resuming.quit()

    def action_help_quit(self) -> None:
        """Ctrl+C: no toast, and no surprise."""
        self.say(f"{actions.key('quit')} quits; edits are saved already")


def _methods(prefix: str, parts: tuple[object, ...]) -> dict[str, Any]:
    """Which method does which action (`do_<id>`), or completes what follows it on the command line (`complete_<id>`)."""
    return {name.removeprefix(prefix): getattr(part, name) for part in parts for name in dir(part) if name.startswith(prefix)}

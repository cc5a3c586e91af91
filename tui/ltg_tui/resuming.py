"""What the app does about runs: show the plan, ask before code runs for the first time, start, stop, leave."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from llmtaskgraph import Child, LLMTaskGraphError, NoProgram, Plan, holder, is_trusted, program_of, resume_words, trust

from . import actions
from .model.at import At
from .model.flow import Block
from .screens.choice import ChoiceSheet
from .screens.plan import PlanSheet
from .screens.sheet import LogSheet, ReadSheet

if TYPE_CHECKING:
    from .app import DebuggerApp


LOG = 200_000
"""So many bytes of what a run printed are shown: its end."""


SLICE, PAUSE = 0.008, 0.004
"""Seconds of planning between two chances for a key, and that chance."""


class Resuming:
    """Runs that are started from here.

    Attributes:
        child: the process of the newest one; None when none was started.
        ended: whether its end was told.
        code: the exit code of this program; not 0 when there is nothing to look at since nothing could be run.
    """

    def __init__(self, app: DebuggerApp, child: Child | None = None) -> None:
        self.app, self.child = app, child
        self.ended = False
        self.code = 0
        self._work: Iterator[Plan | None] | None = None
        self._title = self._otherwise = self._then = ""
        self._runs_before = self._runs()

    @property
    def running(self) -> bool:
        """Whether a run that was started from here is under way."""
        return self.child is not None and self.child.code() is None

    # What a resume would do

    def replan(self, then: str = "") -> None:
        """Work out what a resume would do, for the marks; `then` is `show` to show it. A few milliseconds at a time."""
        session = self.app.session
        if not self.app.main.stands:
            self.app.set_timer(PAUSE, lambda: self.replan(then))
            return
        then = then or (self._then if self._work is not None else "")
        self._work = None
        if session.state is None or session.run is None or session.live:
            return
        if then != "show" and not session.worth_planning and not isinstance(self.app.screen, PlanSheet):
            session.take_plan(None)
            self.app.main.marks_changed()
            return
        from llmtaskgraph import plan_stepwise  # the engine comes with it, which takes a moment

        self._work, self._then = plan_stepwise(session.state, session.run), then
        self._advance(self._work)

    @property
    def planning(self) -> bool:
        """Whether a plan is being made."""
        return self._work is not None

    def _advance(self, work: Iterator[Plan | None]) -> None:
        """Go on with a plan, as long as no key has to wait for it."""
        if work is not self._work:
            return
        until = time.monotonic() + SLICE
        plan: Plan | None = None
        try:
            while plan is None and time.monotonic() < until:
                plan = next(work)
        except LLMTaskGraphError as error:
            self._work = None
            self.app.say(str(error), "$text-error")
            return
        if plan is None:
            self.app.set_timer(PAUSE, lambda: self._advance(work))
            return
        self._work = None
        self.app.session.take_plan(plan)
        self.app.main.marks_changed()
        sheet = self.app.screen
        if isinstance(sheet, PlanSheet) and sheet.plan.run == plan.run:
            sheet.replan(plan)
        elif self._then == "show":
            self._show(plan)

    # Resuming

    def do_resume(self, at: At) -> None:
        """Show what a resume would do; Enter there starts it."""
        if not self.busy():
            self.show_plan()

    def show_plan(self, title: str = "", otherwise: str = "") -> None:
        """Show what a resume would do.

        Args:
            title: what it is for.
            otherwise: what to say when it is not started.
        """
        self._title, self._otherwise = title, otherwise
        self.replan("show")
        if self.planning:
            self.app.say("planning ...")

    def busy(self) -> bool:
        """Whether no run can be started now; says why."""
        session = self.app.session
        why = ""
        if self.running:
            why = f"{self.child.doing if self.child else 'a run'} is under way; {actions.key('stop')} stops it"
        elif session.live:
            found = holder(session.path)
            why = f"this run is under way (process {found.pid} on {found.host})" if found else "this run is under way"
        if why:
            self.app.say(why)
        return bool(why)

    def _show(self, plan: Plan) -> None:
        otherwise = self._otherwise
        if self.app.engaged:  # or the next Enter would start it
            self.app.say(otherwise or f"the plan is ready: {actions.key('resume')} shows it")
            return

        def answered(start: bool | None) -> None:
            if start:
                self._consent(plan.run)
            elif otherwise:
                self.app.say(otherwise)

        from llmtaskgraph import plan_with_code  # anyio comes with it

        session = self.app.session
        assert session.state is not None
        shown = session.shown
        note = f"answers come from {shown.scripted}: no model is called" if shown is not None and shown.scripted else ""
        self.app.main.unsay("planning ...")
        title = f"{self._title}: resume run {plan.run}" if self._title else f"resume run {plan.run}"
        check = partial(plan_with_code, session.path, session.state.runs[plan.run])
        self.app.push_screen(PlanSheet(title, plan, check, note), answered)

    def _consent(self, run: int) -> None:
        """Before code that a trace names runs for the first time, a person says yes."""
        session = self.app.session
        if session.state is None or run not in session.state.runs:
            self.app.say(f"there is no run {run} any more", "$text-error")
            return
        try:
            app, what = program_of(session.state.runs[run], session.path)
        except NoProgram as error:
            self.app.say(str(error), "$text-error")
            return
        if is_trusted(app, Path.cwd()):
            self._start(run, app)
            return

        def answered(answer: str | None) -> None:
            if answer == "y":
                trust(app, Path.cwd())
                self._start(run, app)

        lines = [
            "The trace names this program, and you have not run it before:",
            "",
            f"    {what}",
            "",
            "Resuming executes it, with all that you are allowed to do. Run it?",
        ]
        self.app.push_screen(ChoiceSheet("run this program?", lines, {"y": "yes, run it, now and later", "n": "no"}), answered)

    def _start(self, run: int, app: str) -> None:
        session = self.app.session
        self.start(Child(resume_words(session.path, run, app), f"the resume of run {run}"))

    def start(self, child: Child) -> None:
        """Watch a process that runs user code."""
        if self.child is not None:
            self.child.leave()
        self.child, self.ended = child, False
        self._runs_before = self._runs()
        self.app.session.following = True
        keys = f"{actions.key('stop')} stops it, {actions.key('child_log')} shows what it prints"
        self.app.say(f"{child.doing} is starting; {keys}", "$text-accent")

    def watch(self) -> None:
        """Tell when the process has ended."""
        child = self.child
        if child is None or self.ended:
            return
        code = child.code()
        if code is None:
            return
        self.ended = True
        if code == 0:
            self.app.say(f"{child.doing} is done", "$text-success")
        elif code in (-2, 130):
            self.app.say(f"{child.doing} was stopped; {actions.key('resume')} resumes it", "$text-warning")
        elif code == 1:
            self.app.say(f"{child.doing} ended with failures; {actions.key('next_problem')} goes to them", "$text-error")
        else:
            self._broken(child, code)

    def _broken(self, child: Child, code: int) -> None:
        """The process could not do its work: tell why in one line; where it has not even begun a run, show all it printed."""
        line = child.last_line() or f"ended with {code}"
        self.app.say(f"{child.doing}: {line}", "$text-error")
        if self._runs() > self._runs_before:
            return
        if not self._runs():
            self.code = 2 if code == 2 else 3
        if self.app.engaged:
            self.app.say(f"{child.doing} could not start: {line} ({actions.key('child_log')} shows all)", "$text-error")
            return
        blocks = [Block(line, "error")]
        printed = child.printed().strip()
        if printed != line:
            blocks += [Block("\nall that it printed", "heading"), Block(printed)]
        keys = f"{actions.key('child_log')} shows this again; {actions.key('quit')} on the main screen quits"
        blocks.append(Block(f"\nNothing was run. {keys}.", "dim"))
        self.app.push_screen(ReadSheet(f"{child.doing} could not start", blocks))

    def do_stop(self, at: At) -> None:
        """Stop the run that was started here."""
        if self.child is None or not self.running:
            self.app.say(self._how_to_stop() if self.app.session.live else "no run is under way")
            return
        self.child.stop()
        self.app.say("stopping: what is finished is kept", "$text-warning")

    def _how_to_stop(self) -> str:
        """How a run is stopped that was not started here: whose process it is, we cannot know for certain."""
        found = holder(self.app.session.path)
        if found is None:
            return f"nobody writes this run any more: {actions.key('resume')} resumes it"
        where = "" if found.host == socket.gethostname() else f" on {found.host}"
        return f"this run was started elsewhere: `kill -INT {found.pid}`{where} stops it; what is finished is kept"

    def do_child_log(self, at: At) -> None:
        """What the process printed."""
        if self.child is None:
            self.app.say("no run was started here")
            return
        child = self.child
        self.app.push_screen(LogSheet(f"printed by {child.doing}", lambda: child.printed(LOG)))

    def _runs(self) -> int:
        state = self.app.session.state
        return 0 if state is None else len(state.runs)

    @property
    def _over(self) -> bool:
        """Whether the run that was started here has ended, though its process may still be tidying up."""
        state = self.app.session.state
        over = state is not None and all(run.status != "running" for run in state.runs.values())
        return not self.running or (over and self._runs() > self._runs_before)

    # Leaving

    def do_quit(self, at: At) -> None:
        """Leave."""
        self.quit()

    def quit(self, code: int = 0) -> None:
        """Leave; with a run under way, ask what becomes of it. What is being typed is kept as a draft."""
        self.app.rescue()
        child = self.child
        if child is None or self._over:
            if child is not None:
                child.leave()
            self.app.exit(code or self.code)
            return

        def answered(answer: str | None) -> None:
            if answer == "l":
                child.leave()
                self.app.exit(code)
            elif answer == "s":
                child.stop()
                child.wait(3.0)
                child.leave()
                self.app.exit(code)

        answers = {
            "l": "leave it running; open the trace again to see it",
            "s": "stop it; what is finished is kept",
            "c": "stay here",
        }
        self.app.push_screen(ChoiceSheet("quit?", [f"{child.doing} is under way (process {child.pid})."], answers), answered)

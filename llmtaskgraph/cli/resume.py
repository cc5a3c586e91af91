"""`ltg resume`: show the plan, ask, and run what has to run again."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from .. import _edit
from .._events import EditMade, Event, Run
from .._graph import Task
from .._plan import Plan
from .._state import State
from . import execute, opened, plan, program, terminal
from .failure import Usage

if TYPE_CHECKING:
    from .._program import Program
    from .._run import Result


def command(args: argparse.Namespace) -> int:
    """Resume. Returns the exit code."""
    from .. import _edit_file, _program

    trace = Path(args.trace)
    state = opened.read(args.trace).state
    run = state.run(args.run)
    again = _tasks_to_sample(state, run, args.again)
    app = _app_to_run(args, run, trace)
    script = program.script(app, args.offline if args.offline is not None else bool(run.scripted), _script_of(args, run, app))
    found = program.load(app)
    if not args.yes and not _wanted(found, state, run, again, args.model, script is not None):
        return 0
    for task in again:
        _edit_file.again_trace(trace, run.id, task.id)

    def start(on_event: Callable[[Event, State], None]) -> Awaitable[Result]:
        return _program.resume(
            found, trace=trace, run=run.id, model=args.model, script=script, online=args.offline is False, on_event=on_event
        )

    return execute.execute(start, trace, args.json)


def _tasks_to_sample(state: State, run: Run, patterns: list[str]) -> list[Task]:
    found = {task.id: task for pattern in patterns for task in opened.tasks(state, run, pattern)}
    return list(found.values())


def _app_to_run(args: argparse.Namespace, run: Run, trace: Path) -> str:
    if not args.yes and not terminal.interactive():
        raise Usage(f"nobody is there to ask; look at the plan with `ltg plan {trace}`, then resume with --yes")
    if args.app:
        program.trust(args.app)
        return str(args.app)
    app = program.recorded(run, trace)
    if not program.may_run(app, yes=args.yes):
        raise Usage(f"the code of {app} was not run; name it to say that it is yours: --app {app}")
    return app


def _script_of(args: argparse.Namespace, run: Run, app: str) -> str | None:
    """The script that was given, else the one of the resumed run, if it is still there and is wanted."""
    if args.script or args.offline is False or not run.scripted:
        return args.script  # type: ignore[no-any-return]
    beside = [Path(run.scripted), Path(app.rpartition(":")[0]).parent / Path(run.scripted).name]
    return next((str(path) for path in beside if path.is_file()), None)


def _wanted(found: Program, state: State, run: Run, again: list[Task], model: str | None, scripted: bool) -> bool:
    """Show what would happen, and ask."""
    from .. import _program

    for task in again:  # on our copy of the state: nothing is recorded before the yes
        state.apply(EditMade(_edit.again(state, run.id, task, time.time())))
    planned: Plan = _program.plan(found, state, run.id, model=model, scripted=scripted)
    for line in plan.lines(planned, everything=False):
        print(line, file=sys.stderr)
    if not planned.of("run") and not planned.of("maybe") and not state.pending_edits(run.id):
        terminal.note("nothing to run: edit a stage (ltg edit), change the code, or ask for a new sample (--again TASK)")
        return False
    return program.ask("Run this?", True)

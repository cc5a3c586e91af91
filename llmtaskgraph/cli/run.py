"""`ltg run`: run a program and record it."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .._events import Event
from .._state import State
from . import execute, program
from .failure import Usage

if TYPE_CHECKING:
    from .._run import Result


def command(args: argparse.Namespace) -> int:
    """Run. Returns the exit code."""
    given = program.parse_input(args.input)
    script = program.script(args.app, args.offline, args.script)
    if args.trace == "":
        raise Usage("--trace is empty; name the file to record in, or leave it out")
    trace = Path(args.trace or f"{program.stem(args.app)}.trace.json")
    if trace.is_dir():
        raise Usage(f"{trace}: this is a folder; name the file to record in: --trace {trace / 'trace.json'}")
    program.trust(args.app)
    return run(args.app, given, trace, args.json, args.model, script)


def run(app: str, given: Any, trace: Path, as_json: bool, model: str | None = None, script: Path | None = None) -> int:
    """Import the program and run it."""
    from .. import _program

    found = program.load(app)

    def start(on_event: Callable[[Event, State], None]) -> Awaitable[Result]:
        return _program.start(found, input=given, trace=trace, model=model, script=script, on_event=on_event)

    return execute.execute(start, trace, as_json)

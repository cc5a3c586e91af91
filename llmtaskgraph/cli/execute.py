"""Run or resume in this process: progress meanwhile, signals, and what is told at the end."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from .._events import Event, Failure
from .._state import State
from . import failure, stdout, terminal
from .progress import Progress, shown
from .safe import one_line, safe

if TYPE_CHECKING:
    from .._run import Result

Start: TypeAlias = "Callable[[Callable[[Event, State], None]], Awaitable[Result]]"

TOLD = 5
"""How many failures are told; the trace has them all."""


def execute(start: Start, trace: Path, as_json: bool) -> int:
    """Run it and print the output.

    Args:
        start: gets the function to call with each event, and gives what to await.
        trace: where it is recorded.
        as_json: print a JSON object about the run instead of the bare output.
    """
    import anyio

    progress = Progress()
    began = time.monotonic()
    try:
        with _signals_interrupt(), shown(progress):
            result = anyio.run(start, progress.take)
    except BaseException as error:
        if isinstance(failure.leaf(error), KeyboardInterrupt):
            raise KeyboardInterrupt(_interrupted(trace, progress)) from None
        raise
    _print_output(result, trace, as_json, progress)
    stdout.data().flush()
    own = own_failures(result.failures)
    line = progress.line(time.monotonic() - began, ended=True)
    if not only_environment(own):
        _print_end(result, own, trace, line)
    else:
        told = next(_failure_lines(own, trace), "")
        print(f"{told}; then go on: ltg resume {one_line(str(trace))}", file=sys.stderr, flush=True)
    return exit_code(result)


def _interrupted(trace: Path, progress: Progress) -> str:
    if progress.run is None:
        return "interrupted: nothing was started"
    return f"interrupted: everything that was answered is in {trace}; resume with ltg resume {trace}"


@contextlib.contextmanager
def _signals_interrupt() -> Iterator[None]:
    """SIGTERM, and SIGHUP unless it is ignored, end a run as Ctrl-C does."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        handler = signal.getsignal(signal.SIGINT)
        if callable(handler):
            handler(signal.SIGINT, frame)
        else:
            raise KeyboardInterrupt

    before = {}
    for number in (signal.SIGTERM, signal.SIGHUP):
        with contextlib.suppress(ValueError):  # not the main thread
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def exit_code(result: Result) -> int:
    """0 for a run that succeeded; 3 if nothing but the environment was in the way, else 1."""
    if result.status == "succeeded":
        return 0
    if result.status == "cancelled" and not result.failures:
        return 130
    return 3 if only_environment(own_failures(result.failures)) else 1


def own_failures(failures: dict[str, Failure]) -> dict[str, Failure]:
    """The failures without those of graphs that failed because a task inside did."""
    return {id: found for id, found in failures.items() if found.type != "ChildFailed"} or failures


def only_environment(failures: dict[str, Failure]) -> bool:
    """Whether no change of the program would have helped: no key, no network, no such provider."""
    return bool(failures) and all(
        found.fault in failure.ENVIRONMENT or found.type == "UnknownProvider" for found in failures.values()
    )


def _print_output(result: Result, trace: Path, as_json: bool, progress: Progress) -> None:
    if as_json:
        terminal.print_json(
            {
                "trace": str(trace),
                "run": result.run,
                "status": result.status,
                "output": result.output,
                "failures": {id: msgspec.to_builtins(found) for id, found in result.failures.items()},
                "executed": list(result.executed),
                "tokens": progress.tokens,
                "cost": progress.cost,
            }
        )
    elif result.status == "succeeded" and isinstance(result.output, str):
        print(safe(result.output) if terminal.is_terminal(stdout.data()) else result.output, file=stdout.data())
    elif result.status == "succeeded":
        terminal.print_json(result.output)


def _print_end(result: Result, failures: dict[str, Failure], trace: Path, line: str) -> None:
    for text in _failure_lines(failures, trace):
        print(text, file=sys.stderr)
    colour = terminal.COLOURS.get(result.status)
    status = terminal.paint(f"run {result.run} {result.status}", colour, sys.stderr)
    print(f"{status} · {line}", file=sys.stderr)
    path = one_line(str(trace))
    print(f"trace: {path} · look: ltg-tui {path} · or: ltg show {path}", file=sys.stderr, flush=True)


def _failure_lines(failures: dict[str, Failure], trace: Path) -> Iterator[str]:
    """Each distinct failure once, with the user's own frames."""
    alike: dict[tuple[str, str], list[str]] = {}
    for id, found in failures.items():
        alike.setdefault((found.type, found.message), []).append(id)
    for tasks in list(alike.values())[:TOLD]:
        found = failures[tasks[0]]
        who = tasks[0] + (f" and {len(tasks) - 1:,} more" if len(tasks) > 1 else "")
        plain = bool(found.fault) or found.type == "UnknownProvider"
        where = f" at {found.stage}" if found.stage and not plain else ""
        frames = [
            f"{failure.relative(frame.file)}:{frame.line} in {frame.function}: {frame.code.strip()}" for frame in found.frames
        ]
        text = found.message if plain else f"{found.type}: {found.message}"
        yield terminal.paint(one_line(f"failed: {who}{where}: {' '.join(text.split())}"), "red", sys.stderr)
        yield from (f"  {one_line(frame)}" for frame in frames)
    if len(alike) > TOLD:
        yield f"  ... {len(alike) - TOLD:,} other failures: ltg show {one_line(str(trace))}"

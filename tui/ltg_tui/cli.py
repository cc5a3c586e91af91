"""`ltg-tui`: the words of its command line. Textual is imported when a screen is needed, not before."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from llmtaskgraph import Follower

    from .model.session import Session

EPILOG = """\
? shows the keys. Edits are saved the moment they are applied; q loses nothing.
Exit codes: 0 ok, 2 usage, 3 the environment or a file.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        from .model.safe import message as clean

        self.exit(2, f"ltg-tui: {clean(message)}; `ltg-tui --help` explains\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Open a trace. Returns the exit code."""
    args = _parser().parse_args(argv)
    from .model.safe import message

    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        print("ltg-tui: this needs a terminal; `ltg show TRACE` prints", file=sys.stderr)
        return 3
    from llmtaskgraph import LLMTaskGraphError

    try:
        session, follower = open_trace(Path(args.trace), args.run_number, wait=args.follow)
    except LLMTaskGraphError as error:
        print(f"ltg-tui: {message(str(error))}", file=sys.stderr)
        return 3 if error.exit_code == 3 else 2
    return _show(session, follower)


def open_trace(path: Path, run: int | None, *, wait: bool) -> tuple[Session, Follower | None]:
    """A trace, ready to be shown and followed. A damaged one is opened for reading, as far as it can be.

    Raises:
        LLMTaskGraphError: it cannot be shown.
    """
    from llmtaskgraph import DamagedTrace, Follower, read

    from .model.session import Session

    follower = Follower(path)
    try:
        change = follower.poll()
    except DamagedTrace as damage:
        follower.close()
        trace = read(path, salvage=True)
        if not trace.state.runs:
            raise damage from None
        return Session(path, trace.state, run=run, read_only=f"{damage.problem}; shown is what is readable"), None
    if change is None:
        if not wait:
            read(path)  # says what is wrong
        return Session(path), follower
    if run is not None:
        change.state.run(run)
    assert follower.trace is not None
    newer = "a newer llmtaskgraph wrote this trace" if follower.trace.newer else ""
    return Session(path, change.state, run=run, read_only=newer), follower


def _show(session: Session, follower: Follower | None) -> int:
    from .app import DebuggerApp

    app = DebuggerApp(session, follower)
    code = app.run()
    if app.crash_report is not None:
        print(app.crash_report, file=sys.stderr)
        return 3
    return code or 0


def _parser() -> _Parser:
    parser = _Parser(
        "ltg-tui",
        description="Look at a run of an LLM program, edit what is wrong, and run again only what depends on it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("trace", metavar="TRACE", help="path of a trace.json")
    parser.add_argument("--run-number", "-n", type=int, metavar="N", help="which run to show; the newest if not given")
    parser.add_argument("--follow", "-f", action="store_true", help="wait for the trace if it is not there yet")
    return parser


if __name__ == "__main__":
    sys.exit(main())

"""`ltg-tui`: the words of its command line. Textual is imported when a screen is needed, not before."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from llmtaskgraph import Child, Follower

    from .config import Settings
    from .model.session import Session

PICK = -1
"""What `_show` gives when another trace of the folder is wanted."""

DEMO = Path("ltg-demo/review.trace.json")
"""Where `ltg demo` records."""

USAGE = """ltg-tui TRACE [--number N]
       ltg-tui [FOLDER]
       ltg-tui --run APP [--input JSON] [--offline] [--trace PATH]
       ltg-tui --demo"""

EPILOG = """\
? shows the keys. Edits are saved the moment they are applied; q loses nothing.
Exit codes: 0 ok, 2 usage, 3 the environment or a file.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"ltg-tui: {_clean(message)}; `ltg-tui --help` explains\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Open a trace, or wait until there is one, or start a run and follow it. Returns the exit code."""
    parser = _parser()
    args = parser.parse_args(argv)
    _check(parser, args)
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        return _fail("this needs a terminal; `ltg show TRACE` prints", 3)
    if os.environ.get("TERM", "") in ("", "dumb"):
        return _fail("this terminal can show no screen (TERM tells so); `ltg show TRACE` prints", 3)
    if not (args.trace or args.run or args.demo):
        from .io.folder import has_traces

        if not has_traces(Path()):
            parser.error("which trace? there is none in this folder; give the path of a trace.json, or --run APP, or --demo")
        return _browse(Path(), _settings(args))
    path = _trace(args)
    if path.is_dir() and not (args.run or args.demo):
        return _browse(path, _settings(args))
    code = _open(args, path)
    return _browse(path.parent, _settings(args), path) if code == PICK else code


def _open(args: argparse.Namespace, path: Path) -> int:
    """Open a trace. Returns the exit code, or `PICK`."""
    from llmtaskgraph import LLMTaskGraphError

    starts = bool(args.run or args.demo)
    try:
        session, follower = open_trace(path, args.number, wait=starts or _may_come(path))
        child = _start(args, path) if starts else None
    except LLMTaskGraphError as error:
        return _fail(str(error), 3 if error.exit_code == 3 else 2)
    except OSError as error:
        return _fail(f"the run cannot be started ({error.strerror or error})", 3)
    return _show(session, follower, child, _settings(args))


def _may_come(path: Path) -> bool:
    """Whether a run may be about to write this trace. Another name than a trace has is mistyped."""
    return path.suffix == ".json" and path.parent.is_dir() and not os.path.lexists(path)


def _browse(folder: Path, settings: Settings, at: Path | None = None) -> int:
    """Let a person choose among the traces of a folder, as often as they like. Returns the exit code."""
    from llmtaskgraph import LLMTaskGraphError

    code, said = PICK, ""
    while code == PICK:
        path = _pick(folder, at, said, settings)
        if path is None:
            return 0
        at, said = path, ""
        try:
            session, follower = open_trace(path, None, wait=False)
        except LLMTaskGraphError as error:
            said = str(error)
        else:
            code = _show(session, follower, None, settings)
    return code


def _pick(folder: Path, at: Path | None, said: str, settings: Settings) -> Path | None:
    """Show the traces of a folder. Returns the one that was chosen; None to quit."""
    from .picking import PickerApp
    from .terminal import show

    app = PickerApp(folder, at, said, settings)
    code = show(app)
    if code:
        raise SystemExit(code)
    return app.chosen


def open_trace(path: Path, run: int | None, *, wait: bool) -> tuple[Session, Follower | None]:
    """A trace, ready to be shown and followed. A damaged one is opened for reading, as far as it can be.

    Raises:
        LLMTaskGraphError: it cannot be shown.
    """
    import gc

    from llmtaskgraph import DamagedTrace, Follower, read

    from .model.session import NEWER, Session

    follower = Follower(path)
    gc.disable()  # nothing that is read is garbage: looking for it would take as long again
    try:
        change = follower.poll()
    except DamagedTrace as damage:
        follower.close()
        trace = read(path, salvage=True)
        if not trace.state.runs:
            raise damage from None
        return Session(path, trace.state, run=run, read_only=f"{damage.problem}; this is what is readable"), None
    finally:
        gc.enable()
    if change is None:
        if not wait:
            read(path)  # says what is wrong
        return Session(path), follower
    if run is not None:
        change.state.run(run)
    assert follower.trace is not None
    newer = NEWER if follower.trace.newer else ""
    return Session(path, change.state, run=run, read_only=newer), follower


def _start(args: argparse.Namespace, path: Path) -> Child:
    from llmtaskgraph import Child, run_words

    if args.demo:
        return Child(["demo", "--no-tui"], "the demo")
    words = run_words(args.run, path, input=args.input, offline=args.offline)
    return Child(words, f"the run of {args.run}")


def _settings(args: argparse.Namespace) -> Settings:
    from .config import load
    from .looks import settled

    found = load(Path(args.config) if args.config else None)
    return settled(found, os.environ, theme=args.theme, mouse=args.mouse, lofi=args.lofi)


def _show(session: Session, follower: Follower | None, child: Child | None, settings: Settings) -> int:
    import gc

    from .app import DebuggerApp
    from .terminal import show

    gc.freeze()  # what was read stays: looking through it again and again makes keys wait
    app = DebuggerApp(session, follower, child, settings)
    code = show(app)
    if app.follower is not None:
        app.follower.close()
    return code


def _trace(args: argparse.Namespace) -> Path:
    if args.demo:
        return DEMO
    if args.trace:
        return Path(args.trace)
    name = args.run.rpartition(":")[0]
    stem = Path(name).stem if name.endswith(".py") else name.rpartition(".")[2]
    return Path(f"{stem}.trace.json")


def _check(parser: _Parser, args: argparse.Namespace) -> None:
    args.trace = args.given or args.trace
    if args.demo and (args.run or args.trace):
        parser.error("--demo takes no trace and no --run")
    if args.run and ":" not in args.run:
        parser.error(f"{args.run!r} does not name a program; write file.py:name or package.module:name")
    if args.run and args.run.rpartition(":")[0].endswith(".py") and not os.path.isfile(args.run.rpartition(":")[0]):
        parser.error(f"{args.run.rpartition(':')[0]}: there is no such file; give the path of the program from here")
    if (args.input or args.offline) and not args.run:
        parser.error("--input and --offline belong to --run APP")


def _fail(text: str, code: int) -> int:
    print(f"ltg-tui: {_clean(text)}", file=sys.stderr)
    return code


def _clean(text: str) -> str:
    from .model.safe import message

    return message(text)


def _parser() -> _Parser:
    parser = _Parser(
        "ltg-tui",
        usage=USAGE,
        description="Look at a run of an LLM program, edit what is wrong, and run again only what depends on it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("given", metavar="TRACE", nargs="?", help="path of a trace.json, or of a folder to choose in")
    parser.add_argument("--number", "-n", type=int, metavar="N", help="which run to show; the newest if not given")
    parser.add_argument("--run", metavar="APP", help="run a program, file.py:name or package.module:name, and follow it")
    parser.add_argument("--input", metavar="JSON", help="with --run: a JSON object of the parameters by name")
    parser.add_argument("--offline", action="store_true", help="with --run: answers come from a script beside the program")
    parser.add_argument("--trace", metavar="PATH", help="with --run: where to record (default: NAME.trace.json)")
    parser.add_argument("--demo", action="store_true", help="run a bundled example in ./ltg-demo, without a key")
    parser.add_argument("--config", metavar="PATH", help="keys and looks (default: ~/.config/llmtaskgraph/tui.toml)")
    parser.add_argument("--theme", metavar="NAME", help="colours, such as nord or ansi-light (the terminal's own)")
    parser.add_argument("--mouse", action=argparse.BooleanOptionalAction, help="use the mouse (default: not over SSH)")
    parser.add_argument("--lofi", action="store_true", help="plain letters and sixteen colours, for simple terminals")
    return parser


if __name__ == "__main__":
    sys.exit(main())

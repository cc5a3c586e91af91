"""`ltg`, the command line. Nothing but argparse is imported until a command needs it."""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command. Returns its exit code: 0 ok, 1 the run failed, 2 usage, 3 the environment or a file, 130 interrupted."""
    _open_closed_streams()
    _speak_any_text()
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] in (["-h"], ["--help"]):
        from .words import help_text

        return _print(help_text())
    from . import arguments

    try:
        args = arguments.parse(words)
    except SystemExit as end:
        return _flush(int(end.code or 0))
    try:
        with _data_apart(args.command, ours=argv is None):
            code = arguments.run(args)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None and not args.debug:  # all others name their file
            return _told(error, 0)
        from . import failure

        code = failure.report(error, debug=args.debug)
    code = _flush(code)
    if argv is None:
        _leave_stuck_threads(code)
    return code


def _leave_stuck_threads(code: int) -> None:
    """End the process, if a thread is stuck in a function that was given up: the interpreter would wait for it."""
    if "anyio" not in sys.modules:
        return
    import threading
    import time

    patience = time.monotonic() + 0.2  # those that are idle end now
    workers = [thread for thread in threading.enumerate() if thread.name.startswith("AnyIO worker thread")]
    for thread in workers:
        thread.join(max(0.0, patience - time.monotonic()))
    if any(thread.is_alive() for thread in workers):
        sys.stderr.flush()
        os._exit(code)


def _data_apart(command: str, *, ours: bool) -> AbstractContextManager[None]:
    """Keep stdout for data where user code runs; to the end if the process is ours."""
    from contextlib import nullcontext

    from . import stdout

    if command not in stdout.RUN_USER_CODE:
        return nullcontext()
    if not ours:
        return stdout.apart()
    stdout.set_apart()
    return nullcontext()


def _open_closed_streams() -> None:
    """What was closed by who started this goes nowhere: else the first file that is opened, a trace, takes its place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            null = os.open(os.devnull, os.O_RDWR)
            if null != number:
                os.dup2(null, number)
                os.close(null)
            os.set_inheritable(number, True)
            setattr(sys, name, os.fdopen(number, "w" if number else "r", closefd=False))


def _speak_any_text() -> None:
    """A character that the terminal's encoding lacks is escaped instead of raising."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _print(text: str) -> int:
    try:
        print(text)
    except OSError as error:
        return _told(error, 0)
    return _flush(0)


def _flush(code: int) -> int:
    """Write out what is buffered."""
    from . import stdout

    try:
        stdout.data().flush()
    except (OSError, ValueError) as error:
        return _told(error, code)
    return code


def _told(error: OSError | ValueError, code: int) -> int:
    """Tell that stdout failed. A reader that went away (`| head`) is no failure; a full disk is."""
    import contextlib

    from . import stdout

    with contextlib.suppress(OSError, ValueError):  # what is still buffered goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.data().fileno())
    if isinstance(error, BrokenPipeError):
        return code
    print(f"ltg: stdout cannot be written ({getattr(error, 'strerror', None) or error}); give it another place", file=sys.stderr)
    return code or 3

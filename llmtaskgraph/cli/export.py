"""`ltg export`: a trace and its viewer as one HTML file, to be opened from disk or sent to somebody."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from .._errors import NewerTrace
from . import opened, terminal
from .failure import Usage
from .safe import one_line


def command(args: argparse.Namespace) -> int:
    """Export. Returns the exit code."""
    from ..web import export

    source, target = Path(args.trace), Path(args.html)
    if args.html != "-":
        export.check(target, source, replace=args.force)
    trace, code = opened.read_what_can_be(args.trace)
    if trace.newer:
        raise NewerTrace(source, "a newer llmtaskgraph wrote this trace", "update llmtaskgraph to export it")
    pieces = export.html(trace, source.name, redacted=args.redact)
    if args.html == "-":
        return _print(pieces, args.json) or code
    size = export.write(target, pieces, replace=args.force)
    if args.json:
        terminal.print_json({"html": str(target), "bytes": size, "redacted": args.redact})
        return code
    print(one_line(str(target)))
    told = "without texts, values and names of tasks; functions stay" if args.redact else "with all texts and values"
    terminal.note(f"{size:,} bytes, {told}; it opens in a browser, from disk")
    return code


def _print(pieces: Iterable[bytes], json: bool) -> int:
    if json:
        raise Usage("--json and the page both want stdout; give --html a path")
    if terminal.is_terminal(sys.stdout):
        raise Usage("a page is not for a terminal; send stdout to a file, or give --html a path")
    sys.stdout.flush()
    sys.stdout.buffer.writelines(pieces)
    return 0

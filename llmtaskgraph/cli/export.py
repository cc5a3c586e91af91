"""`ltg export`: a trace and its viewer as one HTML file, to be opened from disk or sent to somebody."""

from __future__ import annotations

import argparse
import html
import os
from pathlib import Path

from . import opened, terminal
from .failure import Usage
from .safe import one_line


def command(args: argparse.Namespace) -> int:
    """Export. Returns the exit code."""
    from ..web import page, redact

    source, target = Path(args.trace), Path(args.html)
    trace = opened.read(args.trace)
    if trace.newer:
        raise Usage(f"{source}: a newer llmtaskgraph wrote it; update llmtaskgraph to export it")
    if target.resolve() == source.resolve():
        raise Usage(f"{target} is the trace itself; give another path to --html")
    document = (redact.redacted(trace) if args.redact else trace).encode()
    before, after = page.around_trace()
    name = html.escape(source.name).encode("utf-8", "replace")
    data = before.replace(b'id="ltg-trace">', b'id="ltg-trace" data-name="' + name + b'">') + _inert(document) + after
    try:
        _write(target, data, replace=args.force)
    except FileExistsError:
        raise Usage(f"{target} is there already; --force replaces it") from None
    if args.json:
        terminal.print_json({"html": str(target), "bytes": len(data), "redacted": args.redact})
        return 0
    print(one_line(str(target)))
    told = "without texts and values; ids and functions stay" if args.redact else "with all prompts, responses and outputs"
    terminal.note(f"{len(data):,} bytes, {told}; it opens in a browser, from disk")
    return 0


def _inert(document: bytes) -> bytes:
    """JSON that no HTML parser sees anything in. It stands for the same value."""
    lines = document.replace("\u2028".encode(), b"\\u2028").replace("\u2029".encode(), b"\\u2029")
    return lines.replace(b"<", b"\\u003c")


def _write(target: Path, data: bytes, *, replace: bool) -> None:
    """Write a private file: it holds what the trace holds. An unfinished one never takes the place of another."""
    if not replace and target.exists():
        raise FileExistsError(target)
    temporary = target.with_name(f".{target.name}.{os.getpid()}")
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(fd, "wb") as file:
            file.write(data)
        os.replace(temporary, target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise

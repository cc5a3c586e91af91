"""`ltg demo`: a bundled program with scripted answers, copied to ./ltg-demo so that it can be edited."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec
from pathlib import Path

from .. import program, run, terminal
from ..failure import Environment

FOLDER = "ltg-demo"
FILES = ("review.py", "review.script.json")


def command(args: argparse.Namespace) -> int:
    """Run the demo: in the debugger on a terminal, else here. Returns the exit code."""
    folder = copy(Path(FOLDER))
    app, trace = f"{folder / 'review.py'}:main", folder / "review.trace.json"
    program.trust(app)
    if (
        not (args.json or args.no_tui)
        and terminal.interactive()
        and terminal.is_terminal(sys.stdout)
        and find_spec("ltg_tui.cli")
    ):
        words = ["--run", app, "--offline", "--trace", str(trace)]
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "ltg_tui.cli", *words])
    code = run.run(app, None, trace, args.json, script=folder / FILES[1])
    if code == 0:
        terminal.note(f"the facts judge said something odd: ltg show {trace} 'judge[facts]'")
        terminal.note(
            f"""put it right: ltg edit {trace} 'judge[facts]' output '{{"score": 6, "issues": []}}' && ltg resume {trace} --yes"""
        )
    return code


def copy(folder: Path) -> Path:
    """Put the program and its script into a folder. What is there stays as it is."""
    source = Path(__file__).parent
    try:
        folder.mkdir(exist_ok=True)
        for name in FILES:
            if not (folder / name).exists():
                with (folder / name).open("xb") as file:
                    file.write((source / name).read_bytes())
    except OSError as error:
        raise Environment(f"{folder}: cannot be made here ({error.strerror}); go to a folder that you can write to") from None
    return folder

"""`ltg edit`: put a value into a stage, or take it back."""

from __future__ import annotations

import argparse
from pathlib import Path

from .._events import Edit
from . import opened, program, terminal
from .failure import Usage
from .safe import one_line


def command(args: argparse.Namespace) -> int:
    """Edit. Returns the exit code."""
    from .. import _edit_file

    if args.revert and args.value is not None:
        raise Usage("--revert takes the edit back; it takes no value")
    if not args.revert and args.value is None:
        raise Usage("which value? give text or JSON, @FILE, - for stdin, or --revert")
    text = "" if args.revert else program.text_argument(args.value, "a value")
    path = Path(args.trace)
    state = opened.read(args.trace).state
    run = state.run(args.run)
    tasks = opened.tasks(state, run, args.task)
    edits: list[Edit] = []
    for task in tasks:
        if args.revert:
            edits.append(_edit_file.revert_trace(path, run.id, task.id, args.stage))
        else:
            edits.append(_edit_file.edit_trace(path, run.id, task.id, args.stage, text))
    if args.json:
        terminal.print_json({"run": run.id, "edits": [edit_keys(edit, args.revert) for edit in edits]})
        return 0
    done = "reverted" if args.revert else "edited"
    for edit in edits:
        print(f"{terminal.paint(terminal.glyph('edited'), 'magenta')} {one_line(edit.task)} {edit.stage} {done} on run {run.id}")
    terminal.note(f"see what follows: ltg plan {args.trace}; run it: ltg resume {args.trace}")
    return 0


def edit_keys(edit: Edit, revert: bool = False) -> dict[str, object]:
    """An edit, for JSON."""
    return {"id": edit.id, "run": edit.run, "task": edit.task, "stage": edit.stage, "revert": revert}

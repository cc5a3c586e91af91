"""`ltg causes` and `ltg effects`."""

from __future__ import annotations

import argparse

from .._links import Links
from . import opened, terminal, view
from .safe import one_line


def command(args: argparse.Namespace) -> int:
    """Show what the task uses, or what uses it. Returns the exit code."""
    state = opened.read(args.trace).state
    run = state.run(args.run)
    backwards = args.command == "causes"
    tasks = opened.tasks(state, run, args.task)
    known = {task.id: task for task in state.walk(run.id)}
    links = Links(state, run.id, known.get)
    found: list[tuple[str, str, str]] = []
    for task in tasks:
        direct = links.causes(task) if backwards else links.effects(task)
        found += [(task.id, link.task, link.through) for link in direct]
        if args.all:
            told = {task.id, *(link.task for link in direct)}
            reached = links.upstream(task) if backwards else links.downstream(task)
            found += [(task.id, id, "") for id in reached if id not in told]
    rows = {row.task.id: row for row in view.rows(state, run, [known[id] for _, id, _ in found])}
    if args.json:
        keys = [{"of": of, "task": id, "through": through or None, "status": rows[id].status} for of, id, through in found]
        terminal.print_json({"run": run.id, args.command: keys})
        return 0
    for of, id, through in found:
        status = rows[id].status
        about = one_line(through) if through else "indirectly"
        whose = f"  of {one_line(of)}" if len(tasks) > 1 else ""
        mark = terminal.paint(terminal.glyph(status), terminal.COLOURS.get(status))
        print(f"{mark} {one_line(id)}{whose}  {terminal.paint(f'({about})', 'dim')}")
    if not found:
        terminal.note(f"{args.task} depends on nothing" if backwards else f"nothing depends on {args.task}")
    return 0

"""`ltg show`: a run as a tree, a task in full, or one value."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator

from .._events import Run
from .._state import State
from . import opened, terminal, view
from .failure import Usage
from .safe import one_line
from .view import Row

FAN_OUT = 10
"""How many tasks of one function and scope are shown on a terminal."""


def command(args: argparse.Namespace) -> int:
    """Show. Returns the exit code."""
    if args.stage and not args.task:
        raise Usage("--stage shows a value of a task; name the task: ltg show TRACE TASK --stage response")
    trace, code = opened.read_what_can_be(args.trace)
    run = trace.state.run(args.run)
    if args.task:
        from . import detail

        tasks = opened.tasks(trace.state, run, args.task)
        if args.stage:
            return code or detail.show_stage(trace.state, run, tasks, args.stage, args.json)
        return code or detail.show_tasks(trace.state, run, tasks, args.json)
    rows = list(view.rows(trace.state, run))
    if args.json:
        _print_json(args.trace, trace.state, run, rows)
    else:
        _print_tree(args.trace, trace.state, run, rows, everything=args.all)
    return code


def _print_json(path: str, state: State, run: Run, rows: list[Row]) -> None:
    terminal.print_json(
        {
            "trace": path,
            "id": state.id,
            "runs": [view.run_keys(state, each) for each in state.runs.values()],
            "run": view.run_keys(state, run),
            "tasks": [view.row_keys(row) for row in rows],
        }
    )


def _print_tree(path: str, state: State, run: Run, rows: list[Row], *, everything: bool) -> None:
    for line in header(path, state, run, rows):
        print(line)
    print()
    shown = rows if everything or not terminal.is_terminal(sys.stdout) else list(cut(rows))
    width = min(56, max((_width(row) for row in shown if isinstance(row, Row)), default=0))
    for row in shown:
        print(row_line(row, width) if isinstance(row, Row) else row)


def header(path: str, state: State, run: Run, rows: list[Row]) -> Iterator[str]:
    """What the run is, in one line and a few more."""
    ended = run.ended if run.ended is not None else time.time() if run.status == "running" else None
    parts = [
        terminal.paint(f"{terminal.glyph(run.status)} run {run.id} {run.status}", terminal.COLOURS.get(run.status)),
        f"resumes run {run.parent}" if run.parent is not None else "",
        time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.started)),
        terminal.seconds(None if ended is None else max(0.0, ended - run.started)),
        *money(view.spent_in(state, run)),
        f"model {one_line(run.model)}" if run.model else "",
        "scripted" if run.scripted else "",
    ]
    yield " · ".join(part for part in parts if part)
    if run.error:
        yield terminal.paint(one_line(run.error), "red")
    tally = ", ".join(f"{number:,} {status}" for status, number in view.counts(rows).items())
    program = f"{one_line(run.app)} · " if run.app else ""
    others = f" · {len(state.runs)} runs in this trace" if len(state.runs) > 1 else ""
    yield f"{program}{terminal.count(len(rows), 'task')}: {tally}{others}"
    pending = state.pending_edits(run.id)
    if pending:
        yield terminal.paint(
            f"{terminal.count(len(pending), 'edit')} not yet run: ltg plan {one_line(path)}, ltg resume {one_line(path)}",
            "magenta",
        )


def money(spent: view.Spent) -> list[str]:
    """Tokens and cost, as far as there are any."""
    tokens = spent.input_tokens + spent.output_tokens
    unpriced = f"{terminal.count(spent.unpriced, 'call')} unpriced" if spent.unpriced else ""
    return [part for part in (terminal.count(tokens, "token") if tokens else "", terminal.dollars(spent.cost), unpriced) if part]


def cut(rows: Iterable[Row]) -> Iterator[Row | str]:
    """The rows without the long middle of fan-outs; what needs a look is never cut."""
    seen: Counter[tuple[str | None, str | None]] = Counter()
    hidden: dict[tuple[str | None, str | None], int] = {}
    inside: set[str] = set()
    held: list[tuple[int, tuple[str | None, str | None]]] = []  # depth of the groups that are being cut
    for row in rows:
        while held and row.depth <= held[-1][0] and (row.task.scope, row.task.function) != held[-1][1]:
            depth, group = held.pop()
            yield _more(depth, hidden.pop(group))
        group = (row.task.scope, row.task.function)
        seen[group] += 1
        needs_a_look = row.status in ("failed", "running") or row.edited or row.pending
        if row.task.scope in inside or (seen[group] > FAN_OUT and not needs_a_look):
            inside.add(row.task.id)
            if row.task.scope not in inside and group not in hidden:
                held.append((row.depth, group))
                hidden[group] = 0
            if held:
                hidden[held[-1][1]] += 1
            continue
        yield row
    while held:
        depth, group = held.pop()
        yield _more(depth, hidden.pop(group))


def _more(depth: int, number: int) -> str:
    return terminal.paint(f"{'  ' * depth}    ... {number:,} more (--all)", "dim")


def _width(row: Row) -> int:
    return 2 * row.depth + len(row.task.name)


def row_line(row: Row, width: int) -> str:
    """A task on one line: status, origin, name, time, tokens, cost, and what is wrong."""
    dim = "dim" if row.origin == "reused" else None
    mark = "edited" if row.pending or row.edited else row.origin or "executed"
    error = row.seen.error if row.seen is not None else None
    tokens = row.spent.input_tokens + row.spent.output_tokens
    name = "  " * row.depth + one_line(row.task.name)
    numbers = [terminal.seconds(row.seconds), f"{tokens:,}" if tokens else "", terminal.dollars(row.spent.cost)]
    cells = " ".join([f"{name:<{width}} ", *(f"{number:>8}" for number in numbers)])
    line = " ".join(
        [
            terminal.paint(terminal.glyph(row.status), terminal.COLOURS.get(row.status)),
            terminal.paint(terminal.glyph(mark), terminal.COLOURS.get(mark)),
            terminal.paint(cells.rstrip(), dim),
        ]
    )
    notes = [f"edited {', '.join(row.pending)}, not yet run"] if row.pending else []
    notes += [f"{len(row.seen.attempts)} attempts"] if row.seen is not None and len(row.seen.attempts) > 1 else []
    notes += [terminal.paint(one_line(f"{error.type}: {error.message}")[:160], "red")] if error is not None else []
    return f"{line}  {'; '.join(notes)}" if notes else line.rstrip()

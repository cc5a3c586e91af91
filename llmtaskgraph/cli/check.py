"""`ltg check`: is the trace whole, and if not, what is damaged. It changes nothing."""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass, field
from pathlib import Path

from .. import _journal, _store, _trace
from .._errors import DamagedTrace, TraceError
from .._events import JournalOpened
from .._state import InconsistentEvents, State
from .._trace import Trace
from . import terminal
from .detail import value
from .safe import one_line
from .view import STAGE_NAMES


@dataclass
class Findings:
    """What a check found.

    Attributes:
        damage: what is wrong with the files.
        notes: what is worth knowing, and harmless.
        state: what is readable.
        holder: who writes the trace now.
    """

    damage: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    state: State = field(default_factory=State)
    holder: _store.Holder | None = None


def command(args: argparse.Namespace) -> int:
    """Check. Returns 0 for a whole trace, 3 for a damaged one."""
    path = Path(args.trace)
    found = examine(path)
    state = found.state
    if args.json:
        terminal.print_json(
            {
                "trace": args.trace,
                "whole": not found.damage,
                "damage": found.damage,
                "notes": found.notes,
                "id": state.id,
                "sequence": state.sequence,
                "runs": len(state.runs),
                "tasks": len(state.tasks),
                "task_runs": len(state.task_runs),
                "edits": len(state.edits),
                "holder": {"pid": found.holder.pid, "host": found.holder.host, "doing": found.holder.doing}
                if found.holder
                else None,
            }
        )
        return 3 if found.damage else 0
    name = one_line(args.trace)
    parts = [(len(state.runs), "run"), (len(state.tasks), "task"), (len(state.task_runs), "task run"), (len(state.edits), "edit")]
    readable = ", ".join(terminal.count(number, noun) for number, noun in parts)
    print(f"{name}: {terminal.paint('damaged', 'red') if found.damage else terminal.paint('whole', 'green')}")
    print(f"  {'readable: ' if found.damage else ''}{readable}; event {state.sequence:,} is the last")
    for line in found.damage:
        print(f"  {terminal.paint('damage', 'red')}: {one_line(line)}")
    for line in found.notes:
        print(f"  note: {one_line(line)}")
    if found.damage:
        print(f"  Nothing was changed. Copy the files before you repair anything: {name}*")
    return 3 if found.damage else 0


def examine(path: Path) -> Findings:
    """Look at all the files of a trace.

    Raises:
        TraceError: there is nothing to look at, or what is there is not a trace.
    """
    if path.is_dir():
        _store._read_bytes(path)
    found = Findings(holder=_store.holder(path))
    journal = _store.journal_path(path)
    if not path.exists() and journal.exists():
        found.damage.append(
            f"there is a journal ({journal.name}) but no snapshot; put the snapshot back, or move the journal away"
        )
        return found
    trace = _snapshot(path, found)
    found.state = trace.state
    if journal.exists():
        _look_at_journal(journal, trace, found)
    _fits_together(trace.state, found)
    _values(trace.state, found)
    _runs(path, trace.state, found)
    _surroundings(path, trace, found)
    return found


def _snapshot(path: Path, found: Findings) -> Trace:
    data = _store._read_bytes(path)
    try:
        return _trace.decode(data, path)
    except DamagedTrace as error:
        trace = _trace.decode(data, path, salvage=True)
        found.damage += [f"{path.name}: {problem}" for problem in trace.problems] or [str(error)]
        return trace


def _look_at_journal(journal: Path, trace: Trace, found: Findings) -> None:
    lines = _store._read_journal(journal.with_name(journal.name.removesuffix(".journal"))).splitlines(keepends=True)
    good, why = _good_lines(lines)
    events = [_journal.parse(line) for line in lines[:good]]
    if any(_is_event(line) for line in lines[good:]):
        found.damage.append(
            f"{journal.name}: line {good + 1} is damaged ({why}), and good lines follow; the lines before it are read"
        )
    elif lines[good:]:
        found.notes.append(
            f"{journal.name}: the last line is cut off ({sum(map(len, lines[good:])):,} bytes), as a killed writer leaves it; "
            "the next command that writes puts it aside"
        )
    if events and not (isinstance(events[0].event, JournalOpened) and events[0].event.trace == trace.state.id):
        found.damage.append(f"{journal.name}: it belongs to another trace; move it away if {journal.name[:-8]} is the right one")
        return
    missing = events[0].sequence - trace.state.sequence - 1 if events else 0
    if missing > 0:
        found.damage.append(
            f"{journal.name}: events {trace.state.sequence + 1} to {events[0].sequence - 1} are missing before it"
        )
    for sequence, event in events:
        if sequence <= trace.state.sequence:
            continue
        try:
            trace.state.apply(event)
        except (InconsistentEvents, LookupError) as error:
            found.damage.append(f"{journal.name}: event {sequence} does not follow from those before it ({error})")
            return
        trace.state.sequence = sequence


def _good_lines(lines: list[bytes]) -> tuple[int, str]:
    """How many lines are whole and in order, and what is wrong with the next."""
    last: int | None = None
    for number, line in enumerate(lines):
        try:
            sequence = _journal.parse(line).sequence
        except ValueError as error:
            return number, str(error)
        if last is not None and sequence != last + 1:
            return number, f"event {last} is followed by {sequence}"
        last = sequence
    return len(lines), ""


def _is_event(line: bytes) -> bool:
    try:
        _journal.parse(line)
    except ValueError:
        return False
    return True


def _fits_together(state: State, found: Findings) -> None:
    declared = {task.id for task in state.tasks.values()}
    for task_run in state.task_runs.values():
        where = f"task run {task_run.id} ({task_run.task})"
        if task_run.task not in declared:
            found.damage.append(f"{where}: the trace does not declare this task")
        found.damage += [f"{where}: its input, task run {id}, is missing" for id in task_run.inputs if id not in state.task_runs]
    for edit in state.edits.values():
        if edit.run not in state.runs:
            found.damage.append(f"edit {edit.id} ({edit.task}): its run {edit.run} is missing")
    for run in state.runs.values():
        found.damage += [f"run {run.id}: its edit {id} is missing" for id in run.edits if id not in state.edits]
    for task in state.tasks.values():
        found.damage += [
            f"{task.id}: task {number}, a child, is missing" for number in task.children or [] if number not in state.tasks
        ]


def _values(state: State, found: Findings) -> None:
    for task_run in state.task_runs.values():
        for name in STAGE_NAMES:
            stage = task_run.stage(name)
            if stage is not None and isinstance(decoded := value(stage.value), str) and bytes(stage.value)[:1] != b'"':
                found.damage.append(f"task run {task_run.id} ({task_run.task}): its {name} cannot be read ({decoded[:40]}...)")


def _runs(path: Path, state: State, found: Findings) -> None:
    if found.holder is not None:
        who = f"process {found.holder.pid} on {found.holder.host}{f' ({found.holder.doing})' if found.holder.doing else ''}"
        found.notes.append(f"{who} is writing it since {time.strftime('%H:%M:%S', time.localtime(found.holder.since))}")
    for run in state.runs.values():
        if run.status == "running" and found.holder is None:
            found.notes.append(
                f"run {run.id} was cut off; what it was answered is kept: `ltg resume {path.name}` goes on from there"
            )
        doubtful = [t.task for t in state.in_run(run.id).values() if t.attempts and t.attempts[-1].ended is None]
        if doubtful and (run.status != "running" or found.holder is None):
            names = ", ".join(doubtful[:3]) + (", ..." if len(doubtful) > 3 else "")
            found.notes.append(f"run {run.id}: {terminal.count(len(doubtful), 'call')} without a recorded end: {names}")


def _surroundings(path: Path, trace: Trace, found: Findings) -> None:
    if trace.newer:
        found.notes.append("a newer llmtaskgraph wrote it: it is read-only here, and may hold more than was checked")
    if (torn := path.with_name(path.name + ".journal.torn")).exists():
        found.notes.append(f"{torn.name} holds lines that a killed writer left half written; it can be removed")
    try:
        leftovers = sorted(path.parent.glob(f".{path.name}.*.tmp"))
    except (OSError, ValueError):
        leftovers = []
    found.notes += [f"{leftover.name} was left by a writer that was killed; it can be removed" for leftover in leftovers]


__all__ = ["Findings", "TraceError", "command", "examine"]

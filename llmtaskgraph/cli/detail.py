"""A task in full, and single values as data."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from .. import _values
from .._chat import Message, TextPart
from .._errors import UnknownTask
from .._events import Attempt, Failure, Run, Stage, StageName
from .._graph import Task
from .._state import State, TaskRun
from . import terminal, view
from .safe import one_line, safe
from .show import money, row_line

_LONG = 4000
"""How many characters of a value are shown on a terminal among others; `--stage` shows all."""


def show_tasks(state: State, run: Run, tasks: list[Task], as_json: bool) -> int:
    """Print the tasks in full."""
    rows = list(view.rows(state, run, tasks))
    if as_json:
        terminal.print_json({"run": run.id, "tasks": [task_keys(state, run, row) for row in rows]})
        return 0
    for number, row in enumerate(rows):
        print("\n" if number else "", end="")
        row.depth = 0
        for line in lines(state, run, row):
            print(line)
    return 0


def show_stage(state: State, run: Run, tasks: list[Task], stage: StageName, as_json: bool) -> int:
    """Print one value of each task: as it is when it is piped."""
    found = []
    for task in tasks:
        raw, source = view.value_of(state, run, task, stage)
        if raw is None:
            raise UnknownTask(f"{task.id} has no {stage} in run {run.id}; `ltg show TRACE {task.id}` shows what it has")
        if source == "edited":
            terminal.note(f"{task.id}: this {stage} is edited and not yet run")
        found.append((task, raw, source))
    if as_json:
        values = [
            {"task": task.id, "stage": stage, "pending": source == "edited", "value": value(raw)} for task, raw, source in found
        ]
        terminal.print_json({"run": run.id, "values": values})
        return 0
    for _, raw, _ in found:
        text = as_text(raw, stage)
        print(safe(text) if terminal.is_terminal(sys.stdout) else text)
    return 0


def value(raw: msgspec.Raw) -> Any:
    """The value that recorded JSON stands for; its text where no reader of ours can read it."""
    try:
        return _values.decode(raw)
    except (ValueError, RecursionError):
        return bytes(raw).decode(errors="replace")


def as_text(raw: msgspec.Raw, stage: StageName) -> str:
    """A value as text that `ltg edit` takes back as the same value: plain text where that is all there is, else JSON."""
    try:
        if stage == "prompt":
            messages = msgspec.json.decode(raw, type=list[Message])
            if len(messages) == 1 and messages[0].role == "user" and _plain(messages[0]):
                return messages[0].text
        elif stage == "response":
            message = msgspec.json.decode(raw, type=Message)
            if _plain(message):
                return message.text
    except (ValueError, RecursionError):
        pass
    found = value(raw)
    return found if isinstance(found, str) else json.dumps(found, ensure_ascii=False, indent=2)


def _plain(message: Message) -> bool:
    return len(message.parts) == 1 and isinstance(message.parts[0], TextPart)


def lines(state: State, run: Run, row: view.Row) -> Iterator[str]:
    """All of a task, as lines for a person."""
    task, seen = row.task, row.seen
    yield row_line(row, 0).replace(one_line(task.name), terminal.paint(one_line(task.id), "bold"), 1)
    facts = [f"type {task.type}", f"function {task.function}" if task.function else "", f"model {row.model}" if row.model else ""]
    facts += [f"params {json.dumps(task.params, ensure_ascii=False)}" if task.params else "", f"status {row.status}"]
    yield "  " + one_line(" · ".join(fact for fact in facts if fact))
    if seen is None:
        yield "  it has not run yet"
        return
    if seen.run != run.id:
        yield f"  kept from run {seen.run}"
    yield from _inputs(state, seen)
    yield from _attempts(seen)
    if seen.error is not None:
        yield from failure_lines(seen.error)
    for log in seen.logs:
        yield f"  {time.strftime('%H:%M:%S', time.localtime(log.at))} {one_line(log.level)}: {one_line(log.text)}"
    for name in view.STAGE_NAMES:
        stage = seen.stage(name)
        if stage is not None or name in row.pending:
            yield from _stage(state, run, row, name, stage)


def _inputs(state: State, seen: TaskRun) -> Iterator[str]:
    for id in seen.inputs:
        found = state.task_runs.get(id)
        what = "blocked by" if seen.status == "blocked" else "input"
        yield (
            f"  {what} {one_line(found.task)} (task run {id}, run {found.run})"
            if found
            else f"  {what} task run {id}, which is missing"
        )


def _attempts(seen: TaskRun) -> Iterator[str]:
    for number, attempt in enumerate(seen.attempts, 1):
        took = terminal.seconds(attempt.ended - attempt.started) if attempt.ended is not None else ""
        in_doubt = (
            "no end was recorded: whether it was paid for is in doubt"
            if attempt.ended is None and seen.status != "running"
            else ""
        )
        parts = [
            attempt.status,
            took,
            attempt.model or "",
            attempt.finish_reason or "",
            *money(view.Spent().add([attempt])),
            in_doubt,
        ]
        parts += [f"{attempt.error.type}: {attempt.error.message}"] if attempt.error is not None else []
        parts += [f"next after {attempt.wait:.1f}s"] if attempt.wait is not None else []
        yield f"  attempt {number}: " + one_line(" · ".join(part for part in parts if part))
        if attempt.partial:
            yield f"    arrived before: {one_line(attempt.partial[:200])}"


def failure_lines(error: Failure) -> Iterator[str]:
    """An error with the user's own frames."""
    where = f" at {error.stage}" if error.stage else ""
    yield terminal.paint(
        f"  failed{where}: {one_line(error.type)}: {safe(error.message).replace(chr(10), chr(10) + '    ')}", "red"
    )
    for frame in error.frames:
        yield f"    {one_line(frame.file)}:{frame.line} in {one_line(frame.function)}"
        if frame.code:
            yield f"      {one_line(frame.code.strip())}"


def _stage(state: State, run: Run, row: view.Row, name: StageName, stage: Stage | None) -> Iterator[str]:
    raw, source = view.value_of(state, run, row.task, name)
    about = [f"{stage.origin}", f"key {stage.key[:12]}"] if stage is not None else []
    about += [f"from task run {stage.source}"] if stage is not None and stage.source is not None else []
    about += ["edited, not yet run"] if source == "edited" else []
    yield ""
    yield terminal.paint(name, "bold") + " " + terminal.paint(f"({one_line(', '.join(about))})", "dim")
    text = safe(as_text(raw, name) if raw is not None else "")
    if len(text) > _LONG and terminal.is_terminal(sys.stdout):
        text = text[:_LONG] + f"\n... {len(text) - _LONG:,} more characters (--stage {name})"
    yield "  " + text.replace("\n", "\n  ")


def _attempt_keys(attempt: Attempt) -> dict[str, Any]:
    keys = {name: getattr(attempt, name) for name in attempt.__struct_fields__}
    return {**keys, "usage": msgspec.to_builtins(attempt.usage), "error": msgspec.to_builtins(attempt.error)}


def task_keys(state: State, run: Run, row: view.Row) -> dict[str, Any]:
    """All of a task, for JSON."""
    seen = row.seen
    stages: dict[str, Any] = {}
    for name in view.STAGE_NAMES:
        stage = seen.stage(name) if seen is not None else None
        if stage is not None:
            stages[name] = {"value": value(stage.value), "key": stage.key, "origin": stage.origin, "from": stage.source}
    pending = {
        edit.stage: (value(edit.value) if isinstance(edit.value, msgspec.Raw) else None)
        for edit in state.pending_edits(run.id)
        if edit.task == row.task.id
    }
    return {
        **view.row_keys(row),
        "params": row.task.params,
        "inputs": [
            {"task_run": id, "task": getattr(state.task_runs.get(id), "task", None)} for id in (seen.inputs if seen else [])
        ],
        "stages": stages,
        "pending_values": pending,
        "attempts": [_attempt_keys(attempt) for attempt in seen.attempts] if seen is not None else [],
        "logs": msgspec.to_builtins(seen.logs) if seen is not None else [],
    }

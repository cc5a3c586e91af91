"""What a run looks like: a row for each task, and the totals. Pure: it reads a state and prints nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from .._events import Attempt, Edit, Origin, Run, StageName
from .._graph import Task
from .._state import State, TaskRun

STAGE_NAMES: tuple[StageName, ...] = ("prompt", "response", "children", "output")


@dataclass
class Spent:
    """Tokens and cost of some attempts. `unpriced` counts answers that have no price; `cost` is None when nothing has one."""

    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = None
    unpriced: int = 0

    def add(self, attempts: Iterable[Attempt]) -> Spent:
        """Take these attempts in."""
        for attempt in attempts:
            if attempt.usage is not None:
                self.input_tokens += attempt.usage.input_tokens or 0
                self.output_tokens += attempt.usage.output_tokens or 0
            if attempt.cost is not None:
                self.cost = (self.cost or 0.0) + attempt.cost
            elif attempt.usage is not None:
                self.unpriced += 1
        return self

    def keys(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": self.cost,
            "unpriced": self.unpriced,
        }


@dataclass
class Row:
    """A task as seen in a run.

    Attributes:
        depth: how many graphs it is inside of.
        status: of the task run seen; else ready or waiting.
        origin: `edited` if a person edited a stage, `executed` if anything ran for it in this run, else `reused`;
            None before it has run.
        edited: stages that are edited in this run.
        pending: stages and settings that are edited and not yet run.
        spent: what its attempts in the run that executed it took.
    """

    task: Task
    depth: int
    status: str
    seen: TaskRun | None
    origin: Origin | None = None
    edited: list[str] = field(default_factory=list)
    pending: list[str] = field(default_factory=list)
    spent: Spent = field(default_factory=Spent)

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        seen = self.seen
        return None if seen is None or seen.started is None or seen.ended is None else seen.ended - seen.started

    @property
    def model(self) -> str | None:
        """The model that answered, else the one declared."""
        attempts = self.seen.attempts if self.seen is not None else []
        return next((a.model for a in reversed(attempts) if a.model), self.task.model)


def rows(state: State, run: Run, tasks: Iterable[Task] | None = None) -> Iterator[Row]:
    """A row for each task of a run, in the order of the tree; or for the given ones."""
    pending = _by_task(state.pending_edits(run.id))
    in_force = _by_task(state.edits[id] for id in run.edits if id in state.edits)
    depths: dict[str | None, int] = {None: -1}
    for task in state.walk(run.id) if tasks is None else tasks:
        depth = depths[task.id] = depths.get(task.scope, -1) + 1
        seen = state.seen(run.id, task.id)
        row = Row(task, depth, _status(state, run, task, seen), seen, pending=pending.get(task.id, []))
        if seen is not None:
            own = seen.run == run.id
            edited = {name for name in STAGE_NAMES if (stage := seen.stage(name)) is not None and stage.origin == "edited"}
            row.edited = sorted({*edited, *in_force.get(task.id, [])})
            row.origin = "edited" if row.edited else "executed" if own and _executed(seen) else "reused"
            row.spent.add(seen.attempts)
        yield row


def _by_task(edits: Iterable[Edit]) -> dict[str, list[str]]:
    found: dict[str, dict[str, None]] = {}
    for edit in edits:
        found.setdefault(edit.task, {})[edit.stage] = None
    return {task: list(stages) for task, stages in found.items()}


def _executed(seen: TaskRun) -> bool:
    stages = [stage for name in STAGE_NAMES if (stage := seen.stage(name)) is not None]
    return not stages or bool(seen.attempts) or any(stage.origin == "executed" for stage in stages)


def _status(state: State, run: Run, task: Task, seen: TaskRun | None) -> str:
    if seen is not None:
        return seen.status
    if run.status != "running":
        return "waiting"
    settled = (state.seen(run.id, dependency) for dependency in task.dependencies())
    return "ready" if all(found is not None and found.status == "succeeded" for found in settled) else "waiting"


def spent_in(state: State, run: Run) -> Spent:
    """What a run itself took: what it reused is not counted again."""
    total = Spent()
    for task_run in state.in_run(run.id).values():
        total.add(task_run.attempts)
    return total


def value_of(state: State, run: Run, task: Task, stage: StageName) -> tuple[msgspec.Raw | None, Literal["edited", "recorded"]]:
    """The JSON of a stage as a resume would take it: an edit that is not yet run, else what was recorded."""
    for edit in reversed(state.pending_edits(run.id)):
        if (edit.task, edit.stage) == (task.id, stage) and edit.value is not msgspec.UNSET:
            return edit.value, "edited"
    seen = state.seen(run.id, task.id)
    found = seen.stage(stage) if seen is not None else None
    return (found.value if found is not None else None), "recorded"


def run_keys(state: State, run: Run) -> dict[str, Any]:
    """A run, for JSON."""
    return {
        "id": run.id,
        "parent": run.parent,
        "status": run.status,
        "started": run.started,
        "ended": run.ended,
        "app": run.app,
        "model": run.model,
        "scripted": run.scripted,
        "error": run.error,
        **spent_in(state, run).keys(),
    }


def row_keys(row: Row) -> dict[str, Any]:
    """A row, for JSON."""
    seen = row.seen
    return {
        "id": row.task.id,
        "type": row.task.type,
        "function": row.task.function,
        "scope": row.task.scope,
        "status": row.status,
        "origin": row.origin,
        "edited": row.edited,
        "pending": row.pending,
        "run": seen.run if seen is not None else None,
        "task_run": seen.id if seen is not None else None,
        "started": seen.started if seen is not None else None,
        "ended": seen.ended if seen is not None else None,
        "model": row.model,
        "attempts": len(seen.attempts) if seen is not None else 0,
        **row.spent.keys(),
        "error": msgspec.to_builtins(seen.error) if seen is not None and seen.error is not None else None,
    }


def counts(rows: Iterable[Row]) -> dict[str, int]:
    """How many tasks have each status, the commonest first."""
    return dict(Counter(row.status for row in rows).most_common())

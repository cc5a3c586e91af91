"""Why a task ran in a run, or did not: read off the keys and origins that were recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from llmtaskgraph import Run, State, Task, TaskRun

from .tally import because_of_a_child

STAGES: Final = ("prompt", "response", "children", "output")
LOOKED_AT: Final = 2000
"""So many inputs are compared."""


def why(state: State, run: int, task: Task, seen: TaskRun | None) -> str:
    """Why the task is as it is in a run, in a few words; empty where nothing is worth saying."""
    shown = state.runs[run]
    if seen is None:
        return _waiting(state, run, task)
    if seen.run != run:
        return f"kept from run {seen.run}: nothing that it is made of changed"
    if seen.status == "blocked":
        return "it did not run: a task that it needs failed"
    if seen.status == "failed" and because_of_a_child(seen):
        return "a task in it failed"
    if shown.parent is None or shown.parent not in state.runs:
        return ""
    return _again(state, shown, task, seen)


def _waiting(state: State, run: int, task: Task) -> str:
    open = [id for id in _first(task.dependencies()) if (s := state.seen(run, id)) is None or s.status != "succeeded"]
    if state.runs[run].status != "running":
        return "the run ended before its turn"
    if not open:
        return "it can start"
    return f"it waits for {open[0]}{f' and {len(open) - 1:,} more' if len(open) > 1 else ''}"


def _again(state: State, shown: Run, task: Task, seen: TaskRun) -> str:
    parent = shown.parent
    assert parent is not None
    before = state.seen(parent, task.id)
    edited = [name for (id, name), edit in state.edits_in_force(shown.id).items() if id == task.id and edit.run == parent]
    if "sample" in edited:
        return "somebody asked for another sample"
    if edited:
        return f"its {' and its '.join(edited)} was edited on run {parent}"
    if before is None:
        return f"it is new: run {parent} did not have it"
    if before.status != "succeeded":
        return f"it {_DONE[before.status]} in run {before.run}"
    for name in STAGES:
        new, old = seen.stage(name), before.stage(name)
        if new is None or old is None or new.key == old.key:
            continue
        if name == "response":
            return "its model, parameters, schema or sample changed"
        if name == "output" and task.type == "llm":
            return "its parser, or the response that it reads, changed"
        changed = _changed_inputs(state, shown.id, parent, task)
        if changed:
            return f"its input {changed[0]} changed{f', and {len(changed) - 1:,} more' if len(changed) > 1 else ''}"
        return "its code or its arguments changed"
    return f"all it is made of is as in run {before.run}"


_DONE: Final = {"failed": "failed", "blocked": "was blocked", "cancelled": "was cut off", "running": "was under way"}


def _changed_inputs(state: State, run: int, parent: int, task: Task) -> list[str]:
    return [id for id in _first(task.dependencies()) if _output(state, run, id) != _output(state, parent, id)]


def _output(state: State, run: int, id: str) -> bytes | None:
    seen = state.seen(run, id)
    return None if seen is None or seen.output is None else bytes(seen.output.value)


def _first(ids: list[str]) -> Iterator[str]:
    return iter(ids[:LOOKED_AT])


def provenance(state: State, run: int, seen: TaskRun, name: str) -> str:
    """Where the value of a stage is from."""
    stage = seen.stage(name)  # type: ignore[arg-type]
    if stage is None:
        return ""
    if stage.origin == "reused" and stage.source is not None and stage.source in state.task_runs:
        source = state.task_runs[stage.source]
        other = f" ({source.task})" if source.task != seen.task else ""
        return f"reused from run {source.run}{other}"
    if stage.origin == "executed" and seen.run != run:
        return f"executed in run {seen.run}"
    return {"edited": "✎ edited"}.get(stage.origin, stage.origin)

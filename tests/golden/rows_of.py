"""What a trace says, as Python computes it: the rows that every reader of traces has to find.

Made with the code that `ltg show`, `ltg-tui` and `ltg web` use, and nothing else. Tasks of a run are named by their position in
it. What is None or empty is left out.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from math import floor
from typing import Any

import msgspec

from llmtaskgraph import Edit, Links, Run, State, Task, TaskRun, named_arguments, plan_recorded
from llmtaskgraph.cli import view
from ltg_tui.model.census import Census
from ltg_tui.model.compare import Comparison, Spent
from ltg_tui.model.run_tree import Facts, survey
from ltg_tui.model.tally import Tally

Rows = dict[str, Any]


def rows_of(state: State) -> Rows:
    """All of a trace."""
    runs = sorted(state.runs)
    found: Rows = {
        "id": state.id,
        "runs": [_run(state, state.runs[id]) for id in runs],
        "task_runs": [_task_run(state.task_runs[id]) for id in sorted(state.task_runs)],
        "edits": [_edit(state.edits[id]) for id in sorted(state.edits)],
        "comparisons": [_comparison(state, old, new) for old, new in combinations(runs, 2)],
    }
    return {name: _slim(value) for name, value in found.items()}


def _slim(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _slim(each) for name, each in value.items() if each not in (None, [], {}, ())}
    return [_slim(each) for each in value] if isinstance(value, list) else value


def _run(state: State, run: Run) -> Rows:
    census = Census(state, run.id)
    census.advance(None)
    tasks = list(state.walk(run.id))
    return {
        **_money(view.run_keys(state, run)),
        "lineage": [each.id for each in state.lineage(run.id)],
        "open": list(state.open_in(run.id)),
        "edits": [edit.id for edit in state.edits_in_force(run.id).values()],
        "pending": [edit.id for edit in state.pending_edits(run.id)],
        "to_apply": [edit.id for edit in state.edits_to_apply(run.id).values()],
        "input": [[name, bytes(arg.compose({})).decode()] for name, arg in named_arguments(state.tasks[run.root])],
        "total": _tally(census.total),
        "executed": _executed(state, run),
        "plan": None if run.status == "running" else _plan(state, run),
        "tasks": _tasks(state, run, tasks, census),
    }


def _executed(state: State, run: Run) -> int:
    facts = Facts()
    for _ in survey(state, run.id, facts):
        pass
    return facts.ran


def _plan(state: State, run: Run) -> dict[str, str]:
    plan = plan_recorded(state, run.id)
    return {planned.task: planned.action for planned in plan.tasks if planned.action != "kept"}


def _tasks(state: State, run: Run, tasks: list[Task], census: Census) -> list[Rows]:
    by_id = {task.id: task for task in tasks}
    places = {task.id: place for place, task in enumerate(tasks)}
    links = Links(state, run.id, by_id.get)
    found = []
    for row in view.rows(state, run):
        task = row.task
        children = state.children(run.id, task)
        keys = _money(view.row_keys(row))
        del keys["error"]  # it stands with the task run
        node = census.node(task.id)
        assert node is not None
        found.append(
            {
                **keys,
                "number": task.number,
                "depth": row.depth,
                "seconds": row.seconds,
                "children": [places[state.tasks[number].id] for number in (children.tasks if children is not None else [])],
                "dependencies": _places(task.dependencies(), places),
                "causes": [[places[link.task], link.through] for link in links.causes(task)],
                "effects": [[places[link.task], link.through] for link in links.effects(task)],
                "upstream": _places(links.upstream(task), places),
                "downstream": _places(links.downstream(task), places),
                "total": _tally(census.own(node).plus(node.inner)) if node.kids else None,
            }
        )
    return found


def _places(ids: Iterable[str], places: dict[str, int]) -> list[int]:
    return [places[id] for id in ids]


def _money(keys: Rows) -> Rows:
    """Sums of floats depend on the order of adding up; nobody sees the twelfth digit."""
    return {**keys, "cost": None if keys["cost"] is None else floor(keys["cost"] * 1e9 + 0.5) / 1e9}


def _tally(tally: Tally) -> Rows:
    names = ("tasks", "running", "succeeded", "failed", "blocked", "cancelled", "tokens", "unpriced")
    return _money({**{name: getattr(tally, name) or None for name in names}, "cost": tally.dollars})


def _task_run(task_run: TaskRun) -> Rows:
    stages = {}
    for name in view.STAGE_NAMES:
        stage = task_run.stage(name)
        if stage is not None:
            text = bytes(stage.value).decode()
            stages[name] = {"text": text, "key": stage.key, "origin": stage.origin, "from": stage.source}
    return {
        "id": task_run.id,
        "run": task_run.run,
        "task": task_run.task,
        "status": task_run.status,
        "started": task_run.started,
        "ended": task_run.ended,
        "inputs": list(task_run.inputs),
        "stages": stages,
        "attempts": msgspec.to_builtins(list(task_run.attempts)),
        "error": msgspec.to_builtins(task_run.error),
        "logs": msgspec.to_builtins(list(task_run.logs)),
    }


def _edit(edit: Edit) -> Rows:
    value = None if edit.value is msgspec.UNSET else bytes(edit.value).decode()
    return {"id": edit.id, "run": edit.run, "task": edit.task, "stage": edit.stage, "at": edit.at, "value": value}


def _comparison(state: State, old: int, new: int) -> Rows:
    found = Comparison(state, old, new)
    for _ in found.work():
        pass
    return {
        "old": old,
        "new": new,
        "first": found.first,
        "told": found.told,
        "counts": found.counts,
        "spent": [_spent(found.spent_old), _spent(found.spent_new)],
        "pairs": [
            [
                pair.mark,
                None if pair.old is None else pair.old.id,
                None if pair.new is None else pair.new.id,
                pair.depth,
                pair.parent,
                pair.inside,
                pair.stage,
                found.why(place),
            ]
            for place, pair in enumerate(found.pairs)
        ],
    }


def _spent(spent: Spent) -> Rows:
    return _money({"seconds": spent.seconds, "tokens": spent.tokens, "cost": spent.cost})

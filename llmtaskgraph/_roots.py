"""The root task of a run: its input, edited or as recorded, and its number; and what a resume from it would run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import msgspec
from msgspec import UNSET, Raw, structs

from ._engine import input_of
from ._errors import WrongArguments
from ._events import FunctionFacts, Run
from ._graph import Arg, Task
from ._memo import Memo
from ._plan import Plan, Planner
from ._plan_near import NearMemo, NearPlanner, is_sound, records, seeds
from ._registry import Functions
from ._scope import Numbering, Scope
from ._state import State

RootOf = Callable[[State, Run | None], tuple[Task, Scope | None]]
"""Makes the root task of a run, with the scope of its children where the trace may not have them: a graph that is written out."""


def number_root(state: State, root: Task, scope: Scope | None) -> list[Task]:
    """Number the root and what comes with it. Returns the declarations that the trace does not have."""
    numbering = Numbering(state.tasks)
    added: list[Task] = []
    if scope is not None:
        added, root.children = numbering.number(scope, None)
    numbering.take(root, None, added)
    return added


def with_input(root: Task, state: State, parent: Run) -> Task:
    """The root with the recorded input, or that which an edit has put in its place."""
    edit = state.edits_to_apply(parent.id).get((root.id, "input"))
    if edit is None or edit.value is UNSET:
        unedited = (run for run in state.lineage(parent.id) if (root.id, "input") not in state.edits_in_force(run.id))
        given = state.tasks[next(unedited).root]
        return structs.replace(root, args=given.args, kwargs=given.kwargs)
    if root.function is None:
        return structs.replace(root, args=(Arg(value=edit.value),))
    try:
        fields = msgspec.json.decode(edit.value, type=dict[str, Raw])
    except msgspec.ValidationError:
        raise WrongArguments(f"the edited input of {root.id} is not an object of its parameters by name; edit it again") from None
    return structs.replace(root, args=(), kwargs={name: Arg(value=value) for name, value in fields.items()})


def plan_with(
    functions: Functions,
    root_of: RootOf,
    state: State,
    run: int | None = None,
    *,
    model: str | None = None,
    scripted: bool | None = None,
) -> Plan:
    """What resuming a run would run with these functions.

    Args:
        model: replaces the model of every task; that of the run without it.
        scripted: whether a script answers; None for as in the run.
    """
    parent = _resumed(state, run, model, scripted)
    root, scope = root_of(state, parent)
    declared = {task.number: task for task in number_root(state, root, scope)}
    facts = functions.facts([*state.tasks.values(), *declared.values()])
    return _planned(state, parent, root, declared, facts, code_checked=True)


def plan_recorded(state: State, run: int | None = None, *, model: str | None = None, scripted: bool | None = None) -> Plan:
    """What resuming a run would run if no code has changed. Needs no code, only the trace.

    Args:
        model: replaces the model of every task; that of the run without it.
        scripted: whether a script answers; None for as in the run.
    """
    parent = _resumed(state, run, model, scripted)
    root = with_input(state.tasks[parent.root], state, parent)
    declared = {task.number: task for task in number_root(state, root, None)}
    return _planned(state, parent, root, declared, state.functions, code_checked=False)


def _resumed(state: State, run: int | None, model: str | None, scripted: bool | None) -> Run:
    """The run to resume, with the model and the script that are wanted."""
    found = state.run(run)
    script = found.scripted if scripted is None else "a script" if scripted else None
    return structs.replace(found, model=model or found.model, scripted=script)


def plan_stepwise(state: State, run: int | None = None) -> Iterator[Plan | None]:
    """What `plan_recorded` gives, in steps of less than a few milliseconds: None, and at last the plan.

    Of the newest run it looks only at what edits and unsettled tasks can reach. The state must not change meanwhile.
    """
    parent = state.run(run)
    root = with_input(state.tasks[parent.root], state, parent)
    unchanged = root == state.tasks[parent.root]  # then it has its number
    declared = {} if unchanged else {task.number: task for task in number_root(state, root, None)}
    kind = NearMemo if is_sound(state, parent.id) else Memo
    memo = _memo(state, parent, root, state.functions, kind)
    if isinstance(memo, NearMemo):
        memo.records = records(state, parent.id)
        if not memo.records.done:
            for _ in memo.records.steps(state):
                yield None
        planner: Planner = NearPlanner(memo, root, declared, seeds(state, parent.id))
    else:
        planner = Planner(memo, root, declared, at_once=False)
    yield None
    for position, _ in enumerate(planner.steps()):
        if position % 16 == 0:
            yield None
    yield planner.plan(parent.id, code_checked=False)


def _planned(
    state: State, parent: Run, root: Task, declared: Mapping[int, Task], facts: Mapping[str, FunctionFacts], *, code_checked: bool
) -> Plan:
    memo = _memo(state, parent, root, facts, Memo)
    return Planner(memo, root, declared).plan(parent.id, code_checked=code_checked)


def _memo(state: State, parent: Run, root: Task, facts: Mapping[str, FunctionFacts], kind: type[Memo]) -> Memo:
    edits = state.edits_to_apply(parent.id)
    memo = kind(state, parent.id, facts, edits, model=parent.model, scripted=parent.scripted is not None)
    memo.set_input(input_of(root))
    return memo

"""`ltg plan`: what a resume would run, why, and what it would cost. It calls nothing."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from .._errors import LLMTaskGraphError
from .._events import Run
from .._lock import holder
from .._plan import Plan, Planned
from .._state import State
from . import opened, program, stdout, terminal
from .safe import one_line

SHOWN = 20
"""How many tasks with one action are listed on a terminal."""


class Totals(NamedTuple):
    """Calls, tokens and cost of a plan: what is certain, and if all runs that may. None: not known for any of them."""

    calls: int
    possible_calls: int
    tokens: int | None
    cost: float | None
    possible_cost: float | None
    seconds: float | None


def command(args: argparse.Namespace) -> int:
    """Plan. Returns the exit code."""
    state = opened.read(args.trace).state
    run = state.run(args.run)
    scripted = True if args.script else args.offline
    plan, unchecked = make(state, run, Path(args.trace), args.app, args.yes, model=args.model, scripted=scripted)
    if args.json:
        terminal.print_json(keys(args.trace, plan, unchecked))
        return 0
    for line in lines(plan, everything=args.all or not terminal.is_terminal(stdout.data())):
        print(line, file=stdout.data())
    gone = taken_up(state, run)
    if gone:
        terminal.note(f"edits made on run {run.id} went into run {gone}, and stand there: ltg plan {args.trace} --run {gone}")
    writer = holder(Path(args.trace))
    if writer is not None:
        terminal.note(f"process {writer.pid} is writing this trace now: the plan is of what is recorded so far")
    if unchecked:
        terminal.note(f"code not checked: {unchecked}")
    again = f" --run {run.id}" if args.run else ""
    app = f" --app {args.app}" if args.app else ""
    given = f"{again}{app}{_given(args)}"
    start = f"start it: ltg resume {one_line(args.trace)}{given}"
    print(start if plan.of("run") or plan.of("maybe") else "nothing to run", file=stdout.data())
    return 0


def _given(args: argparse.Namespace) -> str:
    """The options that the resume needs, too, to do what was planned."""
    offline = "" if args.offline is None or args.script else " --offline" if args.offline else " --no-offline"
    model, script = (
        f" --{name} {one_line(value)}" if value else "" for name, value in (("model", args.model), ("script", args.script))
    )
    return f"{model}{offline}{script}"


def taken_up(state: State, run: Run) -> int | None:
    """The run that took up edits that were made on this one and that a resume will not apply."""
    pending = {edit.id for edit in state.pending_edits(run.id)}
    gone = [edit.id for edit in state.edits.values() if edit.run == run.id and edit.id not in pending]
    heirs = [child.id for child in state.runs.values() if child.parent == run.id and gone and child.last_edit >= max(gone)]
    return min(heirs, default=None)


def make(
    state: State, run: Run, trace: Path, app: str | None, yes: bool, *, model: str | None, scripted: bool | None
) -> tuple[Plan, str]:
    """The plan, and why the code was not looked at; an empty reason if it was."""
    from .. import _program, _roots

    if app is not None:
        program.trust(app)
        return _program.plan(program.load(app), state, run.id, model=model, scripted=scripted), ""
    recorded = partial(_roots.plan_recorded, state, run.id, model=model, scripted=scripted)
    try:
        found = program.recorded(run, trace)
        if yes:
            program.trust(found)
        if not program.is_trusted(found):
            return recorded(), f"you have not run {found} before; --yes says that it may run"
        return _program.plan(program.load(found), state, run.id, model=model, scripted=scripted), ""
    except LLMTaskGraphError as error:
        return recorded(), str(error)


def totals(plan: Plan) -> Totals:
    """Add up a plan."""
    certain = [planned for planned in plan.tasks if planned.action == "run"]
    all_of_them = [planned for planned in plan.tasks if planned.action != "kept"]
    tokens = [
        (p.input_tokens or 0) + (p.output_tokens or 0) for p in certain if (p.input_tokens, p.output_tokens) != (None, None)
    ]
    seconds = [p.seconds for p in certain if p.seconds is not None]
    return Totals(
        sum(p.calls for p in plan.tasks),
        sum(max(p.calls, p.possible_calls) for p in plan.tasks),
        sum(tokens) if tokens else None,
        _cost(certain),
        _cost(all_of_them),
        sum(seconds) if seconds else None,
    )


def _cost(planned: list[Planned]) -> float | None:
    known = [p.cost for p in planned if p.cost is not None]
    return sum(known) if known else None


def lines(plan: Plan, *, everything: bool) -> Iterator[str]:
    """A plan, for a person."""
    for action, title, mark in (("run", "will run", "edited"), ("maybe", "may run", "ready")):
        found = plan.of(action)  # type: ignore[arg-type]
        if found:
            yield terminal.paint(f"{title}: {terminal.count(len(found), 'task')}", "bold")
        for planned in found if everything else found[:SHOWN]:
            yield from _planned_lines(planned, mark)
        if not everything and len(found) > SHOWN:
            yield f"  ... {len(found) - SHOWN:,} more (--all)"
    kept = plan.of("kept")
    yield terminal.paint(f"kept: {terminal.count(plan.kept, 'task')}", "bold")
    for planned in kept if everything else kept[:SHOWN]:
        yield from _planned_lines(planned, "reused")
    if not everything and len(kept) > SHOWN:
        yield f"  ... {len(kept) - SHOWN:,} more with a reason (--all)"
    yield summary(plan)


def summary(plan: Plan) -> str:
    """Calls, tokens and cost of a plan, on one line."""
    total = totals(plan)
    calls = terminal.count(total.calls, "call")
    if total.possible_calls > total.calls:
        calls += f", {total.possible_calls:,} if all runs that may"
    cost = terminal.dollars(total.cost)
    if total.possible_cost is not None and total.possible_cost != total.cost:
        cost = f"{cost or '$0'} to {terminal.dollars(total.possible_cost)}"
    tokens = f"about {terminal.count(total.tokens, 'token')}" if total.tokens else ""
    parts = [calls, tokens, f"about {cost}" if cost else "", "" if cost or not total.possible_calls else "cost not known"]
    return " · ".join(part for part in parts if part)


def _planned_lines(planned: Planned, mark: str) -> Iterator[str]:
    stage = f" from its {planned.stage} on" if planned.stage else ""
    calls = f", {terminal.count(planned.calls, 'call')}" if planned.calls else ""
    cost = f", about {terminal.dollars(planned.cost)}" if planned.cost else ""
    about = terminal.paint(f"({one_line(planned.reason)}{calls}{cost})", "dim")
    yield f"  {terminal.paint(one_line(planned.task), 'magenta' if mark == 'edited' else None)}{stage}  {about}"
    if planned.warning:
        yield terminal.paint(f"    note: {one_line(planned.warning)}", "yellow")


def keys(trace: str, plan: Plan, unchecked: str) -> dict[str, Any]:
    """A plan, for JSON."""
    names = Planned.__struct_fields__
    return {
        "trace": trace,
        "run": plan.run,
        "code_checked": plan.code_checked and not unchecked,
        "code_not_checked": unchecked or None,
        "kept": plan.kept,
        "totals": totals(plan)._asdict(),
        "tasks": [{name: msgspec.to_builtins(getattr(planned, name)) for name in names} for planned in plan.tasks],
    }

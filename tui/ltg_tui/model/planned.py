"""A plan as rows: what a resume will run, what it may run, what it keeps; why; what that takes. By function."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.cells import cell_len

from llmtaskgraph import Plan, Planned

from .fit import fit, fit_end
from .format import count, dollars, seconds, short
from .safe import one_line

Parts: TypeAlias = Sequence[tuple[str, str]]

_GLYPHS = {"run": ("⟳ ", "warning"), "maybe": ("⟳ ", "dim"), "kept": ("✔ ", "dim")}


class PlanRows:
    """The rows of a plan: a heading for each function, and its tasks. Rows are made when they are looked at."""

    def __init__(self, plan: Plan) -> None:
        groups: dict[str, list[Planned]] = {}
        told = [each for each in plan.tasks if each.warning]
        for each in plan.tasks:
            groups.setdefault(function_of(each.task), []).append(each)
        order = sorted(groups.items(), key=lambda group: min(_RANK[each.action] for each in group[1]))
        self._rows: list[Planned | str] = []
        if told:
            self._rows += [f"look at: {count(len(told), 'task')}", *told]
        for name, members in order:
            self._rows += [f"{one_line(name)}: {_told(members)}", *sorted(members, key=lambda each: _RANK[each.action])]

    def __len__(self) -> int:
        return len(self._rows)

    def row(self, position: int, width: int) -> Parts:
        """A row, as wide as that."""
        found = self._rows[position]
        if isinstance(found, str):
            return [(f" {found}", "heading")]
        glyph, look = _GLYPHS[found.action]
        name = one_line(found.task)
        reason = one_line(found.warning or found.reason)
        name = fit_end(name, max(12, width // 2))
        told = fit(f"  {reason}", width - 4 - cell_len(name))
        return [(f"  {glyph}", look), (name, "" if found.action == "run" else "dim"), (told, _look(found))]

    def about(self, position: int) -> str:
        """A row in full."""
        found = self._rows[position]
        if isinstance(found, str):
            return ""
        word = {"run": "will run", "maybe": "may run", "kept": "kept"}[found.action]
        cost = _cost([found])
        warning = f"; {found.warning}" if found.warning and found.warning != found.reason else ""
        return f"{found.task}: {word}: {found.reason}{warning}{f' ({cost})' if cost else ''}"


_RANK = {"run": 0, "maybe": 1, "kept": 2}


def function_of(task: str) -> str:
    """The function of a task, by its id: `main/judge[style]` -> `judge`."""
    return re.sub(r"\[[^\[]*\]$", "", task).rpartition("/")[2]


def _look(planned: Planned) -> str:
    return "warning" if planned.warning else "" if planned.action == "run" else "dim"


def _told(members: list[Planned]) -> str:
    words = (("run", "will run"), ("maybe", "may run"), ("kept", "kept"))
    numbers = [f"{n:,} {word}" for action, word in words if (n := sum(each.action == action for each in members))]
    cost = _cost(members)
    return ", ".join(numbers + ([cost] if cost else []))


def _cost(members: list[Planned]) -> str:
    certain, possible = sum(each.calls for each in members), sum(each.possible_calls for each in members)
    if not max(certain, possible):
        return ""
    calls = count(certain, "call") if certain >= possible else f"up to {count(possible, 'call')}"
    cost = _sum(each.cost for each in members)
    return f"{calls}, about {dollars(cost)}" if cost is not None else calls


def summary(plan: Plan) -> str:
    """How many of each."""
    will, may = len(plan.of("run")), len(plan.of("maybe"))
    if not will and not may:
        return f"nothing has to run; {plan.kept:,} kept"
    parts = [f"{count(will, 'task')} will run" if will else "", f"{may:,} may run" if may else "", f"{plan.kept:,} kept"]
    return ", ".join(part for part in parts if part)


def cost_line(plan: Plan) -> str:
    """Calls, tokens, cost and time, as far as they can be told."""
    certain, possible = sum(p.calls for p in plan.tasks), sum(p.possible_calls for p in plan.tasks)
    if not max(certain, possible):
        return "no calls to a model" if plan.tasks else ""
    calls = count(certain, "call") if certain >= possible else f"{certain:,} to {count(possible, 'call')}"
    given, made = _sum(p.input_tokens for p in plan.tasks), _sum(p.output_tokens for p in plan.tasks)
    cost, took = _sum(p.cost for p in plan.tasks), _sum(p.seconds for p in plan.tasks)
    parts = [
        calls,
        f"up to about {short(int(given or 0))} tokens in and {short(int(made or 0))} out" if given or made else "",
        f"up to about {dollars(cost)}" if cost is not None else "price not known",
        f"{seconds(took)} of work" if took else "",
    ]
    return ", ".join(part for part in parts if part)


def _sum(numbers: Iterable[float | None]) -> float | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None

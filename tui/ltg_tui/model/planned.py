"""A plan as text: what a resume will run, what it may run, what it keeps; why; what that takes."""

from __future__ import annotations

from collections.abc import Iterable

from llmtaskgraph import Plan, Planned

from .flow import Block
from .format import count, dollars, seconds, short

SHOWN = 500
"""So many tasks of each kind are listed."""


def plan_blocks(plan: Plan) -> list[Block]:
    """The plan in full."""
    will, may = plan.of("run"), plan.of("maybe")
    blocks = [Block(summary(plan), "heading")]
    takes = cost_line(plan)
    if takes:
        blocks.append(Block(takes))
    warnings = [planned for planned in plan.tasks if planned.warning]
    if warnings:
        blocks.append(Block("\nlook at", "warning"))
        blocks += [Block(f"  {planned.task}: {planned.warning}", "warning") for planned in warnings[:SHOWN]]
    blocks += _listed("will run", will, "stale")
    blocks += _listed("may run: it depends on what the others give", may, "dim")
    blocks += _listed("kept, but worth a look", [each for each in plan.of("kept") if not each.warning], "dim")
    if not plan.code_checked:
        blocks.append(
            Block("\nThis is what the trace tells. The run looks at the code, too: what you changed there runs as well.", "dim")
        )
    return blocks


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


def _listed(title: str, tasks: list[Planned], look: str) -> list[Block]:
    if not tasks:
        return []
    width = min(48, max(len(planned.task) for planned in tasks[:SHOWN]))
    blocks = [Block(f"\n{title}", "heading")]
    blocks += [Block(f"  {planned.task:<{width}}  {planned.reason}", look) for planned in tasks[:SHOWN]]
    if len(tasks) > SHOWN:
        blocks.append(Block(f"  ... and {len(tasks) - SHOWN:,} more", "dim"))
    return blocks

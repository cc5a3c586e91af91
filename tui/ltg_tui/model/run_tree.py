"""The runs of a trace as a tree of forks: a run that was resumed once goes on below itself, one that was resumed twice forks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from msgspec import UNSET
from rich.cells import cell_len

from llmtaskgraph import Run, State

from .compare import STEP, Spent, add_spending
from .fit import fit
from .format import age, clock, count, dollars, seconds, short
from .safe import one_line
from .tally import because_of_a_child

Parts = Sequence[tuple[str, str]]

GLYPHS: Final = {"succeeded": "✔", "failed": "✖", "cancelled": "◌", "running": "●"}
LOOKS: Final = {"succeeded": "success", "failed": "error", "cancelled": "warning", "running": "accent"}

BRANCHES: Final = 12
"""Cells of the lines that show forks; deeper ones are cut on the left."""


class RunRow(NamedTuple):
    """A run, and the lines before it that show what it forks from."""

    run: Run
    branch: str


@dataclass(slots=True)
class Facts:
    """What became of the tasks of a run.

    Attributes:
        tasks: in all.
        ran: that it executed itself.
        kept: that it took over.
        failed: that failed by themselves.
        spent: what it took by itself.
        done: whether all tasks are counted.
    """

    tasks: int = 0
    ran: int = 0
    kept: int = 0
    failed: int = 0
    spent: Spent = field(default_factory=Spent)
    done: bool = False


def run_rows(runs: Iterable[Run]) -> list[RunRow]:
    """The runs, each below the one that it resumed; forks of one run oldest first."""
    known = {run.id: run for run in runs}
    below: dict[int | None, list[Run]] = {}
    for _, run in sorted(known.items()):
        below.setdefault(run.parent if run.parent in known else None, []).append(run)
    rows: list[RunRow] = []
    stack = [(run, "", "") for run in reversed(below.get(None, []))]
    while stack:
        run, branch, rest = stack.pop()
        rows.append(RunRow(run, branch))
        children = below.get(run.id, [])
        if len(children) == 1:
            stack.append((children[0], rest, rest))
            continue
        for child in reversed(children):
            last = child is children[-1]
            stack.append((child, rest + ("└ " if last else "├ "), rest + ("  " if last else "│ ")))
    return rows


def survey(state: State, run: int, facts: Facts) -> Iterator[None]:
    """Count the tasks of a run, a step at a time."""
    yield from add_spending(state, run, facts.spent)
    for number, task in enumerate(state.walk(run)):
        facts.tasks += 1
        seen = state.seen(run, task.id)
        if seen is not None:
            own = seen.run == run
            reused = not own or (seen.output is not None and seen.output.origin == "reused")
            facts.kept += reused
            facts.ran += own and not reused and seen.status != "blocked"
            facts.failed += seen.status == "failed" and not because_of_a_child(seen)
        if number % STEP == 0:
            yield
    facts.done = True


def heading(width: int) -> str:
    """What stands over the columns. Before the number of a run is a sign."""
    return "".join(_column(name, each, " run" if name == "run" else name) for name, each in _columns(width))


def row(found: RunRow, facts: Facts | None, width: int, now: float, *, shown: bool, marked: bool) -> Parts:
    """A run as a row: `▸` is on the screen, `=` is what the next one is compared with."""
    parts: list[tuple[str, str]] = []
    for name, each in _columns(width):
        text, look = _cell(name, found, facts, now)
        if facts is not None and not facts.done and name in _COUNTED:
            look = "dim"
        if name == "run":
            sign = "▸" if shown else "=" if marked else " "
            text = f"{sign}{text}"
            look = "bold" if shown else "accent" if marked else look
        parts.append((_column(name, each, text), look))
    return parts


_COUNTED: Final = frozenset({"tasks", "ran", "kept", "failed", "tokens", "cost"})

_ALL: Final = (
    ("run", 8, 0),
    ("status", 13, 0),
    ("tasks", 7, 5),
    ("ran", 7, 1),
    ("kept", 7, 4),
    ("failed", 7, 2),
    ("time", 7, 3),
    ("tokens", 8, 6),
    ("cost", 11, 2),
    ("age", 5, 3),
    ("edits", 6, 1),
)
"""Column, width, and how soon it goes on a narrow screen: the highest first."""


def _columns(width: int) -> list[tuple[str, int]]:
    shown = list(_ALL)
    while sum(each for _, each, _ in shown) > width and any(rank for _, _, rank in shown):
        shown.remove(max(shown, key=lambda column: column[2]))
    return [(name, each) for name, each, _ in shown]


def _column(name: str, width: int, text: str) -> str:
    text = fit(text, width)
    space = " " * (width - cell_len(text))
    return text + space if name in ("run", "status") else space + text


def _cell(name: str, found: RunRow, facts: Facts | None, now: float) -> tuple[str, str]:
    run = found.run
    match name:
        case "run":
            branch = found.branch if len(found.branch) <= BRANCHES else "…" + found.branch[1 - BRANCHES :]
            return f"{branch}{run.id}", ""
        case "status":
            return f"{GLYPHS.get(run.status, '·')} {run.status}", LOOKS.get(run.status, "dim")
        case "edits":
            return (f"✎{len(run.edits)}", "edited") if run.edits else ("", "")
        case "age":
            return age(max(0.0, now - run.started)), "dim"
        case "time":
            return seconds((run.ended if run.ended is not None else now) - run.started), ""
    if facts is None:
        return "", ""
    match name:
        case "tokens":
            return short(facts.spent.tokens) if facts.spent.tokens else "", ""
        case "cost":
            return dollars(facts.spent.cost), ""
        case "failed":
            return (f"✖{short(facts.failed)}", "error") if facts.failed else ("", "")
        case "kept":
            return short(facts.kept) if facts.kept else "", "dim"
        case "ran":
            return short(facts.ran), ""
        case _:
            return short(facts.tasks), ""


def about(state: State, run: Run) -> str:
    """What there is no room for in the row, in one line."""
    parts = [
        f"run {run.id}" + (f" resumed run {run.parent}" if run.parent is not None else ""),
        ", ".join(edited(state, run)),
        f"answers from {one_line(run.scripted)}" if run.scripted else "",
        f"all by {one_line(run.model)}" if run.model else "",
        one_line(run.error) if run.error else "",
        one_line(run.app) if run.app else "",
        clock(run.started),
    ]
    return " · ".join(part for part in parts if part)


def edited(state: State, run: Run, most: int = 3) -> list[str]:
    """The edits of a run that are new in it: `✎ judge[facts] response`; what was taken back, too."""
    parent = state.runs.get(run.parent or 0)
    before = set(parent.edits) if parent is not None else set()
    told = [f"✎ {one_line(edit.task)} {edit.stage}" for id in run.edits if id not in before and (edit := state.edits.get(id))]
    if parent is not None:
        after = (
            edit for edit in state.edits.values() if edit.run == parent.id and edit.id <= run.last_edit and edit.value is UNSET
        )
        told += [f"{one_line(edit.task)} {edit.stage} taken back" for edit in after]
    old = len(before & set(run.edits))
    more = [f"and {len(told) - most} more"] if len(told) > most else []
    return [*told[:most], *more, *([f"{count(old, 'older edit')}"] if old else [])]

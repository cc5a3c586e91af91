"""What a task, or all below it, adds up to: counts by status, tokens, cost, marks."""

from __future__ import annotations

from dataclasses import dataclass, fields
from operator import add, attrgetter, sub
from typing import Any

from llmtaskgraph import TaskRun


@dataclass(slots=True)
class Tally:
    """Sums over tasks. Tokens and cost count what the run itself spent: what it reused is not counted again.

    Attributes:
        failed: tasks that failed by themselves: graphs that failed only since a task in them did are not counted.
        unpriced: answers that have no price.
        stale: tasks that a resume would or may run.
    """

    tasks: int = 0
    running: int = 0
    succeeded: int = 0
    failed: int = 0
    blocked: int = 0
    cancelled: int = 0
    tokens: int = 0
    cost: float = 0.0
    priced: int = 0
    unpriced: int = 0
    stale: int = 0
    edited: int = 0

    def count(self, seen: TaskRun | None, run: int) -> None:
        """Add one task of a run, in place."""
        self.tasks += 1
        if seen is None:
            return
        status = seen.status
        if status == "succeeded":
            self.succeeded += 1
        elif status in _COUNTED and not because_of_a_child(seen):
            setattr(self, status, getattr(self, status) + 1)
        if seen.run == run:
            for attempt in seen.attempts:
                usage, cost = attempt.usage, attempt.cost
                if usage is not None:
                    self.tokens += (usage.input_tokens or 0) + (usage.output_tokens or 0)
                    if cost is None:
                        self.unpriced += 1
                if cost is not None:
                    self.cost += cost
                    self.priced += 1

    @classmethod
    def of(cls, seen: TaskRun | None, run: int) -> Tally:
        """What one task adds in a run."""
        tally = cls()
        tally.count(seen, run)
        return tally

    def take(self, other: Tally) -> None:
        """Add another to this one, in place."""
        self.tasks += other.tasks
        self.running += other.running
        self.succeeded += other.succeeded
        self.failed += other.failed
        self.blocked += other.blocked
        self.cancelled += other.cancelled
        self.tokens += other.tokens
        self.cost += other.cost
        self.priced += other.priced
        self.unpriced += other.unpriced
        self.stale += other.stale
        self.edited += other.edited

    def plus(self, other: Tally) -> Tally:
        """The sum."""
        return Tally(*map(add, _numbers(self), _numbers(other)))

    def minus(self, other: Tally) -> Tally:
        """The difference."""
        return Tally(*map(sub, _numbers(self), _numbers(other)))

    @property
    def dollars(self) -> float | None:
        """The cost; None when nothing has a price."""
        return max(self.cost, 0.0) if self.priced else None

    @property
    def status(self) -> str:
        """How a group of such tasks stands: the worst there is."""
        for status in ("failed", "running", "blocked", "cancelled"):
            if getattr(self, status):
                return status
        return "waiting" if not self.succeeded else "succeeded" if self.succeeded == self.tasks else "running"


_numbers: Any = attrgetter(*(field.name for field in fields(Tally)))  # `astuple` copies deeply: 20 times slower
_COUNTED = frozenset({"running", "failed", "blocked", "cancelled"})


def because_of_a_child(seen: TaskRun) -> bool:
    """Whether a graph failed only since a task in it did."""
    return seen.status == "failed" and seen.error is not None and seen.error.type == "ChildFailed"

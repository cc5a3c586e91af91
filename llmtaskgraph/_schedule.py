"""Which task is next: a ready queue and counts of unsettled dependencies. Pure, no I/O.

The work is in proportion to tasks and edges. A task may wait a second time (`wait`): a graph task first becomes ready when its
arguments are known, and again when the tasks that its output is made of are settled.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Container, Iterable


class Schedule:
    """Ready tasks, first come first served.

    Args:
        kept: ids that count as settled from the start.
    """

    def __init__(self, kept: Container[str] = ()) -> None:
        self.ready: deque[str] = deque()
        self._kept = kept
        self._missing: dict[str, int] = {}
        self._dependents: dict[str, str | list[str]] = {}  # one, or several
        self._settled: dict[str, bool] = {}
        self._deferred: deque[str] = deque()
        self._free: set[str] = set()

    def add(self, task: str, dependencies: Iterable[str], *, free: bool = False) -> bool:
        """Take in a task that waits for others, which may be added later. False when one of them has failed already.

        `free`: it waits until they are settled, but can do without their outputs.
        """
        if free:
            self._free.add(task)
        missing = 0
        for dependency in dependencies:
            settled = self._settled.get(dependency)
            if settled is None and dependency not in self._kept:
                missing += 1
                others = self._dependents.get(dependency)
                if others is None:
                    self._dependents[dependency] = task
                elif isinstance(others, str):
                    self._dependents[dependency] = [others, task]
                else:
                    others.append(task)
            elif settled is False and not free:
                return False
        if missing:
            self._missing[task] = missing
        else:
            self.ready.append(task)
        return True

    wait = add

    def defer(self, task: str) -> None:
        """Have a task that was ready come after all others that are."""
        self._deferred.append(task)

    def pop(self) -> str | None:
        """The next ready task; None when none is ready."""
        if self.ready:
            return self.ready.popleft()
        return self._deferred.popleft() if self._deferred else None

    def __bool__(self) -> bool:
        """Whether a task is ready."""
        return bool(self.ready or self._deferred)

    def succeed(self, task: str) -> None:
        """A task has its output: those that waited for it alone are ready."""
        self._settled[task] = True
        for dependent in self._take_dependents(task):
            self._waits_for_one_less(dependent)

    def _take_dependents(self, task: str) -> Iterable[str]:
        dependents = self._dependents.pop(task, ())
        return (dependents,) if isinstance(dependents, str) else dependents

    def _waits_for_one_less(self, task: str) -> None:
        left = self._missing.get(task)
        if left == 1:
            del self._missing[task]
            self.ready.append(task)
        elif left is not None:
            self._missing[task] = left - 1

    def fail(self, task: str) -> list[str]:
        """A task will have no output. Returns those that can never be ready now, nearest first: they are settled as failed."""
        stuck: list[str] = []
        self._settled[task] = False
        failed = deque([task])
        while failed:
            for dependent in self._take_dependents(failed.popleft()):
                if dependent in self._free:
                    self._waits_for_one_less(dependent)
                elif self._missing.pop(dependent, None) is not None:
                    self._settled[dependent] = False
                    stuck.append(dependent)
                    failed.append(dependent)
        return stuck

    @property
    def unsettled(self) -> Collection[str]:
        """Ids of the tasks that are ready, or wait for others."""
        return [*self.ready, *self._deferred, *self._missing]

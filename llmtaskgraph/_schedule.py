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
        outputs: holds the ids of tasks that have their outputs: those that do from the start, and each other one by the time that
            `succeed` tells of it. Without it the schedule remembers by itself.
    """

    def __init__(self, outputs: Container[str] | None = None) -> None:
        self.ready: deque[str] = deque()
        told: set[str] = set()
        self._told = told if outputs is None else None
        self._succeeded: Container[str] = told if outputs is None else outputs
        self._failed: set[str] = set()
        self._missing: dict[str, int] = {}  # where it is more than one
        self._dependents: dict[str, str | list[str]] = {}  # one, or several
        self.deferred: deque[str] = deque()
        self._free: set[str] = set()

    def add(self, task: str, dependencies: Iterable[str], *, free: bool = False) -> bool:
        """Take in a task that waits for others, which may be added later. False when one of them has failed already.

        `free`: it waits until they are settled, but can do without their outputs.
        """
        if free:
            self._free.add(task)
        missing = 0
        for dependency in dependencies:
            if dependency in self._succeeded:
                continue
            if dependency not in self._failed:
                missing += 1
                others = self._dependents.get(dependency)
                if others is None:
                    self._dependents[dependency] = task
                elif isinstance(others, str):
                    self._dependents[dependency] = [others, task]
                else:
                    others.append(task)
            elif not free:
                self._failed.add(task)
                return False
        if missing > 1:
            self._missing[task] = missing
        elif not missing:
            self.ready.append(task)
        return True

    wait = add

    def defer(self, task: str) -> None:
        """Have a task that was ready come after all others that are."""
        self.deferred.append(task)

    def pop(self) -> str | None:
        """The next ready task; None when none is ready."""
        if self.ready:
            return self.ready.popleft()
        return self.deferred.popleft() if self.deferred else None

    def __bool__(self) -> bool:
        """Whether a task is ready."""
        return bool(self.ready or self.deferred)

    def succeed(self, task: str) -> None:
        """A task has its output: those that waited for it alone are ready."""
        if self._told is not None:
            self._told.add(task)
        dependents = self._dependents.pop(task, ())
        if type(dependents) is str:
            self._waits_for_one_less(dependents)
            return
        for dependent in dependents:
            self._waits_for_one_less(dependent)

    def _waits_for_one_less(self, task: str) -> None:
        left = self._missing.get(task)
        if left is None:
            if task not in self._failed:
                self.ready.append(task)
        elif left == 2:
            del self._missing[task]
        else:
            self._missing[task] = left - 1

    def fail(self, task: str) -> list[str]:
        """A task will have no output. Returns those that can never be ready now, nearest first: they are settled as failed."""
        stuck: list[str] = []
        self._failed.add(task)
        failed = deque([task])
        while failed:
            dependents = self._dependents.pop(failed.popleft(), ())
            for dependent in (dependents,) if isinstance(dependents, str) else dependents:
                if dependent in self._free:
                    self._waits_for_one_less(dependent)
                elif dependent not in self._failed:
                    self._missing.pop(dependent, None)
                    self._failed.add(dependent)
                    stuck.append(dependent)
                    failed.append(dependent)
        return stuck

    @property
    def unsettled(self) -> Collection[str]:
        """Ids of the tasks that are ready, or wait for others."""
        waiting: dict[str, None] = {}
        for dependents in self._dependents.values():
            waiting.update(dict.fromkeys((dependents,) if isinstance(dependents, str) else dependents))
        return [*self.ready, *self.deferred, *(task for task in waiting if task not in self._failed)]

"""What a function may ask of the engine: it gets a `Context` when it has a parameter annotated so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from . import _values

_TaskT = TypeVar("_TaskT")


class Context:
    """The task that a function works for. What a function reads of it is in the key of what the function makes."""

    def __init__(
        self,
        task: str,
        sample: int,
        input: bytes,
        add: Callable[[Any], Any] | None,
        log: Callable[[str, str], None],
    ) -> None:
        self._task, self._sample = task, sample
        self._read: set[str] = set()
        self._ended = False
        self._input, self._add, self._log = input, add, log

    @property
    def task(self) -> str:
        """Id of the task. What reads it is made for this task alone."""
        self._read.add("task")
        return self._task

    @property
    def sample(self) -> int:
        """0, or the number of a repeated sample."""
        self._read.add("sample")
        return self._sample

    @property
    def input(self) -> Any:
        """The graph's input: a private copy. A function that reads it depends on it."""
        self._read.add("input")
        return _values.decode(self._input)

    @property
    def reads(self) -> str:
        """What the function has read so far, as its key tells it."""
        return "+".join(sorted(self._read))

    def add_task(self, task: _TaskT) -> _TaskT:
        """Add a task (`LLMTask`, `PythonTask`, `TaskGraphTask`) to the running graph, in the scope of this one.

        Returns the task, to be an argument of others, or part of what the function returns: then the output waits for it.
        """
        if self._ended:
            raise RuntimeError(f"{self._task}: its function has ended, so no task can be added to it any more")
        if self._add is None:
            raise RuntimeError("tasks are added by Python and graph functions, not by prompt functions or parsers")
        self._add(task)
        return task

    def end(self) -> None:
        """The function has ended; a thread that it left behind can add nothing."""
        self._ended = True

    def log(self, text: object, level: str = "info") -> None:
        """Record a line with the task. May be called from any thread."""
        self._log(_values.clean_text(str(text)), _values.clean_text(str(level)))

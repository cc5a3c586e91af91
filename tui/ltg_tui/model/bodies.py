"""What the panes of a task say, as plain text: what a search looks through."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec import UNSET, Raw

from llmtaskgraph import Edit, State, Task, TaskRun

from . import chat, values
from .detail import PaneName
from .flow import Block

_STAGES: Final[tuple[PaneName, ...]] = ("response", "output", "prompt")
"""What a task made comes before what it was given."""


class Bodies:
    """The texts of one run: values that wait for a resume stand for those that were recorded."""

    def __init__(self, state: State, run: int) -> None:
        self._state, self._run = state, run
        self._pending: dict[tuple[str, str], Edit] = {(edit.task, edit.stage): edit for edit in state.pending_edits(run)}

    def of(self, task: Task, might: Callable[[bytes], bool] = bool) -> Iterator[tuple[PaneName, str]]:
        """The texts of a task, each with the pane that shows it; without those that might not be worth it, by their JSON."""
        seen = self._state.seen(self._run, task.id)
        if task.type != "llm":
            yield from (("prompt", text) for text in literals(task))
        for name in _STAGES:
            raw = self._value(task, seen, name)
            if raw is not None and might(bytes(raw)):
                yield name, text_of(name, raw)
        if seen is None:
            return
        if seen.error is not None:
            yield "output", f"{seen.error.type} {seen.error.message}"
        arriving = self._state.streaming.get(seen.id)
        if arriving is not None:
            yield "response", "".join(arriving[1]) + "".join(arriving[0])

    def _value(self, task: Task, seen: TaskRun | None, name: PaneName) -> Raw | None:
        edit = self._pending.get((task.id, name)) if self._pending else None
        if edit is not None and edit.value is not UNSET:
            return edit.value
        stage = None if seen is None else getattr(seen, name)
        return None if stage is None else stage.value


def text_of(name: PaneName, raw: Raw) -> str:
    """The value of a stage as text; roles are not part of it."""
    if name == "prompt":
        return _joined(chat.prompt_blocks(raw))
    if name == "response":
        return _joined(chat.response_blocks(raw))
    return values.readable(raw)


def literals(task: Task) -> Iterator[str]:
    """The values among its arguments that stand in the program, or are the input of the run."""
    stack = list(reversed([*task.arguments()]))
    while stack:
        arg = stack.pop()
        if arg.value is not UNSET:
            yield values.readable(arg.value)
        elif arg.items is not UNSET:
            stack.extend(reversed(arg.items))
        elif arg.entries is not UNSET:
            stack.extend(reversed(arg.entries.values()))


def _joined(blocks: Iterable[Block]) -> str:
    return "\n".join(block.text for block in blocks if block.look != "heading")

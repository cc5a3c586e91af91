"""Random things that may happen to a trace, one after the other, each a valid event of a run under way."""

from __future__ import annotations

import random
from collections.abc import Callable

from msgspec import Raw

from llmtaskgraph import (
    Arg,
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Change,
    Edit,
    EditMade,
    Event,
    Failure,
    FunctionFacts,
    Log,
    Logged,
    ResponseStreamed,
    Run,
    RunEnded,
    RunStarted,
    Stage,
    StageSettled,
    State,
    Task,
    TaskFailed,
    TaskKept,
    TasksAdded,
    TasksBlocked,
    TaskStarted,
    TaskSucceeded,
)

TEXTS = ["a", "🦔", "é", "👩‍👩‍👧", "line\n", "", "\u2028", "𝔘𝔫𝔦", "</script>"]


class Happenings:
    """Writes to a state what a seed says."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.state = State("t")
        self._events: list[Event] = []
        self._ways: list[Callable[[], Event | None]] = [
            self._run,
            self._tasks,
            self._task,
            self._task,
            self._task,
            self._kept,
            self._stage,
            self._attempt,
            self._attempt,
            *[self._text] * 6,
            self._answer,
            self._fail_attempt,
            self._succeed,
            self._fail,
            self._block,
            self._log,
            self._edit,
            self._end,
        ]
        self._apply(TasksAdded([Task("graph", "main", 1, "main")]))
        self.read()

    def happen(self, count: int) -> None:
        """So many things happen."""
        while count:
            event = self._random.choice(self._ways)()
            if event is not None:
                self._apply(event)
                count -= 1

    def read(self) -> Change:
        """What happened since the last time."""
        events, self._events = self._events, []
        return Change(self.state, events)

    def _apply(self, event: Event) -> None:
        self.state.apply(event)
        self.state.sequence += 1
        self._events.append(event)

    # What may happen

    def _live(self) -> Run | None:
        return next((run for run in self.state.runs.values() if run.status == "running"), None)

    def _running(self) -> int | None:
        found = [id for id, task_run in self.state.task_runs.items() if task_run.status == "running"]
        return self._random.choice(found) if found else None

    def _sending(self) -> int | None:
        id = self._running()
        attempts = self.state.task_runs[id].attempts if id is not None else ()
        return id if attempts and attempts[-1].ended is None else None

    def _open(self) -> str | None:
        run = self._live()
        open = list(self.state.open_in(run.id)) if run is not None else []
        return self._random.choice(open) if open else None

    def _value(self) -> Stage:
        size = self._random.choice([1, 10, 900, 2500])
        return Stage(Raw(b'"' + b"x" * size + str(self._random.random()).encode() + b'"'), "k", "executed")

    def _run(self) -> Event | None:
        if self._live() is not None:
            return None
        id = max(self.state.runs, default=0) + 1
        open = [task.id for task in self.state.tasks.values() if self._random.random() < 0.7]
        return RunStarted(Run(id, 1, 1.0, id - 1 or None, open=open), {"f": FunctionFacts("llm", str(id))})

    def _tasks(self) -> Event | None:
        if len(self.state.tasks) > 30:
            return None
        first = max(self.state.tasks) + 1
        arg = Arg(items=[Arg(value=self._value().value), Arg(entries={"x": Arg(value=Raw(b"1"))})])
        added = [Task("llm", f"main/{n}", n, "f", "main", args=(arg,)) for n in range(first, first + self._random.randint(1, 4))]
        return TasksAdded(added, {f"g{first % 3}": FunctionFacts("llm", str(first))})

    def _task(self) -> Event | None:
        run, task = self._live(), self._open()
        if run is None or task is None or task in self.state.in_run(run.id):
            return None
        id = max(self.state.task_runs, default=0) + 1
        return TaskStarted(id, run.id, task, 1.0, (), self._random.randint(0, 1))

    def _kept(self) -> Event | None:
        run, task = self._live(), self._open()
        return None if run is None or task is None else TaskKept(run.id, task)

    def _stage(self) -> Event | None:
        id = self._running()
        return None if id is None else StageSettled(id, self._random.choice(["prompt", "response"]), self._value())

    def _attempt(self) -> Event | None:
        id = self._running()
        if id is None or self._sending() == id:
            return None
        attempts = self.state.task_runs[id].attempts
        return None if attempts and attempts[-1].ended is None else AttemptStarted(id, len(attempts) + 1, 1.0, "m")

    def _text(self) -> Event | None:
        id = self._sending()
        return (
            None if id is None else ResponseStreamed(id, self._random.choice(TEXTS), self._random.choice(["text", "reasoning"]))
        )

    def _answer(self) -> Event | None:
        id = self._sending()
        return None if id is None else AttemptSucceeded(id, 2.0, self._value())

    def _fail_attempt(self) -> Event | None:
        id = self._sending()
        return None if id is None else AttemptFailed(id, 2.0, Failure("E", "no"))

    def _succeed(self) -> Event | None:
        id = self._running()
        return None if id is None else TaskSucceeded(id, 3.0, self._value())

    def _fail(self) -> Event | None:
        id = self._running()
        return None if id is None else TaskFailed(id, 3.0, Failure("E", "no"))

    def _block(self) -> Event | None:
        run, task = self._live(), self._open()
        if run is None or task is None or task in self.state.in_run(run.id):
            return None
        return TasksBlocked(run.id, max(self.state.task_runs, default=0) + 1, [task], 1)

    def _log(self) -> Event | None:
        id = self._running()
        return None if id is None else Logged(id, Log(1.0, "hm"))

    def _edit(self) -> Event | None:
        id = max(self.state.edits, default=0) + 1
        return EditMade(Edit(id, 1, "main", "output", 1.0, Raw(b"1"))) if self.state.runs else None

    def _end(self) -> Event | None:
        run = self._live()
        return RunEnded(run.id, "succeeded", 4.0) if run is not None and self._random.random() < 0.2 else None

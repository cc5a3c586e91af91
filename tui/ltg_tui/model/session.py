"""What one screen shows of one trace: which run, its outline, what a resume would do; kept up to date by what happens to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from llmtaskgraph import (
    AttemptFailed,
    AttemptStarted,
    AttemptSucceeded,
    Change,
    EditMade,
    Event,
    Logged,
    Plan,
    Planned,
    ResponseStreamed,
    Run,
    RunEnded,
    RunStarted,
    StageSettled,
    State,
    TaskFailed,
    TaskKept,
    TaskRun,
    TasksBlocked,
    TaskStarted,
    TaskSucceeded,
)

from .order import Order
from .outline import Outline
from .pulse import Pulse

NEWER: Final = "a newer llmtaskgraph wrote this trace"
"""Why a trace is read-only of which this version may not know all."""

_OF_A_TASK_RUN: Final = (
    StageSettled,
    AttemptStarted,
    AttemptSucceeded,
    AttemptFailed,
    TaskSucceeded,
    TaskFailed,
    Logged,
    ResponseStreamed,
)


@dataclass
class News:
    """What changed on the screen.

    Attributes:
        everything: another run, or the trace was read anew.
        rows: rows came or went.
        tasks: ids of tasks whose row or text changed.
        started: a run that began.
        ended: a run that ended.
        replan: what a resume would do may have changed.
        begun: ids of tasks that started, in order.
    """

    everything: bool = False
    rows: bool = False
    tasks: set[str] = field(default_factory=set)
    started: int | None = None
    ended: int | None = None
    replan: bool = False
    begun: list[str] = field(default_factory=list)

    def then(self, later: News) -> News:
        """This and what came later, as one."""
        return News(
            self.everything or later.everything,
            self.rows or later.rows,
            self.tasks | later.tasks,
            later.started if later.started is not None else self.started,
            later.ended if later.ended is not None else self.ended,
            self.replan or later.replan,
            self.begun + later.begun,
        )


class Session:
    """A trace on the screen.

    Attributes:
        state: None until the trace exists.
        run: the run that is shown; None while there is none.
        outline: its rows.
        plan: what a resume of it would do, as far as the trace tells; None while that is not known.
        read_only: why nothing can be edited or resumed; empty when it can.
        following: whether a new run is shown as soon as it starts.
        order: how siblings are sorted.
        pulse: how the run on screen is doing while it is under way.
    """

    def __init__(self, path: Path, state: State | None = None, *, run: int | None = None, read_only: str = "") -> None:
        self.path, self.read_only = path, read_only
        self.state = state
        self.run: int | None = None
        self.outline: Outline | None = None
        self.plan: Plan | None = None
        self.planned: dict[str, Planned] = {}
        self.following = True
        self.order: Order = "declared"
        self.pulse = Pulse()
        self._folds: dict[str, bool] = {}
        if state is not None:
            self._show(state, run if run in state.runs else max(state.runs, default=None))
            self.following = run is None or run == max(state.runs, default=None)

    @property
    def shown(self) -> Run | None:
        """The run on screen."""
        return None if self.state is None or self.run is None else self.state.runs.get(self.run)

    @property
    def live(self) -> bool:
        """Whether the run on screen is under way, as far as one can tell."""
        shown = self.shown
        return shown is not None and shown.status == "running" and not self.pulse.died

    def seen(self, task: str) -> TaskRun | None:
        """The task run that stands for a task in the run on screen."""
        return None if self.state is None or self.run is None else self.state.seen(self.run, task)

    @property
    def newest(self) -> str | None:
        """The task that started last of those that are under way, graphs apart."""
        running, tasks = self.pulse.running, {} if self.outline is None else self.outline.census.tasks
        while running:
            id = next(reversed(running))
            task, seen = tasks.get(id), self.seen(id)
            if task is not None and task.type != "graph" and seen is not None and seen.status == "running":
                return id
            if task is None and self.outline is not None and not self.outline.census.complete:
                return None
            del running[id]
        return None

    def show_run(self, run: int) -> None:
        """Put another run on the screen."""
        assert self.state is not None
        self.following = run == max(self.state.runs)
        self._show(self.state, run)

    def neighbour(self, step: int) -> int | None:
        """The run that many further on; None when there is none."""
        if self.state is None or self.run is None:
            return None
        runs = sorted(self.state.runs)
        at = runs.index(self.run) + step
        return runs[at] if 0 <= at < len(runs) else None

    def take(self, change: Change) -> News:
        """Take in what happened to the trace."""
        if change.reset or self.state is not change.state:
            return self._anew(change)
        news = News()
        declared: set[str] = set()
        for event in change.events:
            self._note(event, news, declared)
        if news.started is not None and (self.following or self.run is None):
            self._show(change.state, news.started)
            return News(everything=True, started=news.started, ended=news.ended, replan=True)
        if self.outline is not None:
            if news.replan:
                self.outline.mark(self.outline.marks)  # which tasks are edited; the rest when it is planned
            news.rows = self.outline.regrow(declared)
            self.outline.changed(news.tasks)
            self.pulse.begun(self.outline.census.tasks.get(id) for id in news.begun)
        return news

    def take_plan(self, plan: Plan | None) -> None:
        """Take in what a resume would do; None for nothing."""
        self.plan = plan
        self.planned = {} if plan is None else {planned.task: planned for planned in plan.tasks}
        if self.outline is not None:
            self.outline.mark({id: planned.action for id, planned in self.planned.items() if planned.action != "kept"})

    @property
    def worth_planning(self) -> bool:
        """Whether a resume of the run on screen would do anything that the trace can tell."""
        if self.state is None or self.run is None or self.live:
            return False
        return self.state.runs[self.run].status != "succeeded" or bool(self.state.pending_edits(self.run))

    def _anew(self, change: Change) -> News:
        first, before = self.state is None, set() if self.state is None else set(self.state.runs)
        if self.state is not None and self.state.id != change.state.id:
            self.plan, self.planned = None, {}  # of another trace
        self.state = change.state
        new = max(change.state.runs, default=None)
        started = new if not first and new not in before else None
        keep = self.run if self.run in change.state.runs and not (started is not None and self.following) else new
        self._show(change.state, keep)
        return News(everything=True, started=started, replan=True)

    def _show(self, state: State, run: int | None) -> None:
        if run != self.run:
            self.plan, self.planned = None, {}
            self.pulse = Pulse()
        self.run = run
        self.outline = None if run is None else Outline(state, run, self._folds, self.order)
        if run is not None and self.live:
            self.pulse.running = {id: None for id, each in state.in_run(run).items() if each.status == "running"}
        if self.planned:
            self.take_plan(self.plan)

    def _note(self, event: Event, news: News, declared: set[str]) -> None:
        assert self.state is not None
        if isinstance(event, _OF_A_TASK_RUN):
            task_run = self.state.task_runs.get(event.task_run)
            if task_run is None or task_run.run != self.run:
                return
            news.tasks.add(task_run.task)
            if isinstance(event, StageSettled) and event.name == "children":
                declared.add(task_run.task)
        elif isinstance(event, RunStarted):
            news.started = event.run.id
        elif isinstance(event, EditMade):
            news.tasks.add(event.edit.task)
            news.replan = True
        elif isinstance(event, RunEnded):
            news.ended = event.run
            if event.run == self.run:
                news.replan = True
                news.tasks.update(run.task for run in self.state.in_run(event.run).values() if run.status == "cancelled")
        elif isinstance(event, TaskStarted) and event.run == self.run:
            news.tasks.add(event.task)
            news.begun.append(event.task)
        elif isinstance(event, TaskKept) and event.run == self.run:
            news.tasks.add(event.task)
            declared.add(event.task)
        elif isinstance(event, TasksBlocked) and event.run == self.run:
            news.tasks.update(event.tasks)

"""The same plan, by a look at only what edits and unsettled tasks can reach.

The newest run of a trace was made from its own plan: each of its tasks that succeeded has the keys that would be computed again.
So what neither is edited, nor failed, nor depends on something that is or did, is kept, and nobody has to look at it. Arguments
come from tasks of the same scope only; so a graph is looked into where it holds such a task, and else is kept as a whole.

What others may take is as if all had been looked at: a recorded stage that a task keeps is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from . import _values
from ._edit import by_path
from ._events import StageName
from ._graph import Children, Task
from ._memo import Memo, Outputs, _indexed, _reads
from ._plan import Planner, _Cost, _cost_of
from ._state import State, TaskRun

_PAUSE = 512
"""So many records are looked at between two stops."""

_NAMES: tuple[StageName, ...] = ("prompt", "response", "children", "output")


class Records:
    """What is recorded, by key, and what it cost: made once for a run that is planned again and again.

    Attributes:
        live: a run was under way, so that they hold for once only.
        reads: what functions read of their context, as keys end in it.
        holders: tasks that took over a stage, by the task run that executed it.
        like: what tasks cost, by task and by function.
        sizes: how many tasks are in graphs that nothing reached yet.
    """

    def __init__(self, state: State, base: int) -> None:
        self.base, self.seen = base, _extent(state)
        self.live = any(run.status == "running" for run in state.runs.values())
        self.index: dict[tuple[StageName, str], list[int]] = {}
        self.reads: dict[str, None] = {}
        self.holders: dict[tuple[int, StageName], list[str]] = {}
        self.like: dict[str, _Cost] = {}
        self.sizes: dict[str, int] = {}
        self.done = False

    def steps(self, state: State) -> Iterator[None]:
        """Read the records, with stops; anew where somebody gave up in between."""
        self.index, self.reads, self.holders, self.like, self.sizes = {}, {}, {}, {}, {}
        distance = {run.id: i for i, run in enumerate(state.lineage(self.base))}
        names = {known.id: known.facts_name for known in state.tasks.values()}
        yield
        runs: dict[int, list[TaskRun]] = {}
        for task_run in list(state.task_runs.values()):
            runs.setdefault(task_run.run, []).append(task_run)
        order = sorted(runs, key=lambda run: (distance.get(run, len(distance)), -run), reverse=True)
        yield
        for run in order:  # the nearest run last
            found = sorted(runs[run], key=lambda task_run: task_run.id, reverse=True)
            for position, task_run in enumerate(found):
                self._take(task_run)
                if position % _PAUSE == 0:
                    yield
        for position, task_run in enumerate(list(state.task_runs.values())):
            cost = _cost_of(task_run) if task_run.attempts else None
            if cost is not None:
                self.like[names.get(task_run.task, "")] = self.like[task_run.task] = cost
            if position % (4 * _PAUSE) == 0:
                yield
        self.done = True

    def _take(self, task_run: TaskRun) -> None:
        for name in _NAMES:
            stage = getattr(task_run, name)
            if stage is None:
                continue
            if stage.origin == "executed":
                if "+" in stage.key:
                    self.reads[_reads(stage.key)] = None
                self.index.setdefault((name, _indexed(name, stage.key, task_run.task)), []).append(task_run.id)
            elif stage.source is not None:
                self.holders.setdefault((stage.source, name), []).append(task_run.task)


_RECORDS: WeakKeyDictionary[State, Records] = WeakKeyDictionary()


def records(state: State, base: int) -> Records:
    """The records of a trace as seen from a run."""
    found = _RECORDS.get(state)
    if found is None or found.live or (found.base, found.seen) != (base, _extent(state)):
        found = _RECORDS[state] = Records(state, base)
    return found


def _extent(state: State) -> tuple[int, int]:
    """What grows with every task that runs. Those of a run that is under way also change."""
    return max(state.task_runs, default=0), len(state.runs)


class NearMemo(Memo):
    """What is recorded, of which the kept tasks have theirs."""

    planner: NearPlanner
    records: Records

    def _recorded(self) -> dict[tuple[StageName, str], list[int]]:
        self._index = self.records.index
        self._reads = self.records.reads
        return self._index

    def _free(self, name: StageName, key: str) -> list[int]:
        ids = self._recorded().get((name, key), ())
        found: list[int] = []
        for id in reversed(ids):
            if (id, name) not in self.used and not self._is_held(id, name):
                found.append(id)
                if len(found) == 8:
                    break
        return found

    def _is_held(self, id: int, name: StageName) -> bool:
        """Whether a task that is kept unseen has that stage."""
        own = self.state.task_runs[id].task
        return any(self._holds(task, id, name) for task in (own, *self.records.holders.get((id, name), ())))

    def _holds(self, task: str, id: int, name: StageName) -> bool:
        if not self.planner.is_kept_unseen(task):
            return False
        seen = self.seen(task)
        stage = None if seen is None else seen.stage(name)
        return seen is not None and stage is not None and stage.origin != "edited" and (stage.source or seen.id) == id


class _Present:
    """The tasks of the run, also those that were not looked at."""

    def __init__(self, planner: NearPlanner) -> None:
        self._planner = planner

    def __contains__(self, id: object) -> bool:
        return isinstance(id, str) and self._planner.is_there(id)


class _Known(Outputs):
    """Outputs, those of kept tasks when they are needed."""

    def __init__(self, kept: Mapping[str, TaskRun]) -> None:
        super().__init__()
        self._kept = kept

    def __contains__(self, task: object) -> bool:
        return super().__contains__(task) or task in self._kept

    def __missing__(self, task: str) -> bytes:
        output = self._kept[task].output
        assert output is not None
        value = self[task] = _values.canonical(output.value)
        return value


class NearPlanner(Planner):
    """Looks at what can be reached from `seeds`.

    Args:
        seeds: tasks that are edited, or did not succeed.
    """

    def __init__(self, memo: NearMemo, root: Task, declared: Mapping[int, Task], seeds: set[str]) -> None:
        super().__init__(memo, root, declared, at_once=False)
        memo.planner = self
        memo.present = _Present(self)
        self._outputs = _Known(self.kept)
        self._seeds = seeds
        self._around = {id[:at] for id in seeds for at, letter in enumerate(id) if letter == "/"}
        self._foreign: set[str] = set()
        self._whole: dict[str, Task] = {}
        self._like, self._sizes = memo.records.like, memo.records.sizes

    def _decide(self, task: Task, *, late: bool) -> bool:
        seen = self._memo.seen(task.id)
        if seen is not None and self._untouched(task, seen):
            self.kept[task.id] = seen
            if task.type != "llm":
                self._whole[task.id] = task
            return True
        return super()._decide(task, late=late)

    def _untouched(self, task: Task, seen: TaskRun) -> bool:
        id = task.id
        return (
            id not in self._seeds
            and id not in self._around
            and seen.status == "succeeded"
            and seen.output is not None
            and task.scope not in self._foreign
            and all(ref in self.kept for ref in task.dependencies())
        )

    def _enter(self, task: Task, children: Children, own: bool) -> bool:
        if not own:
            self._foreign.add(task.id)
        return super()._enter(task, children, own)

    def is_kept_unseen(self, id: str) -> bool:
        """Whether a task is kept, or in a graph that is kept as a whole."""
        if id in self._tasks:
            return id in self.kept
        return self._in_whole(id) and self.is_there(id)

    def is_there(self, id: str) -> bool:
        """Whether a task is one of the run, as far as that is known."""
        if id in self._tasks:
            return True
        base = self._memo.base
        return base is not None and self._in_whole(id) and by_path(self._state, base, id) is not None

    def _in_whole(self, id: str) -> bool:
        scopes = [id[:at] for at, letter in enumerate(id) if letter == "/"]
        return any(scope in self._whole for scope in scopes) and not any(self._is_frozen(scope) for scope in scopes)

    def _is_frozen(self, graph: str) -> bool:
        """Whether the output of a graph is edited, so that nobody asks what is in it."""
        return self._memo.pin(graph, "output") is not None

    @property
    def looked_at(self) -> int:
        """Also what is in graphs that are kept as a whole."""
        assert self._memo.base is not None
        return len(self._tasks) + sum(self._sizes[id] for id in self._whole)

    def steps(self) -> Iterator[None]:
        yield from super().steps()
        for task in self._whole.values():
            if task.id not in self._sizes:
                yield from self._count(task)

    def _count(self, top: Task) -> Iterator[None]:
        """Count what is in a graph that is kept as a whole."""
        assert self._memo.base is not None
        count, stack = 0, [top]
        while stack:
            task = stack.pop()
            children = None if self._is_frozen(task.id) else self._state.children(self._memo.base, task)
            inner = [self._state.tasks[number] for number in children.tasks] if children is not None else []
            stack += [child for child in inner if child.type != "llm"]
            count += len(inner)
            yield
        self._sizes[top.id] = count


def seeds(state: State, run: int) -> set[str]:
    """The tasks from which a plan can differ from the run: edited since, not succeeded, or with an effect."""
    found = {edit.task for edit in state.pending_edits(run)}
    found.update(state.open_in(run))
    found.update(id for id, task_run in state.in_run(run).items() if task_run.status != "succeeded")
    found.update(task.id for task in state.tasks.values() if task.effect is not None)
    return found


def is_sound(state: State, run: int) -> bool:
    """Whether the functions are those that the run was planned with: no later one knows others."""
    return run == max(state.runs)

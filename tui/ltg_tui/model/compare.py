"""Two runs of one trace beside each other: which tasks are the same, which differ, and where it began.

The tasks of each graph are paired by name; those of one function whose names moved (an item was put in front of a `.map`) by the
key of what they were computed from, as a resume finds them. All of it happens in steps, so that it can be done while keys are
answered. Nothing recurses: graphs nest as deep as their loops ran.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from msgspec import Raw

from llmtaskgraph import State, Task, TaskRun

from .tally import because_of_a_child

Mark: TypeAlias = Literal["=", "~", "+", "−"]

STEP: Final = 200
"""So many tasks are a step."""


@dataclass(slots=True)
class Pair:
    """A task in both runs, or in one of them.

    Attributes:
        old: in the older run; None when it is only in the newer one.
        new: in the newer run.
        parent: position of the pair of the graph it belongs to; -1 for the root.
        size: how many pairs it and all below it are.
        mark: `=` the same, `~` different, `+` only in the newer run, `−` only in the older one.
        stage: the first stage that differs.
        cause: why, where it is not because another task differs.
        because: position of the pair that it differs because of; -1 for none.
        inside: how many tasks below it differ.
    """

    old: Task | None
    new: Task | None
    depth: int
    parent: int
    old_run: TaskRun | None = None
    new_run: TaskRun | None = None
    size: int = 1
    mark: Mark = "="
    stage: str = ""
    cause: str = ""
    because: int = -1
    inside: int = 0
    given_otherwise: bool = False
    gives_otherwise: bool = False

    @property
    def task(self) -> Task:
        """The task, of the newer run where it is there."""
        found = self.new or self.old
        assert found is not None
        return found


@dataclass(slots=True)
class Spent:
    """What a run took by itself."""

    seconds: float | None = None
    tokens: int = 0
    cost: float | None = None


@dataclass
class Comparison:
    """Two runs, the older one first.

    Attributes:
        pairs: depth first, in the order of the newer run; tasks that are gone stand where they stood.
        first: position of the pair where it began to differ; -1 when nothing differs.
        differing: positions of all that differ.
        counts: pairs by mark.
        done: whether all of it was compared.
    """

    state: State
    old: int
    new: int
    pairs: list[Pair] = field(default_factory=list)
    first: int = -1
    differing: list[int] = field(default_factory=list)
    counts: dict[Mark, int] = field(default_factory=lambda: {"=": 0, "~": 0, "+": 0, "−": 0})
    spent_old: Spent = field(default_factory=Spent)
    spent_new: Spent = field(default_factory=Spent)
    done: bool = False
    _settings: dict[int, set[tuple[str, str]]] = field(default_factory=dict)

    def work(self) -> Iterator[None]:
        """Compare, a step at a time."""
        yield from self._align()
        yield from self._mark()
        yield from self._explain()
        yield from self._add_up()
        self.done = True

    @property
    def told(self) -> str:
        """Where it began to differ, in one line."""
        if self.first < 0:
            return "no task differs"
        pair = self.pairs[self.first]
        return f"first difference: {pair.task.id}{f' {pair.stage}' if pair.stage else ''}: {self.why(self.first)}"

    def why(self, position: int) -> str:
        """Why a pair differs, in a few words."""
        pair = self.pairs[position]
        if pair.cause:
            return pair.cause
        if pair.because >= 0:
            other = self.pairs[pair.because]
            near = other.parent in (pair.parent, position) or pair.because == pair.parent
            return f"because of {other.task.name if near else other.task.id}"
        return ""

    def next(self, position: int, *, backwards: bool = False) -> int:
        """The next pair that differs, around the end; -1 when none does."""
        if not self.differing:
            return -1
        at = bisect_left(self.differing, position) - 1 if backwards else bisect_right(self.differing, position)
        return self.differing[at % len(self.differing)]

    # Which task goes with which

    def _align(self) -> Iterator[None]:
        old_root = self.state.tasks.get(self.state.runs[self.old].root)
        new_root = self.state.tasks.get(self.state.runs[self.new].root)
        stack: list[tuple[Task | None, Task | None, int, int]] = []
        if old_root is not None or new_root is not None:
            stack.append((old_root, new_root, 0, -1))
        seen: set[tuple[int, int]] = set()
        while stack:
            old, new, depth, parent = stack.pop()
            numbers = (old.number if old else 0, new.number if new else 0)
            if numbers in seen:  # only in a damaged trace
                continue
            seen.add(numbers)
            at = len(self.pairs)
            pair = Pair(old, new, depth, parent)
            pair.old_run = None if old is None else self.state.seen(self.old, old.id)
            pair.new_run = None if new is None else self.state.seen(self.new, new.id)
            self.pairs.append(pair)
            if pair.task.type != "llm":
                below = self._children(pair)
                stack += [(before, after, depth + 1, at) for before, after in reversed(below)]
            if at % STEP == 0:
                yield

    def _children(self, pair: Pair) -> list[tuple[Task | None, Task | None]]:
        olds = self._declared(self.old, pair.old)
        news = self._declared(self.new, pair.new)
        if [task.number for task in olds] == [task.number for task in news]:
            return list(zip(olds, news, strict=True))
        return aligned(
            olds,
            news,
            [_key(task, self.state.seen(self.old, task.id)) for task in olds],
            [_key(task, self.state.seen(self.new, task.id)) for task in news],
        )

    def _declared(self, run: int, task: Task | None) -> list[Task]:
        found = None if task is None else self.state.children(run, task)
        if found is None:
            return []
        return [self.state.tasks[number] for number in found.tasks if number in self.state.tasks]

    # What differs

    def _mark(self) -> Iterator[None]:
        for at, pair in enumerate(self.pairs):
            if pair.old is None or pair.new is None:
                pair.mark, pair.gives_otherwise = ("+" if pair.old is None else "−"), True
            elif pair.old_run is not pair.new_run:
                pair.stage = self._stage(pair)
                pair.mark = "~" if pair.stage else "="
                pair.gives_otherwise = _value(pair.old_run, "output") != _value(pair.new_run, "output")
            if at % STEP == 0:
                yield

    def _stage(self, pair: Pair) -> str:
        """The first stage that differs; empty when none does."""
        old, new = pair.old_run, pair.new_run
        for name in ("prompt", "response"):
            if _value(old, name) != _value(new, name):
                return name
        if _status(old) != _status(new) and "failed" in (_status(old), _status(new)):
            return "status"
        if _value(old, "output") != _value(new, "output"):
            return "output"
        if _status(old) != _status(new):
            return "status"
        if old is not None and new is not None and old.error is not None and new.error is not None:
            return "error" if (old.error.type, old.error.message) != (new.error.type, new.error.message) else ""
        return ""

    # Why

    def _explain(self) -> Iterator[None]:
        self._settings = {run: set(self.state.edits_in_force(run)) for run in (self.old, self.new)}
        by_id: dict[str, int] = {}
        for at, pair in enumerate(self.pairs):
            if pair.old is not None and pair.new is None:
                by_id.setdefault(pair.old.id, at)
        for at, pair in enumerate(self.pairs):
            if pair.new is not None:
                by_id[pair.new.id] = at
        yield
        for at, pair in enumerate(self.pairs):
            self._explain_one(at, pair, by_id)
            if at % STEP == 0:
                yield
        self.differing = [at for at, pair in enumerate(self.pairs) if pair.mark != "="]
        self.first = next((at for at in self.differing if self.pairs[at].cause), self.differing[0] if self.differing else -1)

    def _explain_one(self, at: int, pair: Pair, by_id: dict[str, int]) -> None:
        parent = self.pairs[pair.parent] if pair.parent >= 0 else None
        other = next((by_id[id] for id in pair.task.dependencies() if id in by_id and self.pairs[by_id[id]].gives_otherwise), -1)
        declared_otherwise = (
            pair.old is not None
            and pair.new is not None
            and pair.old.number != pair.new.number
            and (pair.old.args, pair.old.kwargs) != (pair.new.args, pair.new.kwargs)
        )
        if other < 0 and parent is not None and parent.given_otherwise and (declared_otherwise or pair.mark in "+−"):
            other = pair.parent
        pair.given_otherwise = other >= 0 or declared_otherwise
        if pair.mark == "=":
            return
        pair.cause = self._edited(pair)
        if pair.cause:
            return
        if pair.mark in "+−":
            run = self.new if pair.mark == "+" else self.old
            if parent is not None and parent.mark == pair.mark:
                pair.because = pair.parent
            elif other >= 0:
                pair.because = other
            else:
                pair.cause = f"only in run {run}"
        elif pair.stage in ("response", "error") and _value(pair.old_run, "prompt") is not None:
            pair.cause = self._own(pair)
        elif other >= 0 and not (pair.task.type == "llm" and pair.stage == "output"):
            pair.because = other
        elif declared_otherwise:
            pair.cause = "the input is another" if parent is None else f"{parent.task.id} gave it other arguments"
            pair.stage = "input" if parent is None else pair.stage
        elif pair.task.type == "graph":
            inside = self._child_that_differs(at)
            pair.because = inside
            pair.cause = "" if inside >= 0 else self._own(pair)
        else:
            pair.cause = self._own(pair)

    def _child_that_differs(self, at: int) -> int:
        below = at + 1
        while below < len(self.pairs) and self.pairs[below].depth > self.pairs[at].depth:
            if self.pairs[below].mark != "=":
                return below
            below += 1
        return -1

    def _edited(self, pair: Pair) -> str:
        """Whether a person made the difference."""
        for name in ("prompt", "response", "output"):
            old, new = _origin(pair.old_run, name), _origin(pair.new_run, name)
            if "edited" in (old, new) and _value(pair.old_run, name) != _value(pair.new_run, name):
                pair.stage = name if pair.stage == "status" else pair.stage
                return "edited by you" if new == "edited" else self._not_any_more("edit")
        if pair.stage in ("response", "output", "status"):
            for setting, name in _SETTINGS.items():
                set_old, set_new = ((pair.task.id, setting) in self._settings[run] for run in (self.old, self.new))
                if set_new and not set_old:
                    return "a new sample" if setting == "sample" else f"its {name} was edited by you"
                if set_old and not set_new:
                    return self._not_any_more(f"edit of its {name}")
        return ""

    def _not_any_more(self, edit: str) -> str:
        taken_back = any(run.id == self.old for run in self.state.lineage(self.new))
        return f"the {edit} was taken back" if taken_back else f"only run {self.old} has the {edit}"

    def _own(self, pair: Pair) -> str:
        """Why a task differs that was given the same."""
        old, new = pair.old_run, pair.new_run
        if pair.stage in ("status", "error") or _status(old) != _status(new) or old is None or new is None:
            told = new if new is not None and new.error is not None and not because_of_a_child(new) else None
            error = f", {told.error.type}: {told.error.message}" if told is not None and told.error is not None else ""
            return f"{_status(old)} → {_status(new)}{error}"
        if pair.stage == "prompt":
            return "its prompt function was changed"
        if pair.stage == "response":
            before, after = _model(old), _model(new)
            if before and after and before != after:
                return f"another model: {before} → {after}"
            if bool(self.state.runs[self.old].scripted) != bool(self.state.runs[self.new].scripted):
                return "answered by a script in one of the runs"
            return "another answer to the same prompt"
        same_key = old.output is not None and new.output is not None and old.output.key == new.output.key
        if same_key:
            return "another result of the same code"
        return "its parser was changed" if pair.task.type == "llm" else "its code was changed"

    # Sums

    def _add_up(self) -> Iterator[None]:
        for at in range(len(self.pairs) - 1, -1, -1):
            pair = self.pairs[at]
            self.counts[pair.mark] += 1
            if pair.parent >= 0:
                parent = self.pairs[pair.parent]
                parent.size += pair.size
                parent.inside += pair.inside + (pair.mark != "=")
            if at % STEP == 0:
                yield
        for run, spent in ((self.old, self.spent_old), (self.new, self.spent_new)):
            yield from add_spending(self.state, run, spent)


def add_spending(state: State, run: int, spent: Spent) -> Iterator[None]:
    """What a run took by itself, in steps: what it took over is not counted again."""
    own = state.in_run(run)
    for number, task in enumerate(list(own)):
        seen = own.get(task)
        _, tokens, cost = figures(seen)
        spent.tokens += tokens
        if cost is not None and seen is not None and seen.attempts:
            spent.cost = (spent.cost or 0.0) + cost
        if number % STEP == 0:
            yield
    found = state.runs[run]
    spent.seconds = None if found.ended is None else found.ended - found.started


def figures(task_run: TaskRun | None) -> tuple[float | None, int, float | None]:
    """Seconds, tokens and cost of a task run; without a call it cost nothing."""
    if task_run is None:
        return None, 0, None
    took = None if task_run.started is None or task_run.ended is None else task_run.ended - task_run.started
    tokens, cost = 0, None if task_run.attempts else 0.0
    for attempt in task_run.attempts:
        if attempt.usage is not None:
            tokens += (attempt.usage.input_tokens or 0) + (attempt.usage.output_tokens or 0)
        if attempt.cost is not None:
            cost = (cost or 0.0) + attempt.cost
    return took, tokens, cost


def aligned(
    olds: Sequence[Task], news: Sequence[Task], old_keys: Sequence[str | None], new_keys: Sequence[str | None]
) -> list[tuple[Task | None, Task | None]]:
    """The tasks of one graph in two runs as pairs: in the order of the newer run, what is gone after what it stood after."""
    by_name = {task.name: at for at, task in enumerate(olds)}
    partner: dict[int, int] = {}  # position in news -> position in olds
    free = dict.fromkeys(range(len(olds)))
    for at, task in enumerate(news):  # the same name and the same key, or one that has none to compare
        found = by_name.get(task.name)
        if found is not None and (old_keys[found] == new_keys[at] or None in (old_keys[found], new_keys[at])):
            partner[at] = found
            free.pop(found, None)
    by_key: dict[tuple[str | None, str], deque[int]] = {}
    for position in free:
        key = old_keys[position]
        if key is not None:
            by_key.setdefault((olds[position].function, key), deque()).append(position)
    for at, task in enumerate(news):
        key = new_keys[at]
        queue = by_key.get((task.function, key)) if at not in partner and key is not None else None
        if queue:
            partner[at] = queue.popleft()
            free.pop(partner[at], None)
    for at, task in enumerate(news):
        found = by_name.get(task.name)
        if at not in partner and found is not None and found in free:
            partner[at] = found
            free.pop(found)
    place = {old: at for at, old in partner.items()}
    gone: dict[int, list[Task]] = {}
    after = -1
    for position, task in enumerate(olds):
        if position in place:
            after = place[position]
        else:
            gone.setdefault(after, []).append(task)
    pairs: list[tuple[Task | None, Task | None]] = [(task, None) for task in gone.get(-1, [])]
    for at, task in enumerate(news):
        pairs.append((olds[partner[at]] if at in partner else None, task))
        pairs += [(old, None) for old in gone.get(at, [])]
    return pairs


_SETTINGS: Final = {"model": "model", "params": "parameters", "sample": "sample"}
_FIRST: Final = {"llm": "prompt", "python": "output", "graph": "children"}


def _key(task: Task, seen: TaskRun | None) -> str | None:
    """The key of the first stage of a task: what it was computed from."""
    stage = None if seen is None else getattr(seen, _FIRST[task.type])
    return None if stage is None or stage.origin == "edited" else stage.key


def _value(task_run: TaskRun | None, name: str) -> Raw | None:
    stage = None if task_run is None else getattr(task_run, name)
    return None if stage is None else stage.value


def _origin(task_run: TaskRun | None, name: str) -> str:
    stage = None if task_run is None else getattr(task_run, name)
    return "" if stage is None else stage.origin


def _status(task_run: TaskRun | None) -> str:
    return "waiting" if task_run is None else task_run.status


def _model(task_run: TaskRun) -> str | None:
    return next((attempt.model for attempt in reversed(task_run.attempts) if attempt.model), None)

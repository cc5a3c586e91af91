"""(trace, graph) -> what a resume would run, and why. Pure: nothing is executed.

The graph is walked in the order in which the engine would settle it, with the same keys and the same search. Where a value is not
known before something has run, all that depends on it may run. What is found to be kept here needs no second look: the engine
starts from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Literal, TypeAlias

from msgspec import Raw, Struct, field

from . import _values
from ._events import Failure, Stage, StageName
from ._graph import Children, Task
from ._memo import Later, Memo, Outputs, reused
from ._schedule import Schedule
from ._state import TaskRun

Action: TypeAlias = Literal["run", "maybe", "kept"]


class Planned(Struct, omit_defaults=True):
    """What a resume will do with a task.

    Attributes:
        task: its id.
        action: `run`: it will run; `maybe`: it depends on a value that is not known yet; `kept`: its value stays.
        reason: why, in a few words.
        stage: the first stage that is made anew; None when it is kept, or not known.
        calls: sends to a provider that are certain.
        possible_calls: sends if everything that may run does.
        input_tokens: by the record of this task or of its like; None when there is none.
        output_tokens: likewise.
        cost: US dollars, likewise.
        seconds: likewise.
        warning: something to look at: an edit over a changed input, an attempt in doubt.
    """

    task: str
    action: Action
    reason: str
    stage: StageName | None = None
    calls: int = 0
    possible_calls: int = 0
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost: float | None = None
    seconds: float | None = None
    warning: str | None = None


class Plan(Struct):
    """What a resume of a run will do. `run` and `maybe` together are the tasks that the resumed run settles anew.

    Attributes:
        run: the run to resume.
        tasks: every task that will run, may run, or is kept for a reason worth telling, in the order of settling.
        kept: how many tasks are kept in all.
        code_checked: whether the code was looked at; without it, code is taken to be as it was recorded.
    """

    run: int
    tasks: list[Planned] = field(default_factory=list)
    kept: int = 0
    code_checked: bool = False

    def of(self, action: Action) -> list[Planned]:
        """The tasks with that action."""
        return [planned for planned in self.tasks if planned.action == action]


class _Cost(Struct):
    input_tokens: int | None
    output_tokens: int | None
    cost: float | None
    seconds: float | None


_UNKNOWN: Final = _Cost(None, None, None, None)
_ASKED: Final = "asked for again"
_ONLY_ONCE: Final = "its inputs may have changed, but its effect is had only once"


class Planner:
    """Walks a graph with what is recorded.

    Attributes:
        kept: task id -> its task run, for all that stays exactly as it is on screen.
        open: ids of the tasks that have to be settled anew, in order.
        planned: why, by task id.
        children: what each graph declared, where that is known before it runs, by task id.

    Args:
        memo: what is recorded; when the planner is done, the stages that tasks were found to take are promised to them.
        root: the root task.
        declared: declarations that the trace does not hold yet, by number.
        at_once: False for who walks by `steps`.
    """

    def __init__(self, memo: Memo, root: Task, declared: Mapping[int, Task] | None = None, *, at_once: bool = True) -> None:
        self.kept: dict[str, TaskRun] = {}
        self.open: list[str] = []
        self.planned: dict[str, Planned] = {}
        self.children: dict[str, Children] = {}
        self._memo, self._state = memo, memo.state
        self._declared = declared or {}
        self._tasks: dict[str, Task] = {root.id: root}
        memo.present = self._tasks.keys()
        self._outputs = Outputs()
        self._schedule = Schedule()
        self._closing: dict[str, bool] = {}
        self._late: set[str] = set()
        self._like: dict[str, _Cost] | None = None
        self._schedule.add(root.id, ())
        if at_once:
            for _ in self.steps():
                pass

    def plan(self, run: int, *, code_checked: bool) -> Plan:
        """The plan for a person."""
        told = [self.planned[id] for id in self.open]
        told += [planned for id, planned in self.planned.items() if id in self.kept and planned.warning]
        return Plan(run, told, self.looked_at - sum(planned.action != "kept" for planned in told), code_checked)

    @property
    def looked_at(self) -> int:
        """How many tasks there are, as far as that is known."""
        return len(self._tasks)

    def steps(self) -> Iterator[None]:
        """Walk, with a stop after each task, so that others can be served in between."""
        while (id := self._schedule.pop()) is not None:
            task = self._tasks[id]
            if id in self._closing:
                self._close(task)
            elif not self._settle(task):
                continue
            self._schedule.succeed(id)
            yield

    # One task

    def _settle(self, task: Task) -> bool:
        """Decide what can be decided. False when it waits: for its children, or for those that keep their own."""
        self._memo.begin()
        try:
            settled = self._decide(task, late=task.id in self._late)
        except Later:
            self._memo.give_back()
            self._late.add(task.id)
            self._schedule.defer(task.id)
            return False
        if task.id not in self.kept:
            self._memo.promise(task.id)
        return settled

    def _decide(self, task: Task, *, late: bool) -> bool:
        pinned = self._memo.pin(task.id, "output")
        if pinned is not None:
            self._pinned(task, pinned)
            return True
        unknown = next((ref for ref in task.dependencies() if ref not in self._outputs), None)
        if task.type == "llm":
            self._llm(task, unknown, late)
            return True
        return self._function(task, unknown, late)

    def _pinned(self, task: Task, value: Raw) -> None:
        seen = self._memo.seen(task.id)
        self._outputs[task.id] = _values.canonical(value)
        warning = "edited over a changed input" if self._changed(task) else None
        if seen is not None and holds(seen, self._outputs[task.id]):
            self._keep(task, seen, warning)
        else:
            self._open(task, "kept", "its output is edited", warning=warning)

    def _llm(self, task: Task, unknown: str | None, late: bool) -> None:
        arguments = self._outputs.of_arguments(task) if unknown is None else None
        found = self._memo.prompt_known(task, arguments, late=late)
        pinned = self._memo.pinned(task)
        warning = "edited over a changed input" if pinned and self._changed(task) else None
        if found.missing is not None:
            waits_for = unknown if found.missing == "prompt" else None
            possible = found.missing in ("prompt", "response")
            self._will(task, waits_for, found.missing, calls=found.missing == "response", possible=possible, warning=warning)
            return
        assert found.output is not None
        self._outputs[task.id] = _values.canonical(found.output.value)
        seen = self._memo.seen(task.id)
        if found.own and seen is not None:
            self._keep(task, seen, warning)
        else:
            self._open(task, "kept", self._where(task, found.output), warning=warning)

    def _function(self, task: Task, unknown: str | None, late: bool) -> bool:
        memo, seen = self._memo, self._memo.seen(task.id)
        if task.children is not None and task.result is not None:
            return self._enter(task, Children(task.children, task.result), True)
        if unknown is None:
            arguments = self._outputs.of_arguments(task)
            name, found = memo.function_known(task, arguments, late=late)
            if found is not None and name == "children":
                return self._enter(task, self._state.children_in(found.stage), found.own)
            if found is not None:
                self._outputs[task.id] = _values.canonical(found.stage.value)
                if found.own and seen is not None and seen.status == "succeeded":
                    self._keep(task, seen)
                else:
                    self._open(task, "kept", self._where(task, reused(found.stage, found.source)))
                return True
        ran = memo.ran_once(task)
        if ran is not None:
            self._keep_effect(task, ran)
            return True
        self._will(task, unknown, "children" if task.type == "graph" else "output")
        self._may_run_below(task)
        return True

    def _keep_effect(self, task: Task, ran: TaskRun) -> None:
        if ran.output is None:
            told = "its effect is in doubt" if in_doubt(ran) else "its effect failed"
            self._open(task, "maybe", f"{told}: it runs only when asked for", warning=ran_how(ran))
            return
        self._outputs[task.id] = _values.canonical(ran.output.value)
        seen = self._memo.seen(task.id)
        if stands_for(seen, ran):
            self._keep(task, seen, _ONLY_ONCE)  # type: ignore[arg-type]
        else:
            self._open(task, "kept", _ONLY_ONCE, warning=_ONLY_ONCE)

    # Graphs

    def _enter(self, task: Task, children: Children, own: bool) -> bool:
        self.children[task.id] = children
        self._closing[task.id] = own
        inner = [self.declaration(number) for number in children.tasks]
        for child in inner:
            self._tasks[child.id] = child
            self._schedule.add(child.id, child.dependencies())
        self._schedule.wait(task.id, dict.fromkeys(children.result.refs()))
        return False

    def task(self, id: str) -> Task:
        """A task that was looked at."""
        return self._tasks[id]

    def declaration(self, number: int) -> Task:
        """The declaration of that number."""
        return self._declared.get(number) or self._state.tasks[number]

    def _close(self, task: Task) -> None:
        own, result, seen = self._closing[task.id], self.children[task.id].result, self._memo.seen(task.id)
        unknown = next((ref for ref in result.refs() if ref not in self._outputs), None)
        if unknown is not None:
            self._open(task, "maybe", f"its output holds that of {unknown}")
            return
        output = self._outputs[task.id] = _values.canonical(result.compose(self._outputs))
        whole = seen is not None and seen.status == "succeeded" and seen.output is not None and seen.output.origin != "edited"
        if own and whole and _values.canonical(seen.output.value) == output:  # type: ignore[union-attr]
            self._keep(task, seen)  # type: ignore[arg-type]
        else:
            self._open(task, "kept", "nothing of its own runs")

    def _may_run_below(self, task: Task) -> None:
        """The children that a graph had before may be there again."""
        if self._memo.base is None:
            return
        stack = [task]
        while stack:
            parent = stack.pop()
            children = self._state.children(self._memo.base, parent)
            for number in children.tasks if children is not None else ():
                child = self.declaration(number)
                if child.id in self._tasks:
                    continue
                self._tasks[child.id] = child
                if self._memo.ran_once(child) is not None:
                    self._open(child, "kept", _ONLY_ONCE, warning=_ONLY_ONCE)
                    continue
                held = self._memo.pin(child.id, "output") is not None
                answered = held or self._memo.pin(child.id, "response") is not None
                self._will(child, task.id, None, possible=child.type == "llm" and not answered)
                if not held:
                    stack.append(child)

    # Verdicts

    def _keep(self, task: Task, seen: TaskRun, warning: str | None = None) -> None:
        self.kept[task.id] = seen
        if warning:
            self.planned[task.id] = Planned(task.id, "kept", warning, warning=warning)

    def _open(self, task: Task, action: Action, reason: str, *, warning: str | None = None) -> None:
        self.open.append(task.id)
        self.planned[task.id] = Planned(task.id, action, reason, warning=warning)

    def _will(
        self,
        task: Task,
        unknown: str | None,
        stage: StageName | None,
        *,
        calls: bool = False,
        possible: bool = False,
        warning: str | None = None,
    ) -> None:
        action: Action = "run" if unknown is None else "maybe"
        reason = self._reason(task) if unknown is None else f"depends on {unknown}"
        if stage == "prompt" and unknown is None and reason != _ASKED:
            reason += "; the call is made if the prompt comes out otherwise"
        cost = self._cost(task) if possible else _UNKNOWN
        self.open.append(task.id)
        self.planned[task.id] = Planned(
            task.id,
            action,
            reason,
            stage if unknown is None else None,
            int(calls),
            int(possible),
            cost.input_tokens,
            cost.output_tokens,
            cost.cost,
            cost.seconds,
            warning or self._doubt(task),
        )

    def _doubt(self, task: Task) -> str | None:
        last = self._memo.last(task.id)
        if last is None or not last.attempts or last.attempts[-1].ended is not None or last.response is not None:
            return None
        return f"attempt {len(last.attempts)} in run {last.run} has no end: it may have been paid for"

    def _reason(self, task: Task) -> str:
        memo, seen = self._memo, self._memo.seen(task.id)
        if seen is None:
            return "it has not run" if memo.last(task.id) is None else f"run {memo.base} ended before it"
        known = {(e.task, e.stage): e for e in (self._state.edits[i] for i in self._state.runs[seen.run].edits)}
        for name in ("sample", "response", "prompt", "model", "params"):
            now, then = memo.edits.get((task.id, name)), known.get((task.id, name))
            if now is not then and now is not None:
                return _ASKED if name == "sample" else f"its {name} is edited"
            if now is None and then is not None:
                return f"the edit of its {name} was taken back"
        recorded, facts = self._state.functions.get(task.facts_name), memo.facts_of(task)
        if recorded is None or recorded.code != facts.code or recorded.parser != facts.parser:
            return "its code changed"
        if recorded.schema != facts.schema or recorded.tools != facts.tools:
            return "what is sent with its prompt changed"
        if seen.status != "succeeded":
            return {"failed": f"it failed in run {seen.run}", "blocked": "it was blocked"}.get(seen.status, "it was cut off")
        changed = self._changed(task)
        if changed:
            return f"its input {changed} changed"
        return "its arguments or settings changed"

    def _changed(self, task: Task) -> str | None:
        """A dependency whose output is not what it is on screen, or not known."""
        for ref in task.dependencies():
            if ref in self.kept:
                continue
            seen = self._memo.seen(ref)
            known = seen is not None and seen.output is not None and ref in self._outputs
            if not known or _values.canonical(seen.output.value) != self._outputs[ref]:  # type: ignore[union-attr]
                return ref
        return None

    def _where(self, task: Task, stage: Stage) -> str:
        recorded = self._state.task_runs.get(stage.source or 0)
        if recorded is None:
            return "nothing of its own runs"
        return f"its value is recorded in run {recorded.run}" + ("" if recorded.task == task.id else f" at {recorded.task}")

    def _cost(self, task: Task) -> _Cost:
        if self._like is None:
            self._like = {}
            names = {known.id: known.facts_name for known in self._state.tasks.values()}
            for task_run in self._state.task_runs.values():
                cost = _cost_of(task_run)
                if cost is not None:
                    self._like[names.get(task_run.task, "")] = self._like[task_run.task] = cost
        return self._like.get(task.id) or self._like.get(task.facts_name) or _UNKNOWN


def holds(seen: TaskRun, output: bytes) -> bool:
    """Whether what is on screen has that output by an edit."""
    return seen.output is not None and seen.output.origin == "edited" and _values.canonical(seen.output.value) == output


def stands_for(seen: TaskRun | None, ran: TaskRun) -> bool:
    """Whether what is on screen is that execution."""
    return (
        seen is not None and seen.output is not None and (seen.output.source or seen.id) == ran.id and seen.status == "succeeded"
    )


def in_doubt(ran: TaskRun) -> bool:
    """Whether nobody knows how an execution ended: it has no end, or was given up while it went on."""
    return ran.attempts[-1].ended is None or (ran.error is not None and ran.error.type == "TimeoutError")


def ran_how(ran: TaskRun) -> str:
    """What is told of an effect that gave no output."""
    return f"it ran once, in run {ran.run}, and " + ("how that ended is not known" if in_doubt(ran) else "failed")


def effect_failure(ran: TaskRun) -> Failure:
    """Why a task does not run, whose effect gave no output."""
    doubt = in_doubt(ran)
    known = "" if doubt or ran.error is None else f" ({ran.error.type}: {ran.error.message})"
    return Failure("EffectInDoubt" if doubt else "EffectFailed", f"{ran_how(ran)}{known}; ask for it again by name to run it")


def _cost_of(task_run: TaskRun) -> _Cost | None:
    attempts = [attempt for attempt in task_run.attempts if attempt.usage is not None and attempt.ended is not None]
    if not attempts:
        return None
    last = attempts[-1]
    assert last.usage is not None
    assert last.ended is not None
    return _Cost(last.usage.input_tokens, last.usage.output_tokens, last.cost, last.ended - last.started)

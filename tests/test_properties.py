"""Random graphs under random edits, reverts, new samples, resumes, forks and interruptions, against a naive reference.

What a resume may execute follows by counting: of each call that succeeds, as many as are needed and not recorded yet.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reference import CALLS, Node, Pins, Spec, Stop, World, app, changed, frozen, main, provider, shown, specs

from llmtaskgraph import EditMade, Plan, Trace, _edit, _roots, _run, _trace, fold
from llmtaskgraph._events import StageName
from llmtaskgraph._store import MemoryStore

STAGES: tuple[StageName, ...] = ("prompt", "response", "children", "output")
STAGE_OF = {"ask": "prompt", "send": "response"}


def same(near: Plan | None, full: Plan) -> bool:
    """Whether two plans say the same; the order in which they look at tasks may differ."""
    assert near is not None
    assert {each.task: each for each in near.tasks} == {each.task: each for each in full.tasks}
    assert near.kept == full.kept
    return True


# The session


class Session:
    """A trace, and beside it what the reference says of each run."""

    def __init__(self, spec: Spec, x: int, seed: int, backend: str) -> None:
        self.store = MemoryStore()
        self.random = random.Random(seed)
        self.backend = backend
        self.recorded: Counter[Any] = Counter()
        self.worlds: dict[int, World] = {}
        self.known: dict[int, dict[str, Node]] = {}
        self.inputs: dict[int, tuple[Spec, int]] = {}
        self.pins: dict[int, Pins] = {}
        self.pending: dict[int, Pins] = {}
        self.pending_input: dict[int, tuple[Spec, int]] = {}
        self.make(None, spec, x, {}, stop=self.random.choice([0, 0, 3, 7]))

    def make(self, parent: int | None, spec: Spec, x: int, pins: Pins, *, stop: int = 0) -> None:
        """Make a run, and check all that is said of it. `stop`: cancel it at the call of that number."""
        before = self.store.trace.encode()
        world = World(spec, x, pins)
        plan = None if parent is None else _roots.plan_with(app, main.root_of, self.store.state, parent)
        assert plan is None or plan.tasks == _roots.plan_recorded(self.store.state, parent).tasks
        assert plan is None or same(list(_roots.plan_stepwise(self.store.state, parent))[-1], plan)
        assert self.store.trace.encode() == before, "a plan changes nothing"
        events: list[Any] = []
        self.execute(parent, spec, x, stop, events)
        run = max(self.store.state.runs)
        result = _run.result_of(self.store.state, run)
        self.worlds[run], self.inputs[run], self.pins[run] = world, (spec, x), pins
        known = {} if parent is None else self.known[parent]
        self.known[run] = {**frozen(known, pins), **world.nodes}
        if result.status == "cancelled":
            self.known[run] = self.still_known({**known, **world.nodes}, run)
            self.check_interrupted(world, run)
        else:
            self.check_output(result, world)
            self.check_executed(world)
            if parent is not None:
                self.check_kept(known, world, run)
        if plan is not None:
            self.check_plan(plan, result)
        self.check_fold(before, events)
        if self.random.random() < 0.5:  # as if read from a file
            self.store = MemoryStore(_trace.decode(self.store.trace.encode()))

    def execute(self, parent: int | None, spec: Spec, x: int, stop: int, events: list[Any]) -> None:
        CALLS.clear()
        provider.sent.clear()
        made = _run.Settings(on_event=lambda event, state: events.append(event))
        run = None if parent is None else self.store.state.run(parent)
        root_of = main.root_of if run is not None else lambda state, _: (main.root_from((), {"spec": spec, "x": x}), None)

        async def in_scope() -> None:
            with anyio.CancelScope() as scope:
                Stop.at, Stop.scope = stop, scope
                await _run.run_in(self.store, app, root_of, run, made)

        anyio.run(in_scope, backend=self.backend)

    def still_known(self, known: dict[str, Node], run: int) -> dict[str, Node]:
        """What stands in a run that was cut off."""
        seen = {id: self.store.state.seen(run, id) for id in known}
        return {id: node for id, node in known.items() if (found := seen[id]) is not None and found.status == "succeeded"}

    def check_interrupted(self, world: World, run: int) -> None:
        """Nothing was executed that was not needed, and at most what was under way is not recorded."""
        found = Counter(CALLS) + Counter(("send", prompt) for prompt in provider.sent)
        assert found <= self.expected(world)
        recorded: Counter[Any] = Counter()
        for id, task_run in self.store.state.in_run(run).items():
            made = {name for name in STAGES if (stage := task_run.stage(name)) is not None and stage.origin == "executed"}
            for key in world.nodes[id].wants:
                function = key[0] not in ("ask", "send", "parse")
                if made & ({"children", "output"} if function and task_run.attempts else {STAGE_OF.get(key[0], "none")}):
                    recorded[key] += 1
        lost = found - Counter(shown(key) for key in recorded.elements())
        under_way = sum(task_run.status in ("cancelled", "failed") for task_run in self.store.state.in_run(run).values())
        assert lost.total() <= under_way
        self.recorded += recorded

    def check_output(self, result: _run.Result, world: World) -> None:
        state = self.store.state
        failed = any(node.status != "succeeded" for node in world.nodes.values())
        assert result.status == ("failed" if failed else "succeeded")
        assert result.output == (None if failed else world.root)
        assert {task.id for task in state.walk(result.run)} >= world.nodes.keys()
        for id, node in world.nodes.items():
            seen = state.seen(result.run, id)
            assert seen is not None, id
            assert seen.status == node.status, id
            if node.status == "succeeded":
                assert seen.output is not None
                assert json.loads(bytes(seen.output.value)) == node.output, id

    def expected(self, world: World) -> Counter[Any]:
        """Of each call as many as are needed and not recorded; all of those that fail."""
        needed = Counter({key: n if key in world.failing else n - self.recorded[key] for key, n in world.calls.items()})
        expected: Counter[Any] = Counter()
        for key, count in (+needed).items():
            expected[shown(key)] += count
        return expected

    def check_executed(self, world: World) -> None:
        """Exactly what is needed, no more and no less."""
        assert Counter(CALLS) + Counter(("send", prompt) for prompt in provider.sent) == self.expected(world)
        for key, needed in world.calls.items():
            if key not in world.failing:
                self.recorded[key] = max(self.recorded[key], needed)

    def check_kept(self, before: dict[str, Node], now: World, run: int) -> None:
        """What is as it was has no record in the new run; all else has.

        Where two tasks want one recorded stage, it may be that the other got it, since this one was not known then.
        """
        stored = self.store.state.in_run(run)
        for id, node in now.nodes.items():
            old = before.get(id)
            kept = old is not None and node.status == "succeeded" and old == node
            assert id in stored or kept, id
            assert id not in stored or not kept or any(now.wanted[key] > 1 for key in node.wants), id

    def check_plan(self, plan: Plan, result: _run.Result) -> None:
        run, maybe = ({planned.task for planned in plan.of(action)} for action in ("run", "maybe"))
        executed = set(result.executed)
        known = {planned.task for planned in plan.tasks}
        state = self.store.state
        new = state.in_run(result.run).keys() - {task.id for task in state.walk(plan.run)}
        assert executed - new <= run | maybe
        blocked = {id for id, task_run in state.in_run(result.run).items() if task_run.status == "blocked"}
        assert result.status == "cancelled" or run - blocked <= executed
        assert not executed & {planned.task for planned in plan.of("kept")}
        assert state.in_run(result.run).keys() - new <= known
        sent = len(provider.sent)
        certain = sum(planned.calls for planned in plan.tasks if planned.task not in blocked)
        assert result.status == "cancelled" or certain <= sent
        if not new:
            assert sent <= sum(planned.possible_calls for planned in plan.tasks)

    def check_fold(self, before: bytes, events: list[Any]) -> None:
        folded = fold(events, _trace.decode(before).state)
        folded.sequence = self.store.state.sequence
        assert Trace(folded).encode() == Trace(self.store.state).encode()

    # Actions

    def resume(self, run: int, *, stop: int = 0) -> None:
        pins = {key: value for key, value in {**self.pins[run], **self.pending.pop(run, {})}.items() if value is not None}
        spec, x = self.inputs[run]
        given = self.pending_input.pop(run, None)
        if given is not None:
            spec, x = given
        self.make(run, spec, x, pins, stop=stop)

    def edit(self, run: int) -> None:
        state = self.store.state
        task = self.random.choice(sorted(state.walk(run), key=lambda task: task.id))
        stages = {"llm": ["prompt", "response", "response", "output", "sample"], "python": ["output", "output", "sample"]}
        stage = self.random.choice(stages.get(task.type, ["output", "sample"]))
        number = self.random.randrange(12)
        held = [(task.id, name) for name in ("output", "response") if (task.id, name) in state.edits_to_apply(run)]
        if stage == "sample":
            if held:
                return
            edit = _edit.again(state, run, task, 1.0)
        else:
            text = f"ask {number}" if stage == "prompt" else str(number)
            if stage == "output" and task.function in ("main", "sub"):
                text = f"[{number}]"
            edit = _edit.edit(state, run, task, stage, text, 1.0)  # type: ignore[arg-type]
        self.store.append(EditMade(edit))
        value = json.loads(bytes(edit.value))  # type: ignore[arg-type]
        if stage in ("prompt", "response"):
            value = (value[0] if stage == "prompt" else value)["parts"][0]["content"]
        self.pending.setdefault(run, {})[task.id, stage] = value

    def revert(self, run: int) -> None:
        state = self.store.state
        in_force = sorted(state.edits_to_apply(run))
        if in_force:
            id, stage = self.random.choice(in_force)
            task = next((task for task in state.walk(run) if task.id == id), None)
            if task is not None and stage != "input":
                self.store.append(EditMade(_edit.revert(state, run, task, stage, 1.0)))
                self.pending.setdefault(run, {})[id, stage] = None

    def edit_input(self, run: int, spec: Spec, x: int) -> None:
        state = self.store.state
        text = json.dumps({"spec": spec, "x": x})
        self.store.append(EditMade(_edit.edit(state, run, state.tasks[state.runs[run].root], "input", text, 1.0)))
        self.pending_input[run] = (spec, x)


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(specs(), st.integers(0, 20), st.integers(0, 2**32), st.data())
def test_a_resume_gives_what_a_fresh_run_would_and_executes_only_what_it_needs(
    backend: str, spec: Spec, x: int, seed: int, data: st.DataObject
) -> None:
    """Whatever was edited, taken back, sampled again, resumed, forked and interrupted before."""
    session = Session(spec, x, seed, backend)
    for action in data.draw(st.lists(st.sampled_from("eeerriunfkk"), min_size=2, max_size=8)):
        newest = max(session.worlds)
        if action in "e":
            session.edit(newest)
        elif action == "r":
            session.resume(newest)
        elif action == "k":
            session.resume(newest, stop=data.draw(st.integers(1, 12)))
        elif action == "u":
            session.revert(newest)
        elif action == "i":
            session.edit_input(newest, *session.inputs[newest][:1], data.draw(st.integers(0, 20)))
        elif action == "n":
            session.edit_input(newest, data.draw(changed(session.inputs[newest][0])), session.inputs[newest][1])
        else:
            older = session.random.choice(list(session.worlds))
            session.edit(older)
            session.resume(older)
    session.resume(max(session.worlds))
    newest = max(session.worlds)
    succeeded = session.store.state.runs[newest].status == "succeeded"
    session.resume(newest)
    if succeeded:
        assert (CALLS, provider.sent) == ([], [])
        assert not session.store.state.in_run(newest + 1)

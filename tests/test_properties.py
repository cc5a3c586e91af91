"""Random graphs under random edits, reverts, new samples, resumes and forks, against a naive reference.

The reference knows nothing of keys, runs or plans: it evaluates the whole program with the edits applied, and says which calls
that takes. What a resume may execute follows by counting: of each call that succeeds, as many as are needed and not recorded yet.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from typing import Any, NamedTuple

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from programs import Counting

from llmtaskgraph import Context, EditMade, ProviderError, PythonTask, Registry, Trace, _app, _edit, _trace, fold
from llmtaskgraph._plan import Plan
from llmtaskgraph._store import MemoryStore

Spec = dict[str, Any]
Pins = dict[tuple[str, str], Any]


# The program: a graph as data, interpreted

CALLS: list[tuple[Any, ...]] = []
app = Registry("random", model="own:m")


def _answer(prompt: str) -> str:
    number = int(prompt.removeprefix("ask "))
    if number % 6 == 5:
        raise ProviderError("no", fault="request")
    return str(number * 7 % 50)


provider = Counting(_answer)
app.provider("own", provider)


@app.task(version="1")
async def add(a: int, b: int) -> int:
    CALLS.append(("add", a, b))
    await anyio.lowlevel.checkpoint()
    return (a + b) % 100


@app.task(version="1")
async def coarse(a: int, by: int) -> int:
    CALLS.append(("coarse", a, by))
    return a // by


@app.task(version="1")
async def fragile(a: int, m: int) -> int:
    CALLS.append(("fragile", a, m))
    await anyio.lowlevel.checkpoint()
    if a % m == 0:
        raise ValueError(f"{a}")
    return a


@app.task(version="1")
async def total(items: list[int]) -> int:
    CALLS.append(("total", tuple(items)))
    return sum(items) % 100


@app.task(version="1")
async def adder(ctx: Context, a: int, n: int) -> int:
    CALLS.append(("adder", a, n))
    last: Any = a
    for i in range(a % (n + 1)):
        last = ctx.add_task(PythonTask(add, last, i, name=f"t{i}"))
    return last  # type: ignore[no-any-return]


@app.llm(output=int, version="1")
def ask(a: int, m: int) -> str:
    CALLS.append(("ask", a, m))
    return f"ask {a % m}"


@app.graph
def fan(a: int, m: int) -> int:
    CALLS.append(("fan", a, m))
    return total(ask.map([(a + i * i) % 10 for i in range(a % 4)], m=m))


@app.graph
def loop(a: int, m: int) -> int:
    CALLS.append(("loop", a, m))
    if m <= 0 or a % 3 == 0:
        return a
    return loop.named("next")(coarse.named("c")(ask.named("q")(a, 9), 2), m - 2)


@app.graph
def main(spec: Spec, x: int) -> list[int]:
    CALLS.append(("main", json.dumps(spec), x))
    return _build(spec, x)


@app.graph
def sub(spec: Spec, x: int) -> list[int]:
    CALLS.append(("sub", json.dumps(spec), x))
    return _build(spec, x)


BINARY: dict[str, Any] = {f.function.name: f for f in (add, coarse, fragile, adder, ask, fan, loop)}


def _build(spec: Spec, x: int) -> list[int]:
    made: list[Any] = []
    for node in spec["nodes"]:
        value = x if node["arg"] is None else made[node["arg"]]
        if node["fn"] == "sub":
            made.append(total.named("of-" + node["name"])(sub.named(node["name"])(node["spec"], value)))
        else:
            made.append(BINARY[node["fn"]].named(node["name"])(value, node["k"]))
    return [made[i] for i in spec["out"]]


# The reference


class Node(NamedTuple):
    """A task: what tells whether it is the same as before, its output, or why it has none."""

    same: Any
    status: str
    output: Any
    wants: tuple[Any, ...] = ()


class World:
    """The program evaluated from nothing, with pins. `calls`: what would be called; `failing`: those that fail."""

    def __init__(self, spec: Spec, x: int, pins: Pins) -> None:
        self.pins = pins
        self.nodes: dict[str, Node] = {}
        self.calls: Counter[Any] = Counter()
        self.wanted: Counter[Any] = Counter()
        self.failing: set[Any] = set()
        self.wants: list[Any] = []
        self.root = self.scope("main", "main", spec, x)

    def call(self, key: Any, *, fails: bool = False) -> None:
        self.calls[key] += 1
        self.want(key)
        if fails:
            self.failing.add(key)

    def want(self, key: Any) -> None:
        """A recorded stage that the task at hand would take."""
        self.wanted[key] += 1
        self.wants.append(key)

    def scope(self, fn: str, id: str, spec: Spec, x: Any) -> Any:
        """A graph task whose spec is interpreted."""

        def inside(value: Any) -> Any:
            made: list[Any] = []
            for node in spec["nodes"]:
                arg = value if node["arg"] is None else made[node["arg"]]
                name = f"{id}/{node['fn']}[{node['name']}]"
                if node["fn"] == "sub":
                    whole = self.scope("sub", name, node["spec"], arg)
                    made.append(self.python(f"{id}/total[of-{node['name']}]", "total", (whole,)))
                else:
                    made.append(self.task(name, node["fn"], (arg, node["k"])))
            found = [made[i] for i in spec["out"]]
            return None if None in found else found

        return self.graph(id, fn, (json.dumps(spec), x), lambda: inside(x))

    def task(self, id: str, fn: str, args: tuple[Any, ...]) -> Any:
        a, m = args
        if fn == "ask":
            return self.llm(id, args)
        if fn == "fan":

            def fanned() -> Any:
                items = [(a + i * i) % 10 for i in range(a % 4)]
                found = [self.llm(f"{id}/ask[{i}]", (item, m)) for i, item in enumerate(items)]
                return self.python(f"{id}/total", "total", (None if None in found else found,))

            return self.graph(id, fn, args, fanned)
        if fn == "loop":

            def again() -> Any:
                if m <= 0 or a % 3 == 0:
                    return a
                answer = self.llm(f"{id}/ask[q]", (a, 9))
                coarser = self.python(f"{id}/coarse[c]", "coarse", (answer, 2))
                return self.task(f"{id}/loop[next]", "loop", (coarser, m - 2))

            return self.graph(id, fn, args, again)
        if fn == "adder":

            def added() -> Any:
                last = a
                for i in range(a % (m + 1)):
                    last = self.python(f"{id}/add[t{i}]", "add", (last, i))
                return last

            return self.graph(id, fn, args, added)
        return self.python(id, fn, args)

    def settle(self, id: str, same: Any, output: Any, failed: str = "failed") -> Any:
        self.nodes[id] = Node(same, "succeeded" if output is not None else failed, output, tuple(self.wants))
        self.wants.clear()
        return output

    def graph(self, id: str, fn: str, args: tuple[Any, ...], inside: Any) -> Any:
        if (id, "output") in self.pins:
            return self.settle(id, "pinned", self.pins[id, "output"])
        if None in args:
            return self.settle(id, args, None, "blocked")
        sample = self.pins.get((id, "sample"), 0)
        added = fn != "adder" or args[0] % (args[1] + 1)
        self.call((id if added else fn, *args, sample))
        self.wants.clear()
        return self.settle(id, (args, sample), inside())

    def python(self, id: str, fn: str, args: tuple[Any, ...]) -> Any:
        if (id, "output") in self.pins:
            return self.settle(id, "pinned", self.pins[id, "output"])
        if None in args:
            return self.settle(id, args, None, "blocked")
        sample = self.pins.get((id, "sample"), 0)
        output = None
        if fn == "add":
            output = sum(args) % 100
        elif fn == "coarse":
            output = args[0] // args[1]
        elif fn == "total":
            output = sum(args[0]) % 100
        elif args[0] % args[1]:
            output = args[0]
        self.call((fn, *(tuple(a) if isinstance(a, list) else a for a in args), sample), fails=output is None)
        return self.settle(id, (args, sample), output)

    def llm(self, id: str, args: tuple[Any, ...]) -> Any:
        if (id, "output") in self.pins:
            return self.settle(id, "pinned", self.pins[id, "output"])
        prompt, response = self.pins.get((id, "prompt")), self.pins.get((id, "response"))
        sample = self.pins.get((id, "sample"), 0)
        if prompt is None and response is None and None in args:
            return self.settle(id, args, None, "blocked")
        same = ("prompt", prompt, "response", response)
        if response is None:
            same = (*same, sample, args if prompt is None else None)  # type: ignore[assignment]
            if prompt is None:
                self.call(("ask", *args))
                prompt = f"ask {args[0] % args[1]}"
            try:
                response = _answer(prompt)
            except ProviderError:
                self.call(("send", prompt, sample), fails=True)
                return self.settle(id, same, None)
            self.call(("send", prompt, sample))
        self.want(("parse", response))
        return self.settle(id, same, int(response))


# What a person does


@st.composite
def specs(draw: st.DrawFn, depth: int = 2) -> Spec:
    nodes: list[dict[str, Any]] = []
    for i in range(draw(st.integers(1, 5))):
        arg = draw(st.sampled_from([None, *range(i)]))
        fn = draw(st.sampled_from([*BINARY, "ask", *(["sub"] if depth else [])]))
        node: dict[str, Any] = {"fn": fn, "name": f"n{i}", "arg": arg}
        if fn == "sub":
            node["spec"] = draw(specs(depth - 1))
        else:
            node["k"] = draw(st.integers(2, 5))
        nodes.append(node)
    out = draw(st.lists(st.integers(0, len(nodes) - 1), min_size=1, max_size=3))
    return {"nodes": nodes, "out": out}


@st.composite
def changed(draw: st.DrawFn, spec: Spec) -> Spec:
    """The spec with one thing otherwise, as if the graph function had been changed."""
    spec = json.loads(json.dumps(spec))
    node = spec["nodes"][draw(st.integers(0, len(spec["nodes"]) - 1))]
    what = draw(st.sampled_from(["rename", "k", "out", "more", "inner"]))
    if what == "rename":
        node["name"] += "'"
    elif what == "k" and "k" in node:
        node["k"] = draw(st.integers(2, 5))
    elif what == "out":
        spec["out"] = [*spec["out"][::-1], 0]
    elif what == "inner" and node["fn"] == "sub":
        node["spec"] = draw(changed(node["spec"]))
    else:
        spec["nodes"].append({"fn": "ask", "name": f"m{len(spec['nodes'])}", "arg": None, "k": draw(st.integers(2, 5))})
    return spec


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
        self.first = (spec, x)
        self.make(None, spec, x, {})

    def make(self, parent: int | None, spec: Spec, x: int, pins: Pins) -> None:
        """Make a run, and check all that is said of it."""
        before = self.store.trace.encode()
        world = World(spec, x, pins)
        plan = None if parent is None else _app.plan_with(app, main.root_of, self.store.state, parent)
        assert self.store.trace.encode() == before, "a plan changes nothing"
        CALLS.clear()
        provider.sent.clear()
        events: list[Any] = []
        made = _app.Settings(on_event=lambda event, state: events.append(event))
        run = None if parent is None else self.store.state.run(parent)
        root_of = main.root_of if run is not None else lambda state, _: (main.root_from((), {"spec": spec, "x": x}), None)
        result = anyio.run(_app._run, self.store, app, root_of, run, made, backend=self.backend)
        self.worlds[result.run], self.inputs[result.run], self.pins[result.run] = world, (spec, x), pins
        self.known[result.run] = {**({} if parent is None else frozen(self.known[parent], pins)), **world.nodes}
        self.check_output(result, world)
        self.check_executed(world)
        if parent is not None:
            assert plan is not None
            self.check_kept(self.known[parent], world, result.run)
            self.check_plan(plan, result)
        self.check_fold(before, events)
        if self.random.random() < 0.5:  # as if read from a file
            self.store = MemoryStore(_trace.decode(self.store.trace.encode()))

    def check_output(self, result: _app.Result, world: World) -> None:
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

    def check_executed(self, world: World) -> None:
        """Of each call as many as are needed and not recorded."""
        expected: Counter[Any] = Counter()
        for key, needed in world.calls.items():
            count = needed if key in world.failing else max(0, needed - self.recorded[key])
            if count:
                expected[_shown(key)] += count
                if key not in world.failing:
                    self.recorded[key] += count
        found = Counter(CALLS) + Counter(("send", prompt) for prompt in provider.sent)
        assert found == expected

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

    def check_plan(self, plan: Plan, result: _app.Result) -> None:
        run, maybe = ({planned.task for planned in plan.of(action)} for action in ("run", "maybe"))
        executed = set(result.executed)
        known = {planned.task for planned in plan.tasks}
        state = self.store.state
        new = state.in_run(result.run).keys() - {task.id for task in state.walk(plan.run)}
        assert executed - new <= run | maybe
        blocked = {id for id, task_run in state.in_run(result.run).items() if task_run.status == "blocked"}
        assert run - blocked <= executed
        assert not executed & {planned.task for planned in plan.of("kept")}
        assert state.in_run(result.run).keys() - new <= known
        sent = len(provider.sent)
        assert sum(planned.calls for planned in plan.tasks if planned.task not in blocked) <= sent
        if not new:
            assert sent <= sum(planned.possible_calls for planned in plan.tasks)

    def check_fold(self, before: bytes, events: list[Any]) -> None:
        folded = fold(events, _trace.decode(before).state)
        folded.sequence = self.store.state.sequence
        assert Trace(folded).encode() == Trace(self.store.state).encode()

    # Actions

    def resume(self, run: int) -> None:
        pins = {key: value for key, value in {**self.pins[run], **self.pending.pop(run, {})}.items() if value is not None}
        spec, x = self.inputs[run]
        given = self.pending_input.pop(run, None)
        if given is not None:
            spec, x = given
        self.make(run, spec, x, pins)

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


def frozen(known: dict[str, Node], pins: Pins) -> dict[str, Node]:
    """What stands in graphs whose output is edited: it stays as it was."""
    held = tuple(f"{id}/" for id, stage in pins if stage == "output")
    return {id: node for id, node in known.items() if id.startswith(held)}


def _shown(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """A call as the program notes it: without ids and sample numbers."""
    name = key[0]
    if name == "ask":
        return key
    if name == "send":
        return key[:2]
    if name not in BINARY and name != "total":
        name = str(name).rpartition("/")[2].partition("[")[0]
    return (name, *key[1:-1])


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(specs(), st.integers(0, 20), st.integers(0, 2**32), st.data())
def test_a_resume_gives_what_a_fresh_run_would_and_executes_only_what_it_needs(
    backend: str, spec: Spec, x: int, seed: int, data: st.DataObject
) -> None:
    """Whatever was edited, taken back, sampled again, resumed and forked before."""
    session = Session(spec, x, seed, backend)
    for action in data.draw(st.lists(st.sampled_from("eeerriunf"), min_size=2, max_size=8)):
        newest = max(session.worlds)
        if action in "e":
            session.edit(newest)
        elif action == "r":
            session.resume(newest)
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

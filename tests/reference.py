"""Random programs, and a naive reference that says what each gives and which calls that takes.

The program is a graph as data, which its functions interpret. The reference evaluates the same data from nothing, with the edits
applied; it knows nothing of keys, runs or plans.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, NamedTuple

import anyio
from hypothesis import strategies as st
from programs import Counting

from llmtaskgraph import Context, ProviderError, PythonTask, Registry

Spec = dict[str, Any]
Pins = dict[tuple[str, str], Any]


# The program: a graph as data, interpreted

CALLS: list[tuple[Any, ...]] = []


class Stop:
    """Cancels the run at the call or send of that number; 0 is never."""

    at = 0
    scope: anyio.CancelScope | None = None

    @classmethod
    def tick(cls) -> None:
        """One more call or send."""
        cls.at -= 1
        if cls.at == 0 and cls.scope is not None:
            cls.scope.cancel()


def note(*call: Any) -> None:
    """A function was called."""
    CALLS.append(call)
    Stop.tick()


app = Registry("random", model="own:m")


def answer_of(prompt: str) -> str:
    """What the model says."""
    number = int(prompt.removeprefix("ask "))
    if number % 6 == 5:
        raise ProviderError("no", fault="request")
    return str(number * 7 % 50)


def _answer(prompt: str) -> str:
    Stop.tick()
    return answer_of(prompt)


provider = Counting(_answer)
app.provider("own", provider)


@app.task(version="1")
async def add(a: int, b: int) -> int:
    note("add", a, b)
    await anyio.lowlevel.checkpoint()
    return (a + b) % 100


@app.task(version="1")
async def coarse(a: int, by: int) -> int:
    note("coarse", a, by)
    return a // by


@app.task(version="1")
async def fragile(a: int, m: int) -> int:
    note("fragile", a, m)
    await anyio.lowlevel.checkpoint()
    if a % m == 0:
        raise ValueError(f"{a}")
    return a


@app.task(version="1")
async def total(items: list[int]) -> int:
    note("total", tuple(items))
    return sum(items) % 100


@app.task(version="1")
async def adder(ctx: Context, a: int, n: int) -> int:
    note("adder", a, n)
    last: Any = a
    for i in range(a % (n + 1)):
        last = ctx.add_task(PythonTask(add, last, i, name=f"t{i}"))
    return last  # type: ignore[no-any-return]


@app.llm(output=int, version="1")
def ask(a: int, m: int) -> str:
    note("ask", a, m)
    return f"ask {a % m}"


@app.graph
def fan(a: int, m: int) -> int:
    note("fan", a, m)
    return total(ask.map([(a + i * i) % 10 for i in range(a % 4)], m=m))


@app.graph
def loop(a: int, m: int) -> int:
    note("loop", a, m)
    if m <= 0 or a % 3 == 0:
        return a
    return loop.named("next")(coarse.named("c")(ask.named("q")(a, 9), 2), m - 2)


@app.graph
def main(spec: Spec, x: int) -> list[int]:
    note("main", json.dumps(spec), x)
    return _build(spec, x)


@app.graph
def sub(spec: Spec, x: int) -> list[int]:
    note("sub", json.dumps(spec), x)
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
        wants, self.wants = self.wants, []
        output = inside()
        self.wants = wants
        return self.settle(id, (args, sample), output)

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
                response = answer_of(prompt)
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


def frozen(known: dict[str, Node], pins: Pins) -> dict[str, Node]:
    """What stands in graphs whose output is edited: it stays as it was."""
    held = tuple(f"{id}/" for id, stage in pins if stage == "output")
    return {id: node for id, node in known.items() if id.startswith(held)}


def shown(key: tuple[Any, ...]) -> tuple[Any, ...]:
    """A call as the program notes it: without ids and sample numbers."""
    name = key[0]
    if name == "ask":
        return key
    if name == "send":
        return key[:2]
    if name not in BINARY and name != "total":
        name = str(name).rpartition("/")[2].partition("[")[0]
    return (name, *key[1:-1])

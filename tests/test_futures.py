"""A future value can be passed on; any other use raises where it stands and says how to write it."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from typing import Any

import pytest
from kinds import Person, Verdict
from running import failing, registry, run

pytestmark = pytest.mark.anyio


# Futures


USES: dict[str, Callable[[Any], Any]] = {
    "if": lambda f: 1 if f else 2,
    "not": lambda f: not f,
    "for": lambda f: [x + 1 for x in f],
    "star": lambda f: [*f],
    "len": len,
    "in": lambda f: 1 in f,
    "index": lambda f: f[0],
    "f-string": lambda f: f"{f}",
    "percent": lambda f: f"{f:>10}",
    "str": str,
    "join": lambda f: "".join(f),
    "concatenation": lambda f: "a" + f,
    "==": lambda f: f == 1,
    "!=": lambda f: f != 1,
    "<": lambda f: f < 1,
    "attribute": lambda f: f.score,
    "method": lambda f: f.upper(),
    "plus": lambda f: f + 1,
    "minus": lambda f: 1 - f,
    "matmul": lambda f: f @ f,
    "divmod": lambda f: divmod(f, 2),
    "xor": lambda f: 1 ^ f,
    "shift": lambda f: f << 1,
    "abs": abs,
    "invert": lambda f: ~f,
    "int": int,
    "float": float,
    "round": round,
    "ceil": math.ceil,
    "sum": lambda f: sum([f, f]),
    "sorted": sorted,
    "max": lambda f: max(f, 2),
    "list": list,
    "dict": dict,
    "call": lambda f: f(),
    "set item": lambda f: f.__setitem__(0, 1),
    "open": open,
}


@pytest.mark.parametrize("use", USES)
async def test_a_future_used_as_a_value_raises_at_once_and_says_how_to_write_it(use: str) -> None:
    app = registry()

    @app.task
    def one() -> int:
        return 1

    @app.graph
    def main() -> Any:
        USES[use](one())

    told = await failing(main)
    assert told.startswith("FutureUsed: the output of main/one is not known while the graph is being built, so ")
    assert told.endswith("; pass it to an @app.task or @app.graph function, which gets the real value")
    assert "\n" not in told


async def test_a_future_may_be_looked_at_without_being_used() -> None:
    app = registry()
    seen: list[Any] = []

    @app.task
    def one() -> int:
        return 1

    @app.graph
    def main() -> list[int]:
        future: Any = one()
        seen.extend([isinstance(future, int), future is None, repr(future)])
        assert {future: 1}[future] == 1
        return [copy.copy(future), copy.deepcopy([future])[0]]

    ran = await run(main)
    assert seen == [False, False, "<the output of main/one, not known yet>"]
    assert ran.output == [1, 1]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda f: Verdict(f),
        lambda f: Person(f),
        lambda f: [1, Verdict(f)],
        lambda f: {f: 1},
        lambda f: {f},
    ],
    ids=["struct", "dataclass", "struct in list", "dict key", "set"],
)
async def test_a_future_inside_an_object_is_refused_with_advice(wrap: Any) -> None:
    app = registry()

    @app.task
    def one() -> int:
        return 1

    @app.task
    def f(x: Any) -> Any:
        return x

    @app.graph
    def main() -> Any:
        return f(wrap(one()))

    told = await failing(main)
    assert "GraphError: main/f: the output of another task may stand in lists and as a value in dicts, not inside" in told
    assert "have an @app.task function put the object together" in told


async def test_a_future_of_another_graph_is_refused() -> None:
    app = registry()
    kept: list[Any] = []

    @app.task
    def one() -> int:
        return 1

    @app.task
    def f(x: int) -> int:
        return x

    @app.graph
    def inner() -> int:
        return f(kept[0])

    @app.graph
    def main() -> Any:
        kept.append(one())
        return inner()

    ran = await run(main)
    told = "UnknownDependency: main/inner/f depends on main/one, which is not a task of the same graph; "
    assert ran.failures["main/inner"].startswith(told)
    assert "pass it into the sub-graph as an argument" in ran.failures["main/inner"]


async def test_a_future_of_another_graph_cannot_be_returned_either() -> None:
    app = registry()
    kept: list[Any] = []

    @app.task
    def one() -> int:
        return 1

    @app.graph
    def inner() -> int:
        return kept[0]  # type: ignore[no-any-return]

    @app.graph
    def main() -> Any:
        kept.append(one())
        return inner()

    assert "UnknownDependency" in (await run(main)).failures["main/inner"]

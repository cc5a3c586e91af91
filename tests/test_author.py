"""Calls of registered functions declare tasks: their ids, maps, recursion, and what a graph function returns."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from kinds import Colour, Person, Verdict
from running import Model, failing, registry, run

from llmtaskgraph import (
    GraphError,
)

pytestmark = pytest.mark.anyio


# Ids


async def test_ids_are_scope_function_and_ordinal_or_name() -> None:
    app = registry()

    @app.task
    def f(x: int) -> int:
        return x

    @app.graph
    def inner(x: int) -> list[int]:
        return [f(x), f.named("again")(x), f(x)]

    @app.graph
    def main() -> list[Any]:
        return [f(1), f(2), *f.map([3, 4]), f.named("a/b c")(5), inner(6), inner.named("two")(7)]

    ran = await run(main)
    assert ran.output == [1, 2, 3, 4, 5, [6, 6, 6], [7, 7, 7]]
    assert ran.tasks == [
        "main",
        "main/f",
        "main/f[1]",
        "main/f[2]",
        "main/f[3]",
        "main/f[a/b c]",
        "main/inner",
        "main/inner/f",
        "main/inner/f[again]",
        "main/inner/f[1]",
        "main/inner[two]",
        "main/inner[two]/f",
        "main/inner[two]/f[again]",
        "main/inner[two]/f[1]",
    ]


async def test_the_first_of_a_map_has_an_ordinal_too() -> None:
    app = registry()

    @app.task
    def f(x: int) -> int:
        return x

    @app.graph
    def main() -> list[int]:
        return f.map([1])

    assert (await run(main)).tasks == ["main", "main/f[0]"]


async def test_ids_are_the_same_from_run_to_run_whatever_ends_first() -> None:
    def program() -> Any:
        app = registry()

        @app.task
        def f(x: int) -> int:
            return x

        @app.graph
        def each(x: int) -> list[int]:
            return f.map(range(x))

        @app.graph
        def main() -> list[list[int]]:
            return each.map([3, 1, 2])

        return main

    assert sorted((await run(program())).tasks) == sorted((await run(program())).tasks)


@pytest.mark.parametrize("name", ["", "a\nb", "\x1b[31m", "a\u202eb", "\ud800", "x]/f[y", 5, None.__class__])
async def test_a_name_that_would_garble_a_screen_or_an_id_is_refused(name: Any) -> None:
    app = registry()

    @app.task
    def f() -> int:
        return 1

    @app.graph
    def main() -> int:
        return f.named(name)()

    assert "GraphError: f: a name is printable text" in await failing(main)


@pytest.mark.parametrize("name", ["a/b", "x[1]", "ключ 🗝", "'\"\\", "*?", "0", " ", "]", "a]b[c", "x" * 5_000])
async def test_a_name_may_be_any_printable_text(name: str) -> None:
    app = registry()

    @app.llm()
    def ask() -> str:
        return "hello"

    @app.graph
    def main() -> str:
        return ask.named(name)()

    ran = await run(main)
    assert ran.executed == ["main", f"main/ask[{name}]"]
    assert ran.output == "echo: hello"


async def test_a_name_that_is_taken_is_refused() -> None:
    app = registry()

    @app.task
    def f() -> int:
        return 1

    @app.graph
    def main() -> list[int]:
        return [f.named("a")(), f.named("a")()]

    assert await failing(main) == "DuplicateTask: there are two tasks main/f[a]; give each its own name"


async def test_a_name_that_is_an_ordinal_in_use_is_refused() -> None:
    app = registry()

    @app.task
    def f(x: int) -> int:
        return x

    @app.graph
    def main() -> list[int]:
        return [f.named("1")(1), *f.map([2, 3])]

    assert "DuplicateTask: there are two tasks main/f[1]" in await failing(main)


@pytest.mark.parametrize("name", ["a/b", "a[1]", "a\nb"])
def test_a_function_cannot_have_a_name_that_would_garble_ids(name: str) -> None:
    with pytest.raises(GraphError, match="a function's name is printable text without"):
        registry().task(name=name)(len)


async def test_the_registered_name_stands_in_ids() -> None:
    app = registry()

    @app.task(name="count words")
    def f() -> int:
        return 1

    @app.graph
    def main() -> int:
        return f()

    assert (await run(main)).tasks == ["main", "main/count words"]


# map


async def test_map_takes_several_iterables_and_common_arguments() -> None:
    app = registry()

    @app.task
    def join(a: int, b: str, *, sep: str, tags: list[str]) -> str:
        return f"{a}{sep}{b}{''.join(tags)}"

    @app.graph
    def main() -> list[str]:
        return join.map((i for i in range(3)), "xyz", sep="-", tags=["t", "u"])

    assert (await run(main)).output == ["0-xtu", "1-ytu", "2-ztu"]


async def test_map_over_nothing_declares_nothing() -> None:
    app = registry()

    @app.task
    def f(x: int) -> int:
        return x

    @app.graph
    def main() -> list[int]:
        return f.map([])

    ran = await run(main)
    assert ran.output == []
    assert ran.tasks == ["main"]


@pytest.mark.parametrize(("items", "more"), [([1, 2], [1]), ([1], [1, 2]), (range(3), [])])
async def test_map_refuses_iterables_of_unequal_lengths_and_declares_nothing(items: Any, more: Any) -> None:
    app = registry()

    @app.task
    def f(x: int, y: int) -> int:
        return x

    @app.graph
    def main() -> list[int]:
        return f.map(items, more)

    assert "WrongArguments: f.map: zip() argument 2 is" in await failing(main)


async def test_map_refuses_what_cannot_be_iterated() -> None:
    app = registry()

    @app.task
    def f(x: int) -> int:
        return x

    @app.graph
    def main() -> list[int]:
        return f.map(5)  # type: ignore[arg-type]

    assert "WrongArguments: f.map: 'int' object is not iterable" in await failing(main)


@pytest.mark.parametrize("place", [0, 1])
async def test_map_over_a_future_says_how_to_write_it(place: int) -> None:
    app = registry()

    @app.task
    def numbers() -> list[int]:
        return [1]

    @app.task
    def f(x: int, y: int = 0) -> int:
        return x

    @app.graph
    def main() -> list[int]:
        return f.map(numbers()) if place == 0 else f.map([1], numbers())

    told = await failing(main)
    assert (
        "FutureUsed: the output of main/numbers is not known while the graph is being built, so f.map cannot count its items"
        in told
    )
    assert "pass it to an @app.task or @app.graph function" in told


async def test_a_future_may_be_an_item_or_a_common_argument_of_map() -> None:
    app = registry()

    @app.task
    def one() -> int:
        return 1

    @app.task
    def add(x: int, y: int) -> int:
        return x + y

    @app.graph
    def main() -> list[int]:
        return add.map([one(), 5], y=one())

    assert (await run(main)).output == [2, 6]


async def test_map_over_ten_thousand_items_calls_each_once_and_keeps_their_order() -> None:
    app = registry()
    called: list[int] = []

    @app.task
    async def double(x: int) -> int:
        called.append(x)
        return 2 * x

    @app.task
    async def total(xs: list[int]) -> int:
        return sum(xs)

    @app.graph
    def main(n: int) -> int:
        return total(double.map(range(n)))

    ran = await run(main, 10_000)
    assert ran.output == 99_990_000
    assert sorted(called) == list(range(10_000))
    assert len(ran.executed) == 10_002


# Recursion and results


async def test_recursion_a_thousand_deep_is_an_unrolled_graph() -> None:
    app = registry()

    @app.graph
    def down(n: int) -> int:
        return down(n - 1) if n else 0

    @app.graph
    def main(n: int) -> int:
        return down(n)

    ran = await run(main, 1000)
    assert ran.output == 0
    assert len(ran.tasks) == 1002
    assert ran.tasks[-1] == "main" + "/down" * 1001


async def test_a_feedback_loop_ends_when_the_judge_says_so() -> None:
    model = Model(lambda request: json.dumps({"score": 3 if "!!!" in request.messages[-1].text else 1, "issues": ["dull"]}))
    app = registry(model)

    @app.llm(output=Verdict)
    def judge(text: str) -> str:
        return text

    @app.graph
    def better(text: str, verdict: Verdict) -> str:
        if verdict.score >= 3:
            return text
        return better(text + "!", judge(text + "!"))

    @app.graph
    def main(text: str) -> str:
        return better(text, judge(text))

    ran = await run(main, "so")
    assert ran.output == "so!!!"
    assert model.prompts == ["so", "so!", "so!!", "so!!!"]
    assert model.tasks == ["main/judge", "main/better/judge", "main/better/better/judge", "main/better/better/better/judge"]


@pytest.mark.parametrize(
    "result", [None, 5, "text", [1, {"a": None}], {"set": {2, 1}, "colour": Colour.RED}, Person("Ada", {"b", "a"}), Verdict(1)]
)
async def test_a_graph_function_may_return_plain_values(result: Any) -> None:
    app = registry()

    @app.graph
    def inner() -> Any:
        return result

    @app.graph
    def main() -> Any:
        return inner()

    ran = await run(main)
    assert ran.output == msgspec.to_builtins(result, order="sorted")


async def test_a_graph_function_may_return_futures_in_nested_containers() -> None:
    app = registry()

    @app.task
    def f(x: int) -> int:
        return x

    @app.graph
    def main() -> Any:
        return {"a": [f(1), {"b": (f(2), 3)}], "c": f.map([4, 5])}

    assert (await run(main)).output == {"a": [1, {"b": [2, 3]}], "c": [4, 5]}


async def test_tasks_that_the_result_does_not_need_run_all_the_same() -> None:
    app = registry()

    @app.task
    def f(x: int) -> int:
        return x

    @app.graph
    def inner() -> int:
        f(1)
        return 2

    @app.graph
    def main() -> int:
        return inner()

    ran = await run(main)
    assert ran.output == 2
    assert ran.executed == ["main", "main/inner", "main/inner/f"]


async def test_a_graph_function_that_returns_nothing_has_no_output_and_its_tasks_run() -> None:
    app = registry()

    @app.task
    def f(x: int) -> int:
        return x

    @app.graph
    def main() -> None:
        f(1)

    ran = await run(main)
    assert ran.output is None
    assert ran.status == "succeeded"
    assert ran.executed == ["main", "main/f"]

"""How arguments reach functions, what is refused, and what calls outside a graph do."""

from __future__ import annotations

import datetime
import json
import math
from typing import Any

import attrs
import pytest
from kinds import Colour, Person
from running import failing, registry, run

from llmtaskgraph import (
    GraphError,
    NotInGraph,
    WrongArguments,
)

pytestmark = pytest.mark.anyio


@attrs.define
class Span:
    """Its end is made of its start, which msgspec cannot do as it reads one."""

    start: int
    end: int = attrs.field(default=attrs.Factory(lambda span: span.start + 1, takes_self=True))


# Calls


@pytest.mark.parametrize(
    ("args", "kwargs", "told"),
    [
        ((), {}, "missing a required argument: 'x'"),
        ((1, 2, 3), {}, "too many positional arguments"),
        ((1,), {"z": 2}, "got an unexpected keyword argument 'z'"),
        ((1,), {"x": 2}, "multiple values for argument 'x'"),
    ],
)
async def test_a_call_that_does_not_fit_the_signature_is_refused_where_it_stands(args: Any, kwargs: Any, told: str) -> None:
    app = registry()

    @app.task
    def f(x: int, y: int = 0) -> int:
        return x

    @app.graph
    def main() -> int:
        return f(*args, **kwargs)

    assert await failing(main) == f"WrongArguments: f(x: 'int', y: 'int' = 0) -> 'int': {told}"


async def test_defaults_args_and_kwargs_work_as_in_python() -> None:
    app = registry()

    @app.task
    def f(a: int, /, b: int = 2, *rest: int, c: int = 3, **more: int) -> list[Any]:
        return [a, b, list(rest), c, more]

    @app.graph
    def main() -> list[Any]:
        return [f(1), f(1, 5, 6, 7), f(1, c=4, d=5), f(1, b=9)]

    assert (await run(main)).output == [[1, 2, [], 3, {}], [1, 5, [6, 7], 3, {}], [1, 2, [], 4, {"d": 5}], [1, 9, [], 3, {}]]


async def test_arguments_are_private_copies_of_the_declared_types() -> None:
    app = registry()
    seen: list[Any] = []

    @app.task
    def make() -> dict[str, Any]:
        return {"name": "Ada", "tags": ["b", "a", "b"]}

    @app.task
    def use(person: Person, when: datetime.date, colour: Colour, pair: tuple[int, str]) -> int:
        seen.append((person, when, colour, pair))
        person.tags.clear()
        return 1

    @app.graph
    def main() -> list[int]:
        person: Any = make()
        return [use.named(n)(person, datetime.date(2020, 1, 2), Colour.RED, (1, "x")) for n in "ab"]

    ran = await run(main)
    assert ran.output == [1, 1]
    assert len(seen) == 2
    for _, when, colour, pair in seen:
        assert (when, colour, pair) == (datetime.date(2020, 1, 2), Colour.RED, (1, "x"))
    assert json.loads(bytes(ran.task("main/make").output.value)) == {"name": "Ada", "tags": ["b", "a", "b"]}  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", [object, Any, "float", list, dict])
async def test_arguments_of_loose_types_come_as_builtins(kind: Any) -> None:
    app = registry()

    def f(x):  # type: ignore[no-untyped-def]
        return x

    f.__annotations__["x"] = kind
    task = app.task(f)
    value: Any = {"float": 3, list: [1], dict: {"a": 1}}.get(kind, {"a": [1]})

    @app.graph
    def main() -> Any:
        return task(value)

    assert (await run(main)).output == value


async def test_a_value_that_does_not_fit_its_parameter_fails_the_task_and_names_both() -> None:
    app = registry()

    @app.task
    def make() -> str:
        return "five"

    @app.task
    def use(x: int) -> int:
        return x

    @app.graph
    def main() -> int:
        return use(make())  # type: ignore[arg-type]

    ran = await run(main)
    assert ran.failures["main/use"] == "WrongArguments: use: argument x does not fit int: Expected `int`, got `str`"
    assert ran.executed == ["main", "main/make"]


async def test_a_type_that_cannot_be_read_from_json_is_told_with_its_parameter_and_may_be_an_output() -> None:
    app = registry()

    @app.task
    def make(n: int) -> Span:
        return Span(n)

    @app.task
    def use(span: Span) -> int:
        return span.end

    @app.graph
    def main(n: int = 1) -> int:
        return use(make(n))

    ran = await run(main)
    assert ran.executed == ["main", "main/make"]
    assert ran.failures["main/use"].startswith("GraphError: use: parameter span cannot be read from JSON (")
    assert "\n" not in ran.failures["main/use"]

    @app.llm(output=Span)
    def ask(n: int) -> str:
        return str(n)

    @app.graph
    def asking(n: int = 1) -> Span:
        return ask(n)

    with pytest.raises(GraphError, match="ask: output=Span has no JSON Schema"):
        await run(asking)


def test_wrong_arguments_of_a_program_are_refused_before_anything_runs() -> None:
    app = registry()

    @app.graph
    def main(text: str) -> str:
        raise AssertionError("it ran")

    for args, told in ((("a", "b"), "too many positional"), ((), "missing a required"), ((5,), "argument text does not fit str")):
        with pytest.raises(WrongArguments, match=told):
            main.run(*args)


async def test_an_argument_that_cannot_be_recorded_is_refused_with_its_place() -> None:
    app = registry()

    @app.task
    def f(x: Any) -> Any:
        return x

    @app.graph
    def main() -> Any:
        return f({"a": [math.nan]})

    assert "UnrecordableValue: float nan (an argument of main/f) at ['a'][0] cannot be recorded" in await failing(main)


async def test_a_list_that_holds_itself_is_refused() -> None:
    app = registry()

    @app.task
    def f(x: Any) -> Any:
        return x

    @app.graph
    def main() -> Any:
        circle: list[Any] = []
        circle.append(circle)
        return f(circle)

    assert "nested more than" in await failing(main)


# Outside a graph


def test_a_task_function_called_by_itself_just_runs() -> None:
    app = registry()

    @app.task
    def double(x: int) -> int:
        return 2 * x

    assert double(4) == 8
    assert double.fn(4) == 8


async def test_a_task_function_called_in_another_just_runs() -> None:
    app = registry()

    @app.task
    def double(x: int) -> int:
        return 2 * x

    @app.task
    def quadruple(x: int) -> int:
        return double(double(x))

    @app.llm()
    def ask(x: int) -> str:
        return f"{double(x)}"

    @app.graph
    def main(x: int) -> list[Any]:
        return [quadruple(x), ask(x)]

    ran = await run(main, 3)
    assert ran.output == [12, "echo: 6"]
    assert ran.executed == ["main", "main/quadruple", "main/ask"]


def test_calls_and_maps_outside_a_graph_say_where_they_belong() -> None:
    app = registry()

    @app.llm()
    def ask() -> str:
        return "hello"

    @app.graph
    def main() -> str:
        return ask()

    with pytest.raises(NotInGraph, match=r"ask\(...\) declares a task, so it is called inside an @app.graph .*ask.fn\(...\)"):
        ask()
    with pytest.raises(NotInGraph, match=r"so is \.map"):
        ask.map([])
    with pytest.raises(NotInGraph, match=r"to run it as a program, use main.run\(...\)"):
        main()
    assert ask.fn() == "hello"


async def test_a_model_called_in_a_task_function_says_where_it_belongs() -> None:
    app = registry()

    @app.llm()
    def ask() -> str:
        return "hello"

    @app.task
    def f() -> str:
        return ask()

    @app.graph
    def main() -> str:
        return f()

    assert "NotInGraph: ask(...) declares a task" in (await run(main)).failures["main/f"]


async def test_a_graph_function_called_by_fn_declares_into_the_graph_that_calls() -> None:
    app = registry()

    @app.task
    def f(x: int) -> int:
        return x

    @app.graph
    def part(x: int) -> int:
        return f(x)

    @app.graph
    def main() -> int:
        return part.fn(1)

    assert (await run(main)).tasks == ["main", "main/f"]

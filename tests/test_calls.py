"""How arguments reach functions, what is refused, settings, and the context."""

from __future__ import annotations

import datetime
import functools
import json
import math
from typing import Any

import attrs
import msgspec
import pytest
from kinds import Colour, Person
from running import Model, failing, registry, run

from llmtaskgraph import (
    Context,
    GraphError,
    NotInGraph,
    Registry,
    UnrecordableValue,
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


# Registration


def test_an_llm_function_without_a_model_is_refused_when_it_is_called() -> None:
    app = Registry("test")

    @app.llm()
    def ask() -> str:
        return "hello"

    @app.graph
    def main() -> str:
        return ask()

    with pytest.raises(Exception, match='ask has no model; give one, such as model="openai:gpt-5-mini"'):
        main.run()


async def test_models_come_from_the_call_the_function_the_registry_in_that_order() -> None:
    model = Model()
    app = registry(model)

    @app.llm()
    def plain() -> str:
        return "a"

    @app.llm(model="mine:large", params={"temperature": 0, "seed": 1})
    def own() -> str:
        return "b"

    @app.graph
    def main() -> list[str]:
        return [plain(), own(), own.options(model="mine:huge", params={"seed": 2}).named("x")()]

    await run(main)
    asked = sorted((request.model, request.params) for request in model.requests)
    assert asked == [("huge", {"temperature": 0, "seed": 2}), ("large", {"temperature": 0, "seed": 1}), ("small", {})]


async def test_options_add_up_and_leave_the_function_as_it_was() -> None:
    app = registry()

    @app.llm(params={"a": 1})
    def ask() -> str:
        return "x"

    @app.graph
    def main() -> list[str]:
        changed = ask.options(params={"b": 2}, retries=1).options(params={"c": 3}, timeout=5).named("n")
        return [changed(), ask()]

    ran = await run(main)
    one, other = (next(task for task in ran.state.tasks.values() if task.id == id) for id in ("main/ask[n]", "main/ask"))
    assert (one.params, one.retries, one.timeout) == ({"a": 1, "b": 2, "c": 3}, 1, 5)
    assert (other.params, other.retries, other.timeout) == ({"a": 1}, None, None)


@pytest.mark.parametrize("useless", [{"model": "a:b"}, {"params": {"a": 1}}, {"idle_timeout": 3}])
def test_options_that_would_change_nothing_are_refused(useless: dict[str, Any]) -> None:
    app = registry()

    @app.task
    def f() -> int:
        return 1

    @app.graph
    def g() -> int:
        return 1

    (name,) = useless
    with pytest.raises(GraphError, match=f"f is a python function, which has no {name}"):
        f.options(**useless)
    with pytest.raises(GraphError, match=f"g is a graph function, which has no {name}"):
        g.options(**useless)
    with pytest.raises(GraphError, match="g is a graph function, which has no timeout"):
        g.options(timeout=3)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"retries": -1}, "retries is a number from 0 on"),
        ({"retries": "3"}, "retries is a number from 0 on"),
        ({"timeout": 0}, "timeout is a number of seconds above 0"),
        ({"timeout": math.nan}, "timeout is a number of seconds above 0"),
        ({"idle_timeout": "5"}, "idle_timeout is a number of seconds above 0"),
        ({"model": 5}, "a model is text such as"),
        ({"params": {"temperature": math.nan}}, r"float nan \(params of ask\) at \['temperature'\]"),
        ({"params": {"stop": object()}}, r"a value of type object \(params of ask\) at \['stop'\]"),
    ],
)
def test_settings_that_a_trace_could_not_give_back_are_refused(settings: dict[str, Any], told: str) -> None:
    app = registry()

    def ask() -> str:
        return "x"

    with pytest.raises((GraphError, UnrecordableValue), match=told):
        app.llm(**settings)(ask)
    with pytest.raises((GraphError, UnrecordableValue), match=told):
        app.llm()(ask).options(**settings)


def test_async_prompt_and_graph_functions_are_refused() -> None:
    app = registry()

    async def f() -> str:
        return "x"

    for decorator in (app.llm(), app.graph):
        with pytest.raises(GraphError, match="f is async: prompt and graph functions only describe; do the waiting"):
            decorator(f)  # type: ignore[operator]


def test_two_functions_of_one_name_are_refused_and_the_same_one_again_is_not() -> None:
    app = registry()

    def make(kind: int) -> Any:
        if kind == 1:

            @app.task
            def f() -> int:
                return 1
        else:

            @app.task(name="f")
            def g() -> int:
                return 2

    make(1)
    make(1)
    with pytest.raises(GraphError, match="two functions named 'f' in the registry 'test'; rename one, or give name="):
        make(2)


def test_an_annotation_that_cannot_be_found_says_so_when_the_function_is_called() -> None:
    app = registry()

    @app.task
    def f(x: Nowhere) -> int:  # type: ignore[name-defined]  # noqa: F821
        return 1

    @app.graph
    def main() -> int:
        return f(1)

    with pytest.raises(Exception, match="f: the annotation 'Nowhere' cannot be found; define or import it at module level"):
        main.run()


async def test_classes_made_inside_a_function_can_be_annotations() -> None:
    class Local(msgspec.Struct):
        x: int

    app = registry(Model(lambda request: '{"x": 4}'))

    @app.llm(output=Local)
    def ask(given: Local) -> str:
        return f"{given.x}"

    @app.task
    def f(local: Local) -> Local:
        return Local(local.x + 1)

    @app.graph
    def main(first: Local) -> Local:
        return f(ask(first))

    ran = await run(main, Local(1))
    assert ran.output == {"x": 5}
    assert await main.arun(Local(1)) == Local(5)


async def test_a_local_function_may_refer_to_names_that_are_bound_later() -> None:
    app = registry()

    @app.graph
    def main(n: int) -> int:
        return later(n) if n else 0

    @app.task
    def later(n: int) -> int:
        return helper(n)

    def helper(n: int) -> int:
        return n + 1

    assert (await run(main, 3)).output == 4


C_CALLS = {"builtin": len, "partial": functools.partial(max, 3), "method": str.upper, "bound": "".join}


@pytest.mark.parametrize("call", C_CALLS.values(), ids=C_CALLS)
async def test_functions_written_in_c_partials_and_methods_can_be_tasks(call: Any) -> None:
    app = registry()
    f = app.task(name="f")(call)

    @app.graph
    def main() -> Any:
        return f(["a", "b"]) if call is len or call == "".join else f(2) if isinstance(call, functools.partial) else f("x")

    ran = await run(main)
    assert ran.status == "succeeded", ran.failures
    assert ran.output in (2, 3, "X", "ab")


async def test_objects_with_call_methods_can_be_tasks_sync_and_async() -> None:
    class Sync:
        def __call__(self, x: int) -> int:
            return x + 1

    class Async:
        async def __call__(self, x: int) -> int:
            return x + 2

    app = registry()
    one, two = app.task(name="one")(Sync()), app.task(name="two")(Async())

    @app.graph
    def main() -> list[Any]:
        return [one(1), two(1)]

    assert (await run(main)).output == [2, 3]


async def test_a_sync_function_that_gives_back_a_coroutine_is_awaited() -> None:
    app = registry()

    async def inner(x: int) -> int:
        return x + 1

    @app.task
    @functools.wraps(inner)
    def f(x: int) -> Any:
        return inner(x)

    @app.graph
    def main() -> Any:
        return f(1)

    assert (await run(main)).output == 2


# Context


async def test_every_kind_of_function_can_have_a_context_wherever_its_parameter_stands() -> None:
    app = registry()

    @app.task
    def first(ctx: Context, x: int) -> str:
        return f"{ctx.task} {x} {ctx.input['x']}"

    @app.task
    async def middle(x: int, ctx: Context, y: int = 5) -> str:
        return f"{ctx.task} {x} {y}"

    @app.task
    def named(*xs: int, ctx: Context) -> str:
        return f"{ctx.task} {sum(xs)}"

    @app.llm()
    def ask(x: int, *, context: Context) -> str:
        return f"{context.task} {x} {context.sample} {context.input}"

    @app.graph
    def inner(x: int, ctx: Context) -> str:
        assert ctx.task == "main/inner"
        return first(x)  # type: ignore[call-arg, arg-type]

    @app.graph
    def main(ctx: Context, x: int) -> list[Any]:
        assert ctx.input == {"x": x}
        return [first(x), middle(x), middle(x, 6), middle(y=7, x=1), named(1, 2), ask(x), inner(x)]  # type: ignore

    ran = await run(main, 3)
    assert ran.status == "succeeded", ran.failures
    assert ran.output == [
        "main/first 3 3",
        "main/middle 3 5",
        "main/middle[1] 3 6",
        "main/middle[2] 1 7",
        "main/named 3",
        "echo: main/ask 3 0 {'x': 3}",
        "main/inner/first 3 3",
    ]


async def test_the_input_is_a_private_copy() -> None:
    app = registry()

    @app.task
    def f(ctx: Context) -> Any:
        ctx.input["x"].append(2)
        return ctx.input

    @app.graph
    def main(x: list[int]) -> Any:
        return f()

    assert (await run(main, [1])).output == {"x": [1]}

"""What can be registered as a function, with which settings, and what is refused."""

from __future__ import annotations

import functools
import math
from typing import Any

import msgspec
import pytest
from running import Model, registry, run

from llmtaskgraph import (
    GraphError,
    Registry,
    UnrecordableValue,
)

pytestmark = pytest.mark.anyio


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

"""The context that a function asks for by a parameter."""

from __future__ import annotations

from typing import Any

import pytest
from running import registry, run

from llmtaskgraph import (
    Context,
)

pytestmark = pytest.mark.anyio


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

"""What a function reads of its context is in the key of what it makes."""

from __future__ import annotations

import pytest
from programs import Lab

from llmtaskgraph import again_trace

pytestmark = pytest.mark.anyio


async def test_a_prompt_that_reads_the_sample_is_formatted_again_for_a_new_one(lab: Lab) -> None:
    lab.write("""
@app.llm()
def ask(ctx: Context, q: str) -> str:
    return f"{q} variant {ctx.sample}"

@app.graph
def main(q: str) -> str:
    return ask(q)
""")
    await lab.run(q="hi")
    again_trace(lab.trace, None, "main/ask")
    (told,) = [planned for planned in lab.plan().tasks if planned.task == "main/ask"]
    assert (told.action, told.stage, told.reason) == ("run", "prompt", "asked for again")
    await lab.resume()
    prompt = lab.seen("main/ask").prompt
    assert prompt is not None
    assert b"hi variant 1" in bytes(prompt.value)
    assert lab.plan().tasks == []


async def test_a_prompt_that_does_not_read_the_sample_is_taken_over(lab: Lab) -> None:
    lab.write("""
@app.llm()
def ask(ctx: Context, q: str) -> str:
    called("prompt")
    return q

@app.graph
def main(q: str) -> str:
    return ask(q)
""")
    await lab.run(q="hi")
    again_trace(lab.trace, None, "main/ask")
    await lab.resume()
    assert lab.called() == ["prompt"]


async def test_what_reads_its_task_is_made_for_that_task_alone(lab: Lab) -> None:
    lab.write("""
@app.llm()
def ask(ctx: Context, q: str) -> str:
    return f"{q} of {ctx.task}"

@app.task
def who(ctx: Context, q: str) -> str:
    return f"{q} of {ctx.task}"

@app.graph
def main(qs: list[str]):
    return [ask.map(qs), who.map(qs)]
""")
    await lab.run(qs=["a", "b"])
    assert lab.plan().tasks == []
    lab.edit("main", "input", '{"qs": ["new", "a", "b"]}')
    result = await lab.resume()
    assert result.output[1] == ["new of main/who[0]", "a of main/who[1]", "b of main/who[2]"]
    for i, word in enumerate(["new", "a", "b"]):
        prompt = lab.seen(f"main/ask[{i}]").prompt
        assert prompt is not None
        assert f"{word} of main/ask[{i}]".encode() in bytes(prompt.value)
    assert lab.plan().tasks == []


async def test_what_reads_all_of_its_context_is_kept_while_nothing_of_it_changes(lab: Lab) -> None:
    lab.write("""
@app.task
def whole(ctx: Context, q: str) -> str:
    called("whole")
    return f"{q} {ctx.task} {ctx.sample} {ctx.input}"

@app.graph
def main(q: str, more: int):
    return whole(q)
""")
    first = (await lab.run(q="a", more=1)).output
    assert (await lab.resume()).output == first
    lab.edit("main", "input", '{"q": "a", "more": 2}')
    assert (await lab.resume()).output != first
    lab.edit("main", "input", '{"q": "a", "more": 1}')
    assert (await lab.resume()).output == first
    assert lab.called() == ["whole", "whole"]


async def test_a_parameter_that_is_equal_only_to_python_is_declared_anew(lab: Lab) -> None:
    lab.write("""
@app.llm(params={"logprobs": 1})
def ask(q: str) -> str:
    return q

@app.graph
def main(q: str) -> str:
    return ask(q)
""")
    await lab.run(q="hi")
    lab.replace('"logprobs": 1', '"logprobs": True')
    await lab.resume()
    (declared,) = [task for task in lab.state.walk(lab.state.run().id) if task.id == "main/ask"]
    assert declared.params["logprobs"] is True
    assert lab.seen("main/ask").attempts


async def test_a_line_is_recorded_while_its_function_runs(lab: Lab) -> None:
    lab.write("""
import time
from pathlib import Path

@app.task
def talk(ctx: Context, path: str) -> int:
    ctx.log("half way")
    for n in range(6000):
        if b"half way" in Path(path).read_bytes():
            return n
        time.sleep(0.01)
    raise TimeoutError("nobody wrote it down")

@app.graph
def main(path: str) -> int:
    return talk(path)
""")
    result = await lab.run(path=str(lab.trace.with_name(lab.trace.name + ".journal")))
    assert result.failures == {}
    assert [log.text for log in lab.seen("main/talk").logs] == ["half way"]

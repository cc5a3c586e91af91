"""What a resume does with samples, effects, side branches, tasks that were added at run time, and loops."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import pytest
from programs import NOTHING, Counting, Lab

from llmtaskgraph import (
    Context,
    EditRefused,
    LLMTask,
    PythonTask,
    Registry,
    RunFailed,
    TaskGraph,
    TaskGraphTask,
    _program,
    _run,
    again_trace,
    edit_trace,
    read,
    revert_trace,
)
from llmtaskgraph._store import MemoryStore

pytestmark = pytest.mark.anyio


# Effects

ONCE = """
@app.task(effect="once")
def send(text: str) -> str:
    called("send " + text)
    return "sent " + text

@app.graph
def main(text: str) -> str:
    return send(text)
"""


async def test_an_effect_is_had_once_unless_it_is_asked_for(lab: Lab) -> None:
    lab.write(ONCE)
    await lab.run(text="a")
    assert lab.called() == ["send a"]
    lab.edit("main", "input", '{"text": "b"}')
    (told,) = [planned for planned in lab.plan().tasks if planned.task == "main/send"]
    assert told.warning == "its inputs may have changed, but its effect is had only once"
    assert (await lab.resume()).output == "sent a"
    lab.replace('return "sent " + text', 'return "gone " + text')
    assert (await lab.resume()).output == "sent a"
    assert lab.called() == []
    again_trace(lab.trace, None, "main/send")
    assert (await lab.resume()).output == "gone b"
    assert lab.called() == ["send b"]
    lab.edit("main", "input", '{"text": "c"}')
    assert (await lab.resume()).output == "gone b"
    assert lab.called() == []


async def test_an_effect_that_a_cut_off_run_did_not_come_to_is_still_had_only_once(lab: Lab) -> None:
    lab.write("""
@app.task
def first(n: int) -> int:
    if n == 13:
        raise ValueError(n)
    return n

@app.task(effect="once")
def send(n: int) -> int:
    called("send")
    return n

@app.graph
def main(n: int) -> int:
    return send(first(n))
""")
    await lab.run(n=1)
    lab.edit("main", "input", '{"n": 13}')
    assert (await lab.resume()).status == "failed"
    lab.edit("main", "input", '{"n": 2}')
    assert (await lab.resume()).output == 1
    assert lab.called() == ["send"]


async def test_an_effect_that_failed_stays_so_until_it_is_asked_for(lab: Lab) -> None:
    code = """
@app.task(effect="once")
def send(n: int) -> int:
    called("send")
    raise OSError("the line broke")

@app.graph
def main(n: int) -> int:
    return send(n)
"""
    lab.write(code)
    assert (await lab.run(n=1)).failures["main/send"].type == "OSError"
    lab.replace('raise OSError("the line broke")', "return n")
    for _ in range(3):
        assert (await lab.resume()).failures["main/send"].type == "EffectFailed"
    assert lab.called() == ["send"]
    again_trace(lab.trace, None, "main/send")
    assert (await lab.resume()).output == 1
    assert lab.called() == ["send"]


# Samples


async def test_nine_votes_with_equal_prompts_are_nine_samples_that_stay_apart() -> None:
    numbers = count()
    provider = Counting(lambda prompt: f"vote {next(numbers)}")
    registry = Registry("votes", model="own:m")
    registry.provider("own", provider)
    graph: TaskGraph[Any] = TaskGraph(registry)

    def vote() -> str:
        return "Vote."

    def order(votes: list[str]) -> list[str]:
        return votes

    votes = [LLMTask(vote, model="own:m") for _ in range(9)]
    for task in votes:
        graph.add_task(task)
    graph.add_output_task(PythonTask(order, votes))
    first = await graph.run()
    assert sorted(first) == sorted(f"vote {n}" for n in range(9))
    assert await graph.resume() == first
    graph.edit("main/vote[4]", "sample", 1)
    again = await graph.resume()
    assert [new for new, old in zip(again, first, strict=True) if new != old] == ["vote 9"]
    assert again[4] == "vote 9"
    graph.revert("main/vote[4]", "sample")
    assert await graph.resume() == first
    assert len(provider.sent) == 10


async def test_a_new_vote_in_front_leaves_the_others_what_they_have() -> None:
    numbers = count()
    provider = Counting(lambda prompt: f"vote {next(numbers)}")
    names = ["a", "b", "c"]
    app = Registry("front", model="own:m")
    app.provider("own", provider)

    @app.llm()
    def vote() -> str:
        return "Vote."

    @app.graph
    def main(names: list[str]) -> dict[str, str]:
        return {name: vote.named(name)() for name in names}

    program = _program.Program("here:main", main)
    memory = MemoryStore()
    first = await _run.run_in(memory, app, lambda state, parent: (main.root_from((names,), {}), None), None, _run.Settings())
    graph = TaskGraph.from_json(memory.trace.encode(), program.functions)
    graph.edit("main", "input", {"names": ["new", *names]})
    assert await graph.resume() == {"new": "vote 3", **first.output}
    assert len(provider.sent) == 4


async def test_a_new_sample_is_refused_where_an_edit_would_win(lab: Lab) -> None:
    lab.write(ONCE)
    await lab.run(text="a")
    lab.edit("main/send", "output", "by hand")
    with pytest.raises(EditRefused, match="take it back first"):
        again_trace(lab.trace, None, "main/send")


# What the output does not need, what is added at run time, what is nested


async def test_a_side_branch_runs_is_kept_and_runs_again_when_it_failed(lab: Lab) -> None:
    lab.write("""
@app.task
def note(text: str) -> str:
    called("note")
    return text[9]

@app.task
def shout(text: str) -> str:
    called("shout")
    return text.upper()

@app.graph
def main(text: str) -> str:
    note(shout.named("aside")(text))
    return shout(text)
""")
    assert (await lab.run(text="tea")).status == "failed", "a task that failed is a failure, whoever needs it"
    assert lab.called() == ["note", "shout", "shout"]
    assert (await lab.resume()).status == "failed"
    assert lab.called() == ["note"]
    lab.replace("text[9]", "text[0]")
    assert (await lab.resume()).output == "TEA"
    assert lab.called() == ["note"]
    assert list(lab.state.in_run(3)) == ["main/note"]
    lab.edit("main/shout[aside]", "output", "cup")
    assert (await lab.resume()).output == "TEA"
    assert lab.called() == ["note"]
    assert (await lab.resume()).executed == []


async def test_tasks_added_by_a_running_task_are_kept_and_run_again_like_others() -> None:
    provider, called = Counting(), []
    registry = Registry("added")
    registry.provider("own", provider)

    def lines(text: str) -> list[str]:
        return text.split()

    def ask(name: str) -> str:
        return f"Who is {name}?"

    def research(ctx: Context, names: list[str]) -> list[str]:
        called.append("research")
        return [ctx.add_task(LLMTask(ask, name, model="own:m", name=name)) for name in names]  # type: ignore[misc]

    def start() -> str:
        return "Name some."

    graph: TaskGraph[Any] = TaskGraph(registry)
    names = graph.add_task(LLMTask(start, model="own:m", parser=lines))
    graph.add_output_task(PythonTask(research, names))
    assert len(await graph.run()) == 3
    assert await graph.resume() == ["echo: Who is echo:?", "echo: Who is Name?", "echo: Who is some.?"]
    assert (len(provider.sent), called) == (4, ["research"])
    graph.edit("main/start", "response", "Noether Name")
    assert await graph.resume() == ["echo: Who is Noether?", "echo: Who is Name?"]
    assert (provider.sent[4:], called) == (["Who is Noether?"], ["research"] * 2)
    graph.edit("main/research/ask[Name]", "response", "unknown")
    assert await graph.resume() == ["echo: Who is Noether?", "unknown"]
    graph.revert("main/start", "response")
    loaded = TaskGraph.from_json(graph.to_json(), registry)
    assert await loaded.resume() == ["echo: Who is echo:?", "unknown", "echo: Who is some.?"]
    assert (len(provider.sent), called) == (5, ["research"] * 2), "the tasks that it declared then are recorded"


async def test_an_inner_judge_of_a_loop_is_edited_and_the_loop_goes_on_from_there(lab: Lab) -> None:
    lab.write("""
@app.llm(output=int)
def judge(text: str, round: int) -> str:
    called(f"judge {round}")
    return f"Judge {round} [[answer={round * 4}]]"

@app.llm()
def fix(text: str, round: int) -> str:
    called(f"fix {round}")
    return f"Fix {round}"

@app.graph
def decide(score: int, text: str, round: int) -> str:
    called(f"decide {round}")
    if score >= 8:
        return text
    return loop(fix(text, round), round + 1)

@app.graph
def loop(text: str, round: int) -> str:
    called(f"loop {round}")
    return decide(judge(text, round), text, round)

@app.graph
def main(text: str) -> str:
    return loop(text, 0)
""")
    assert (await lab.run(text="tea")).output == "echo: Fix 1"
    assert lab.executed()[1] == ["Fix 0", "Fix 1", "Judge 0 [[answer=0]]", "Judge 1 [[answer=4]]", "Judge 2 [[answer=8]]"]
    inner = "main/loop/decide/loop/judge"
    lab.edit(inner, "response", "9")
    assert (await lab.resume()).output == "echo: Fix 0"
    assert lab.executed() == (["decide 1"], [])
    assert not any("decide/loop/decide/loop" in task.id for task in lab.state.walk(2)), "the last round is not in this run"
    lab.edit(inner, "response", "5")
    assert (await lab.resume()).output == "echo: Fix 1"
    assert lab.executed() == (["decide 1"], []), "the round that follows is recorded"
    revert_trace(lab.trace, None, inner, "response")
    assert (await lab.resume()).output == "echo: Fix 1"
    assert lab.executed() == NOTHING


async def test_a_failed_graph_in_memory_is_resumed_after_its_edit() -> None:
    registry = Registry("memory")

    def part(n: int) -> int:
        return 1 // n

    graph: TaskGraph[Any] = TaskGraph(registry)
    graph.add_output_task(PythonTask(part, 0))
    with pytest.raises(RunFailed):
        await graph.run()
    graph.edit("main/part", "output", 5)
    assert await graph.resume() == 5


# Graphs that are written out


def written(registry: Registry, names: list[str], *, more: bool = False) -> TaskGraph[Any]:
    """ask x names -> join, in a graph inside of a graph; with `more`, a task that nobody needs beside it."""

    def ask(name: str) -> str:
        return f"Who is {name}?"

    def join(parts: list[str]) -> str:
        return " ".join(parts)

    inner: TaskGraph[Any] = TaskGraph(registry, "people")
    inner.add_output_task(PythonTask(join, [inner.add_task(LLMTask(ask, name, model="own:m", name=name)) for name in names]))
    graph: TaskGraph[Any] = TaskGraph(registry)
    graph.add_output_task(PythonTask(join, [graph.add_task(TaskGraphTask(inner))], name="all"))
    if more:
        graph.add_task(LLMTask(ask, "else", model="own:m", name="else"))
    return graph


async def test_a_written_graph_that_changed_in_the_code_runs_only_what_is_new(tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    provider, registry = Counting(), Registry("written")
    registry.provider("own", provider)
    assert await written(registry, ["a", "b"]).run(trace=trace) == "echo: Who is a? echo: Who is b?"
    assert await written(registry, ["a", "b"]).resume(trace=trace) == "echo: Who is a? echo: Who is b?"
    assert not read(trace).state.in_run(2)
    assert len(provider.sent) == 2
    assert await written(registry, ["c", "a"]).resume(trace=trace) == "echo: Who is c? echo: Who is a?"
    assert provider.sent[2:] == ["Who is c?"]
    state = read(trace).state
    assert [task.id for task in state.walk(3)] == [
        "main",
        "main/people",
        "main/people/ask[c]",
        "main/people/ask[a]",
        "main/people/join",
        "main/join[all]",
    ]
    assert "main/people/ask[b]" in [task.id for task in state.walk(2)]
    assert await written(registry, ["c", "a"], more=True).resume(trace=trace) == "echo: Who is c? echo: Who is a?"
    assert provider.sent[3:] == ["Who is else?"]
    assert list(read(trace).state.in_run(4)) == ["main/ask[else]"]


async def test_a_written_graph_inside_another_is_frozen_by_an_edit_and_freed_by_its_revert(tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    provider, registry = Counting(), Registry("written")
    registry.provider("own", provider)
    await written(registry, ["a", "b"]).run(trace=trace)
    edit_trace(trace, None, "main/people", "output", "nobody")
    edit_trace(trace, None, "main/people/ask[a]", "prompt", "Not asked")
    assert await written(registry, ["a", "b"]).resume(trace=trace) == "nobody"
    revert_trace(trace, None, "main/people", "output")
    assert await written(registry, ["a", "b"]).resume(trace=trace) == "echo: Not asked echo: Who is b?"
    revert_trace(trace, None, "main/people/ask[a]", "prompt")
    assert await written(registry, ["a", "b"]).resume(trace=trace) == "echo: Who is a? echo: Who is b?"
    assert provider.sent[2:] == ["Not asked"]


async def test_an_edited_input_runs_those_that_read_it_and_no_others() -> None:
    called: list[str] = []
    registry = Registry("input")

    def reads(ctx: Context) -> str:
        called.append("reads")
        return str(ctx.input["who"])

    def does_not(ctx: Context) -> int:
        called.append("does not")
        return 1

    def both(a: str, b: int) -> str:
        called.append("both")
        return a * b

    graph: TaskGraph[Any] = TaskGraph(registry)
    graph.add_output_task(PythonTask(both, graph.add_task(PythonTask(reads)), graph.add_task(PythonTask(does_not))))
    assert await graph.run(input={"who": "a"}) == "a"
    called.clear()
    graph.edit("main", "input", {"who": "b"})
    assert await graph.resume() == "b"
    assert called == ["reads", "both"]
    loaded = TaskGraph.from_json(graph.to_json(), registry)
    loaded.revert("main", "input")
    assert await loaded.resume() == "a"
    assert called == ["reads", "both"]

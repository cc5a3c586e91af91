"""The plan says what a resume then does, and why. That it always does is held by tests/test_properties.py."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import anyio
import pytest
from programs import STORY, Counting, Lab
from tui.traces import review

from llmtaskgraph import LLMTask, Planned, PythonTask, Registry, TaskGraph, again_trace, plan_recorded, revert_trace
from llmtaskgraph._plan_near import records


@pytest.fixture
async def story(lab: Lab) -> Lab:
    """draft -> words -> count -> comment, which ran once."""
    lab.write(STORY)
    await lab.run(topic="tea")
    return lab


def told(lab: Lab) -> dict[str, tuple[str, str | None, str, int, int]]:
    """Action, stage, reason, calls and possible calls of all that is planned."""
    plan = lab.plan()
    assert plan.kept + len(plan.of("run")) + len(plan.of("maybe")) == 4
    return {p.task: (p.action, p.stage, p.reason, p.calls, p.possible_calls) for p in plan.tasks}


AFTER_DRAFT = {
    "main/count": ("maybe", None, "depends on main/draft", 0, 0),
    "main/comment": ("maybe", None, "depends on main/count", 0, 1),
    "main": ("maybe", None, "its output holds that of main/comment", 0, 0),
}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("stage", "text", "expected"),
    [
        ("response", "one two", ("run", "output", "its response is edited", 0, 0)),
        ("prompt", "Write.", ("run", "response", "its prompt is edited", 1, 1)),
        ("model", "lab:large", ("run", "response", "its model is edited", 1, 1)),
        ("params", '{"seed": 1}', ("run", "response", "its params is edited", 1, 1)),
    ],
)
async def test_an_edit_is_the_reason_of_its_task_and_the_rest_may_run(
    story: Lab, stage: str, text: str, expected: tuple[Any, ...]
) -> None:
    story.edit("main/draft", stage, text)
    assert told(story) == {"main/draft": expected, **AFTER_DRAFT}


@pytest.mark.anyio
async def test_a_new_sample_is_one_certain_call(story: Lab) -> None:
    again_trace(story.trace, None, "main/draft")
    assert told(story) == {"main/draft": ("run", "response", "asked for again", 1, 1), **AFTER_DRAFT}


@pytest.mark.anyio
async def test_an_edited_output_is_kept_and_what_uses_it_runs_for_certain(story: Lab) -> None:
    story.edit("main/count", "output", "7")
    call = "its input main/count changed; the call is made if the prompt comes out otherwise"
    assert told(story) == {
        "main/count": ("kept", None, "its output is edited", 0, 0),
        "main/comment": ("run", "prompt", call, 0, 1),
        "main": AFTER_DRAFT["main"],
    }


@pytest.mark.anyio
async def test_a_revert_finds_the_old_values_and_nothing_runs(story: Lab) -> None:
    story.edit("main/draft", "response", "one two")
    await story.resume()
    revert_trace(story.trace, None, "main/draft", "response")
    assert {task: entry[:3] for task, entry in told(story).items()} == {
        "main/draft": ("kept", None, "its value is recorded in run 1"),
        "main/count": ("kept", None, "its value is recorded in run 1"),
        "main/comment": ("kept", None, "its value is recorded in run 1"),
        "main": ("kept", None, "nothing of its own runs"),
    }


@pytest.mark.anyio
async def test_a_plan_with_another_model_is_what_a_resume_with_it_does(story: Lab) -> None:
    assert story.plan().tasks == []
    for plan in (story.plan(model="lab:large"), plan_recorded(story.state, model="lab:large")):
        assert {planned.task for planned in plan.of("run")} == {"main/draft"}
        assert (plan.kept, len(plan.of("maybe"))) == (0, 3)
    assert {planned.task for planned in story.plan(scripted=True).of("run")} == {"main/draft"}, (
        "real answers are not for a script"
    )
    result = await story.resume(model="lab:large")
    assert result.executed == ["main/draft", "main/comment"]
    assert story.plan().tasks == [], "the run keeps its model"


@pytest.mark.anyio
async def test_changed_code_is_a_reason(story: Lab) -> None:
    story.replace('return f"Write about {topic}."', 'return f"Write about {topic}!"')
    assert told(story)["main/draft"] == (
        "run",
        "prompt",
        "its code changed; the call is made if the prompt comes out otherwise",
        0,
        1,
    )
    assert plan_recorded(story.state).tasks == [], "the trace alone cannot know"


@pytest.mark.anyio
async def test_a_changed_schema_is_a_reason(lab: Lab) -> None:
    lab.write(
        STORY.replace("@app.llm()\ndef comment(count: int) -> str:", "@app.llm(output=int)\ndef comment(count: int) -> str:")
    )
    lab.replace('on {count} words."', 'on {count} words. [[answer=5]]"')
    await lab.run(topic="tea")
    lab.replace("@app.llm(output=int)", "@app.llm(output=float)")
    assert told(lab)["main/comment"][:3] == ("run", "response", "its code changed")


@pytest.mark.anyio
async def test_failed_and_blocked_tasks_say_so(lab: Lab) -> None:
    lab.write(STORY.replace("return len(words)", "raise ValueError"))
    await lab.run(topic="tea")
    assert {task: entry[:3] for task, entry in told(lab).items()} == {
        "main/count": ("run", "output", "it failed in run 1"),
        "main/comment": ("maybe", None, "depends on main/count"),
        "main": ("maybe", None, "its output holds that of main/comment"),
    }


@pytest.mark.anyio
async def test_the_plan_without_the_code_is_that_with_it_when_the_code_is_as_it_was(story: Lab) -> None:
    steps: list[Callable[[], object]] = [
        lambda: None,
        lambda: story.edit("main/draft", "response", "one"),
        lambda: story.edit("main", "input", '{"topic": "coffee"}'),
        lambda: again_trace(story.trace, None, "main/comment"),
        lambda: revert_trace(story.trace, None, "main/draft", "response"),
    ]
    for step in steps:
        step()
        with_code, without = story.plan(), plan_recorded(story.state)
        assert (with_code.tasks, with_code.kept) == (without.tasks, without.kept)
        assert (with_code.code_checked, without.code_checked) == (True, False)
        await story.resume()


@pytest.mark.anyio
async def test_planning_records_and_executes_nothing(story: Lab) -> None:
    story.edit("main/draft", "response", "one two")
    story.executed()
    before = story.trace.read_bytes()
    assert story.plan() == story.plan()
    assert story.trace.read_bytes() == before
    assert story.executed() == ([], [])


def _story_in_memory(size: int) -> tuple[TaskGraph[Any], Counting]:
    provider = Counting()
    registry = Registry("memory")
    registry.provider("own", provider)
    graph: TaskGraph[Any] = TaskGraph(registry)

    def ask(n: int) -> str:
        return f"ask {n}"

    async def last(text: str) -> str:
        return text[-1]

    for n in range(size):
        task = graph.add_task(LLMTask(ask, n, model="own:m"))
        graph.add_task(PythonTask(last, task))
    return graph, provider


@pytest.mark.anyio
async def test_tokens_cost_and_time_are_those_of_the_record_of_the_task_or_its_like() -> None:
    graph, _ = _story_in_memory(3)
    await graph.run()
    graph.edit("main/ask[1]", "prompt", "otherwise")
    (planned,) = graph.plan().of("run")
    assert (planned.input_tokens, planned.output_tokens, planned.cost, planned.calls) == (10, 5, 0.25, 1)
    assert planned.seconds is not None
    graph.edit("main/ask[2]", "response", "edited")
    costs = {planned.task: planned.cost for planned in graph.plan().tasks}
    assert costs["main/ask[2]"] is None, "a parser costs nothing"


def _calls(work: Callable[[], object]) -> int:
    """How many Python functions are called in the course of it."""
    count = 0

    def profile(frame: FrameType, event: str, arg: object) -> None:
        nonlocal count
        count += event == "call"

    sys.setprofile(profile)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def test_planning_costs_in_proportion_to_the_trace() -> None:
    counted: list[int] = []
    for size in (1_000, 10_000):  # two tasks each
        graph, provider = _story_in_memory(size)
        anyio.run(graph.run)
        graph.edit(f"main/ask[{size // 2}]", "response", "edited")
        plans: list[Planned] = []
        counted.append(_calls(lambda graph=graph, plans=plans: plans.extend(graph.plan().tasks)))  # type: ignore[misc]
        assert {planned.task for planned in plans} == {f"main/ask[{size // 2}]", f"main/last[{size // 2}]"}
        assert len(provider.sent) == size
    assert counted[1] < 11 * counted[0]


def test_records_of_a_run_that_is_under_way_hold_for_once_and_are_read_once() -> None:
    by = review()
    state = by.state
    for _ in range(2):  # somebody gives up in between
        next(records(state, 1).steps(state))
    known = records(state, 1)
    list(known.steps(state))
    assert records(state, 1) is known
    assert all(len(ids) == len(set(ids)) for ids in known.index.values())
    run = by.start(parent=1)
    task_run = by.begin(run, "main/issues")
    known = records(state, run)
    list(known.steps(state))
    by.succeed(task_run, ["other"])
    later = records(state, run)
    assert later is not known

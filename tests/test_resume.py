"""What a resume executes: each row of the table in docs/resume.md, with the functions that were called and the requests that a
real server got."""

from __future__ import annotations

import pytest
from programs import NOTHING, STORY, Lab

from llmtaskgraph import TaskGraph, again_trace, revert_trace

pytestmark = pytest.mark.anyio


@pytest.fixture
async def story(lab: Lab) -> Lab:
    """A program of two calls that ran once: draft -> words -> count -> comment."""
    lab.write(STORY)
    result = await lab.run(topic="tea")
    assert result.output == "echo: Comment on 4 words."
    assert lab.executed() == (["comment", "count", "draft", "main", "words"], ["Comment on 4 words.", "Write about tea."])
    return lab


async def test_nothing_runs_when_nothing_changed_however_often_it_is_resumed(story: Lab) -> None:
    for run in (2, 3, 4):
        assert not story.plan().tasks
        result = await story.resume()
        assert (result.run, result.output, result.executed) == (run, "echo: Comment on 4 words.", [])
        assert not story.state.in_run(run)
    assert story.executed() == NOTHING


async def test_nothing_runs_when_the_graph_is_resumed_from_its_json(story: Lab) -> None:
    graph = TaskGraph.from_json(story.trace.read_bytes(), story.load().functions)
    for _ in range(3):
        assert await graph.resume() == "echo: Comment on 4 words."
    assert story.executed() == NOTHING


async def test_after_an_edited_response_its_parser_runs_and_what_really_changed(story: Lab) -> None:
    story.edit("main/draft", "response", "one two")
    result = await story.resume()
    assert result.output == "echo: Comment on 2 words."
    assert story.executed() == (["comment", "count", "words"], ["Comment on 2 words."])
    stages = [getattr(story.seen("main/draft"), name).origin for name in ("prompt", "response", "output")]
    assert stages == ["reused", "edited", "executed"]
    assert story.seen("main/draft", 1).response.origin == "executed", "the older run is as it was"  # type: ignore[union-attr]
    await story.resume()
    assert story.executed() == NOTHING


async def test_an_edit_that_leads_to_the_same_value_stops_there(story: Lab) -> None:
    story.edit("main/draft", "response", "one two three four")
    result = await story.resume()
    assert result.output == "echo: Comment on 4 words."
    assert story.executed() == (["count", "words"], [])
    assert list(story.state.in_run(2)) == ["main/draft", "main/count"], "what is kept has no record"


async def test_an_edited_output_is_used_as_it_is(story: Lab) -> None:
    story.edit("main/count", "output", "7")
    assert (await story.resume()).output == "echo: Comment on 7 words."
    assert story.executed() == (["comment"], ["Comment on 7 words."])
    story.edit("main/comment", "output", "that will do")
    assert (await story.resume()).output == "that will do"
    assert story.executed() == NOTHING


async def test_a_refactored_prompt_function_that_says_the_same_makes_no_call(story: Lab) -> None:
    story.replace('return f"Write about {topic}."', 'verb = "Write"\n    return verb + f" about {topic}."')
    assert (await story.resume()).output == "echo: Comment on 4 words."
    assert story.executed() == (["draft"], [])


async def test_comments_docstrings_and_layout_are_no_change(story: Lab) -> None:
    story.replace('    called("draft")\n', '    """Ask for it."""\n\n    called("draft")  # first\n')
    await story.resume()
    assert story.executed() == NOTHING


async def test_a_parser_that_is_fixed_after_it_failed_does_not_repeat_the_call(lab: Lab) -> None:
    lab.write(STORY.replace("return text.split()", "raise ValueError(text)"))
    result = await lab.run(topic="tea")
    assert {id: failure.type for id, failure in result.failures.items()} == {"main/draft": "ValueError", "main": "ChildFailed"}
    assert lab.executed() == (["draft", "main", "words"], ["Write about tea."])
    lab.replace("raise ValueError(text)", "return text.split()")
    assert (await lab.resume()).output == "echo: Comment on 4 words."
    assert lab.executed() == (["comment", "count", "words"], ["Comment on 4 words."])


async def test_an_edited_prompt_is_one_call_and_then_what_depends_on_it(story: Lab) -> None:
    story.edit("main/draft", "prompt", "Write.")
    assert (await story.resume()).output == "echo: Comment on 2 words."
    assert story.executed() == (["comment", "count", "words"], ["Comment on 2 words.", "Write."])


async def test_a_prompt_edited_in_the_code_is_one_call_and_then_what_depends_on_it(story: Lab) -> None:
    story.replace("Write about {topic}.", "Write on {topic}.")
    assert (await story.resume()).output == "echo: Comment on 4 words."
    assert story.executed() == (["count", "draft", "words"], ["Write on tea."])


async def test_an_edit_wins_over_a_changed_input_and_the_plan_says_so(story: Lab) -> None:
    story.edit("main/comment", "response", "Fine.")
    await story.resume()
    story.edit("main/draft", "response", "one")
    flagged = {planned.task: planned.warning for planned in story.plan().tasks if planned.warning}
    assert flagged == {"main/comment": "edited over a changed input"}
    assert (await story.resume()).output == "Fine."
    assert story.executed() == (["count", "words"], [])


async def test_a_reverted_edit_brings_the_old_values_back_at_no_cost(story: Lab) -> None:
    story.edit("main/draft", "response", "one two")
    await story.resume()
    story.executed()
    revert_trace(story.trace, None, "main/draft", "response")
    assert (await story.resume()).output == "echo: Comment on 4 words."
    assert story.executed() == NOTHING
    story.edit("main/draft", "response", "one two")
    assert (await story.resume()).output == "echo: Comment on 2 words."
    assert story.executed() == NOTHING, "nor does the edit, made again"


async def test_another_model_makes_its_call_and_then_what_really_changes(story: Lab) -> None:
    story.edit("main/draft", "model", "lab:large")
    assert (await story.resume()).output == "echo: Comment on 4 words."
    assert story.executed() == ([], ["Write about tea."]), "the answer is the same"
    assert story.seen("main/draft").attempts[-1].model == "large"


async def test_edited_params_make_their_call(story: Lab) -> None:
    story.edit("main/comment", "params", '{"temperature": 0}')
    await story.resume()
    assert story.executed() == ([], ["Comment on 4 words."])
    revert_trace(story.trace, None, "main/comment", "params")
    await story.resume()
    assert story.executed() == NOTHING


async def test_a_new_sample_is_exactly_one_call_and_its_revert_brings_the_old_one_back(story: Lab) -> None:
    again_trace(story.trace, None, "main/comment")
    await story.resume()
    assert story.executed() == ([], ["Comment on 4 words."])
    await story.resume()
    assert story.executed() == NOTHING
    again_trace(story.trace, None, "main/comment")
    await story.resume()
    assert story.executed() == ([], ["Comment on 4 words."]), "and another one"
    revert_trace(story.trace, None, "main/comment", "sample")
    await story.resume()
    assert story.executed() == NOTHING
    assert story.seen("main/comment").response.source == story.seen("main/comment", 1).id  # type: ignore[union-attr]


MAPPED = """
@app.llm()
def fix(item: str) -> str:
    called("fix " + item)
    return f"Fix {item}."


@app.graph
def main(items: list[str]) -> list[str]:
    called("main")
    return fix.map(items)
"""


@pytest.mark.parametrize("items", [["new", "a", "b", "c"], ["a", "new", "b", "c"], ["a", "b", "c", "new"]])
async def test_a_map_that_gains_an_item_makes_one_more_call_wherever_it_stands(lab: Lab, items: list[str]) -> None:
    lab.write(MAPPED)
    await lab.run(items=["a", "b", "c"])
    lab.executed()
    lab.edit("main", "input", '{"items": ["' + '", "'.join(items) + '"]}')
    assert (await lab.resume()).output == [f"echo: Fix {item}." for item in items]
    assert lab.executed() == (["fix new", "main"], ["Fix new."])


async def test_a_map_that_loses_and_reorders_items_makes_no_call(lab: Lab) -> None:
    lab.write(MAPPED)
    await lab.run(items=["a", "b", "c", "d"])
    lab.executed()
    lab.edit("main", "input", '{"items": ["d", "b", "a"]}')
    assert (await lab.resume()).output == ["echo: Fix d.", "echo: Fix b.", "echo: Fix a."]
    assert lab.executed() == (["main"], [])
    assert [task.id for task in lab.state.walk(2)] == ["main", "main/fix[0]", "main/fix[1]", "main/fix[2]"]
    assert [task.id for task in lab.state.walk(1)][-1] == "main/fix[3]", "what vanished is to be seen in the older run"
    revert_trace(lab.trace, None, "main", "input")
    assert len((await lab.resume()).output) == 4
    assert lab.executed() == NOTHING


async def test_two_equal_items_are_two_samples_and_the_old_one_keeps_its_own(lab: Lab) -> None:
    lab.write(MAPPED)
    await lab.run(items=["a", "b"])
    lab.executed()
    lab.edit("main", "input", '{"items": ["b", "b"]}')
    await lab.resume()
    assert lab.executed() == (["fix b", "main"], ["Fix b."])
    assert "main/fix[1]" not in lab.state.in_run(2), "the task that had it all along is the one that keeps it"


async def test_of_ten_mapped_tasks_only_the_failed_one_runs_again(lab: Lab) -> None:
    lab.write(MAPPED)
    items = [f"i{n}" for n in range(9)]
    bad = f"bad {lab.unique}[[400x1]]"
    items.insert(4, bad)
    result = await lab.run(items=items)
    assert result.status == "failed"
    assert lab.executed()[1] == sorted(f"Fix {item}." for item in items)
    assert (await lab.resume()).output[4] == f"echo: Fix bad {lab.unique}."
    assert lab.executed() == ([], [f"Fix {bad}."])


async def test_what_is_independent_of_a_failure_finishes_and_a_resume_runs_the_failed_and_what_it_feeds(lab: Lab) -> None:
    lab.write("""
@app.task
def left() -> int:
    called("left")
    raise ValueError("no")

@app.task
def right() -> int:
    called("right")
    return 2

@app.task
def after(a: int) -> int:
    called("after")
    return a + 1

@app.task
def both(a: int, b: int) -> int:
    called("both")
    return a + b

@app.graph
def main() -> int:
    return both(after(left()), after.named("right")(right()))
""")
    result = await lab.run()
    assert result.status == "failed"
    statuses = {task_run.task: task_run.status for task_run in lab.state.in_run(1).values()}
    assert statuses == {
        "main": "failed",
        "main/left": "failed",
        "main/right": "succeeded",
        "main/after": "blocked",
        "main/after[right]": "succeeded",
        "main/both": "blocked",
    }
    assert lab.called() == ["after", "left", "right"]
    lab.replace('raise ValueError("no")', "return 1")
    assert (await lab.resume()).output == 5
    assert lab.called() == ["after", "both", "left"]


NESTED = """
@app.llm()
def fix(item: str) -> str:
    called("fix")
    return f"Fix {item}."

@app.graph
def repair(items: list[str]) -> list[str]:
    called("repair")
    return fix.map(items)

@app.task
def todo(text: str) -> list[str]:
    called("todo")
    return text.split()

@app.task
def join(parts: list[str]) -> str:
    called("join")
    return " ".join(parts)

@app.graph
def main(text: str) -> str:
    called("main")
    return join(repair(todo(text)))
"""


async def test_a_graph_whose_output_is_edited_is_frozen(lab: Lab) -> None:
    lab.write(NESTED)
    await lab.run(text="a b")
    lab.executed()
    lab.edit("main/repair", "output", '["x"]')
    lab.edit("main/todo", "output", '["c", "d", "e"]')
    assert (await lab.resume()).output == "x"
    assert lab.executed() == (["join"], []), "nothing in it runs, though its input changed"
    assert "main/repair/fix[1]" in [task.id for task in lab.state.walk(2)], "what it held is still to be seen"
    revert_trace(lab.trace, None, "main/repair", "output")
    assert (await lab.resume()).output == "echo: Fix c. echo: Fix d. echo: Fix e."
    assert lab.executed() == (["fix", "fix", "fix", "join", "repair"], ["Fix c.", "Fix d.", "Fix e."])


async def test_a_graph_with_other_children_reuses_renamed_and_reordered_ones_and_runs_new_ones(lab: Lab) -> None:
    code = MAPPED.replace("fix.map(items)", 'fix.named("x")("1"), fix.named("y")("2"), fix.named("z")("3")')
    lab.write(code)
    await lab.run(items=[])
    lab.executed()
    lab.replace(
        'fix.named("x")("1"), fix.named("y")("2"), fix.named("z")("3")', 'fix.named("y")("2"), fix.named("v")("1"), fix("4")'
    )
    result = await lab.resume()
    assert result.output == ["echo: Fix 2.", "echo: Fix 1.", "echo: Fix 4."]
    assert lab.executed() == (["fix 4", "main"], ["Fix 4."])
    assert sorted(lab.state.in_run(2)) == ["main", "main/fix", "main/fix[v]"]
    assert [task.id for task in lab.state.walk(2)] == ["main", "main/fix[y]", "main/fix[v]", "main/fix"]

"""Which edits and which recorded values a resume takes up: forks, inherited and reverted edits, votes, changed declarations."""

from __future__ import annotations

import json
import sys

import anyio
import pytest
from programs import NOTHING, Lab

from llmtaskgraph import (
    EditRefused,
    revert_trace,
)

pytestmark = pytest.mark.anyio

CHAIN = """
class Verdict(msgspec.Struct):
    score: int


def wording(text: str) -> str:
    return text.upper()


@app.llm(output=Verdict)
def judge(text: str) -> str:
    called("judge")
    return f"Judge {wording(text)} [[answer={{\\"score\\": 3}}]]"


@app.task
def score(verdict: Verdict) -> int:
    called("score")
    return verdict.score


@app.llm()
def reply(score: int) -> str:
    called("reply")
    return f"Reply to {score}"


@app.graph
def main(text: str) -> str:
    called("main")
    return reply(score(judge(text)))
"""
JUDGE = 'Judge TEA [[answer={"score": 3}]]'


@pytest.fixture
async def chain(lab: Lab) -> Lab:
    """judge -> score -> reply, which ran once."""
    lab.write(CHAIN)
    assert (await lab.run(text="tea")).output == "echo: Reply to 3"
    assert lab.executed() == (["judge", "main", "reply", "score"], [JUDGE, "Reply to 3"])
    return lab


# Runs and their edits


async def test_a_run_that_is_edited_and_resumed_twice_has_two_children_each_with_its_own_edit(chain: Lab) -> None:
    chain.edit("main/score", "output", "7")
    assert (await chain.resume()).output == "echo: Reply to 7"
    chain.edit("main/reply", "output", "fixed", run=1)
    assert (await chain.resume(1)).output == "fixed"
    state = chain.state
    assert [(run.id, run.parent, run.edits) for run in state.runs.values()] == [(1, None, []), (2, 1, [1]), (3, 1, [2])]
    assert chain.executed() == (["reply"], ["Reply to 7"])
    chain.edit("main/score", "output", "7", run=1)
    assert (await chain.resume(1)).output == "echo: Reply to 7"
    assert chain.executed() == NOTHING, "what a sibling run paid for is taken"


async def test_children_inherit_edits_until_they_are_reverted(chain: Lab) -> None:
    chain.edit("main/score", "output", "7")
    await chain.resume()
    chain.edit("main/judge", "response", '{"score": 5}')
    assert (await chain.resume()).output == "echo: Reply to 7"
    assert sorted(chain.state.edits_in_force(3)) == [("main/judge", "response"), ("main/score", "output")]
    chain.executed()
    revert_trace(chain.trace, None, "main/score", "output")
    assert (await chain.resume()).output == "echo: Reply to 5"
    assert chain.executed() == (["reply", "score"], ["Reply to 5"])
    revert_trace(chain.trace, None, "main/judge", "response")
    assert (await chain.resume()).output == "echo: Reply to 3"
    assert chain.executed() == NOTHING
    assert chain.state.runs[5].edits == []


async def test_an_edit_that_is_taken_back_before_a_resume_changes_nothing(chain: Lab) -> None:
    chain.edit("main/score", "output", "7")
    revert_trace(chain.trace, None, "main/score", "output")
    with pytest.raises(EditRefused):
        revert_trace(chain.trace, None, "main/score", "output")
    assert not chain.plan().tasks
    assert (await chain.resume()).executed == []
    assert not chain.state.in_run(2)


async def test_an_edited_input_is_inherited_and_reverted_like_any_edit(chain: Lab) -> None:
    chain.edit("main", "input", '{"text": "coffee"}')
    await chain.resume()
    other = JUDGE.replace("TEA", "COFFEE")
    assert chain.executed() == (["judge", "main"], [other]), "the verdict is the same, so nothing after it runs"
    await chain.resume()
    assert chain.executed() == NOTHING
    revert_trace(chain.trace, None, "main", "input")
    assert (await chain.resume()).output == "echo: Reply to 3"
    assert chain.seen("main/judge").prompt == chain.seen("main/judge", 4).prompt
    assert b"TEA" in bytes(chain.seen("main/judge").prompt.value)  # type: ignore[union-attr]
    assert chain.executed() == NOTHING


async def test_an_edited_value_is_never_matched_by_others(lab: Lab) -> None:
    lab.write("""
@app.task
def double(a: int) -> int:
    called("double")
    return 2 * a

@app.graph
def main(n: int) -> list[int]:
    return [double(n) for _ in range(n)]
""")
    await lab.run(n=2)
    lab.edit("main/double", "output", "99")
    await lab.resume()
    lab.executed()
    lab.replace("for _ in range(n)", "for _ in range(n + 1)")
    lab.edit("main", "input", '{"n": 2}')
    assert (await lab.resume()).output == [99, 4, 4]
    assert lab.executed() == NOTHING, "the third takes what the first had before its edit"


async def test_a_failure_is_never_matched(lab: Lab) -> None:
    lab.write(CHAIN.replace('{{\\"score\\": 3}}', "nonsense"))
    for run in (1, 2):
        result = await (lab.run(text="tea") if run == 1 else lab.resume())
        assert result.failures["main/judge"].type == "OutputError"
    called, asked = lab.executed()
    assert called == ["judge", "main"], "only the parser is tried again"
    assert len(asked) == 1


# The code and the declarations


async def test_a_helper_of_a_prompt_function_is_part_of_its_code(chain: Lab) -> None:
    chain.replace("return text.upper()", "return text.title()")
    await chain.resume()
    assert chain.executed() == (["judge"], [JUDGE.replace("TEA", "Tea")])


async def test_an_output_type_that_gains_a_field_is_asked_for_anew(chain: Lab) -> None:
    chain.replace("score: int\n", 'score: int\n    why: str = ""\n')
    await chain.resume()
    called, asked = chain.executed()
    assert asked == [JUDGE], "the schema is part of what is sent"
    assert "score" in called


async def test_another_default_model_makes_the_calls_of_that_function(chain: Lab) -> None:
    chain.replace("@app.llm()", '@app.llm(model="lab:large")')
    await chain.resume()
    assert chain.executed() == (["main"], ["Reply to 3"])


async def test_a_renamed_task_makes_no_call(chain: Lab) -> None:
    chain.replace("reply(score(judge(text)))", 'reply.named("last")(score(judge.named("first")(text)))')
    assert (await chain.resume()).output == "echo: Reply to 3"
    assert chain.executed() == (["main"], [])
    assert [task.id for task in chain.state.walk(2)] == ["main", "main/judge[first]", "main/score", "main/reply[last]"]


async def test_two_tasks_that_swap_their_inputs_swap_what_is_recorded(lab: Lab) -> None:
    lab.write("""
@app.llm()
def ask(text: str) -> str:
    called("ask")
    return f"Ask {text}"

@app.graph
def main() -> list[str]:
    return [ask.named("x")("left"), ask.named("y")("right")]
""")
    await lab.run()
    lab.executed()
    lab.replace('ask.named("x")("left"), ask.named("y")("right")', 'ask.named("x")("right"), ask.named("y")("left")')
    assert (await lab.resume()).output == ["echo: Ask right", "echo: Ask left"]
    assert lab.executed() == NOTHING


async def test_a_model_for_the_run_is_inherited_by_its_children(chain: Lab) -> None:
    await chain.resume(model="lab:large")
    assert chain.executed() == ([], [JUDGE, "Reply to 3"])
    await chain.resume()
    assert chain.executed() == NOTHING
    assert chain.state.runs[3].model == "lab:large"
    chain.edit("main/reply", "model", "lab:huge")
    await chain.resume()
    assert [attempt.model for attempt in chain.seen("main/reply").attempts] == ["huge"], "an edit of one task wins over it"


async def test_scripted_and_real_answers_are_never_mixed(chain: Lab) -> None:
    script = chain.trace.with_name("script.json")
    rules = [{"task": "main/judge", "replies": [{"score": 8}]}, {"replies": ["scripted"]}]
    script.write_text(json.dumps({"format": "llmtaskgraph-script/1", "rules": rules}))
    result = await chain.resume(script=script)
    assert chain.executed()[1] == []
    assert result.output == "scripted"
    await chain.resume()
    assert chain.executed() == NOTHING, "the script is inherited"
    assert (await chain.resume(online=True)).output == "echo: Reply to 3"
    assert chain.executed() == NOTHING, "the real answers are those of the first run"


# Runs that ended early

ASKED = """
@app.llm()
def ask(text: str) -> str:
    called("ask " + text)
    return f"Ask {text}."


@app.graph
def main(items: list[str]) -> list[str]:
    called("main")
    return ask.map(items)
"""


@pytest.mark.parametrize("moment", ["while a call streams", "before the first byte"])
async def test_after_a_kill_no_completed_call_is_sent_again_and_the_one_in_doubt_is_told(lab: Lab, moment: str) -> None:
    lab.write(ASKED)
    b = f"b {lab.unique}"
    slow = b + ("[[stallx1]]" if moment == "while a call streams" else "[[first=60x1]]")
    code = "import sys, anyio, json; from llmtaskgraph import _program, load_program\n"
    code += "anyio.run(lambda: _program.start(load_program(sys.argv[1]), input=json.loads(sys.argv[2]), trace=sys.argv[3]))"
    command = [sys.executable, "-c", code, lab.app, f'{{"items": ["a", "{slow}", "c"]}}', str(lab.trace)]
    async with await anyio.open_process(command, stdout=None, stderr=None) as process:
        await lab.until(lambda: lab.answers_recorded() == 2 and lab.arrived(f"Ask {slow}."))
        process.kill()
    assert lab.executed() == (["ask a", f"ask {slow}", "ask c", "main"], ["Ask a.", f"Ask {slow}.", "Ask c."])
    (doubted,) = [planned for planned in lab.plan().tasks if planned.warning]
    assert (doubted.task, doubted.action, doubted.calls) == ("main/ask[1]", "run", 1)
    assert doubted.warning == "attempt 1 in run 1 has no end: it may have been paid for"
    assert (await lab.resume()).output == ["echo: Ask a.", f"echo: Ask {b}.", "echo: Ask c."]
    assert lab.executed() == ([], [f"Ask {slow}."])
    killed = lab.seen("main/ask[1]", 1)
    assert (killed.status, len(killed.attempts), killed.attempts[0].ended) == ("cancelled", 1, None)
    assert lab.state.runs[1].status == "cancelled"


async def test_a_cancelled_run_goes_on_where_it_was(lab: Lab) -> None:
    lab.write("""
@app.llm()
def ask(text: str) -> str:
    called("ask")
    return f"Ask {text}"

@app.task
def after(texts: list[str]) -> int:
    called("after")
    return len(texts)

@app.graph
def main(items: list[str]) -> int:
    return after(ask.map(items))
""")
    slow = f"{lab.unique}[[stallx1]]"
    async with anyio.create_task_group() as group:
        group.start_soon(lambda: lab.run(items=["a", slow]))
        await lab.until(lambda: lab.answers_recorded() == 1 and lab.arrived(f"Ask {slow}"))
        group.cancel_scope.cancel()
    assert lab.state.runs[1].status == "cancelled"
    lab.executed()
    assert (await lab.resume()).output == 2
    assert lab.executed() == (["after"], [f"Ask {slow}"])


async def test_a_run_that_is_cut_off_twice_loses_nothing(chain: Lab) -> None:
    """The second run ends before it comes to tasks that were settled in the first."""
    chain.edit("main/judge", "prompt", f"Judge {chain.unique} [[stallx1]]")
    async with anyio.create_task_group() as group:
        group.start_soon(chain.resume)
        await chain.until(lambda: chain.arrived(f"Judge {chain.unique} [[stallx1]]"))
        group.cancel_scope.cancel()
    reasons = {planned.task: planned.reason for planned in chain.plan().tasks}
    assert reasons["main/judge"] == "it was cut off"
    revert_trace(chain.trace, None, "main/judge", "prompt")
    chain.executed()
    assert (await chain.resume()).output == "echo: Reply to 3"
    assert chain.executed() == NOTHING


async def test_a_pinned_task_goes_on_when_what_it_depends_on_fails(chain: Lab) -> None:
    chain.replace("return verdict.score", "raise ValueError")
    chain.edit("main/reply", "response", "by hand")
    result = await chain.resume()
    assert (result.status, list(result.failures)) == ("failed", ["main/score"])
    assert bytes(chain.seen("main").output.value) == b'"by hand"'  # type: ignore[union-attr]


async def test_a_trace_that_a_formatter_laid_out_anew_is_the_same_trace(chain: Lab) -> None:
    chain.trace.write_text(json.dumps(json.loads(chain.trace.read_text()), indent=4))
    await chain.resume()
    assert chain.executed() == NOTHING
    chain.edit("main/score", "output", "3")
    await chain.resume()
    assert chain.executed() == NOTHING

"""What a person types, and what becomes of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec import Raw

from llmtaskgraph import EditRefused, FunctionFacts, PythonTask, Registry, TaskGraph, TaskGraphTask, UnknownTask, matching
from llmtaskgraph import _edit as edits
from llmtaskgraph._graph import Task
from llmtaskgraph._state import State

pytestmark = pytest.mark.anyio


@pytest.fixture
async def state() -> State:
    """A run of a graph with a text, a number, a list, and a nested graph."""
    graph: TaskGraph[Any] = TaskGraph(Registry("edits"))

    async def text() -> str:
        return "some text"

    async def number() -> int:
        return 7

    async def items(n: int) -> list[int]:
        return [n]

    inner: TaskGraph[Any] = TaskGraph(name="inner")
    inner.add_output_task(PythonTask(text, name="a*b"))
    graph.add_task(PythonTask(text))
    graph.add_task(TaskGraphTask(inner))
    graph.add_output_task(PythonTask(items, graph.add_task(PythonTask(number))))
    await graph.run(input={"topic": "tea"})
    return graph.state


def task(state: State, id: str) -> Task:
    (found,) = matching(state, 1, id)
    return found


def edited(state: State, id: str, stage: Any, text: str) -> Any:
    made = edits.edit(state, 1, task(state, id), stage, text, 1.0)
    assert (made.run, made.task, made.stage, made.id) == (1, id, stage, max(state.edits, default=0) + 1)
    return json.loads(bytes(made.value))  # type: ignore[arg-type]


LLM = Task("llm", "main/ask", 99, "ask", "main")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("new", "new"),
        ('"quoted"', "quoted"),
        ("7", "7"),
        ("[1]", "[1]"),
        ("", ""),
        ("a\nb\u2028c \U0001f600", "a\nb\u2028c \U0001f600"),
        ('{"not": "cut', '{"not": "cut'),
    ],
)
async def test_an_output_that_was_text_stays_text_whatever_is_typed(state: State, text: str, expected: str) -> None:
    assert edited(state, "main/text", "output", text) == expected


@pytest.mark.parametrize(("text", "expected"), [("8", 8), ("null", None), ('"x"', "x"), (' {"a": [1.5]} ', {"a": [1.5]})])
async def test_other_outputs_are_json(state: State, text: str, expected: object) -> None:
    assert edited(state, "main/number", "output", text) == expected


@pytest.mark.parametrize("text", ['"half \ud83e"', '"\ud83e\udd94"'])
async def test_half_letters_become_what_they_become_in_any_text(state: State, text: str) -> None:
    expected = text.strip('"').encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert edited(state, "main/number", "output", text) == expected
    message = f'{{"role":"user","parts":[{{"type":"text","content":{text}}}]}}'
    for stage, typed in (("prompt", f"[{message}]"), ("response", message)):
        made = edits.edit(state, 1, LLM, stage, typed, 1.0)  # type: ignore[arg-type]
        assert expected in bytes(made.value).decode()  # type: ignore[arg-type]


async def test_whether_text_is_expected_is_told_by_the_facts_of_the_function_and_its_parser(state: State) -> None:
    parsed = Task("llm", "main/ask", 99, "ask", "main", parser="str")
    state.functions["ask"] = FunctionFacts("llm", "code")
    state.functions["ask > str"] = FunctionFacts("llm", "code", output=Raw(b'{"type":"string"}'))
    assert bytes(edits.edit(state, 1, parsed, "output", "words", 1.0).value) == b'"words"'  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["words", "", "[1,", "NaN", "[" * 5000])
async def test_what_is_no_json_is_refused_where_text_was_not_expected(state: State, text: str) -> None:
    with pytest.raises(EditRefused, match="is JSON, and this is not"):
        edited(state, "main/number", "output", text)


def test_a_prompt_is_text_or_messages() -> None:
    message = {"role": "user", "parts": [{"type": "text", "content": "Hi [x]"}]}
    system = {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]}
    for text, expected in [
        ("Hi [x]", [message]),
        (json.dumps([system, message]), [system, message]),
        ("[not messages]", [{"role": "user", "parts": [{"type": "text", "content": "[not messages]"}]}]),
        ("[]", [{"role": "user", "parts": [{"type": "text", "content": "[]"}]}]),
    ]:
        made = edits.edit(State(), 1, LLM, "prompt", text, 1.0)
        assert json.loads(bytes(made.value)) == expected  # type: ignore[arg-type]


def test_a_response_is_text_or_a_message() -> None:
    whole = {"role": "assistant", "parts": [{"type": "text", "content": "Hi"}], "finish_reason": "stop"}
    for text, expected in [
        (json.dumps(whole), whole),
        ('{"score": 3}', {"role": "assistant", "parts": [{"type": "text", "content": '{"score": 3}'}]}),
        ("plain", {"role": "assistant", "parts": [{"type": "text", "content": "plain"}]}),
    ]:
        made = edits.edit(State(), 1, LLM, "response", text, 1.0)
        assert json.loads(bytes(made.value)) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("stage", "text"),
    [
        ("model", "gpt"),
        ("model", ""),
        ("model", "a b:c"),
        ("params", "[1]"),
        ("sample", "-1"),
        ("sample", '"x"'),
        ("sample", "1.5"),
        ("sample", "true"),
    ],
)
def test_a_setting_that_cannot_be_is_refused(stage: Any, text: str) -> None:
    with pytest.raises(EditRefused):
        edits.edit(State(), 1, LLM, stage, text, 1.0)


async def test_a_stage_that_a_task_does_not_have_is_refused(state: State) -> None:
    with pytest.raises(EditRefused, match="it has output, sample"):
        edited(state, "main/number", "prompt", "x")
    with pytest.raises(EditRefused, match="no input to edit"):
        edited(state, "main/number", "input", "{}")
    with pytest.raises(EditRefused, match="is a JSON object"):
        edited(state, "main", "input", "7")


async def test_an_id_is_itself_before_it_is_a_pattern(state: State) -> None:
    assert [found.id for found in matching(state, 1, "main/inner/text[a*b]")] == ["main/inner/text[a*b]"]
    assert [found.id for found in matching(state, 1, "main/*text*")] == ["main/text", "main/inner/text[a*b]"]
    assert [found.id for found in matching(state, 1, "main/tex?")] == ["main/text"]


async def test_an_unknown_task_is_refused_with_the_nearest(state: State) -> None:
    with pytest.raises(UnknownTask, match="did you mean main/number"):
        matching(state, 1, "main/numbr")


async def test_each_new_sample_has_a_number_of_its_own(state: State) -> None:
    for expected in (1, 2, 3):
        made = edits.again(state, 1, task(state, "main/number" if expected == 2 else "main/text"), 1.0)
        state.edits[made.id] = made
        assert json.loads(bytes(made.value)) == expected  # type: ignore[arg-type]


async def test_only_what_is_edited_can_be_taken_back(state: State) -> None:
    with pytest.raises(EditRefused, match="is not edited in run 1"):
        edits.revert(state, 1, task(state, "main/text"), "output", 1.0)

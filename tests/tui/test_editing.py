"""Editing: what is applied is saved at once and exactly, and what was not touched stays as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.events import Key
from textual.widgets import Input, TextArea

from llmtaskgraph import _events as ev
from llmtaskgraph import read
from llmtaskgraph._edit import edit as make_edit
from ltg_tui.model.draft import BadDraft, draft
from ltg_tui.model.safe import is_odd

from .conftest import Opened, Screen
from .traces import raw, review, say, scribe

pytestmark = pytest.mark.anyio

TASK = "main/judge[style]"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.json"
    review(path).store.close()
    return path


def edits(trace: Path) -> list[tuple[str, str, Any]]:
    state = read(trace).state
    return [(edit.task, edit.stage, json.loads(bytes(edit.value)) if edit.value else None) for edit in state.edits.values()]


def content(trace: Path) -> bytes:
    return trace.read_bytes()


async def type_over(screen: Screen, text: str) -> None:
    area = screen.app.focused
    assert isinstance(area, TextArea | Input)
    area.clear()
    await screen.press(*[{"\n": "enter", " ": "space"}.get(c, c) for c in text])


async def test_an_applied_response_is_in_the_trace_at_once_and_marks_what_follows(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        assert "style is fine" in await screen.press("j", "e")
        await type_over(screen, "style is bad")
        await screen.press("ctrl+s")
        text = await screen.until("✎ edited, not yet run")
        assert edits(trace) == [(TASK, "response", say("style is bad"))]
        assert "style is bad" in text
        lines = text.splitlines()
        assert "✎⟳" in next(line for line in lines if "judge[style]" in line)
        assert "⟳" in next(line for line in lines if "issues" in line)


async def test_a_buffer_that_was_not_touched_is_no_edit(debugger: Opened, trace: Path) -> None:
    before = content(trace)
    async with debugger(trace) as screen:
        text = await screen.press("j", "e", "ctrl+s")
        assert "▾ ✔ main" in text
        await screen.press("1", "e", "ctrl+s", "3", "e", "ctrl+s", "m", "ctrl+s")
    assert content(trace) == before


async def test_what_was_typed_just_before_ctrl_s_is_part_of_the_edit(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e")
        for key, character in (("x", "x"), ("y", "y"), ("ctrl+s", None)):  # one burst, as over a slow line
            screen.app.post_message(Key(key, character))
        await screen.until("edited")
    assert edits(trace) == [(TASK, "response", say("xystyle is fine"))]


async def test_escape_asks_before_it_throws_a_change_away(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e", "x")
        assert "Esc again throws the change away" in await screen.press("escape")
        assert "▾ ✔ main" in await screen.press("escape")
    assert edits(trace) == []


async def test_a_prompt_of_several_messages_is_a_text_with_roles_and_a_broken_one_stays_in_the_editor(
    debugger: Opened, trace: Path
) -> None:
    async with debugger(trace) as screen:
        text = await screen.press("j", "j", "1", "e")
        assert "--- system" in text
        assert "--- user" in text
        await screen.press("x", "ctrl+s")
        text = await screen.until("the first line begins a turn")
        assert "x--- system" in text
        await screen.press("backspace", "down", "down", "down", "end", "!", "ctrl+s")
        await screen.until("prompt of main/judge[facts] edited")
    assert edits(trace) == [("main/judge[facts]", "prompt", [say("You judge.", "system"), say("Judge the facts!", "user")])]


async def test_an_output_is_edited_as_json_and_a_model_by_its_name(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "j", "3", "e")
        await type_over(screen, '{"score":9}')
        await screen.press("ctrl+s")
        await screen.until("output of main/judge[facts] edited")
        await screen.press("m")
        await type_over(screen, "nonsense")
        assert "is not a model" in await screen.press("enter")
        await type_over(screen, "openai:gpt-5")
        await screen.press("enter")
        await screen.until("model of main/judge[facts] edited")
    assert edits(trace) == [("main/judge[facts]", "output", {"score": 9}), ("main/judge[facts]", "model", "openai:gpt-5")]


async def test_u_takes_an_edit_back(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "e", "x", "ctrl+s")
        await screen.until("edited, not yet run")
        await screen.press("u")
        text = await screen.until("is taken back")
        assert "style is fine" in text
        assert "✎" not in next(line for line in text.splitlines() if "judge[style]" in line)
        assert "nothing of main/judge[style] is edited" in await screen.press("u")
    assert read(trace).state.edits_to_apply(1) == {}


async def test_a_trace_that_another_process_writes_refuses_and_keeps_the_text(debugger: Opened, tmp_path: Path) -> None:
    by = review(tmp_path / "t.json")
    by.store.close()
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "e", "x")
        other = scribe(tmp_path / "t.json")
        await screen.press("ctrl+s")
        text = await screen.until("is writing this trace")
        assert "xstyle is fine" in text
        other.store.close()
        await screen.press("ctrl+s")
        await screen.until("edited; r shows what follows")


async def test_there_is_a_reason_when_nothing_can_be_edited(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        assert "a Python task has no response to edit" in await screen.press("G", "2", "e")
        assert "arguments come from other tasks" in await screen.press("1", "e")
        assert "only an LLM task has a model" in await screen.press("m")


@given(st.text(min_size=1, max_size=30))
def test_any_text_is_applied_as_that_text(text: str) -> None:
    by = review(answer="[]")
    task = by.state.tasks[2]
    for field in ("prompt", "response", "output"):
        found = draft(by.state, 1, task, field)  # type: ignore[arg-type]
        assert found.form == "text"
        made = make_edit(by.state, 1, task, field, found.value(text), 0.0)  # type: ignore[arg-type]
        value = json.loads(bytes(made.value))  # type: ignore[arg-type]
        if field == "prompt":
            assert value == [say(text, "user")]
        else:
            assert value == (say(text) if field == "response" else text)


@pytest.mark.parametrize("text", ["a\x1bb", "a\r\nb", "a\u2028b", "x" * 300_000, "a\x0cb"])
def test_a_text_that_the_editor_would_change_is_left_to_another(text: str) -> None:
    found = draft(review(answer=text).state, 1, review().state.tasks[2], "response")
    assert found.refusal
    assert found.text == text


def test_is_odd_covers_all_that_a_text_area_changes() -> None:
    for character in "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029\r":
        assert is_odd(f"a{character}b")


def test_a_prompt_that_is_none_is_refused_with_what_one_looks_like() -> None:
    by = review()
    found = draft(by.state, 1, by.state.tasks[3], "prompt")
    with pytest.raises(BadDraft, match="the first line begins a turn, such as `--- user`"):
        found.value('{"role": "user"}')
    with pytest.raises(BadDraft, match="a prompt has at least one turn"):
        found.value("")


# What a task expects

VERDICT = {
    "$ref": "#/$defs/Verdict",
    "$defs": {
        "Verdict": {
            "type": "object",
            "properties": {"score": {"type": "integer"}, "issues": {"type": "array", "items": {"type": "string"}}},
            "required": ["score"],
        }
    },
}


def judged(path: Path) -> None:
    """A trace whose judges give a verdict and are sent its schema."""
    by = review(path, answer='{"score": "8/10"}')
    facts = ev.FunctionFacts("llm", "c", "p", "s", output=raw(VERDICT))
    by.record(ev.TasksAdded([], {"judge": facts}))
    by.store.close()


async def test_json_is_checked_while_one_types_against_what_the_task_expects(debugger: Opened, tmp_path: Path) -> None:
    judged(tmp_path / "t.json")
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "j", "3", "e")
        await screen.until("wanted: {score: integer, issues?: [string]}")
        await type_over(screen, '{"score":"x"}')
        await screen.until('score: a whole number is wanted, this is "x"')
        await type_over(screen, '{"score":1,"issues":["a",2]}')
        await screen.until("issues[1]: a string is wanted, this is 2")
        await type_over(screen, '{"score":1,')
        await screen.until("the JSON is not complete")
        await screen.press("ctrl+s", "ctrl+s")
        assert "this is not JSON" in screen.text
        await type_over(screen, '{"score":1}')
        await screen.press("ctrl+s")
        await screen.until("output of main/judge[facts] edited")
    assert edits(tmp_path / "t.json") == [("main/judge[facts]", "output", {"score": 1})]


async def test_what_does_not_fit_is_not_applied_unless_the_person_insists(debugger: Opened, tmp_path: Path) -> None:
    """The code may expect something else by now; the trace cannot know."""
    judged(tmp_path / "t.json")
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "e")
        await screen.until('score: a whole number is wanted, this is "8/10"')
        await type_over(screen, "eight")
        await screen.press("ctrl+s")
        await screen.until("not applied: the task reads JSON from its response")
        assert edits(tmp_path / "t.json") == []
        await screen.press("y", "ctrl+s")
        await screen.until("not applied")
        assert edits(tmp_path / "t.json") == []
        await screen.press("ctrl+s")
        await screen.until("response of main/judge[style] edited")
    assert edits(tmp_path / "t.json") == [(TASK, "response", say("eighty"))]


async def test_the_input_of_the_graph_is_edited_on_its_row(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        assert "The cat sat." in await screen.press("e")
        await type_over(screen, "[1]")
        await screen.press("ctrl+s")
        await screen.until("the input is a JSON object")
        await type_over(screen, '{"text":"A dog."}')
        await screen.press("ctrl+s")
        await screen.until("input of main edited")
    assert edits(trace) == [("main", "input", {"text": "A dog."})]


async def test_m_edits_model_and_parameters_and_saves_what_was_changed(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        text = await screen.press("j", "m")
        assert "model and params of main/judge[style]" in text
        await screen.press("tab")
        await type_over(screen, '{"temperature":0}')
        await screen.press("ctrl+s")
        await screen.until("edited; r shows")
        assert edits(trace) == [(TASK, "params", {"temperature": 0})]
        assert '"temperature": 0' in await screen.press("m")
        await type_over(screen, "openai:gpt-5")
        await screen.press("tab")
        await type_over(screen, "{}")
        await screen.press("ctrl+s")
        await screen.until("model and params of main/judge[style] edited")
    assert edits(trace)[1:] == [(TASK, "model", "openai:gpt-5"), (TASK, "params", {})]

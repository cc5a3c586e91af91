"""The list of edits, running a task again, and the plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import Model, said

from llmtaskgraph import Registry, read
from ltg_tui.io import drafts
from ltg_tui.model.planned import function_of

from .conftest import Opened
from .traces import review

pytestmark = pytest.mark.anyio

STYLE = "main/judge[style]"


app = Registry("review", model="lab:small")
app.provider("lab", Model(lambda request: said("fine")))


@app.llm()
def judge(text: str, aspect: str) -> str:
    return f"Judge the {aspect} of {text}"


@app.task
async def issues(verdicts: list[str]) -> int:
    return len(verdicts)


@app.graph
def main(text: str) -> int:
    return issues([judge.named(aspect)(text, aspect) for aspect in ("style", "facts")])


async def ran(path: Path) -> None:
    """A trace of a program that did run: its keys are real, so it can be planned."""
    await main.arun("A cat.", trace=path)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Two runs: the second was made with an edit; since then another was made."""
    path = tmp_path / "trace.json"
    by = review(path)
    by.edit(1, STYLE, "response", {"role": "assistant", "parts": [{"type": "text", "content": "changed"}]})
    run = by.start(1)
    by.end(run)
    by.edit(run, "main/judge[facts]", "output", {"score": 9})
    by.store.close()
    return path


async def test_all_edits_are_listed_newest_first_with_what_became_of_them(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        text = await screen.press("M")
        lines = text.splitlines()
        assert "output     main/judge[facts]" in lines[1]
        assert "pending" in lines[1]
        assert "response   main/judge[style]" in lines[2]
        assert "run 2" in lines[2]
        assert '{ "score": 2 } → { "score": 9 }' in text
        assert "style is fine → changed" in await screen.press("j")


async def test_enter_in_the_list_goes_to_the_task(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        text = await screen.press("M", "enter")
        assert "facts are odd" in await screen.press("2")
        assert "run 2/2" in text


async def test_u_in_the_list_takes_an_edit_back(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("M", "u")
        await screen.until("the edit of the output of main/judge[facts] is taken back")
        await screen.until("output taken back")
        await screen.press("j", "u")
        await screen.until("not in force any more")
        await screen.press("G", "u")
        await screen.until("not in force any more")
    assert len(read(trace).state.edits) == 3
    assert read(trace).state.pending_edits(2)[-1].task == "main/judge[facts]"


async def test_an_empty_list_says_what_to_press(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        assert "nothing was edited yet: e edits" in await screen.press("M")
        assert "▾ ✔ main" in await screen.press("enter")


async def test_drafts_are_listed_first(debugger: Opened, trace: Path) -> None:
    drafts.Keeper(trace, 2, STYLE, "response", "text").keep("mine")
    async with debugger(trace) as screen:
        text = await screen.press("M")
        assert "draft" in text.splitlines()[1]
        await screen.press("u")
        await screen.until("a draft is no edit")
        await screen.press("enter", "e")
        await screen.until("Ctrl+R takes it up")


async def test_running_a_task_again_tells_what_it_takes_before_it_starts(debugger: Opened, tmp_path: Path) -> None:
    trace = tmp_path / "t.json"
    await ran(trace)
    async with debugger(trace) as screen:
        await screen.press("j", "R")
        text = await screen.until("run main/judge[style] again: resume run 1")
        assert "asked for again" in text
        assert "1 call" in text
        await screen.press("escape")
        await screen.until("stays marked to run again: r starts it, u takes it back")
        await screen.press("u")
        await screen.until("the asking to run again of main/judge[style] is taken back")
    assert read(trace).state.runs.keys() == {1}


async def test_asking_again_asks_for_yet_another_sample(debugger: Opened, tmp_path: Path) -> None:
    trace = tmp_path / "t.json"
    review(trace).store.close()
    async with debugger(trace) as screen:
        for _ in range(2):
            await screen.press("g", "j", "R")
            await screen.until("again: resume run 1")
            await screen.press("escape")
    samples = [bytes(edit.value) for edit in read(trace).state.edits.values() if edit.stage == "sample"]  # type: ignore[arg-type]
    assert samples == [b"1", b"2"]


async def test_what_an_edit_holds_cannot_run_again(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "R")
        await screen.until("the response of main/judge[style] is edited, and that edit would win")


async def test_the_plan_is_grouped_by_function(debugger: Opened, tmp_path: Path) -> None:
    trace = tmp_path / "t.json"
    await ran(trace)
    async with debugger(trace, size=(120, 30)) as screen:
        await screen.press("j", "e", "x", "ctrl+s")
        await screen.until("edited; r shows")
        await screen.press("r")
        text = await screen.until("judge: 1 will run")
        assert "its response is edited" in text
        assert "issues: 1 will run" in text or "issues: 1 may run" in text
        text = await screen.press("j")
        assert "main/judge[style]: will run: its response is edited" in text


@pytest.mark.parametrize(
    ("id", "function"),
    [("main", "main"), ("main/judge[style]", "judge"), ("main/a/fix[2]", "fix"), ("main/judge[a/b]", "judge")],
)
def test_a_group_is_named_after_the_function(id: str, function: str) -> None:
    assert function_of(id) == function

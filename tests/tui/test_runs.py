"""The list of runs and two runs compared, on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtaskgraph import _events as ev
from ltg_tui.screens import compare
from ltg_tui.screens.compare import CompareScreen
from ltg_tui.screens.runs import RunsSheet

from .conftest import Opened, Screen
from .test_app import hostile
from .test_compare import resumed
from .test_safe import acts
from .traces import review

pytestmark = pytest.mark.anyio


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """Run 1; run 2 resumed it with an edit; run 3 resumed it, too."""
    path = tmp_path / "t.json"
    by = review(path)
    by.edit(1, "main/judge[facts]", "response", {"role": "assistant", "parts": [{"type": "text", "content": "fine"}]})
    resumed(by, "facts are fine", origin="edited", output={"score": 9})
    by.end(by.start(1), "cancelled")
    by.store.close()
    return path


def cursor(screen: Screen) -> str:
    """The task under the cursor of the main screen."""
    node = screen.app.main.task_tree.node
    assert node is not None
    return node.key


async def test_runs_are_listed_as_forks_and_enter_shows_one(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        text = await screen.press("B")
        assert [line.split()[:2] for line in text.splitlines()[2:5]] == [["1", "✔"], ["├", "2"], ["▸└", "3"]]
        assert "run 3 resumed run 1" in text
        text = await screen.press("k")
        assert "✎ main/judge[facts] response" in text
        assert "run 2/3" in await screen.press("enter")


async def test_stepping_through_runs_keeps_the_task_and_the_pane(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("j", "j", "1")
        assert cursor(screen) == "main/judge[facts]"
        for key, run in (
            ("left_square_bracket", "run 2/3"),
            ("left_square_bracket", "run 1/3"),
            ("right_square_bracket", "run 2/3"),
        ):
            assert run in await screen.press(key)
            assert cursor(screen) == "main/judge[facts]"
            assert screen.app.main.panes.current == "prompt"
            assert screen.app.main.panes.pane("prompt").view.has_focus


async def test_two_runs_are_compared_from_the_first_difference_on(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("left_square_bracket", "equals_sign")
        text = await screen.until("first difference: main/judge[facts] response: edited by you")
        assert "run 1 → run 2  ~2  =2" in text
        assert "- odd" in text or "[-odd-]" in text
        assert "prompt: the same" in text
        text = await screen.press("n")
        assert "difference 2 of 2: main/issues" in text
        assert "because of judge[facts]" in text
        assert "difference 1 of 2" in await screen.press("n")
        assert "difference 2 of 2" in await screen.press("N")
        text = await screen.press("o")
        assert "judge[style]" not in text
        assert "judge[style]" in await screen.press("o")
        assert "judge[style]" not in await screen.press("g", "h")
        assert "judge[style]" in await screen.press("l")
        assert "run 2/3" in await screen.press("escape")


async def test_any_two_runs_can_be_marked_and_compared(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        text = await screen.press("B", "equals_sign")
        assert "this is the run on the screen" in text
        await screen.press("g", "m")
        await screen.press("j", "equals_sign")
        await screen.until("run 1 → run 2")
        text = await screen.press("B", "G", "enter")
        await screen.until("run 2 → run 3")
        assert isinstance(screen.app.screen, CompareScreen)


async def test_a_compared_task_can_be_gone_to_on_the_main_screen(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("left_square_bracket", "equals_sign")
        await screen.until("first difference")
        await screen.press("t")
        assert cursor(screen) == "main/judge[facts]"
        assert "run 2/3" in screen.text


async def test_the_cursor_starts_on_the_task_one_looked_at_if_that_differs(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("left_square_bracket", "G", "equals_sign")
        await screen.until("first difference")
        found = screen.app.screen
        assert isinstance(found, CompareScreen)
        assert found.comparison.pairs[found.position].task.id == "main/issues"


async def test_one_run_has_nothing_to_be_compared_with_and_says_what_makes_another(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        assert "there is only one run: r resumes it" in await screen.press("equals_sign")
        assert "there is only one run" in await screen.press("B", "equals_sign")
        assert isinstance(screen.app.screen, RunsSheet)


async def test_runs_without_a_difference_say_so(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        await screen.press("equals_sign")
        assert "no task differs" in await screen.until("~0  =4")
        assert "no task differs" in await screen.press("n")


async def test_long_texts_are_compared_while_one_goes_on(debugger: Opened, tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    by = review(path, answer="\n".join(f"line {n} of a long answer" for n in range(9000)))
    run = by.start(1, open=["main/judge[style]"])
    id = by.ask(run, "main/judge[style]", "Judge the style")
    by.answer(id, "\n".join(f"line {n} of a {'short' if n == 4000 else 'long'} answer" for n in range(9000)))
    by.end(run)
    by.store.close()
    async with debugger(path) as screen:
        await screen.press("equals_sign")
        await screen.until("~ line 4000 of a [-long-]{+short+} answer")


async def test_a_comparison_under_way_says_so_and_can_be_left(
    debugger: Opened, trace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as slow:
        slow.setattr(compare, "SLICE", -1.0)
        async with debugger(trace) as screen:
            assert "comparing ..." in await screen.press("equals_sign")
            for key in "n", "o", "t", "h", "enter", "tab":
                assert "comparing ..." in await screen.press(key)
            assert "run 3/3" in await screen.press("escape", "escape")


@pytest.mark.parametrize("size", [(80, 24), (200, 60), (30, 10)])
async def test_nothing_hostile_reaches_the_terminal_from_runs_that_are_compared(
    debugger: Opened, tmp_path: Path, size: tuple[int, int]
) -> None:
    by = hostile(tmp_path / "t.json")
    task = by.state.tasks[2].id
    by.edit(1, task, "output", "x\x1b[31m\n\u202e" + task)
    run = by.start(1, open=[task], scripted=task, model=task)
    by.answer(by.ask(run, task, task), task, "y\x9b2J\n" + task)
    by.record(ev.RunEnded(run, "failed", by.tick(), task))
    by.store.close()
    async with debugger(tmp_path / "t.json", size=size) as screen:
        for key in "B", "k", "escape", "equals_sign", "n", "n", "tab", "o", "escape":
            assert acts(await screen.press(key), "\n") == []

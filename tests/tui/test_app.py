"""Looking at a trace: what is on the screen, and what the keys do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import ltg_tui.widgets.tree as tree
from llmtaskgraph import _events as ev
from llmtaskgraph._graph import Arg, Task
from ltg_tui.model.detail import PANES

from .conftest import Opened
from .test_safe import acts
from .traces import HOSTILE, Scribe, llm, raw, review, say, scribe, wide

pytestmark = pytest.mark.anyio


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    path = tmp_path / "trace.json"
    review(path).store.close()
    return path


async def test_a_trace_opens_with_its_tree_its_panes_and_how_it_stands(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        text = await screen.press("j")
        assert "▾ ✔ main" in text
        assert "judge[facts]" in text
        assert "style is fine" in text
        assert "trace.json   run 1/1  ✔ succeeded" in text
        assert "1.9k tok  $0.0008" in text


async def test_a_wide_screen_shows_all_panes_beside_each_other(debugger: Opened, trace: Path) -> None:
    async with debugger(trace, size=(180, 40)) as screen:
        text = await screen.press("j", "j")
        assert "── system" in text
        assert "You judge." in text
        assert "facts are odd" in text
        assert '"score": 2' in text
        assert "LLM task, function judge" in text


async def test_zoom_gives_the_focused_pane_the_whole_screen_and_back(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        text = await screen.press("j", "1", "z")
        assert "Judge the style" in text
        assert "▾ ✔ main" not in text
        assert "▾ ✔ main" in await screen.press("z")


async def test_an_error_shows_the_message_and_the_users_own_line(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json", fails=True).store.close()
    async with debugger(tmp_path / "t.json") as screen:
        assert "main/issues failed; x goes there" in screen.text
        text = await screen.press("x")
        assert "IndexError while making the output" in text
        assert "review.py:12 in issues" in text
        assert "return verdicts[7]" in text
        assert "✖1" in text


async def test_search_goes_to_a_task_and_unfolds_what_hides_it(debugger: Opened, tmp_path: Path) -> None:
    wide(40, tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        text = await screen.press("slash", *"[33]", "enter")
        assert "f0[33]" in text
        assert "1/1" in await screen.press("n")


async def test_runs_can_be_gone_through_and_older_ones_stay(debugger: Opened, tmp_path: Path) -> None:
    by = review(tmp_path / "t.json")
    run = by.start(1, open=["main/issues"])
    by.end(run, "cancelled")
    by.store.close()
    async with debugger(tmp_path / "t.json") as screen:
        assert "run 2/2  ◌ cancelled" in screen.text
        assert "run 1/2  ✔ succeeded" in await screen.press("left_square_bracket")
        assert "this is the oldest run" in await screen.press("left_square_bracket")
        assert "run 2/2" in await screen.press("right_square_bracket")


async def test_help_lists_the_keys_of_the_registry(debugger: Opened, trace: Path) -> None:
    async with debugger(trace, size=(100, 80)) as screen:
        text = await screen.press("question_mark")
        assert "resume: show what will run" in text
        assert "▾ ✔ main" in await screen.press("escape")


async def test_a_hundred_thousand_tasks_open_and_move_by_the_rows_on_screen(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide(100_000, tmp_path / "t.json", functions=3).store.close()
    made = 0
    make = tree.row_strip

    def counted(*args: Any, **given: Any) -> object:
        nonlocal made
        made += 1
        return make(*args, **given)

    monkeypatch.setattr(tree, "row_strip", counted)
    async with debugger(tmp_path / "t.json") as screen:
        assert made < 200
        assert "33,334 × f0" in screen.text
        await screen.press("j", "l")
        made = 0
        text = await screen.press("G")
        assert "33,333 × f2" in text
        text = await screen.press("k", "l", "j", "j")
        assert "f1[" in text
        assert made < 400


def hostile(path: Path) -> Scribe:
    """A trace in which every text is hostile."""
    by = scribe(path)
    by.root(**{HOSTILE: HOSTILE})
    run = by.start()
    root = by.begin(run, "main")
    name = HOSTILE
    tasks = [llm(2, f"main/{name}"), Task("python", f"main/p{name}", 3, name, "main", 1, args=[Arg(ref=f"main/{name}")])]
    by.declare(root, tasks, Arg(value=raw(None)))
    by.answer(by.ask(run, tasks[0].id, [say(HOSTILE, "system"), say(name, "user")]), name, {name: name})
    last = by.begin(run, tasks[1].id)
    by.record(ev.Logged(last, ev.Log(by.now, name, name)))
    by.fail(last, ev.Failure(name, name, "output", name, [ev.Frame(name, 1, name, name)]))
    by.end(run, "failed")
    return by


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_nothing_hostile_reaches_the_terminal_from_any_pane(
    debugger: Opened, tmp_path: Path, size: tuple[int, int]
) -> None:
    hostile(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=size) as screen:
        for move in ("g", "j", "j"):
            await screen.press(move)
            for key in "1", "2", "3", "4", "escape":
                assert acts(await screen.press(key), "\n") == []
            for key in "e", "escape", "m", "escape", "r", "escape", "L", "escape", "u", "slash", "escape":
                assert acts(await screen.press(key), "\n") == []
        assert "[bold]not bold[/bold]" in screen.text


async def test_the_wall_holds_where_safe_was_forgotten(debugger: Opened, trace: Path) -> None:
    async with debugger(trace) as screen:
        from textual.content import Content
        from textual.widgets import Static

        screen.app.main.query_one("#hints", Static).update(Content("a\x1b[31mb\x9bc\u202ed"))
        assert acts(await screen.settled(), "\n") == []


async def test_a_live_run_is_followed_with_its_text_as_it_arrives(debugger: Opened, tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    by = scribe(path)
    by.root()
    async with debugger(path) as screen:
        assert "waiting for the first run" in screen.text
        run = by.start()
        root = by.begin(run, "main")
        by.declare(root, [llm(2, "main/judge")], Arg(ref="main/judge"))
        await screen.until("judge")
        id = by.ask(run, "main/judge", "Judge it")
        await screen.press("j")
        await screen.until("waiting for the model")
        by.record(ev.ResponseStreamed(id, "It was a bri"))
        await screen.until("It was a bri")
        by.record(ev.ResponseStreamed(id, "ght cold day"))
        await screen.until("It was a bright cold day")
        by.answer(id, "It was a bright cold day in April.")
        by.succeed(root, "x")
        by.end(run)
        await screen.until("run 1/1  ✔ succeeded")
        assert "It was a bright cold day in April." in screen.text
        by.store.close()
        second = scribe(path)
        second.now = by.now
        run = second.start(1, open=["main/judge"])
        await screen.until("run 2/2  ● running")
        second.end(run)
        second.store.close()


async def test_a_run_that_is_looked_back_at_stays_on_screen_when_another_starts(debugger: Opened, tmp_path: Path) -> None:
    by = review(tmp_path / "t.json")
    by.end(by.start(1))
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("left_square_bracket")
        by.end(by.start(1))
        await screen.until("run 1/3")
        assert "run 3/3" in await screen.press("F")
    by.store.close()


def bytes_of(trace: Path) -> bytes:
    return trace.read_bytes()


def damage(trace: Path) -> bytes:
    data = trace.read_bytes()
    trace.write_bytes(data[:-200])
    return data[:-200]


async def test_a_damaged_trace_opens_read_only_and_says_so(debugger: Opened, trace: Path) -> None:
    data = damage(trace)
    async with debugger(trace) as screen:
        text = await screen.settled()
        assert "judge[style]" in text
        assert "read-only" in text
        assert "read-only: the trace is damaged" in await screen.press("j", "e")
    assert bytes_of(trace) == data


async def test_a_pane_keeps_its_place_while_its_task_stays(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json", answer="\n".join(f"line {n}" for n in range(300))).store.close()
    async with debugger(tmp_path / "t.json") as screen:
        text = await screen.press("j", "2", "G")
        assert "line 299" in text
        screen.app.main.marks_changed()
        assert "line 299" in await screen.settled()
        assert "line 0\n" in (await screen.press("g")).replace(" \n", "\n").replace("  ", "")


async def test_every_pane_has_a_text_for_every_kind_of_task(debugger: Opened, trace: Path) -> None:
    async with debugger(trace, size=(180, 40)) as screen:
        for _ in range(4):
            await screen.press("j")
            assert all(screen.app.main.panes.pane(name).text.blocks for name in PANES)

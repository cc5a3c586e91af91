"""A run that is under way: the cursor goes with it or stays, and how it is doing is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtaskgraph import _events as ev
from llmtaskgraph._graph import Arg, Task
from ltg_tui.model.pulse import Pulse

from .conftest import Opened, Screen
from .traces import Scribe, llm, raw, review, scribe

pytestmark = pytest.mark.anyio


def begun(path: Path, count: int = 30) -> tuple[Scribe, int, int]:
    """A run of a graph with so many tasks of one function, none of which has started, after one of another."""
    by = scribe(path)
    by.root()
    run = by.start()
    root = by.begin(run, "main")
    parts = [Task("python", f"main/part[{n}]", n + 3, "part", "main", 1) for n in range(count)]
    by.declare(root, [llm(2, "main/first"), *parts], Arg(value=raw(None)))
    return by, run, root


def cursor(screen: Screen) -> str:
    node = screen.app.main.task_tree.node
    return "" if node is None else node.key


async def test_a_run_that_is_under_way_is_not_offered_to_be_resumed(debugger: Opened, tmp_path: Path) -> None:
    by, run, _ = begun(tmp_path / "t.json")
    async with debugger(tmp_path / "t.json") as screen:
        assert "r resume" not in screen.text
        assert "this run is under way: S stops it" in await screen.press("r")
        by.end(run, "cancelled")
        await screen.until("cancelled")
        assert "r resume" in await screen.press("j")
    by.store.close()


async def test_the_cursor_goes_with_the_newest_task_until_a_person_moves_it(debugger: Opened, tmp_path: Path) -> None:
    by, run, _ = begun(tmp_path / "t.json")
    first = by.begin(run, "main/first")
    async with debugger(tmp_path / "t.json") as screen:
        await screen.until("● first")
        await screen.when(lambda: cursor(screen) == "main/first")
        by.answer(by.ask(run, "main/part[3]", "?"), "done")
        fourth = by.begin(run, "main/part[4]")
        await screen.until("● part[4]")
        assert cursor(screen) in ("main/first", "main/part[4]")  # it rests for a second on what is under way
        by.succeed(first, "x")
        await screen.when(lambda: cursor(screen) == "main/part[4]")
        await screen.press("k")
        by.succeed(fourth, "x")
        by.begin(run, "main/part[9]")
        by.begin(run, "main/part[10]")
        await screen.until("▼ 2 new · F")
        assert cursor(screen) == "main/part[3]"
        await screen.press("F")
        await screen.until("● part[10]")
        await screen.when(lambda: cursor(screen) == "main/part[10]")
        assert "new · F" not in screen.text
    by.store.close()


async def test_what_was_unfolded_for_a_task_is_folded_again_behind_it(debugger: Opened, tmp_path: Path) -> None:
    by, run, _ = begun(tmp_path / "t.json")
    part = by.begin(run, "main/part[4]")
    async with debugger(tmp_path / "t.json") as screen:
        await screen.until("● part[4]")
        by.succeed(part, 1)
        by.begin(run, "main/first")
        text = await screen.until("▸ ● 30 × part")
        assert "part[4]" not in text
    by.store.close()


async def test_the_cursor_stays_on_its_task_and_in_its_place_while_rows_arrive(debugger: Opened, tmp_path: Path) -> None:
    by = scribe(tmp_path / "t.json")
    by.root()
    run = by.start()
    root = by.begin(run, "main")
    graphs = [Task("graph", f"main/g{n}", n + 2, f"g{n}", "main", 1) for n in range(30)]
    by.declare(root, graphs, Arg(value=raw(None)))
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("G", "k", "k")
        tree = screen.app.main.task_tree
        height = tree.cursor - tree.scroll_offset.y
        assert cursor(screen) == "main/g27"
        for n in range(3):
            id = by.begin(run, f"main/g{n}")
            by.declare(id, [llm(100 + 10 * n + k, f"main/g{n}/judge[{k}]", f"main/g{n}") for k in range(4)], Arg(value=raw(None)))
            await screen.when(lambda rows=31 + 4 * (n + 1): len(tree.outline.rows) == rows)
            await screen.settled()
        assert cursor(screen) == "main/g27"
        assert tree.cursor - tree.scroll_offset.y == height
    by.store.close()


async def test_a_run_whose_process_is_gone_is_said_to_be_cut_off_and_can_be_resumed(debugger: Opened, tmp_path: Path) -> None:
    by, run, _ = begun(tmp_path / "t.json")
    by.begin(run, "main/first")
    by.store.close(fold=False)
    async with debugger(tmp_path / "t.json") as screen:
        await screen.until("◌ cut off")
        assert "its process is gone" in screen.text
        assert "resume run 1" in await screen.press("r")


async def test_a_run_that_ended_is_not_said_to_be_cut_off(debugger: Opened, tmp_path: Path) -> None:
    by = review(tmp_path / "t.json")
    by.store.close()
    async with debugger(tmp_path / "t.json") as screen:
        await screen.pilot.pause(1.3)
        assert "✔ succeeded" in screen.text


async def test_a_trace_that_is_not_there_yet_is_waited_for(debugger: Opened, tmp_path: Path) -> None:
    async with debugger(tmp_path / "t.json", wait=True) as screen:
        assert "t.json" in screen.text
        assert "waiting for the first run" in screen.text
        review(tmp_path / "t.json").store.close()
        await screen.until("✔ succeeded")


def test_silence_is_told_after_a_while() -> None:
    pulse = Pulse(heard=100.0)
    assert pulse.silence(102.0) == ""
    assert pulse.silence(114.0) == "last event 14s ago"


def test_tasks_that_start_are_new_to_who_has_looked_away() -> None:
    pulse = Pulse()
    pulse.begun([llm(2, "main/a")])
    assert pulse.pill == ""
    pulse.pinned = False
    pulse.begun([llm(3, "main/b"), None, Task("graph", "main/g", 4, "g", "main", 1)])
    assert pulse.pill == "▼ 1 new · F"
    assert list(pulse.running) == ["main/a", "main/b"]


async def test_a_flood_of_events_is_read_in_slices(debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ltg_tui.following._BYTES", 2000)
    monkeypatch.setattr("ltg_tui.following._SLICE", 0.0)
    by, run, _ = begun(tmp_path / "t.json", 300)
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("g")
        events: list[ev.Event] = []
        for n in range(300):
            id = 100 + n
            events += [ev.TaskStarted(id, run, f"main/part[{n}]", by.now, (), 1)]
        by.record(*events)
        await screen.until("●301")
    by.store.close()

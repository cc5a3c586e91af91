"""The tree on a screen: sorting, bars, rows that jump, live rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtaskgraph._graph import Arg, Task

from .conftest import Opened
from .traces import raw, review

pytestmark = pytest.mark.anyio


async def test_bars_tell_when_tasks_ran_where_there_is_room(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=(200, 60)) as screen:
        assert "━" not in screen.text
        assert "━" in await screen.press("w")
        assert "━" not in await screen.press("w")
    async with debugger(tmp_path / "t.json", size=(50, 24)) as screen:
        assert "there is no room for bars here" in await screen.press("w")


async def test_a_task_that_an_older_run_did_says_so_where_its_bar_would_be(debugger: Opened, tmp_path: Path) -> None:
    by = review(tmp_path / "t.json")
    by.end(by.start(1))
    by.store.close()
    async with debugger(tmp_path / "t.json", size=(200, 60)) as screen:
        text = await screen.press("w")
        assert text.count("  run 1 ") >= 3


async def test_siblings_are_sorted_by_what_is_chosen(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json", fails=True).store.close()
    async with debugger(tmp_path / "t.json") as screen:
        text = await screen.press("j", "s", "p")
        assert text.index("issues") < text.index("judge[style]")
        assert "siblings are sorted problems first" in text
        assert screen.app.main.chosen is not None
        assert screen.app.main.chosen.id == "main/judge[style]"
        assert "there is no order 'x'; there is declared, start" in await screen.press("colon", *"sort x", "enter")


async def test_enter_on_a_row_of_what_a_graph_is_given_goes_to_the_task_itself(debugger: Opened, tmp_path: Path) -> None:
    by = review(tmp_path / "t.json")
    run = by.start()
    root = by.begin(run, "main")
    repair = Task("graph", "main/repair", 5, "repair", "main", 1, args=(Arg(ref="main/issues"), Arg(value=raw(1))))
    by.declare(root, [*(by.state.tasks[number] for number in (2, 3, 4)), repair], Arg(ref=repair.id))
    by.end(run)
    by.store.close()
    async with debugger(tmp_path / "t.json") as screen:
        text = await screen.press("G")
        assert "↪ · issues" in text
        tree = screen.app.main.task_tree
        assert tree.node is not None
        assert tree.node.link is not None
        await screen.press("enter")
        assert tree.node.link is None
        assert tree.node.key == "main/issues"

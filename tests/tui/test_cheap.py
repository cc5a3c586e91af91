"""What a key costs: nothing is laid out or made that nobody sees."""

from __future__ import annotations

import inspect
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.events import Key
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from ltg_tui.app import DebuggerApp
from ltg_tui.model import census
from ltg_tui.model.census import Census
from ltg_tui.model.detail import PANES
from ltg_tui.model.sweep import Sweep
from ltg_tui.screens import main as main_screen
from ltg_tui.screens.main import SETTLE, STEP
from ltg_tui.widgets.flow_view import FlowView
from ltg_tui.widgets.panes import Pane

from .conftest import Opened, Screen
from .traces import review, wide

pytestmark = pytest.mark.anyio


class Clock:
    """What the time is for the main screen: none goes by but what a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = time.monotonic()
        monkeypatch.setattr(main_screen, "time", self)

    def monotonic(self) -> float:
        return self.now


def layouts(screen: Screen) -> list[object]:
    """Grows with each layout of the main screen."""
    found: list[object] = []
    screen.app.main.screen_layout_refresh_signal.subscribe(screen.app.main, found.append)
    return found


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_task_whose_texts_are_longer_is_shown_without_a_new_layout(
    debugger: Opened, tmp_path: Path, size: tuple[int, int]
) -> None:
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=size) as screen:
        before = await screen.press("j")
        found = layouts(screen)
        after = await screen.press("j")
        assert after != before
        assert not found


async def test_a_key_arranges_nothing_and_paints_no_line_that_stays(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review(tmp_path / "t.json").store.close()
    arranged: list[object] = []
    painted: list[tuple[str, int]] = []
    arrange, render = Compositor._arrange_root, Widget.render_lines

    def arranging(self: Compositor, *args: Any, **given: Any) -> Any:
        arranged.append(args)
        return arrange(self, *args, **given)

    def rendering(self: Widget, crop: Region) -> list[Strip]:
        painted.append((type(self).__name__, crop.height))
        return render(self, crop)

    async with debugger(tmp_path / "t.json", size=(80, 24)) as screen:
        await screen.press("j")
        with monkeypatch.context() as patch:
            patch.setattr(Compositor, "_arrange_root", arranging)
            patch.setattr(Widget, "render_lines", rendering)
            await screen.keys("j")
            await screen.pilot.pause(0.2)
        assert not arranged
        assert ("TaskTree", 2) in painted
        assert {name for name, _ in painted} <= {"TaskTree", "Tabs", "FlowView", "HintLine"}


@pytest.mark.parametrize("size", [(80, 24), (120, 30), (200, 60)])
async def test_what_is_left_out_is_not_seen(debugger: Opened, tmp_path: Path, size: tuple[int, int]) -> None:
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=size) as screen:
        for key in "jlzz2?":
            await screen.press(key)
            found = screen.app.main._compositor
            whole = found.size.region, lambda y: True
            assert found._render_chops(*whole) == Compositor._render_chops(found, *whole)
            some = Region(0, 3, size[0], 4), {3, 6}.__contains__
            ours, theirs = found._render_chops(*some), Compositor._render_chops(found, *some)
            assert [ours[3], ours[6]] == [theirs[3], theirs[6]]


async def test_another_task_paints_only_the_rows_of_its_text_that_differ(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review(tmp_path / "t.json").store.close()
    painted: list[int] = []
    paint = FlowView.render_line

    def painting(self: FlowView, y: int) -> Strip:
        painted.append(y)
        return paint(self, y)

    async with debugger(tmp_path / "t.json", size=(80, 24)) as screen:
        before = (await screen.press("j")).split("\n")
        view = screen.app.main.panes.here.view
        first = view.region.y
        monkeypatch.setattr(FlowView, "render_line", painting)
        await screen.keys("j")
        await screen.pilot.pause(0.2)
        assert screen.app.main.panes.here.view is view
        found = screen.text.split("\n")
        rows = range(view.size.height)
        assert painted == [y for y in rows if found[first + y] != before[first + y]]
        assert 0 < len(painted) < view.size.height


async def test_a_step_of_the_cursor_is_one_paint_and_a_held_key_moves_only_the_cursor(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=(80, 24)) as screen:
        main = screen.app.main
        await screen.press("j")
        painted: list[object] = []
        shown: list[object] = []
        paint, show = main._compositor.render_update, main.panes.show

        def painting(*args: Any, **given: Any) -> Any:
            if main._compositor._dirty_regions:
                painted.append(main.task_tree.cursor)
            return paint(*args, **given)

        monkeypatch.setattr(main._compositor, "render_update", painting)
        monkeypatch.setattr(main.panes, "show", lambda *given: (shown.append(main.task_tree.cursor), show(*given)))
        clock = Clock(monkeypatch)
        clock.now += STEP * 2
        await screen.press("j")
        assert (painted, shown) == ([2], [2])
        clock.now += STEP * 2
        for key in "kjkjkjk":  # faster than anybody reads
            screen.app.post_message(Key(key, key))
        await screen.when(lambda: main.task_tree.cursor == 1 and not screen.app._typeahead._busy)
        assert shown == [2, 1]
        clock.now += SETTLE
        await screen.settled()
        assert shown == [2, 1, 1]


async def test_a_trace_at_rest_is_looked_at_less_often(debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    by = review(tmp_path / "t.json")
    looked: list[object] = []
    async with debugger(tmp_path / "t.json") as screen:
        following = screen.app.following

        def times() -> int:
            looked.clear()
            with monkeypatch.context() as patch:
                patch.setattr(following, "look", lambda: looked.append(1))
                for _ in range(9):
                    following.time_to_look()
            return len(looked)

        following._happened_at = time.monotonic()
        assert times() == 9
        following._happened_at -= 60
        assert times() == 3
        by.begin(by.start(1), "main")
        following.look()
        following._happened_at -= 60
        assert times() == 9
    by.store.close()


async def test_the_text_of_a_pane_is_made_when_it_is_seen_and_no_other_is_painted_before(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review(tmp_path / "t.json").store.close()
    made: list[str] = []
    late: list[str] = []
    show, paint = FlowView.show, FlowView.render_line

    def showing(self: FlowView, *args: Any, **given: Any) -> None:
        assert isinstance(self.parent, Pane)
        made.append(self.parent.pane)
        show(self, *args, **given)

    def painting(self: FlowView, y: int) -> Strip:
        strip = paint(self, y)
        if isinstance(self.parent, Pane) and self.parent.text.blocks != self.blocks:
            late.append(strip.text.strip())
        return strip

    monkeypatch.setattr(FlowView, "show", showing)
    monkeypatch.setattr(FlowView, "render_line", painting)
    async with debugger(tmp_path / "t.json", size=(80, 24)) as screen:

        async def makes(*keys: str) -> list[str]:
            made.clear()
            await screen.press(*keys)
            return sorted(made)

        await screen.press("j")
        assert await makes("j") == ["response"]
        assert await makes("1") == ["prompt"]
        assert await makes("2") == []
        await screen.press("escape", "z")
        assert await makes("k") == []
        assert await makes("z") == ["response"]
        made.clear()
        await screen.pilot.resize_terminal(200, 60)
        await screen.settled()
        assert sorted(made) == ["info", "output", "prompt"]
        assert await makes("j") == sorted(PANES)
        assert await makes("tab", "z", "escape") == []
        assert not any(late)


async def test_the_way_of_a_key_is_known_after_the_first(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    review(tmp_path / "t.json").store.close()
    inspected: list[object] = []

    def inspecting(call: Callable[..., object]) -> inspect.Signature:
        inspected.append(call)
        return inspect.signature(call)

    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "k")
        monkeypatch.setattr("textual._callback.signature", inspecting)
        await screen.press("j")
        assert not [each for each in inspected if "typeahead" in getattr(each, "__module__", "")]


def test_who_looks_for_something_gives_way_while_the_tasks_are_counted_still(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(census, "COUNT_FOR", 0.0)
    by = wide(2_000, tmp_path / "t.json", functions=3)
    counted, found = Census(by.state, 1), []
    sweep = Sweep(counted.all(), found.append)
    sweep.step(0.0)
    assert not counted.complete
    assert not found
    sweep.step(None)
    assert len(found) == sweep.checked == len(counted.tasks) == 2_001
    by.store.close()


@pytest.mark.parametrize(("keys", "wanted"), [("/f1[7] enter", "f1[7]"), ("x", "no task failed"), ("C", "upstream")])
async def test_what_is_asked_for_while_tasks_are_counted_is_done_when_they_are(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: str, wanted: str
) -> None:
    monkeypatch.setattr(census, "COUNT_FOR", 0.0)
    monkeypatch.setattr("ltg_tui.jobs.AT_ONCE", 0.0)
    monkeypatch.setattr("ltg_tui.widgets.tree.COUNT_AT_ONCE", 0.0)
    monkeypatch.setattr("ltg_tui.widgets.tree.COUNT_AFTER", 60)
    wide(3_000, tmp_path / "t.json", functions=3).store.close()
    async with debugger(tmp_path / "t.json") as screen:
        outline = screen.app.session.outline
        assert outline is not None
        assert not outline.census.complete
        first, _, last = keys.partition(" ")
        await screen.press(*first, *([last] if last else []))
        await screen.until(wanted)
        assert outline.census.complete


async def test_a_hidden_pane_acts_on_the_task_under_the_cursor(debugger: Opened, tmp_path: Path) -> None:
    answer = "\n".join(f"line {n}" for n in range(300)) + "\nneedle"
    review(tmp_path / "t.json", answer=answer).store.close()
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "4", "V", "V", "tab", "z", "j")
        assert "the id of the task" in await screen.press("y")  # what was selected is of the task before
        assert "only one way" not in await screen.press("k", "v")
        await screen.press("g", "slash", *"needle", "enter")
        assert screen.app.main.chosen is not None
        assert screen.app.main.chosen.id == "main/judge[style]"
        assert "needle" in (await screen.press("z")).split("/needle")[0]


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_what_is_shown_again_shows_nothing_of_the_task_before(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    review(tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json", size=size) as screen:
        await screen.press("j", "j", "z", "j")  # the tree alone: facts, then issues
        sent: list[str] = []
        display = DebuggerApp._display

        def displaying(app: DebuggerApp, on: Any, update: Any) -> None:
            if isinstance(update, LayoutUpdate):
                sent.append("\n".join("".join(strip.text for strip in row) for row in update.strips))
            elif isinstance(update, ChopsUpdate):
                sent.append("".join(strip.text for row in update.chops for strip in row.values() if strip is not None))
            display(app, on, update)

        monkeypatch.setattr(DebuggerApp, "_display", displaying)
        await screen.press("z")
        assert sent
        assert not [each for each in sent if "facts are odd" in each]


async def test_a_key_that_is_held_shows_the_panes_when_it_is_let_go(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide(100, tmp_path / "t.json").store.close()
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "l", "j")
        shown: list[int] = []
        show, main = screen.app.main.panes.show, screen.app.main
        monkeypatch.setattr(main.panes, "show", lambda *given: (shown.append(main.task_tree.cursor), show(*given)))
        clock = Clock(monkeypatch)
        clock.now += STEP * 2
        for _ in range(30):
            screen.app.post_message(Key("j", "j"))
            await screen.pilot.pause(SETTLE / 3)
            clock.now += SETTLE / 3
        first, last = shown[0], main.task_tree.cursor
        clock.now += SETTLE
        await screen.settled()
        assert shown == [first, last]
        assert last - first == 29


async def test_a_search_goes_on_when_the_tree_is_narrowed_meanwhile(
    debugger: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide(3_000, tmp_path / "t.json", functions=3).store.close()
    monkeypatch.setattr("ltg_tui.jobs.AT_ONCE", 0.0)
    monkeypatch.setattr("ltg_tui.jobs.SLICE", 0.0)
    async with debugger(tmp_path / "t.json") as screen:
        await screen.press("j", "l", "j", "j")
        app = screen.app
        app.do("search", "f1[2999]")
        assert app.jobs.running("search")
        monkeypatch.setattr("ltg_tui.jobs.SLICE", 0.05)
        app.do("filter", "function:f1")
        await screen.when(lambda: not app.jobs._sweeps)
        assert app.crash_report is None
        assert not app.jobs._sweeps


async def test_why_a_graph_failed_is_told_whatever_the_tree_shows(debugger: Opened, tmp_path: Path) -> None:
    review(tmp_path / "t.json", fails=True).store.close()
    async with debugger(tmp_path / "t.json") as screen:
        assert "IndexError" in await screen.press("g", "3")
        await screen.press("escape")
        screen.app.do("filter", "status:succeeded")
        await screen.settled()
        assert "IndexError" in await screen.press("j", "k", "g", "3")

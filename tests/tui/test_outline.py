"""The rows of a tree: folding, groups, sums; and that what is kept up to date equals what is made anew."""

from __future__ import annotations

import random

import pytest

from llmtaskgraph import Change
from llmtaskgraph import _events as ev
from llmtaskgraph._graph import Arg, Task
from llmtaskgraph._state import State
from ltg_tui.model.outline import FAN_OUT, Node, Outline
from ltg_tui.model.session import Session

from .traces import Scribe, deep, raw, review, scribe, stage, wide


def outline(by: Scribe, run: int = 1) -> Outline:
    return Outline(by.state, run, {})


def names(found: Outline) -> list[str]:
    return [f"{'  ' * node.depth}{node.name}" for node in found.rows]


def test_tasks_stand_below_the_graph_that_declared_them() -> None:
    assert names(outline(review())) == ["main", "  judge[style]", "  judge[facts]", "  issues"]


def test_a_fan_out_is_one_folded_row_that_adds_up_what_it_hides() -> None:
    found = outline(wide(FAN_OUT + 3))
    assert names(found) == ["main", "  f0"]
    group = found.rows[1]
    assert (group.task, group.inner.tasks, group.inner.succeeded) == (None, FAN_OUT + 3, FAN_OUT + 3)
    found.fold(1, True)
    assert len(found.rows) == 2 + FAN_OUT + 3
    found.fold(1, False)
    assert names(found) == ["main", "  f0"]


def test_folding_a_graph_and_unfolding_it_gives_the_same_rows() -> None:
    found = outline(review())
    before = list(found.rows)
    found.fold(0, False)
    assert names(found) == ["main"]
    found.fold(0, True)
    assert found.rows == before


def test_sums_count_what_the_run_spent_and_what_failed_by_itself() -> None:
    root = outline(review(fails=True)).root
    assert root is not None
    assert (root.inner.tasks, root.inner.succeeded, root.inner.failed, root.own.failed) == (3, 2, 1, 0)
    assert (root.inner.tokens, root.inner.dollars) == (1860, pytest.approx(0.0008))


def test_what_was_taken_over_is_not_counted_again() -> None:
    by = review()
    run = by.start(1)
    by.end(run)
    root = outline(by, run).root
    assert root is not None
    assert (root.inner.succeeded, root.inner.tokens, root.inner.dollars) == (3, 0, None)


def test_a_deep_trace_is_flattened_without_recursion() -> None:
    found = outline(deep(3000))
    (failed,) = [node for node in found.by_id.values() if node.own.failed]
    assert found.rows[found.reveal(failed)] is failed
    assert failed.depth == 3000


def test_revealing_unfolds_what_hides_a_task() -> None:
    found = outline(wide(50))
    node = found.by_id["main/f0[37]"]
    assert found.index(node) == 1
    assert found.rows[found.reveal(node)] is node


def test_marks_are_summed_up_to_the_root_and_taken_back() -> None:
    found = outline(wide(20))
    found.mark({"main/f0[3]": "run", "main/f0[4]": "maybe"})
    assert found.root is not None
    assert found.root.inner.stale == found.rows[1].inner.stale == 2
    found.mark({})
    assert found.root.inner.stale == 0


def growing(by: Scribe, chance: random.Random) -> list[ev.Event]:
    """A run whose graphs declare graphs, in some order; not yet recorded."""
    events: list[ev.Event] = [ev.TasksAdded([Task("graph", "main", 1, "main")]), ev.RunStarted(ev.Run(1, 1, 0.0))]
    number, runs = 1, 0
    open: list[tuple[str, int]] = [("main", 0)]
    while open and number < 60:
        task, _ = open.pop(chance.randrange(len(open)))
        runs += 1
        id = runs
        events.append(ev.TaskStarted(id, 1, task, float(id), [], 1))
        if task.endswith("]") or chance.random() < 0.1:
            events.append(
                ev.TaskSucceeded(id, id + 1.0, stage(1))
                if chance.random() < 0.8
                else ev.TaskFailed(id, 1.0, ev.Failure("E", "m"))
            )
            continue
        tasks = []
        for n in range(chance.choice([1, 2, 14])):
            number += 1
            leaf = chance.random() < 0.5
            tasks.append(
                Task(
                    "python" if leaf else "graph",
                    f"{task}/{'t' if leaf else 'g'}{n}{'[0]' if leaf else ''}",
                    number,
                    "f",
                    task,
                    id,
                )
            )
        events.append(ev.TasksAdded(tasks))
        events.append(ev.StageSettled(id, "children", stage({"tasks": [t.number for t in tasks], "result": {"value": None}})))
        open += [(t.id, 0) for t in tasks]
        if chance.random() < 0.5:
            events.append(ev.TaskSucceeded(id, id + 1.0, stage(1)))
    events.append(ev.RunEnded(1, "cancelled", 99.0))
    return events


def facts(node: Node) -> tuple[object, ...]:
    return node.key, node.depth, node.own, node.inner


@pytest.mark.parametrize("seed", range(30))
def test_following_events_gives_what_a_fresh_look_gives(tmp_path_factory: pytest.TempPathFactory, seed: int) -> None:
    chance = random.Random(seed)
    by = scribe()
    session = Session(tmp_path_factory.getbasetemp() / "t.json", by.state)
    waiting = growing(by, chance)
    while waiting:
        batch = [waiting.pop(0) for _ in range(min(len(waiting), chance.randrange(1, 6)))]
        by.record(*batch)
        session.take(Change(by.state, batch))
        if session.outline is None:
            continue
        fresh = Outline(by.state, 1, {})
        assert fresh.root is not None
        assert session.outline.root is not None
        assert [facts(node) for node in session.outline.root.walk()] == [facts(node) for node in fresh.root.walk()]
        assert set(session.outline.by_id) == set(fresh.by_id)


def test_a_trace_whose_tasks_name_each_other_as_children_ends() -> None:
    state = State("x")
    loop = Task("graph", "main", 1, "main", children=[1, 2], result=Arg(value=raw(None)))
    state.tasks = {1: loop, 2: Task("graph", "main/a", 2, "a", "main", children=[1], result=Arg(value=raw(None)))}
    state.add_run(ev.Run(1, 1, 0.0))
    assert names(Outline(state, 1, {})) == ["main", "  a"]

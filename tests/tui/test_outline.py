"""The rows of a tree: folding, groups, sums; and that what is kept up to date equals what is made anew."""

from __future__ import annotations

import random

import pytest

from llmtaskgraph import Change
from llmtaskgraph import _events as ev
from llmtaskgraph._graph import Arg, Task
from llmtaskgraph._state import State
from ltg_tui.model.order import Order
from ltg_tui.model.outline import FAN_OUT, Node, Outline
from ltg_tui.model.session import Session

from .traces import Scribe, deep, llm, raw, review, scribe, stage, wide


def outline(by: Scribe, run: int = 1) -> Outline:
    found = Outline(by.state, run, {})
    found.census.advance(None)
    return found


def node(found: Outline, id: str) -> Node:
    there = found.node(id)
    assert there is not None
    return there


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
    found = outline(review(fails=True))
    root = node(found, "main")
    assert (root.inner.tasks, root.inner.succeeded, root.inner.failed, found.census.own(root).failed) == (3, 2, 1, 0)
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
    task = found.problem(node(found, "main"))
    assert task is not None
    failed = node(found, task.id)
    assert found.rows[found.reveal(failed)] is failed
    assert failed.depth == 3000
    assert found.problem(failed) is None


def test_revealing_unfolds_what_hides_a_task() -> None:
    found = outline(wide(50))
    hidden = node(found, "main/f0[37]")
    assert found.index(hidden) == 1
    assert found.rows[found.reveal(hidden)] is hidden


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


def facts(found: Outline) -> list[tuple[object, ...]]:
    """All that is known of all tasks, and of the groups they are in."""
    found.census.advance(None)
    assert found.root is not None
    nodes = [found.root, *(node(found, task.id) for task in found.tasks(found.root)), *found.census.groups.values()]
    return sorted((each.key, each.depth, str(found.census.own(each)), str(each.inner), each.members) for each in nodes)


def shown(found: Outline) -> list[str]:
    """The rows as they would be without what was spliced."""
    return [each.key for each in found._shown(node(found, "main"))]


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
        assert [each.key for each in session.outline.rows] == shown(session.outline)
        assert facts(session.outline) == facts(fresh)
        assert session.outline.census.tasks.keys() == fresh.census.tasks.keys()


def test_a_trace_whose_tasks_name_each_other_as_children_ends() -> None:
    state = State("x")
    loop = Task("graph", "main", 1, "main", children=[1, 2], result=Arg(value=raw(None)))
    state.tasks = {1: loop, 2: Task("graph", "main/a", 2, "a", "main", children=[1], result=Arg(value=raw(None)))}
    state.add_run(ev.Run(1, 1, 0.0))
    assert names(Outline(state, 1, {})) == ["main", "  a"]


def test_a_task_that_a_graph_is_given_stands_below_it_as_a_row_that_jumps() -> None:
    by = review()
    repair = Task("graph", "main/repair", 5, "repair", "main", 1, args=(Arg(ref="main/issues"), Arg(value=raw(1))))
    run = by.start()
    root = by.begin(run, "main")
    by.declare(root, [*(by.state.tasks[number] for number in (2, 3, 4)), repair], Arg(ref=repair.id))
    found = outline(by, run)
    at = found.index(node(found, "main/repair"))
    link = found.rows[at + 1]
    assert (link.name, link.link, link.task) == ("issues", node(found, "main/issues"), by.state.tasks[4])
    assert not found.has_children(link)
    assert [task.id for task in found.after(link)].count("main/issues") == 1


def test_what_a_graph_is_given_by_a_fan_out_is_one_row() -> None:
    by = scribe()
    by.root()
    run = by.start()
    root = by.begin(run, "main")
    parts = [Task("python", f"main/part[{n}]", n + 2, "part", "main", 1) for n in range(50)]
    whole = Task("graph", "main/whole", 60, "whole", "main", 1, args=(Arg(items=[Arg(ref=part.id) for part in parts]),))
    by.declare(root, [*parts, whole], Arg(ref=whole.id))
    found = outline(by)
    assert names(found) == ["main", "  part", "  whole", "    part"]
    assert found.rows[3].link is found.rows[1]


@pytest.mark.parametrize("seed", range(10))
def test_going_on_from_any_row_meets_every_other_task_once_in_the_order_of_the_rows(seed: int) -> None:
    by = scribe()
    by.record(*growing(by, random.Random(seed)))
    found = outline(by)
    found.unfold_below(0, True)
    every = [each.task.id for each in found.rows if each.task is not None and each.link is None]
    for here in found.rows:
        if here.task is None:
            continue
        at = every.index(here.task.id)
        assert [task.id for task in found.after(here)] == every[at + 1 :] + every[:at]
        assert [task.id for task in found.after(here, backwards=True)] == (every[at + 1 :] + every[:at])[::-1]


def test_counting_in_slices_gives_the_same() -> None:
    by = wide(2000, functions=3)
    found = Outline(by.state, 1, {})
    assert found.census.total.tasks == 1
    slices = 0
    while found.census.advance(0.0):
        slices += 1
    assert slices > 5
    assert facts(found) == facts(outline(by))
    assert found.census.total.succeeded == 2001


def test_marks_that_come_while_tasks_are_counted_are_counted_once() -> None:
    by = wide(2000)
    found = Outline(by.state, 1, {})
    found.census.advance(0.0)
    found.mark({"main/f0[3]": "run", "main/f0[1999]": "maybe"})
    found.census.advance(None)
    assert found.census.total.stale == 2
    found.mark({})
    assert found.census.total.stale == 0


def test_siblings_are_sorted_and_stay_so_whatever_happens_to_them() -> None:
    by = scribe()
    by.root()
    run = by.start()
    root = by.begin(run, "main")
    tasks = [llm(n, f"main/{name}") for n, name in enumerate(("a", "b", "c"), 2)]
    by.declare(root, tasks, Arg(value=raw(None)))
    by.answer(by.ask(run, "main/a", "?"), "yes", cost=0.1)
    slow = by.ask(run, "main/b", "?")
    by.tick(60)
    by.answer(slow, "yes", cost=0.3)
    found = outline(by)

    def sorted_by(order: Order) -> list[str]:
        found.sort(order)
        return [row.name for row in found.rows[1:]]

    assert sorted_by("cost") == sorted_by("duration") == ["b", "a", "c"]
    by.fail(by.begin(run, "main/c"), ev.Failure("E", "m"))
    found.changed(["main/c"])
    assert [row.name for row in found.rows[1:]] == ["b", "a", "c"]
    assert sorted_by("problems") == ["c", "a", "b"]
    assert sorted_by("declared") == ["a", "b", "c"]
    assert sorted_by("start") == ["a", "b", "c"]

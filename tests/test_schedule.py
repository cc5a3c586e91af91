"""The schedule: each task once, after what it depends on; failures block exactly what is downstream."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmtaskgraph._schedule import Schedule

Dag = dict[str, list[str]]


@st.composite
def dags(draw: st.DrawFn) -> Dag:
    """Tasks by name, in any order, with the names that they depend on, repeats included."""
    size = draw(st.integers(1, 12))
    names = [f"t{i}" for i in range(size)]
    found = {name: draw(st.lists(st.sampled_from(names[:i]), max_size=4)) if i else [] for i, name in enumerate(names)}
    return {name: found[name] for name in draw(st.permutations(names))}


def blocked_by(dag: Dag, failing: set[str]) -> set[str]:
    """What can never run if these fail when they do."""
    blocked: set[str] = set()
    while True:
        more = {name for name, needed in dag.items() if set(needed) & (failing | blocked)} - blocked
        if not more:
            return blocked
        blocked |= more


def run(schedule: Schedule, failing: set[str], outputs: set[str] | None = None) -> tuple[list[str], list[str]]:
    """Settle all that gets ready, and note what has its output. Returns what was popped, and what was blocked, in order."""
    popped: list[str] = []
    blocked: list[str] = []
    while (name := schedule.pop()) is not None:
        popped.append(name)
        if name in failing:
            blocked += schedule.fail(name)
        else:
            if outputs is not None:
                outputs.add(name)
            schedule.succeed(name)
    return popped, blocked


@given(dags())
def test_every_task_is_popped_once_and_after_what_it_depends_on(dag: Dag) -> None:
    schedule = Schedule()
    for name, needed in dag.items():
        assert schedule.add(name, needed)
    popped, blocked = run(schedule, set())
    assert sorted(popped) == sorted(dag)
    assert all(popped.index(dependency) < popped.index(name) for name, needed in dag.items() for dependency in needed)
    assert not blocked
    assert not schedule.unsettled


@given(dags(), st.data())
def test_a_failure_blocks_exactly_what_is_downstream_and_each_only_once(dag: Dag, data: st.DataObject) -> None:
    failing = data.draw(st.sets(st.sampled_from(sorted(dag))))
    schedule = Schedule()
    for name, needed in dag.items():
        schedule.add(name, needed)
    popped, blocked = run(schedule, failing)
    assert set(blocked) == blocked_by(dag, failing)
    assert sorted([*popped, *blocked]) == sorted(dag)
    assert not schedule.unsettled


@given(dags(), st.data())
def test_it_makes_no_difference_when_a_task_is_added(dag: Dag, data: st.DataObject) -> None:
    """Also after a dependency of it has failed: then it is refused, and so is what depends on it."""
    failing = data.draw(st.sets(st.sampled_from(sorted(dag))))
    schedule = Schedule()
    popped: list[str] = []
    blocked: list[str] = []
    for name, needed in dag.items():
        if not schedule.add(name, needed):
            blocked.append(name)
            blocked += schedule.fail(name)
        if data.draw(st.booleans()):
            more = run(schedule, failing)
            popped, blocked = popped + more[0], blocked + more[1]
    more = run(schedule, failing)
    popped, blocked = popped + more[0], blocked + more[1]
    assert set(blocked) == blocked_by(dag, failing)
    assert sorted([*popped, *blocked]) == sorted(dag)


@given(dags())
def test_tasks_that_have_their_outputs_count_as_settled(dag: Dag) -> None:
    kept = set(sorted(dag)[: len(dag) // 2])
    outputs = set(kept)
    schedule = Schedule(outputs)
    for name, needed in dag.items():
        if name not in kept:
            schedule.add(name, needed)
    popped, _ = run(schedule, set(), outputs)
    assert sorted(popped) == sorted(set(dag) - kept)
    assert schedule.add("later", dag)
    assert schedule.pop() == "later"


def test_a_task_may_wait_a_second_time() -> None:
    """A graph is ready when its arguments are known, and again when what its output is made of is settled."""
    schedule = Schedule()
    schedule.add("graph", [])
    assert schedule.pop() == "graph"
    schedule.add("child", [])
    assert schedule.wait("graph", ["child"])
    assert schedule.pop() == "child"
    assert schedule.pop() is None
    schedule.succeed("child")
    assert schedule.pop() == "graph"


def test_a_graph_that_waits_for_a_child_that_fails_is_blocked_with_what_depends_on_it() -> None:
    schedule = Schedule()
    schedule.add("graph", [])
    schedule.add("after", ["graph"])
    schedule.pop()
    schedule.add("child", [])
    schedule.wait("graph", ["child"])
    assert schedule.pop() == "child"
    assert schedule.fail("child") == ["graph", "after"]
    assert not schedule.unsettled


def test_a_task_that_can_do_without_its_dependencies_runs_when_they_have_failed() -> None:
    schedule = Schedule()
    schedule.add("one", [])
    schedule.add("free", ["one"], free=True)
    schedule.add("after", ["free"])
    assert schedule.pop() == "one"
    assert schedule.pop() is None
    assert schedule.fail("one") == []
    assert schedule.pop() == "free"
    schedule.succeed("free")
    assert schedule.pop() == "after"


def test_a_deferred_task_comes_after_all_that_are_ready() -> None:
    schedule = Schedule()
    for name in "abc":
        schedule.add(name, [])
    assert schedule.pop() == "a"
    schedule.defer("a")
    assert [schedule.pop() for _ in range(4)] == ["b", "c", "a", None]


def test_ready_tasks_come_in_the_order_in_which_they_got_ready() -> None:
    schedule = Schedule()
    for name in "abc":
        schedule.add(name, [])
    schedule.add("d", ["a"])
    first = schedule.pop()
    assert first == "a"
    schedule.succeed(first)
    assert [schedule.pop() for _ in range(3)] == ["b", "c", "d"]


@pytest.mark.parametrize("size", [1_000, 20_000])
def test_a_chain_and_a_fan_of_any_length_are_settled_without_recursion(size: int) -> None:
    schedule = Schedule()
    schedule.add("0", [])
    for i in range(1, size):
        schedule.add(str(i), [str(i - 1)])
    schedule.add("joined", [str(i) for i in range(size)])
    popped, _ = run(schedule, set())
    assert len(popped) == size + 1
    failing = Schedule()
    failing.add("0", [])
    for i in range(1, size):
        failing.add(str(i), [str(i - 1)])
    assert len(run(failing, {"0"})[1]) == size - 1

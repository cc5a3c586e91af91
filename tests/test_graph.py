"""Declared graphs: what is refused, and what order the rest has."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Raw

from llmtaskgraph import Arg, CycleError, DuplicateTask, Task, UnknownDependency
from llmtaskgraph._graph import order, validate
from llmtaskgraph._values import decode, encode

VALUES = st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def task(id: str, *needed: str) -> Task:
    return Task("python", id, 1, "f", "main", args=tuple(Arg(ref=dependency) for dependency in needed))


def trees(value: Any, outputs: dict[str, bytes]) -> Arg:
    """An argument that means a value, every other leaf of it the output of a task."""
    if isinstance(value, list):
        return Arg(items=[trees(item, outputs) for item in value])
    if isinstance(value, dict):
        return Arg(entries={name: trees(item, outputs) for name, item in value.items()})
    if len(outputs) % 2:
        return Arg(value=Raw(encode(value)))
    outputs[f"task {len(outputs)}"] = encode(value)
    return Arg(ref=f"task {len(outputs) - 1}")


@given(VALUES)
def test_an_argument_is_put_together_from_values_and_outputs_just_as_it_was_written(value: Any) -> None:
    outputs: dict[str, bytes] = {}
    arg = trees(value, outputs)
    assert decode(arg.compose(outputs)) == value
    assert set(arg.refs()) == set(outputs)


def test_dependencies_are_named_once_in_the_order_of_the_arguments() -> None:
    found = task("main/a", "z", "y", "z")
    found.kwargs = {"more": Arg(items=[Arg(ref="x"), Arg(entries={"k": Arg(ref="y"), "l": Arg(ref="w")})])}
    assert found.dependencies() == ["z", "y", "x", "w"]


def test_two_tasks_with_one_id_are_refused() -> None:
    with pytest.raises(DuplicateTask, match="there are two tasks a; give each its own name"):
        validate([task("a"), task("a")], "main")


def test_a_task_with_the_id_of_its_graph_is_refused() -> None:
    with pytest.raises(DuplicateTask):
        validate([task("main")], "main")


def test_a_dependency_on_no_task_of_the_graph_is_refused_by_name() -> None:
    with pytest.raises(UnknownDependency, match="a depends on b, which is not a task of the same graph"):
        validate([task("a", "b")], "main")


def test_a_circle_is_refused_and_shown() -> None:
    with pytest.raises(CycleError) as caught:
        validate([task("a"), task("b", "d", "a"), task("c", "b"), task("d", "c")], "main")
    assert sorted(caught.value.cycle[1:]) == ["b", "c", "d"]
    assert caught.value.cycle[0] == caught.value.cycle[-1]


def test_a_task_that_waits_for_itself_is_a_circle() -> None:
    with pytest.raises(CycleError) as caught:
        validate([task("a", "a")], "main")
    assert caught.value.cycle == ["a", "a"]


@given(st.data())
def test_the_order_has_each_task_once_after_its_dependencies(data: st.DataObject) -> None:
    names = [f"t{i}" for i in range(data.draw(st.integers(1, 10)))]
    tasks = [
        task(name, *data.draw(st.lists(st.sampled_from(names[:i]), max_size=3))) if i else task(name)
        for i, name in enumerate(names)
    ]
    ordered = [found.id for found in order({found.id: found for found in data.draw(st.permutations(tasks))})]
    assert sorted(ordered) == sorted(names)
    assert all(ordered.index(ref) < ordered.index(found.id) for found in tasks for ref in found.dependencies())


def test_a_long_chain_is_ordered_without_recursion() -> None:
    tasks = [task(str(i), *([str(i - 1)] if i else [])) for i in range(20_000)]
    validate(reversed(tasks), "main")
    assert [found.id for found in order({found.id: found for found in reversed(tasks)})][:3] == ["0", "1", "2"]

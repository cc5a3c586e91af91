"""A tree narrowed to some tasks: these and what they are in, in the order of the tree; afterwards it is as it was."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmtaskgraph import Arg, State, Task
from ltg_tui.model.keep import Keep
from ltg_tui.model.outline import Outline

from .traces import raw, scribe


def built(groups: int, size: int) -> State:
    """main -> so many graphs, each with so many tasks of one function."""
    by = scribe()
    by.root()
    run = by.start()
    root = by.begin(run, "main")
    graphs = [Task("graph", f"main/g[{n}]", n + 2, "g", "main", root) for n in range(groups)]
    by.declare(root, graphs, Arg(value=raw(None)))
    number = groups + 2
    for graph in graphs:
        tasks = [Task("python", f"{graph.id}/t[{n}]", number + n, "t", graph.id, root) for n in range(size)]
        number += size
        by.declare(by.begin(run, graph.id), tasks, Arg(value=raw(None)))
    return by.state


STATE = built(4, 11)
IDS = [task.id for task in STATE.walk(1)]


def outline() -> Outline:
    found = Outline(STATE, 1, {})
    found.census.advance(None)
    return found


def keeping(found: Outline, ids: set[str]) -> Keep:
    keep = Keep(found.census.tasks.get)
    for id in ids:
        keep.add(found.census.tasks[id])
    return keep


def shown(found: Outline) -> list[str]:
    return [node.key for node in found.rows if node.task is not None]


@given(st.sets(st.sampled_from(IDS), min_size=1))
def test_what_is_kept_is_shown_with_what_it_is_in_and_nothing_else(ids: set[str]) -> None:
    found = outline()
    before = list(found.rows)
    found.narrow(keeping(found, ids))
    wanted = [id for id in IDS if id in ids or id == "main" or any(kept.startswith(f"{id}/") for kept in ids)]
    assert shown(found) == wanted
    found.narrow(None)
    assert found.rows == before


@given(st.sets(st.sampled_from(IDS), min_size=1), st.sampled_from(IDS), st.booleans())
def test_the_next_of_some_tasks_is_the_next_in_the_order_of_the_tree(ids: set[str], start: str, backwards: bool) -> None:
    found = outline()
    node = found.node(start)
    assert node is not None
    at = IDS.index(start)
    around = [*IDS[at + 1 :], *IDS[:at]]
    wanted = next((id for id in (reversed(around) if backwards else around) if id in ids), None)
    task = found.kept(node, keeping(found, ids), backwards=backwards)
    assert (None if task is None else task.id) == wanted


@given(st.sets(st.sampled_from(IDS)), st.sampled_from(IDS))
def test_the_number_of_a_match_counts_those_before_it(ids: set[str], at: str) -> None:
    found = outline()
    node = found.node(at)
    assert node is not None
    assert found.position(node, keeping(found, ids)) == len([id for id in IDS[: IDS.index(at) + 1] if id in ids])


def test_the_next_task_costs_what_is_passed_and_not_what_is_folded() -> None:
    found = outline()
    keep = keeping(found, {IDS[-1]})
    asked: list[str] = []
    inside = keep.inside
    keep.inside = lambda key: asked.append(key) or inside(key)  # type: ignore[method-assign,func-returns-value]
    assert found.root is not None
    assert found.kept(found.root, keep) is found.census.tasks[IDS[-1]]
    assert len(asked) < 10


def test_what_a_person_folds_meanwhile_is_forgotten_afterwards() -> None:
    found = outline()
    before = list(found.rows)
    found.narrow(keeping(found, {"main/g[2]/t[3]"}))
    found.fold(0, False)
    assert shown(found) == ["main"]
    found.narrow(None)
    assert found.rows == before

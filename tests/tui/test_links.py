"""Causes and effects: direct ones with the argument, whole slices, and the order of causes."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from llmtaskgraph import Arg, Link, Links, State, Task
from ltg_tui.model.jumps import Jumps
from ltg_tui.model.keep import Keep

from .traces import llm, raw, review, scribe


def tasks_of(state: State, run: int = 1) -> dict[str, Task]:
    return {task.id: task for task in state.walk(run)}


def links(state: State) -> tuple[Links, dict[str, Task]]:
    tasks = tasks_of(state)
    return Links(state, 1, tasks.get), tasks


def nested() -> State:
    """main -> draft, check(draft) -> [judge(text=draft), fix(judge)], join(check)."""
    by = scribe()
    by.root(topic="cats")
    run = by.start()
    root = by.begin(run, "main")
    draft = llm(2, "main/draft")
    check = Task("graph", "main/check", 3, "check", "main", root, args=(Arg(ref=draft.id),))
    join = Task("python", "main/join", 4, "join", "main", root, kwargs={"parts": Arg(entries={"a": Arg(ref=check.id)})})
    by.declare(root, [draft, check, join], Arg(ref=join.id))
    by.answer(by.ask(run, draft.id, "Write"), "A cat.")
    graph = by.begin(run, check.id)
    judge = llm(5, "main/check/judge", check.id)
    fix = Task("python", "main/check/fix", 6, "fix", check.id, graph, args=(Arg(ref=judge.id),))
    by.declare(graph, [judge, fix], Arg(items=[Arg(ref=fix.id), Arg(value=raw(1))]))
    return by.state


def test_direct_causes_name_the_argument_and_its_path() -> None:
    found, tasks = links(review().state)
    assert found.causes(tasks["main/issues"]) == [
        Link("main/judge[style]", "verdicts[0]"),
        Link("main/judge[facts]", "verdicts[1]"),
        Link("main", "declared by it"),
    ]
    assert found.effects(tasks["main/judge[facts]"]) == [Link("main/issues", "verdicts[1]")]


def test_a_graph_is_made_of_what_is_inside_and_causes_it() -> None:
    found, tasks = links(nested())
    assert found.causes(tasks["main/check"]) == [
        Link("main/draft", "argument 1"),
        Link("main/check/fix", "its output[0]"),
        Link("main", "declared by it"),
    ]
    assert found.effects(tasks["main/check"]) == [
        Link("main/join", "parts['a']"),
        Link("main/check/judge", "declared by it"),
        Link("main/check/fix", "declared by it"),
    ]
    assert found.effects(tasks["main/check/fix"]) == [Link("main/check", "its output[0]")]


def test_slices_go_through_graphs_both_ways_and_never_in_a_circle() -> None:
    found, tasks = links(nested())
    assert set(found.upstream(tasks["main/check/judge"])) == {"main/check/judge", "main/check", "main", "main/draft"}
    assert set(found.downstream(tasks["main/check/judge"])) == {
        "main/check/judge",
        "main/check/fix",
        "main/check",
        "main/join",
        "main",
    }
    assert set(found.upstream(tasks["main"])) == set(tasks)
    assert set(found.downstream(tasks["main/join"])) == {"main/join", "main"}


def test_in_order_gives_causes_before_effects() -> None:
    found, tasks = links(nested())
    ends = list(found.in_order(tasks["main/join"]))
    at = {end: number for number, end in enumerate(ends)}
    assert len(at) == len(ends)
    assert ends[-1] == ("main/join", "output")
    assert at["main/draft", "output"] < at["main/check", "call"] < at["main/check/judge", "call"] < at["main/check", "output"]


def test_links_of_a_graph_are_made_anew_when_it_declares_anew() -> None:
    state = nested()
    found, tasks = links(state)
    assert len(found.effects(tasks["main/draft"])) == 1
    graph = state.seen(1, "main")
    assert graph is not None
    graph.children.value = raw({"tasks": [2, 4], "result": {"ref": "main/join"}})  # type: ignore[union-attr]
    found.forget({"main"})
    assert found.effects(tasks["main/draft"]) == []


def test_a_chain_of_thousands_is_walked_without_recursion() -> None:
    by = scribe()
    by.root()
    run = by.start()
    root = by.begin(run, "main")
    chain = [llm(n, f"main/t[{n}]", args=(Arg(ref=f"main/t[{n - 1}]"),) if n > 2 else ()) for n in range(2, 5002)]
    by.declare(root, chain, Arg(ref=chain[-1].id))
    found, tasks = links(by.state)
    assert len(list(found.upstream(tasks["main/t[5001]"]))) == 5001
    assert len(list(found.in_order(tasks["main/t[5001]"]))) == 10_001
    assert len(list(found.downstream(tasks["main/t[2]"]))) == 5001


def finder(state: State) -> Callable[[str], Task | None]:
    return tasks_of(state).get


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 5)), max_size=30))
def test_counts_inside_are_those_of_the_tasks_that_are_kept(steps: list[tuple[bool, int]]) -> None:
    state = nested()
    tasks = list(state.walk(1))
    keep, model = Keep(finder(state)), set()
    for put_in, number in steps:
        task = tasks[number]
        (keep.add if put_in else keep.discard)(task)
        (model.add if put_in else model.discard)(task.id)
    assert set(keep) == model
    assert len(keep) == len(model)
    for task in tasks:
        below = {id for id in model if id.startswith(f"{task.id}/")}
        assert keep.inside(task.id) == len(below)
    assert keep.inside("main/check/judge[*]") == ("main/check/judge" in model)
    assert keep.inside("main/check[*]") == len({id for id in model if id.startswith("main/check")})


def test_jumps_go_back_and_forward_like_pages() -> None:
    jumps = Jumps()
    assert jumps.back("a") is None
    jumps.jump("a", "b")
    jumps.jump("b", "c")
    assert (jumps.back("c"), jumps.back("b"), jumps.back("a")) == ("b", "a", None)
    assert (jumps.forward(), jumps.forward(), jumps.forward()) == ("b", "c", None)
    assert jumps.back("c") == "b"
    jumps.jump("b", "d")
    assert jumps.forward() is None
    assert jumps.back("x") == "d"  # one had walked from d to x by hand
    assert jumps.forward() == "x"

"""What a page is told: all that changed, once, at a cost in proportion to it; and from that it has what it would read anew."""

from __future__ import annotations

import json
from typing import Any

import pytest
from counting import steps
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw

from llmtaskgraph import Change, Logged, ResponseStreamed, Run, RunStarted, Stage, State, Task, TasksAdded, TaskStarted, fold
from llmtaskgraph._events import Event, Log
from llmtaskgraph._graph import Arg
from llmtaskgraph._state import TaskRun
from llmtaskgraph.web import feed as feeds
from llmtaskgraph.web.document import View
from llmtaskgraph.web.feed import Feed

from .happenings import Happenings
from .pages import KEYS, PageMaps


class Reader:
    """A page that watches, is told in parts, and may lose its connection before any of them."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self.maps = PageMaps.fresh(feed)
        self.known = feed.at
        self._left: list[feeds.Part] = []

    def read(self) -> dict[str, Any] | None:
        """What it is told next; None when nothing is left."""
        self._left = self._left or self._feed.parts(self.known)
        if not self._left:
            return None
        part = self._left.pop(0)
        change: dict[str, Any] = json.loads(self._feed.change(part))
        self.known = part.at
        self.maps.take(change)
        return change

    def read_all(self) -> list[dict[str, Any]]:
        """Until there is nothing new."""
        return list(iter(self.read, None))

    def connect_again(self) -> None:
        """All that it can say is the number of the last event."""
        self.known, self._left = float(int(self.known)), []


def begun(tasks: int = 3) -> tuple[State, Feed]:
    """A run with tasks under way."""
    added = [Task("graph", "main", 1, "main"), *(Task("llm", f"main/{n}", n, "f", "main") for n in range(2, tasks + 2))]
    events: list[Event] = [TasksAdded(added), RunStarted(Run(1, 1, 1.0, open=[task.id for task in added]))]
    events += [TaskStarted(n, 1, added[n - 1].id, 1.0, (), 1) for n in range(1, tasks + 1)]
    state = fold(events, State("t"))
    state.sequence = len(events)
    return state, Feed(state)


def happens(state: State, feed: Feed, *events: Event) -> None:
    for event in events:
        state.apply(event)
        state.sequence += 1
    feed.take(Change(state, list(events)))


@pytest.fixture(params=[2_000, 2])
def most(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(feeds, "MOST", request.param)
    return int(request.param)


WAYS = st.sampled_from(["happen", "read", "read all", "connect again"])
STEPS = st.lists(st.tuples(WAYS, st.integers(0, 3)), max_size=60)


@given(st.integers(0, 10**6), STEPS, st.sampled_from([2_000, 3, 1]))
@settings(max_examples=200, deadline=None)
def test_after_any_changes_and_lost_connections_a_page_has_what_it_would_read_anew(
    seed: int, steps: list[tuple[str, int]], most: int
) -> None:
    before, feeds.MOST = feeds.MOST, most
    try:
        happenings = Happenings(seed)
        happenings.happen(20)
        happenings.read()
        feed = Feed(happenings.state)
        readers = [Reader(feed) for _ in range(4)]
        for step, which in steps:
            reader = readers[which]
            if step == "happen":
                happenings.happen(which * 4 + 1)
                feed.take(happenings.read())
            elif step == "read":
                reader.read()
            elif step == "read all":
                reader.read_all()
            else:
                reader.connect_again()
        for reader in readers:
            reader.read_all()
            assert reader.maps == PageMaps.fresh(feed)
    finally:
        feeds.MOST = before


@given(st.integers(0, 10**6), st.integers(1, 80))
@settings(max_examples=60, deadline=None)
def test_from_any_event_on_each_element_that_changed_is_told_once_and_no_other(seed: int, count: int) -> None:
    happenings = Happenings(seed)
    feed = Feed(happenings.state)
    touched: list[tuple[float, dict[str, set[Any]]]] = []
    for _ in range(count):
        happenings.happen(1)
        before = feed.at
        feed.take(happenings.read())
        keys = feed.parts(before)[0].missed.keys if feed.parts(before) else ()
        touched.append((feed.at, {kind: {id for found, id in keys if found == kind} for kind in KEYS}))
    for position in range(int(feed.floor), int(feed.at) + 1):
        told = [json.loads(feed.change(part)) for part in feed.parts(float(position))]
        for kind, key in KEYS.items():
            ids = [each[key] for change in told for each in change.get(kind, ())]
            assert sorted(ids) == sorted(set().union(*(found[kind] for at, found in touched if at > position)))


def test_what_changed_often_is_told_once_as_it_is_now() -> None:
    state, feed = begun()
    reader = Reader(feed)
    happens(state, feed, *(Logged(2, Log(1.0, f"line {n}")) for n in range(50)))
    (change,) = reader.read_all()
    assert [(found["id"], len(found["logs"])) for found in change["task_runs"]] == [(2, 50)]
    assert set(change) == {"sequence", "task_runs"}
    assert reader.read_all() == []


def test_text_is_told_from_where_it_goes_on_as_a_browser_counts() -> None:
    state, feed = begun()
    happens(state, feed, ResponseStreamed(1, "a🦔é"))
    assert feed.streaming() == [{"task_run": 1, "text": (0, "a🦔é"), "reasoning": (0, "")}]
    reader = Reader(feed)
    happens(state, feed, ResponseStreamed(1, "👩‍👩‍👧"), ResponseStreamed(1, "!", "reasoning"))
    (change,) = reader.read_all()
    assert change["streaming"] == [{"task_run": 1, "text": [4, "👩‍👩‍👧"], "reasoning": [0, "!"]}]


def test_a_large_fan_out_is_told_in_parts_and_a_lost_connection_in_between_loses_nothing(most: int) -> None:
    state, feed = begun(1)
    reader = Reader(feed)
    happens(state, feed, TasksAdded([Task("llm", f"main/t{n}", n, "f", "main") for n in range(10, 17)]))
    reader.read()
    reader.connect_again()
    told = reader.read_all()
    assert all(len(change["tasks"]) <= most for change in told)
    assert reader.maps == PageMaps.fresh(feed)


def test_what_changes_again_while_the_parts_are_told_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feeds, "MOST", 1)
    state, feed = begun()
    reader = Reader(feed)
    happens(state, feed, *(Logged(id, Log(1.0, "a line")) for id in (1, 2, 3)))
    told = [reader.read()]
    happens(state, feed, Logged(3, Log(1.0, "another")))
    told += reader.read_all()
    assert [[found["id"] for found in change.get("task_runs", ())] for change in told if change] == [[1], [2], [], [3]]


def test_a_run_whose_process_is_gone_is_shown_as_the_next_writer_will_end_it() -> None:
    state, feed = begun()
    happens(state, feed, ResponseStreamed(1, "half an ans"))
    reader = Reader(feed)
    feed.cut_off(1, 7.0)
    reader.read_all()
    assert reader.maps == PageMaps.fresh(feed)
    run, task_run = reader.maps.lists["runs"][1], reader.maps.lists["task_runs"][1]
    assert (run["status"], run["ended"]) == ("cancelled", 7.0)
    assert (task_run["status"], task_run["attempts"][0]["partial"]) == ("cancelled", "half an ans")
    assert reader.maps.streaming == {}
    assert state.runs[1].status == "running"


def test_large_values_are_left_out_with_size_and_digest_and_equal_values_have_equal_digests() -> None:
    state, _ = begun()
    large = Stage(Raw(b'"' + b"x" * 2_000 + b'"'), "key", "reused", 4)
    small = Stage(Raw(b'"' + b"x" * 1_998 + b'"'), "key", "executed")
    state.add_task_run(TaskRun(90, 1, "main/a", "succeeded", prompt=small, response=large, output=large))
    state.tasks[90] = Task("llm", "main/a", 90, "f", "main", args=(Arg(items=[Arg(value=large.value), Arg(ref="x")]),))
    document = json.loads(b"".join(View(state).blocks()))
    found = document["task_runs"][-1]
    assert found["prompt"]["value"] == "x" * 1_998
    assert found["response"] == {"size": 2_002, "digest": found["output"]["digest"], "key": "key", "origin": "reused", "from": 4}
    assert document["tasks"][-1]["args"] == [{"list": [{"size": 2_002, "digest": found["output"]["digest"]}, {"ref": "x"}]}]


def test_the_children_of_a_graph_are_never_left_out() -> None:
    state, _ = begun()
    children = {"tasks": list(range(1_000)), "result": {"value": "y" * 3_000}}
    state.add_task_run(TaskRun(90, 1, "main", "succeeded", children=Stage(Raw(json.dumps(children).encode()), "k", "executed")))
    found = json.loads(b"".join(View(state).blocks()))["task_runs"][-1]["children"]["value"]
    assert found["tasks"] == children["tasks"]
    assert set(found["result"]) == {"size", "digest"}


def test_a_change_costs_the_same_in_a_trace_of_100_000_tasks() -> None:
    def changed(tasks: int) -> int:
        state, feed = begun(tasks)
        known = feed.at

        def change() -> None:
            happens(state, feed, Logged(2, Log(1.0, "a line")))
            (part,) = feed.parts(known)
            feed.change(part)

        return steps(change)

    changed(10)
    assert changed(100_000) < 1.2 * changed(10)

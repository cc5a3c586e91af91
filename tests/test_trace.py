"""The document: what is written is read back the same, what others wrote survives, and no damage is mistaken for a trace."""

from __future__ import annotations

import itertools
import json
import os
import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from llmtaskgraph import DamagedTrace, LLMTaskGraphError, NewerTrace, NotATrace, RunEnded, State, Trace, TraceError, plan_recorded
from llmtaskgraph import _trace as trace
from llmtaskgraph._store import Store, read

GOLDEN = Path(__file__).parent / "golden"
NAMES = ["finished.json", "failed.json", "resumed.json", "crashed.json"]
RESUMED = (GOLDEN / "resumed.json").read_bytes()
DOCUMENT: dict[str, Any] = json.loads(RESUMED)


INSERTED = [b"\0", b"\xff", b"[" * 2000, b'"', b"}", b"9" * 5000, b"\n", rb"\ud83d", b","]


def encoded(document: Any) -> bytes:
    return json.dumps(document).encode()


def changed(change: Callable[[dict[str, Any]], object]) -> bytes:
    document = json.loads(RESUMED)
    change(document)
    return encoded(document)


def look_at(found: Trace) -> None:
    """What every reader of a trace does."""
    state = found.state
    for run in state.runs:
        for task in state.walk(run):
            state.seen(run, task.id)
        state.pending_edits(run)
        state.edits_to_apply(run)
        if not found.problems:
            plan_recorded(state, run)
    for task_run in state.task_runs.values():
        for name in ("prompt", "response", "children", "output"):
            stage = task_run.stage(name)
            if stage is not None:
                msgspec.json.decode(stage.value)
    found.encode()


def survives(data: bytes) -> None:
    """Reading it gives a whole trace, or an error of ours and then what is readable; the same in both ways of reading."""
    whole, looked = (_survives(data, looking=looking) for looking in (False, True))
    assert (whole is None) == (looked is None)
    if whole is not None and looked is not None:
        assert looked.problems == whole.problems
        assert looked.state.task_runs == whole.state.task_runs


def _survives(data: bytes, *, looking: bool) -> Trace | None:
    try:
        found = trace.decode(data, "t.json", looking=looking)
    except TraceError:
        try:
            found = trace.decode(data, "t.json", salvage=True, looking=looking)
        except TraceError:
            return None
        assert found.problems
    try:
        look_at(found)
    except LLMTaskGraphError:
        assert found.problems or found.newer, "a whole trace can be looked at"
    return found


# Round trips


@pytest.mark.parametrize("name", NAMES)
def test_a_trace_is_written_back_byte_for_byte(name: str) -> None:
    data = (GOLDEN / name).read_bytes()
    assert trace.decode(data).encode() == data


@pytest.mark.parametrize("name", NAMES)
def test_a_trace_that_is_read_to_be_looked_at_tells_and_writes_the_same(name: str) -> None:
    data = (GOLDEN / name).read_bytes()
    whole, looked = trace.decode(data), trace.decode(data, looking=True)
    assert looked.state.task_runs == whole.state.task_runs
    for run in whole.state.runs:
        assert dict(looked.state.in_run(run)) == whole.state.in_run(run)
        assert {**looked.state.in_run(run)} == whole.state.in_run(run)
        for task in whole.state.walk(run):
            assert looked.state.seen(run, task.id) == whole.state.seen(run, task.id)
    assert looked.encode() == data


def test_what_can_still_change_is_changed_in_a_trace_that_is_read_to_be_looked_at() -> None:
    data = changed(lambda d: d["runs"][2].update(status="running") or d["task_runs"][-1].update(status="running"))
    whole, looked = trace.decode(data), trace.decode(data, looking=True)
    for found in (whole, looked):
        found.state.apply(RunEnded(3, "cancelled", 5.0))
    assert looked.state.task_runs == whole.state.task_runs
    assert [run.status for run in looked.state.task_runs.values()].count("cancelled") == 1
    assert looked.encode() == whole.encode()


def test_a_large_trace_that_is_read_to_be_looked_at_takes_little_more_memory_than_its_file() -> None:
    document = json.loads(RESUMED)
    like = document["task_runs"][0]
    document["task_runs"] += [{**like, "id": 100 + n, "task": f"main/t{n}", "children": None} for n in range(2000)]
    data = _lines_of_ours(document)
    sizes = []
    for looking in (False, True):
        tracemalloc.start()
        found = trace.decode(data, looking=looking)
        sizes.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert len(found.state.task_runs) > 2000
    assert sizes[1] < sizes[0] / 2


def test_texts_that_tasks_share_are_kept_once() -> None:
    tasks = trace.decode(RESUMED).state.tasks.values()
    ids = {task.id: task.id for task in tasks}
    scopes = [task.scope for task in tasks if task.scope is not None]
    assert scopes
    assert all(scope is ids[scope] for scope in scopes)
    refs = [ref for task in tasks for arg in task.args if isinstance(ref := arg.ref, str)]
    assert refs
    assert all(ref is ids[ref] for ref in refs)


def _lines_of_ours(document: dict[str, Any]) -> bytes:
    """As this version writes it."""
    return trace.decode(encoded(document)).encode()


def test_an_empty_trace_is_written_back_byte_for_byte() -> None:
    data = Trace(State("t")).encode()
    assert trace.decode(data).encode() == data
    assert json.loads(data)["tasks"] == []


def test_each_element_stands_in_a_line_of_its_own() -> None:
    lines = RESUMED.decode().splitlines()
    for name in ("tasks", "runs", "task_runs", "edits"):
        start = lines.index(f'"{name}":[')
        for offset, element in enumerate(DOCUMENT[name], 1):
            assert json.loads(lines[start + offset].rstrip(",")) == element


def _with_strangers(value: Any) -> Any:
    """The document with a field that nobody knows in every object of the format; user data is left alone."""
    if isinstance(value, list):
        return [_with_strangers(item) for item in value]
    if not isinstance(value, dict):
        return value
    alone = ("value", "output", "params")
    inside = {name: item if name in alone else _with_strangers(item) for name, item in value.items()}
    if "output" in value and isinstance(value["output"], dict) and "key" in value["output"]:
        inside["output"] = _with_strangers(value["output"])
    return inside | {"from_the_future": {"kept": [1.0, "√"]}}


def _strange(document: dict[str, Any]) -> dict[str, Any]:
    made = _with_strangers({name: document[name] for name in ("runs", "task_runs", "edits")})
    functions = {name: facts | {"from_the_future": 1} for name, facts in document["functions"].items()}
    tasks = [task | {"from_the_future": 2} for task in document["tasks"]]
    return {**document, **made, "functions": functions, "tasks": tasks, "format": "llmtaskgraph/1.7"}


def test_fields_of_a_newer_writer_survive_at_every_level(tmp_path: Path) -> None:
    strange = _strange(DOCUMENT)
    path = tmp_path / "t.json"
    path.write_bytes(encoded(strange))
    Store.open(path).close()
    written = json.loads(path.read_bytes())
    assert {**written, "sequence": 0} == {**strange, "sequence": 0}


def test_fields_of_a_newer_writer_survive_in_a_run_that_was_live(tmp_path: Path) -> None:
    document = json.loads(RESUMED)
    last = document["runs"][-1]
    last.pop("status"), last.pop("ended")
    last["open"] = ["main"]
    for task_run in document["task_runs"]:
        if task_run["run"] == last["id"] and task_run["task"] == "main/repair/fix[0]":
            task_run.pop("status"), task_run.pop("ended"), task_run.pop("output")
            task_run["attempts"][-1].pop("ended"), task_run["attempts"][-1].pop("status")
    strange = _strange(document)
    path = tmp_path / "t.json"
    path.write_bytes(encoded(strange))
    store = Store.open(path)
    assert store.recovered == 1
    store.close()
    written = json.loads(path.read_bytes())
    assert written["runs"][-1]["status"] == "cancelled"
    assert written["runs"][-1]["from_the_future"] == strange["runs"][-1]["from_the_future"]
    (task_run,) = [t for t in written["task_runs"] if t["status"] == "cancelled"]
    (before,) = [t for t in strange["task_runs"] if t["id"] == task_run["id"]]
    assert task_run["attempts"][-1] == before["attempts"][-1] | {"status": "cancelled"}
    assert {**task_run, "status": 0, "ended": 0, "attempts": 0} == {**before, "status": 0, "ended": 0, "attempts": 0}


def test_what_a_live_run_no_longer_has_is_not_kept_from_the_snapshot(tmp_path: Path) -> None:
    document = json.loads(RESUMED)
    document["runs"][-1].pop("status")
    document["runs"][-1]["open"] = ["main/fix"]
    live = trace.decode(encoded(document))
    live.state.open_in(3).clear()
    live.state.apply(RunEnded(3, "succeeded", 1.0))
    assert "open" not in json.loads(live.encode())["runs"][-1]


# Versions


def test_a_newer_minor_format_is_read_and_its_number_is_kept() -> None:
    found = trace.decode(RESUMED.replace(b"llmtaskgraph/1", b"llmtaskgraph/1.12", 1))
    assert not found.newer
    assert found.encode().startswith(b'{"format":"llmtaskgraph/1.12",')


def test_a_newer_major_format_is_read_and_never_written(tmp_path: Path) -> None:
    data = RESUMED.replace(b"llmtaskgraph/1", b"llmtaskgraph/2", 1)
    path = tmp_path / "t.json"
    path.write_bytes(data)
    found = read(path)
    assert found.newer
    assert len(found.state.task_runs) == len(DOCUMENT["task_runs"])
    with pytest.raises(NewerTrace, match="a newer llmtaskgraph wrote"):
        found.encode()
    with pytest.raises(NewerTrace, match=r"t\.json: a newer llmtaskgraph wrote this trace; it is read-only here"):
        Store.open(path)
    assert path.read_bytes() == data
    assert os.listdir(tmp_path) == ["t.json"]


def test_a_newer_major_format_that_cannot_be_read_says_so() -> None:
    with pytest.raises(NewerTrace, match="update llmtaskgraph to read it"):
        trace.decode(b'{"format":"llmtaskgraph/2","id":"t","runs":{"1":"otherwise"}}')


@pytest.mark.parametrize("format", ["1", "null", '"llmtaskgraph"', '"llmtaskgraph/x"', '"llmtaskgraph/0"', '"other/1"', "{}"])
def test_another_format_is_not_a_trace(format: str) -> None:
    with pytest.raises(NotATrace):
        trace.decode(b'{"format":' + format.encode() + b',"id":"t"}')


# Damage


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", NotATrace),
        (b" \n\t", NotATrace),
        (b"null", NotATrace),
        (b"[]", NotATrace),
        (b'"llmtaskgraph/1"', NotATrace),
        (b"{}", NotATrace),
        (b'{"runs":[]}', NotATrace),
        (b"\x89PNG\r\n\x1a\n\0\0", NotATrace),
        (b"[" * 100_000, NotATrace),
        (RESUMED[:-1] + b",", DamagedTrace),
        (b"\xef\xbb\xbf" + RESUMED, DamagedTrace),
        (RESUMED + RESUMED, DamagedTrace),
        (RESUMED.replace(b'"id":', b'"no":', 1), DamagedTrace),
        (RESUMED.replace(b"a person", b"a \xff\xfe", 1), DamagedTrace),
        (RESUMED.replace(b"a person", rb"a \ud800", 1), DamagedTrace),
        (RESUMED.replace(b'"value":"', b'"value":' + b"9" * 5000 + b',"x":"', 1), DamagedTrace),
        (RESUMED.replace(b'"value":"', b'"value":' + b"[" * 200_000 + b"]" * 200_000 + b',"x":"', 1), DamagedTrace),
    ],
    ids=itertools.count(),
)
def test_damage_is_named_in_one_line(data: bytes, kind: type[TraceError]) -> None:
    with pytest.raises(kind) as caught:
        trace.decode(data, "t.json")
    assert re.fullmatch(r"t\.json: .+; .+", str(caught.value))
    survives(data)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["runs"].append(d["runs"][0]),
        lambda d: d["tasks"].append(d["tasks"][0]),
        lambda d: d["task_runs"].append(d["task_runs"][0]),
        lambda d: d["edits"].append(d["edits"][0]),
        lambda d: d["runs"].pop(0),
        lambda d: d["runs"].pop(1),
        lambda d: d["runs"].reverse() or d["runs"].pop(),
        lambda d: d["edits"].pop(0),
        lambda d: d["tasks"].pop(0),
        lambda d: d["tasks"].pop(2),
        lambda d: d["runs"][1].update(parent=2),
        lambda d: d["runs"][1].update(parent=3),
        lambda d: d["runs"][2].update(root=99),
        lambda d: d["runs"][2].update(root=5),
        lambda d: d["tasks"][1]["args"][0].clear(),
        lambda d: d["task_runs"][0]["children"]["value"]["result"].clear(),
        lambda d: d["task_runs"][0].update(run=9),
        lambda d: d["task_runs"][0]["children"].update(value=7),
        lambda d: d["task_runs"][0]["children"].update({"value": None, "from": 1}),
        lambda d: d["task_runs"][0]["children"].update({"value": None, "from": 99}),
        lambda d: d["task_runs"][0]["children"]["value"]["tasks"].append(1),
        lambda d: d["task_runs"][0]["children"]["value"]["tasks"].append(99),
    ],
)
def test_parts_that_do_not_fit_are_refused_and_left_out_in_salvage(change: Callable[[dict[str, Any]], object]) -> None:
    data = changed(change)
    with pytest.raises(DamagedTrace):
        trace.decode(data)
    survives(data)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_no_damage_leads_to_another_error_or_a_hang(data: st.DataObject) -> None:
    made = bytearray((GOLDEN / data.draw(st.sampled_from(NAMES))).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(0, len(made) - 1)))
        match data.draw(st.sampled_from(["cut", "flip", "delete", "insert", "double", "number"])):
            case "cut":
                del made[at:]
            case "flip" if made:
                made[at] ^= data.draw(st.integers(1, 255))
            case "delete":
                end = made.find(b"\n", at) + 1
                del made[made.rfind(b"\n", 0, at) + 1 : end or len(made)]
            case "insert":
                made[at:at] = data.draw(st.sampled_from(INSERTED))
            case "double":
                start = made.rfind(b"\n", 0, at) + 1
                made[start:start] = made[start : made.find(b"\n", at) + 1]
            case "number":
                found = list(re.finditer(rb'"(id|run|root|parent|from|number|added_by|sequence)":(\d+)', made))
                if found:
                    hit = data.draw(st.sampled_from(found))
                    made[hit.start(2) : hit.end(2)] = str(data.draw(st.integers(-1, 13))).encode()
    survives(bytes(made))


_words = st.sampled_from(["main", "main/fix", "llm", "graph", "running"])
_names = st.sampled_from(["id", "value", "ref", "tasks", "result"])
_json = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 14) | st.text(max_size=3) | _words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_names, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_no_strange_field_leads_to_another_error_or_a_hang(data: st.DataObject) -> None:
    document = json.loads(RESUMED)
    for _ in range(data.draw(st.integers(1, 3))):
        place: Any = document
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = data.draw(st.sampled_from(keys))
            if not isinstance(place[key], (dict, list)) or not place[key] or data.draw(st.integers(0, 3)) == 0:
                break
            place = place[key]
        place[key] = data.draw(_json)
    survives(encoded({"format": "llmtaskgraph/1"} | document))


def test_a_damaged_trace_gives_back_all_its_whole_lines() -> None:
    lines = RESUMED.splitlines(keepends=True)
    at = next(i for i, line in enumerate(lines) if b'"main/fix"' in line and b'"run":2' in line)
    lines[at] = lines[at].replace(b'"id"', b'"id', 1)
    found = trace.decode(b"".join(lines), salvage=True)
    assert any(f"line {at + 1}" in problem for problem in found.problems)
    assert len(found.state.task_runs) == len(DOCUMENT["task_runs"]) - 1
    assert len(found.state.tasks) == len(DOCUMENT["tasks"])


@pytest.mark.parametrize("size", [0.2, 0.5, 0.9])
def test_a_cut_trace_gives_back_what_is_before_the_cut(size: float) -> None:
    data = RESUMED[: int(len(RESUMED) * size)]
    found = trace.decode(data, salvage=True)
    assert found.problems
    tasks, whole = len(found.state.tasks), data.count(b'"number":')
    assert tasks in (whole, whole - 1)


def test_reading_a_damaged_trace_leaves_the_folder_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    path.write_bytes(RESUMED[:-40])
    for attempt in (lambda: read(path), lambda: Store.open(path)):
        with pytest.raises(DamagedTrace):
            attempt()
    assert read(path, salvage=True).problems
    assert path.read_bytes() == RESUMED[:-40]
    assert os.listdir(tmp_path) == ["t.json"]


def test_the_head_tells_id_and_sequence() -> None:
    assert trace.peek(RESUMED[:4096]) == (DOCUMENT["id"], DOCUMENT["sequence"])
    assert trace.peek(json.dumps(DOCUMENT, indent=2).encode()) is None

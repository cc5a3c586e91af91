"""A page that watches a trace: it gets what is there, then what changes, also after a lost connection."""

from __future__ import annotations

import gzip
import json
import os
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import msgspec
import pytest
from msgspec import Raw
from tui.traces import HOSTILE, review
from writers import begin, end, say, write

from llmtaskgraph import (
    Arg,
    Logged,
    NewerTrace,
    Run,
    RunStarted,
    Stage,
    StageSettled,
    Task,
    TasksAdded,
    TaskStarted,
    TaskSucceeded,
    read,
)
from llmtaskgraph._events import Log
from llmtaskgraph._store import Store
from llmtaskgraph.web.actions import Actions
from llmtaskgraph.web.app import Viewer
from llmtaskgraph.web.hub import Hub
from llmtaskgraph.web.page import load
from llmtaskgraph.web.search import PATIENCE, Search, _bounded

from .conftest import FOREVER, Serve, Served
from .pages import PageMaps


@pytest.fixture
def trace(at_home: Path) -> Path:
    return at_home / "trace.json"


def maps(served: Served) -> PageMaps:
    found = served.get("/api/trace").json
    return PageMaps(found["document"], found["streaming"], found["server"]["epoch"])


def put(path: Path, data: bytes) -> None:
    """Nobody sees a half of it."""
    other = path.with_name("other")
    other.write_bytes(data)
    os.replace(other, path)


def until(condition: Callable[[], bool]) -> None:
    patience = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < patience
        time.sleep(0.02)


def test_the_page_gets_the_trace_and_each_element_in_full(trace: Path, serve: Serve) -> None:
    review(trace, answer="long " * 1_000).store.close()
    served = serve(trace, "--allow-edit")
    found = served.get("/api/trace").json
    document = json.loads(trace.read_bytes())
    assert found["server"] == {"name": "trace.json", "version": "0.1.0", "can_edit": True, "read_only": "", "epoch": 0}
    assert found["document"]["runs"] == document["runs"]
    assert (found["document"]["id"], found["document"]["sequence"]) == (document["id"], document["sequence"])
    (light,) = [each for each in found["document"]["task_runs"] if each["task"] == "main/judge[style]"]
    (full,) = [each for each in document["task_runs"] if each["task"] == "main/judge[style]"]
    assert "value" not in light["response"]
    assert light["response"]["size"] > 5_000
    assert served.get(f"/api/task_run/{full['id']}").json == {name: value for name, value in full.items() if value != []}
    assert served.get("/api/task/2").json == document["tasks"][1]
    assert served.get("/api/download").json == document
    for target in ("/api/task_run/999", "/api/task/x", "/api/task_run/-1", "/api/task/99999999999999999999999"):
        missing = served.get(target)
        assert (missing.status, list(missing.json)) == (404, ["error"])


def test_answers_are_compressed_for_who_takes_that_but_never_the_event_stream(trace: Path, serve: Serve) -> None:
    review(trace, answer="long " * 1_000).store.close()
    served = serve(trace)
    packed = served.get("/api/trace", **{"Accept-Encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(packed.body)) == served.get("/api/trace").json
    head = f"GET /api/events HTTP/1.1\r\nHost: {served.host}\r\nAuthorization: Bearer {served.token}\r\n"
    raw = served.raw(f"{head}Accept-Encoding: gzip\r\n\r\n".encode())
    assert b"content-encoding" not in raw.lower()
    assert b": still here" in raw


def test_the_page_is_sent_as_small_as_gzip_makes_it(trace: Path, serve: Serve) -> None:
    served = serve(trace)
    page = f"/?token={served.token}"
    plain, packed = served.get(page), served.get(page, **{"Accept-Encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert "Accept-Encoding" in packed.headers["vary"]
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) <= len(gzip.compress(plain.body, 9))
    assert packed.headers["content-security-policy"] == plain.headers["content-security-policy"]


def test_a_live_run_is_followed_and_a_page_that_comes_back_gets_what_it_missed(trace: Path, serve: Serve) -> None:
    store = Store.open(trace, create=True)
    first = begin(store)
    served = serve(trace)
    page = maps(served)
    events = served.events(page.event)
    say(store, first, "Hello 🦔")
    name, id, change = events.next()
    assert (name, id) == ("change", f"{store.state.id}:0:{store.state.sequence}")
    assert change == {
        "sequence": store.state.sequence,
        "streaming": [{"task_run": first, "text": [0, "Hello 🦔"], "reasoning": [0, ""]}],
    }
    page.take(change)
    events.close()
    say(store, first, " world")
    until(lambda: maps(served).sequence == store.state.sequence)
    _, _, change = served.events(id).next()
    assert change["streaming"] == [{"task_run": first, "text": [8, " world"], "reasoning": [0, ""]}]
    page.take(change)
    assert page == maps(served)
    before = page.event
    end(store)
    store.close()
    until(lambda: maps(served).lists["runs"][1].get("status") == "succeeded")
    events = served.events(before)
    while page.sequence < store.state.sequence:
        page.take(events.next("change")[2])
    assert page == maps(served)
    assert page.streaming == {}


@pytest.mark.parametrize(
    "last", ["other:0:3", "", "nonsense", "{id}:0:999999", "{id}:0:-1", "{id}:0:", "{id}:0:1", "{id}:1:6", "{id}:6"]
)
def test_a_page_that_knows_another_trace_or_too_little_is_told_to_read_anew(trace: Path, serve: Serve, last: str) -> None:
    write(trace)
    store = Store.open(trace)
    served = serve(trace)
    id = last.format(id=store.state.id)
    events = served.events(id)
    if not id:  # is as if there were none
        begin(store)
        assert events.next()[0] == "change"
    else:
        assert events.next()[0] == "reset"
    store.close()


def test_a_thousand_changes_a_second_are_told_in_about_ten_events_a_second_and_none_is_lost(trace: Path, serve: Serve) -> None:
    store = Store.open(trace, create=True)
    first = begin(store)
    served = serve(trace)
    page = maps(served)
    events = served.events(page.event)
    count, began = 0, time.monotonic()
    for number in range(2_000):
        store.append(
            Logged(first, Log(1.0, str(number))) if number % 2 else TasksAdded([Task("llm", f"x/{number}", number + 10, "f")])
        )
        if number % 5 == 0:
            store.flush()
            time.sleep(max(0.0, began + number / 1_000 - time.monotonic()))
        if number % 400 == 399:  # it is told while more comes
            store.flush()
            while page.sequence < store.state.sequence:
                page.take(events.next("change")[2])
                count += 1
    took = time.monotonic() - began
    assert page == maps(served)
    assert len(page.lists["tasks"]) == 1_001
    assert 5 <= count <= 11 * took + 2
    end(store)
    store.close()


def test_a_page_that_takes_nothing_makes_nobody_wait_and_the_server_does_not_grow(trace: Path, serve: Serve) -> None:
    store = Store.open(trace, create=True)
    first = begin(store)
    served = serve(trace, first=FOREVER)
    stalled = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(5)]
    for connection in stalled:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        head = f"GET /api/events HTTP/1.1\r\nHost: {served.host}\r\nAuthorization: Bearer {served.token}\r\n\r\n"
        connection.sendall(head.encode())
    page = maps(served)
    events = served.events(page.event)
    store.append(Logged(first, Log(1.0, "x" * 1_000_000)))
    sizes = []
    for number in range(40):  # each is sent with the log: a queue would hold 200 MB
        store.append(StageSettled(first, "response", Stage(Raw(str(number).encode()), "k", "executed")))
        store.flush()
        page.take(events.next("change")[2])
        sizes.append(memory(served.process.pid))
    assert page == maps(served)
    assert sizes[-1] - sizes[10] < 20_000_000
    assert served.end() == 0
    for connection in stalled:
        connection.close()
    end(store)
    store.close()


def memory(pid: int) -> int:
    """Bytes that a process holds."""
    with open(f"/proc/{pid}/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def test_a_trace_that_is_not_there_yet_is_waited_for(trace: Path, serve: Serve) -> None:
    served = serve(trace)
    assert served.get("/api/trace").json["document"]["runs"] == []
    assert served.get("/api/download").status == 404
    events = served.events(":0")
    write(trace)
    assert events.next()[0] == "reset"
    until(lambda: len(maps(served).lists["runs"]) == 1)


def test_a_trace_that_is_replaced_by_another_is_read_anew(trace: Path, serve: Serve, tmp_path: Path) -> None:
    write(trace)
    served = serve(trace)
    events = served.events()
    other = tmp_path / "other.json"
    write(other, runs=2)
    os.replace(other, trace)
    assert events.next()[0] == "reset"
    assert len(maps(served).lists["runs"]) == 2


def test_a_page_that_has_read_anew_goes_on_from_there(trace: Path, serve: Serve, tmp_path: Path) -> None:
    write(trace)
    served = serve(trace)
    before = maps(served).event
    events = served.events()
    write(tmp_path / "other.json", runs=2)
    os.replace(tmp_path / "other.json", trace)
    assert events.next()[0] == "reset"
    events = served.events(maps(served).event)
    store = Store.open(trace)
    begin(store)
    assert events.next()[0] == "change"  # not `reset` again, and again
    store.close()
    assert served.events(before).next()[0] == "reset"


def test_damage_is_told_in_one_line_and_following_goes_on_when_it_is_mended(trace: Path, serve: Serve) -> None:
    write(trace)
    whole = trace.read_bytes()
    served = serve(trace, "--allow-edit")
    events = served.events()
    put(trace, b"this is no trace")
    name, _, data = events.next()
    assert name == "problem"
    assert "\n" not in data["error"]
    assert len(maps(served).lists["runs"]) == 1
    assert served.post("/api/edit", {"run": 1, "task": "main", "stage": "output", "text": "1"}).status == 409
    put(trace, whole)
    assert events.next()[0] == "reset"
    assert served.get("/api/trace").json["server"]["read_only"] == ""


def test_a_trace_that_is_gone_is_told_and_its_coming_back_too(trace: Path, serve: Serve) -> None:
    write(trace)
    served = serve(trace)
    events = served.events()
    whole = trace.read_bytes()
    trace.unlink()
    name, _, data = events.next()
    assert (name, "gone" in data["error"]) == ("problem", True)
    put(trace, whole)
    assert events.next()[0] == "reset"


def test_a_damaged_trace_is_shown_as_far_as_it_can_be_read_and_cannot_be_edited(trace: Path, serve: Serve) -> None:
    review(trace).store.close()
    lines = trace.read_bytes().splitlines()
    damaged = b"\n".join([*lines[:-3], b'{"broken', *lines[-2:]])
    trace.write_bytes(damaged)
    served = serve(trace, "--allow-edit")
    server = served.get("/api/trace").json["server"]
    assert "this is what is readable" in server["read_only"]
    assert server["can_edit"] is False
    assert served.post("/api/edit", {"run": 1, "task": "main", "stage": "output", "text": "1"}).status == 409
    assert served.get("/api/download").body == damaged


def test_a_trace_of_a_newer_format_is_shown_and_cannot_be_edited(trace: Path, serve: Serve) -> None:
    review(trace).store.close()
    newer = trace.read_bytes().replace(b"llmtaskgraph/1", b"llmtaskgraph/2", 1)
    trace.write_bytes(newer)
    with pytest.raises(NewerTrace):
        Store.open(trace)
    served = serve(trace, "--allow-edit")
    assert "newer" in served.get("/api/trace").json["server"]["read_only"]
    assert served.post("/api/again", {"run": 1, "task": "main/judge[style]"}).status == 409
    assert served.get("/api/download").body == newer


def test_a_run_whose_process_died_is_shown_as_cancelled(trace: Path, serve: Serve) -> None:
    store = Store.open(trace, create=True)
    begin(store)
    store._journal.close()
    os.close(store._lock)
    Path(f"{trace}.lock").unlink()
    served = serve(trace)
    assert maps(served).lists["runs"][1]["status"] == "cancelled"
    assert "cancelled" in {each.get("status") for each in maps(served).lists["task_runs"].values()}
    assert read(trace).state.runs[1].status == "running"


def test_a_run_whose_process_dies_while_it_is_watched_is_told(trace: Path, serve: Serve) -> None:
    store = Store.open(trace, create=True)
    begin(store)
    served = serve(trace)
    page = maps(served)
    events = served.events(page.event)
    store._journal.close()
    os.close(store._lock)
    Path(f"{trace}.lock").unlink()
    page.take(events.next("change")[2])
    assert page.lists["runs"][1]["status"] == "cancelled"
    assert page == maps(served)


def test_search_finds_ids_and_values_in_the_order_of_the_tree(trace: Path, serve: Serve) -> None:
    review(trace, answer="A kettle, Ärger and 12345").store.close()
    served = serve(trace)

    def found(text: str, regex: int = 0, run: object = 1) -> Any:
        from urllib.parse import quote

        return served.get(f"/api/search?run={run}&text={quote(text)}&regex={regex}").json

    assert found("kettle")["tasks"] == ["main", "main/judge[style]", "main/issues"]
    assert found("KETTLE")["tasks"] == []
    assert "main/judge[style]" in found("ärger")["tasks"]
    assert found("judge[") == {"tasks": ["main/judge[style]", "main/judge[facts]"], "complete": True}
    assert found("k.ttle", 1) == found("kettle")
    assert found("k.ttle")["tasks"] == []
    assert "error" in found("(", 1)
    assert "error" in found("x" * 2_000)
    assert "error" in found("x", 0, 9)


def test_an_expression_that_would_take_for_ever_is_given_up_and_others_are_served(trace: Path, serve: Serve) -> None:
    review(trace, answer="a" * 40 + "!").store.close()
    served = serve(trace)
    told: list[Any] = []
    asking = threading.Thread(target=lambda: told.append(served.get("/api/search?run=1&text=(a%2B)%2B%24&regex=1").json))
    asking.start()
    assert served.get("/api/log").status == 200
    asking.join(60)
    assert told[0]["complete"] is False


def test_time_that_others_take_is_not_counted_against_an_expression() -> None:
    assert _bounded(lambda: time.sleep(2 * PATIENCE) is None)


async def ask(app: Any, path: str, query: bytes = b"", *, waits: bool = True) -> list[Any]:
    """What an application sends that nothing stands before; `waits` is whether whoever asks is still there."""
    sent: list[Any] = []
    got = iter([{"type": "http.request"}] if waits else [{"type": "http.disconnect"}])

    async def receive() -> Any:
        for message in got:
            return message
        await anyio.sleep_forever()

    async def send(message: Any) -> None:
        sent.append(message)

    await app({"type": "http", "method": "GET", "path": path, "query_string": query, "headers": []}, receive, send)
    return sent


@pytest.mark.anyio
async def test_a_search_that_nobody_waits_for_any_more_ends(
    trace: Path, opened: Callable[[Path], Hub], monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = range(2, 1_000)
    store = Store.open(trace, create=True)
    store.append(TasksAdded([Task("graph", "main", 1, "main")]))
    store.append(TasksAdded([Task("python", f"main/{n}", n, "work", "main") for n in numbers]))
    store.append(RunStarted(Run(1, 1, 1.0)))
    store.append(TaskStarted(1, 1, "main", 1.0))
    children = msgspec.json.encode({"tasks": list(numbers), "result": Arg(value=Raw(b"1"))})
    store.append(StageSettled(1, "children", Stage(Raw(children), "k", "executed")))
    end(store)
    store.close()
    hub = opened(trace)
    app = Viewer(hub, Actions(hub, allowed=False), load(), "1").app()
    looked: list[str] = []
    holds = Search._holds

    def counted(search: Search, task: Task) -> bool:
        looked.append(task.id)
        return holds(search, task)

    monkeypatch.setattr(Search, "_holds", counted)
    monkeypatch.setattr("llmtaskgraph.web.app._PATIENT", 0.0)  # look after each task

    async def asked(*, waits: bool) -> int:
        looked.clear()
        await ask(app, "/api/search", b"run=1&text=nowhere&regex=1", waits=waits)
        return len(looked)

    assert await asked(waits=True) == 999
    assert await asked(waits=False) < 5
    assert not hub.lock.locked()


def test_hostile_text_is_sent_as_data_only(trace: Path, serve: Serve) -> None:
    review(trace, answer=HOSTILE + "</script><script>alert(1)</script>").store.close()
    served = serve(trace)
    found = served.get("/api/trace")
    assert found.headers["content-type"] == "application/json"
    assert served.get("/editor.js").headers["content-type"].startswith("text/javascript")


@pytest.mark.anyio
async def test_a_large_trace_is_made_ready_while_others_are_served(
    trace: Path, opened: Callable[[Path], Hub], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(trace, create=True)
    begin(store)
    store.append(TasksAdded([Task("llm", f"main/t{n}", n, "f", "main") for n in range(2, 2_002)]))
    for n in range(2, 2_002):
        store.append(TaskStarted(n, 1, f"main/t{n}", 1.0, (), 1))
        store.append(TaskSucceeded(n, 2.0, Stage(Raw(b'"done"'), "k", "executed")))
    end(store)
    store.close()
    hub = opened(trace)
    app = Viewer(hub, Actions(hub, allowed=False), load(), "1").app()
    monkeypatch.setattr("llmtaskgraph.web.app.SLICE", 0.0)  # a chance for others after each step
    served = 0

    async def others() -> None:
        nonlocal served
        while True:
            await anyio.lowlevel.checkpoint()
            served += 1

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(others)
        sent = await ask(app, "/api/trace")
        tasks.cancel_scope.cancel()
    document = json.loads(b"".join(each.get("body", b"") for each in sent))["document"]
    assert len(document["tasks"]) == 2_001
    assert served > 10

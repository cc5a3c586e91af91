"""A page that edits, plans, resumes and stops: what it asked for is done, once, and only what has to run runs."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import NEVER_ENDS

from llmtaskgraph import is_trusted, read, trust
from llmtaskgraph.web.actions import Actions
from llmtaskgraph.web.hub import Hub

from .conftest import Serve, Served, start

EXAMPLES = Path(__file__).parents[2] / "examples"
JUDGE = "main/scenes/revise[1]/judge"
SLOW = "import time\nfrom llmtaskgraph import Registry\napp = Registry('slow')\n\n\n@app.task\ndef wait(n: int) -> int:\n    time.sleep(60)\n    return n\n\n\n@app.graph\ndef main() -> int:\n    return wait(1)\n"  # noqa: E501


@pytest.fixture
def trace(at_home: Path) -> Path:
    """A run of the story, in which one verdict does not parse; its program is trusted."""
    for name in ("story.py", "story.script.json"):
        shutil.copy(EXAMPLES / name, at_home)
    ran = start("run", "story.py:main", "--offline", "--trace", "story.trace.json")
    ran.communicate(timeout=300)
    assert ran.returncode == 1
    return at_home / "story.trace.json"


def ended(served: Served) -> Any:
    """What the run that was started did."""
    patience = time.monotonic() + 60
    while (log := served.get("/api/log").json)["running"]:
        assert time.monotonic() < patience
        time.sleep(0.05)
    return log


def test_an_edit_is_planned_and_resumed_and_just_what_depends_on_it_runs(trace: Path, serve: Serve) -> None:
    served = serve(trace, "--allow-edit")
    events = served.events()
    made = served.post("/api/edit", {"run": 1, "task": JUDGE, "stage": "response", "text": '{"score": 8}'})
    assert (made.status, made.json["edit"]["stage"]) == (200, "response")
    assert events.next()[0] == "reset"  # a small trace is written anew
    assert served.get("/api/trace").json["document"]["edits"] == [made.json["edit"]]
    planned = served.get("/api/plan?run=1").json
    assert (planned["program"], planned["trusted"], planned["problem"]) == ("story.py:main", True, "")
    assert planned["path"] == str(trace.parent / "story.py")
    assert planned["scripted"].endswith("story.script.json")
    will = {each["task"]: each["action"] for each in planned["plan"]["tasks"]}
    assert will[JUDGE] == "run"
    started = served.post("/api/resume", {"run": 1, "consent": False})
    assert (started.status, started.json["running"]) == (202, True)
    assert events.next("process")[2]["running"] is True
    log = ended(served)
    assert (log["code"], log["doing"]) == (0, "the resume of run 1")
    assert "run 2 succeeded" in log["printed"]
    told = events.next("process")[2]
    assert (told["running"], told["code"], told["printed"].count("\n")) == (False, 0, 0)
    state = read(trace).state
    assert (state.runs[2].parent, state.runs[2].status) == (1, "succeeded")
    ran = {id: found for id, found in state.in_run(2).items() if found.attempts}
    assert set(ran) == {"main/scenes/revise[1]/revise", "main/scenes/bind"}
    assert set(ran) <= set(will)
    asked = [id for id, found in state.in_run(2).items() if found.response is not None and found.response.origin == "executed"]
    assert asked == []
    judged = state.in_run(2)[JUDGE].response
    assert judged is not None
    assert judged.origin == "edited"
    assert served.get("/api/trace").json["document"]["runs"][1]["status"] == "succeeded"


@pytest.mark.anyio
async def test_a_run_is_not_told_to_have_ended_before_all_that_it_recorded_is_known(
    trace: Path, opened: Callable[[Path], Hub]
) -> None:
    trust("story.py:main", Path.cwd())
    hub = opened(trace)
    actions = Actions(hub, allowed=True)
    await actions.resume(1, consent=False)
    child = actions._child
    assert child is not None
    assert child.wait(60)
    assert actions.log().running is True  # nobody looked yet
    await actions.watch()
    assert (actions.log().running, actions.log().code) == (False, 1)
    assert hub.feed.state.runs[2].status == "failed"
    actions.leave()


def test_an_edit_is_taken_back_and_a_new_sample_is_asked_for(trace: Path, serve: Serve) -> None:
    served = serve(trace, "--allow-edit")
    served.post("/api/edit", {"run": 1, "task": JUDGE, "stage": "response", "text": "x"})
    back = served.post("/api/revert", {"run": 1, "task": JUDGE, "stage": "response"})
    assert (back.status, "value" in back.json["edit"]) == (200, False)
    again = served.post("/api/again", {"run": 1, "task": JUDGE})
    assert (again.json["edit"]["stage"], again.json["edit"]["value"]) == ("sample", 1)
    assert [edit.stage for edit in read(trace).state.edits.values()] == ["response", "response", "sample"]


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("edit", {"run": 1, "task": "main/nobody", "stage": "output", "text": "1"}),
        ("edit", {"run": 9, "task": JUDGE, "stage": "output", "text": "1"}),
        ("edit", {"run": 1, "task": JUDGE, "stage": "model", "text": "no model"}),
        ("edit", {"run": 1, "task": "main", "stage": "response", "text": "1"}),
        ("revert", {"run": 1, "task": JUDGE, "stage": "output"}),
        ("again", {"run": 1, "task": "main/nobody"}),
        ("resume", {"run": 9}),
        ("stop", {}),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line_and_changes_nothing(trace: Path, serve: Serve, what: str, body: Any) -> None:
    served = serve(trace, "--allow-edit")
    before = trace.read_bytes()
    refused = served.post(f"/api/{what}", body)
    assert (refused.status, list(refused.json)) == (409, ["error"])
    assert "\n" not in refused.json["error"]
    assert trace.read_bytes() == before
    assert served.children() == []


def test_a_program_runs_only_after_a_yes_and_that_is_remembered(
    trace: Path, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    served = serve(trace, "--allow-edit")
    assert served.get("/api/plan?run=1").json["trusted"] is False
    asked = served.post("/api/resume", {"run": 1, "consent": False})
    assert (asked.status, asked.json["consent"]) == (409, str(trace.parent / "story.py"))
    assert served.children() == []
    assert served.get("/api/log").json == {"doing": "", "running": False, "code": None, "printed": ""}
    assert served.post("/api/resume", {"run": 1, "consent": True}).status == 202
    assert is_trusted("story.py:main", trace.parent)
    ended(served)
    assert len(read(trace).state.runs) == 2


def test_a_run_without_its_program_says_where_to_find_it(trace: Path, serve: Serve) -> None:
    Path("story.py").unlink()
    served = serve(trace, "--allow-edit")
    planned = served.get("/api/plan?run=1").json
    assert planned["program"] is None
    assert "story.py" in planned["problem"]
    assert planned["plan"]["tasks"]
    assert served.post("/api/resume", {"run": 1, "consent": True}).json["error"] == planned["problem"]


def changed(plan: Any) -> list[str]:
    """The tasks of a plan that run since their code changed."""
    return [each["task"] for each in plan["plan"]["tasks"] if "its code changed" in each["reason"]]


def test_code_that_was_changed_is_planned_as_it_is_resumed(trace: Path, serve: Serve) -> None:
    served = serve(trace, "--allow-edit")
    assert served.get("/api/plan?run=1").json["plan"]["code_checked"] is False
    plan = served.post("/api/plan", {"run": 1}).json
    assert (plan["plan"]["code_checked"], changed(plan)) == (True, [])
    file = trace.parent / "story.py"
    file.write_text(file.read_text().replace("You write short fiction", "You write long fiction"))
    assert changed(served.get("/api/plan?run=1").json) == []
    assert changed(served.post("/api/plan", {"run": 1}).json) != []
    assert read(trace).state.runs.keys() == {1}
    assert served.children() == []


def test_why_code_cannot_be_imported_is_told_in_one_line(trace: Path, serve: Serve) -> None:
    served = serve(trace, "--allow-edit")
    file = trace.parent / "story.py"
    file.write_text("import nothing_of_that_name\n" + file.read_text())
    told = served.post("/api/plan", {"run": 1})
    assert (told.status, told.json["plan"]) == (200, None)
    assert "nothing_of_that_name" in told.json["problem"]
    assert "\n" not in told.json["problem"]


def test_no_code_is_looked_at_without_a_yes_or_where_nothing_may_be_edited(
    trace: Path, serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = trace.parent / "story.py"
    file.write_text("import pathlib\npathlib.Path('imported').touch()\n" + file.read_text())
    assert serve(trace).post("/api/plan", {"run": 1}).status == 403
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
    told = serve(trace, "--allow-edit").post("/api/plan", {"run": 1}).json
    assert (told["plan"], "you have not run its program before" in told["problem"]) == (None, True)
    assert not (trace.parent / "imported").exists()


def test_nobody_waits_for_a_plan_with_code_that_never_ends_and_it_ends_when_its_page_is_gone(trace: Path, serve: Serve) -> None:
    served = serve(trace, "--allow-edit")
    file = trace.parent / "story.py"
    code = file.read_text()
    file.write_text(NEVER_ENDS + code)
    page = http.client.HTTPConnection("127.0.0.1", served.port)
    headers = {"Authorization": f"Bearer {served.token}", "Origin": f"http://{served.host}", "Content-Type": "application/json"}
    page.request("POST", "/api/plan", b'{"run":1}', headers)
    until(lambda: (trace.parent / "pid").exists())
    assert len(served.children()) == 1
    assert served.get("/api/plan?run=1").status == 200
    file.write_text(code)
    assert served.post("/api/plan", {"run": 1}).json["plan"]["code_checked"]
    assert len(served.children()) == 1
    page.close()
    until(lambda: served.children() == [])


def until(condition: Callable[[], bool]) -> None:
    patience = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < patience
        time.sleep(0.02)


@pytest.fixture
def slow(at_home: Path) -> Path:
    """A run of a program that takes a minute was interrupted."""
    (at_home / "slow.py").write_text(SLOW)
    trace = at_home / "slow.trace.json"
    run = start("run", "slow.py:main", "--trace", trace, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    journal = Path(f"{trace}.journal")
    patience = time.monotonic() + 60
    while not (journal.exists() and b"main/wait" in journal.read_bytes()):
        assert time.monotonic() < patience
        time.sleep(0.02)
    run.send_signal(signal.SIGINT)
    run.wait(60)
    return trace


def until_running(served: Served, run: int) -> None:
    patience = time.monotonic() + 60
    while len(served.get("/api/trace").json["document"]["runs"]) < run:
        assert time.monotonic() < patience
        time.sleep(0.05)


def test_a_run_is_stopped_well_and_two_never_run_at_once(slow: Path, serve: Serve) -> None:
    served = serve(slow, "--allow-edit")
    assert served.post("/api/resume", {"run": 1}).status == 202
    until_running(served, 2)
    assert len(served.children()) == 1
    for what, body in (("resume", {"run": 1}), ("edit", {"run": 1, "task": "main/wait", "stage": "output", "text": "1"})):
        refused = served.post(f"/api/{what}", body)
        assert refused.status == 409, refused.text
    assert "under way" in served.get("/api/plan?run=1").json["problem"]
    assert len(served.children()) == 1
    assert served.post("/api/stop", {}).status == 202
    log = ended(served)
    assert log["code"] == 130
    assert read(slow).state.runs[2].status == "cancelled"


def test_two_pages_that_resume_at_once_start_one_run(slow: Path, serve: Serve) -> None:
    served = serve(slow, "--allow-edit")
    found: list[int] = []
    asking = [threading.Thread(target=lambda: found.append(served.post("/api/resume", {"run": 1}).status)) for _ in range(5)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert sorted(found) == [202, 409, 409, 409, 409]
    assert len(served.children()) == 1
    for _ in range(3):
        served.post("/api/stop", {})
    ended(served)


def test_a_run_goes_on_when_the_server_ends_and_the_person_is_told_how_to_stop_it(slow: Path, serve: Serve) -> None:
    served = serve(slow, "--allow-edit")
    served.post("/api/resume", {"run": 1})
    until_running(served, 2)
    (child,) = served.children()
    assert served.end(signal.SIGINT) == 130
    _, told = served.process.communicate()
    assert f"kill -INT {child}" in told
    assert read(slow).state.runs[2].status == "running"
    os.kill(child, signal.SIGINT)
    patience = time.monotonic() + 60
    while read(slow).state.runs[2].status == "running":
        assert time.monotonic() < patience
        time.sleep(0.05)


def test_a_trace_cannot_choose_what_is_executed_beyond_the_file_that_was_agreed_to(trace: Path, serve: Serve) -> None:
    document = json.loads(trace.read_bytes())
    for run in document["runs"]:
        run["app"] = "--debug:main"
    trace.write_text(json.dumps(document))
    trust("story.py:main", trace.parent)
    served = serve(trace, "--allow-edit")
    asked = served.post("/api/resume", {"run": 1})
    assert asked.status == 409
    assert served.children() == []
    assert sys.executable not in asked.text

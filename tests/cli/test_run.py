"""`ltg run`, `edit`, `plan`, `resume`, `demo`: the loop."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from llmtaskgraph._store import read
from llmtaskgraph.cli.demo import FILES

from .conftest import Ltg, Told, without_progress

BETTER = '{"score": 6, "issues": []}'
FACTS = "main/judge[facts]"


@pytest.fixture
def ran(ltg: Ltg, program: str) -> Told:
    """A run of the program, in review.trace.json."""
    return ltg("run", program, "--offline")


def failing(at_home: Path, body: str = "raise ValueError('no\\nsuch \\x1b thing')") -> str:
    source = f"""
from llmtaskgraph import Registry
app = Registry("bad")

@app.task
def step(n: int) -> int:
    {body}

@app.graph
def main(n: int = 1) -> int:
    return step(n)
"""
    (at_home / "bad.py").write_text(source)
    return "bad.py:main"


def test_a_run_prints_its_output_and_where_it_is_recorded(ran: Told) -> None:
    assert ran.code == 0
    assert "- kettles do not exist: Say that the kettle is a work of fiction." in ran.out
    assert "run 1 succeeded · 11 tasks" in ran.err
    assert "trace: review.trace.json · look: ltg-tui review.trace.json · or: ltg show review.trace.json" in ran.err


def test_a_text_is_printed_raw_and_a_value_as_json(ltg: Ltg, at_home: Path) -> None:
    assert ltg("run", failing(at_home, "return n + 1"), "--input", '{"n": 41}').json == 42


def test_json_of_a_run_has_stable_keys(ltg: Ltg, program: str) -> None:
    told = ltg("run", program, "--offline", "--json", "--trace", "x.json").json
    assert list(told) == ["trace", "run", "status", "output", "failures", "executed", "tokens", "cost"]
    assert (told["trace"], told["run"], told["status"], told["failures"]) == ("x.json", 1, "succeeded", {})


@pytest.mark.parametrize("given", ["@in.json", "-"])
def test_the_input_comes_from_a_file_or_stdin(ltg: Ltg, program: str, given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("in.json").write_text('{"text": "kettle"}')
    with open("in.json") as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert ltg("run", program, "--offline", "--input", given).code == 0
    prompt = ltg("show", "review.trace.json", "main/judge[tone]", "--stage", "prompt").out
    assert prompt.endswith("\n\nkettle\n")


def test_a_second_run_of_a_trace_is_a_further_run_without_a_parent(ltg: Ltg, ran: Told, program: str) -> None:
    assert ltg("run", program, "--offline").code == 0
    runs = ltg("show", "review.trace.json", "--json").json["runs"]
    assert [(run["id"], run["parent"]) for run in runs] == [(1, None), (2, None)]


def test_what_the_program_prints_stays_off_stdout(ltg: Ltg, at_home: Path) -> None:
    told = ltg("run", failing(at_home, "print('noise'); return n"))
    assert told.out == "1\n"
    assert "noise" in told.err


def test_what_is_printed_by_an_import_or_a_process_stays_off_stdout(at_home: Path) -> None:
    app = failing(at_home, "import os; os.system('echo process'); os.write(1, b'written\\n'); return n")
    file = at_home / app.rpartition(":")[0]
    file.write_text("import os\nprint('import')\nos.system('echo import')\n" + file.read_text())
    told = python("run", app, "--json")
    assert told.json["output"] == 1
    assert told.err.count("import") == 2
    assert "process" in told.err
    assert "written" in told.err
    plan = python("plan", told.json["trace"], "--json")
    assert plan.json["code_checked"]
    assert plan.err.count("import") == 2
    assert python("resume", told.json["trace"], "--yes", "--json").json["executed"] == []


@pytest.mark.parametrize(
    "head",
    [
        "import sys, io; sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding='utf-8', line_buffering=True)",
        "import sys, codecs; sys.stdout = codecs.getwriter('utf-8')(sys.stdout.detach())",
        "import sys; sys.stdout = open(sys.stdout.fileno(), 'w', encoding='utf8', buffering=1)",
        "import os; os.closerange(3, 64)",
        "import atexit; atexit.register(print, 'bye')",
        "import ctypes; ctypes.CDLL(None).printf(b'from C')",
    ],
)
def test_a_program_that_has_its_way_with_stdout_runs_and_its_output_is_whole(at_home: Path, head: str) -> None:
    app = failing(at_home, "print('noise'); return n")
    file = at_home / app.rpartition(":")[0]
    file.write_text(f"{head}\n{file.read_text()}")
    told = python("run", app)
    assert (told.code, told.out) == (0, "1\n"), told.err
    assert "noise" in told.err


def test_a_failing_task_shows_the_line_of_the_user(ltg: Ltg, at_home: Path) -> None:
    told = ltg("run", failing(at_home))
    assert (told.code, told.out) == (1, "")
    lines = told.err.splitlines()
    assert lines[0] == "failed: main/step at output: ValueError: no such ␛ thing"
    assert lines[1].startswith("  bad.py:7 in step: raise ValueError")
    assert lines[2].startswith("run 1 failed")
    assert "Traceback" not in told.err


@pytest.mark.parametrize(
    ("marks", "what", "code"),
    [("[[401]]", "key", 3), ("[[404=model_not_found]]", "gpt-5-mini", 3), ("[[400]]", "400", 1), ("[[quota]]", "", 3)],
)
def test_what_a_provider_refuses_is_one_line(
    ltg: Ltg, program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marks: str, what: str, code: int
) -> None:
    from tests.servers import ChatServer

    with ChatServer(tmp_path / "log.jsonl") as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.base_url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-secret-of-mine")
        told = ltg("run", program, "--input", json.dumps({"text": marks}))
    assert told.code == code
    failed = [line for line in told.err.splitlines() if line.startswith("failed: ")]
    assert len(failed) == 1
    assert what in failed[0]
    assert "sk-secret" not in told.err + Path("review.trace.json").read_text()
    if code == 3:
        assert told.problem


def test_without_a_network_it_is_one_line(ltg: Ltg, at_home: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = Path("review.py").read_text().replace('model="openai:gpt-5-mini"', 'model="openai:gpt-5-mini", retries=0')
    Path("review.py").write_text(source)
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_API_KEY", "x")
    told = ltg("run", program)
    assert told.code == 3
    assert "no connection" in told.problem


def test_the_loop_edit_plan_resume(ltg: Ltg, ran: Told) -> None:
    told = ltg("edit", "review.trace.json", "judge[facts]", "output", BETTER)
    assert (told.code, told.out) == (0, f"✎ {FACTS} output edited on run 1\n")
    plan = ltg("plan", "review.trace.json")
    assert plan.out.splitlines()[0] == "will run: 1 task"
    assert plan.out.splitlines()[-1] == "start it: ltg resume review.trace.json"
    assert plan.err == ""
    resumed = ltg("resume", "review.trace.json", "--yes", "--json").json
    assert "kettles" not in resumed["output"]
    assert (resumed["run"], resumed["tokens"]) == (2, 0)
    shown = {task["id"]: task["origin"] for task in ltg("show", "review.trace.json", "--json").json["tasks"]}
    assert (shown["main/judge[style]"], shown[FACTS], shown["main/issues"]) == ("reused", "edited", "executed")


def test_json_of_a_plan_has_stable_keys(ltg: Ltg, ran: Told) -> None:
    ltg("edit", "review.trace.json", FACTS, "output", BETTER)
    plan = ltg("plan", "review.trace.json", "--json").json
    assert list(plan) == ["trace", "run", "code_checked", "code_not_checked", "kept", "totals", "tasks"]
    assert (plan["run"], plan["code_checked"], plan["totals"]["calls"]) == (1, True, 0)
    assert set(plan["tasks"][0]) == {
        *(
            "task",
            "action",
            "reason",
            "stage",
            "calls",
            "possible_calls",
            "input_tokens",
            "output_tokens",
            "cost",
            "seconds",
            "warning",
        )
    }


def test_a_plan_with_nothing_to_do_says_so(ltg: Ltg, ran: Told) -> None:
    told = ltg("plan", "review.trace.json")
    assert told.out.splitlines()[-1] == "nothing to run"


def test_an_edit_is_taken_back(ltg: Ltg, ran: Told) -> None:
    ltg("edit", "review.trace.json", FACTS, "output", BETTER)
    told = ltg("edit", "review.trace.json", FACTS, "output", "--revert", "--json")
    assert told.json["edits"] == [{"id": 2, "run": 1, "task": FACTS, "stage": "output", "revert": True}]
    assert ltg("plan", "review.trace.json").out.splitlines()[-1] == "nothing to run"
    told = ltg("edit", "review.trace.json", FACTS, "output", "--revert")
    assert (told.code, told.problem) == (2, f"ltg: the output of {FACTS} is not edited in run 1")


@pytest.mark.parametrize(("stage", "value"), [("output", "not json"), ("model", "gpt"), ("params", "[1]"), ("input", "{}")])
def test_a_value_that_does_not_fit_is_one_line(ltg: Ltg, ran: Told, stage: str, value: str) -> None:
    told = ltg("edit", "review.trace.json", FACTS, stage, value)
    assert (told.code, told.out) == (2, "")
    assert told.problem.startswith("ltg: ")
    assert read("review.trace.json").state.edits == {}


def test_what_show_gives_edit_takes_back(ltg: Ltg, ran: Told) -> None:
    for stage in ("prompt", "response", "output"):
        value = ltg("show", "review.trace.json", FACTS, "--stage", stage).out
        Path("value").write_text(value)
        assert ltg("edit", "review.trace.json", FACTS, stage, "@value").code == 0
        assert ltg("show", "review.trace.json", FACTS, "--stage", stage).out == value


def test_a_glob_edits_all_and_says_which(ltg: Ltg, ran: Told) -> None:
    told = ltg("edit", "review.trace.json", "*judge*", "model", "openai:gpt-5")
    assert len(told.out.splitlines()) == 3
    assert told.err.startswith("*judge* matches 3 tasks: ")


def test_a_plan_takes_the_options_of_a_resume_and_names_them(ltg: Ltg, ran: Told) -> None:
    assert ltg("plan", "review.trace.json", "--yes").out.endswith("nothing to run\n")
    told = ltg("plan", "review.trace.json", "--yes", "--model", "openai:gpt-5")
    assert told.code == 0
    assert told.out.endswith("start it: ltg resume review.trace.json --model openai:gpt-5\n")
    planned = ltg("plan", "review.trace.json", "--yes", "--model", "openai:gpt-5", "--json").json
    assert planned["totals"]["calls"] >= 3
    told = ltg("plan", "review.trace.json", "--yes", "--no-offline", "--run", "1")
    assert told.out.endswith("start it: ltg resume review.trace.json --run 1 --no-offline\n")


def test_a_new_sample_is_asked_for_and_recorded(ltg: Ltg, ran: Told) -> None:
    told = ltg("resume", "review.trace.json", "--yes", "--again", "judge[tone]", "--json")
    assert told.json["executed"][0] == "main/judge[tone]"
    assert [edit.stage for edit in read("review.trace.json").state.edits.values()] == ["sample"]


def test_a_function_that_was_renamed_is_one_line(ltg: Ltg, ran: Told) -> None:
    Path("review.py").write_text(Path("review.py").read_text().replace("def main(", "def start("))
    os.utime("review.py", (1, 1))
    told = python("resume", "review.trace.json", "--yes")
    assert told.code == 3
    assert "there is no main in it" in told.problem
    told = python("plan", "review.trace.json")
    assert told.code == 0
    assert told.problem.startswith("code not checked: review.py:main: there is no main in it")


def test_a_program_that_moved_has_to_be_named(ltg: Ltg, ran: Told) -> None:
    os.rename("review.py", "moved.py")
    told = ltg("resume", "review.trace.json", "--yes")
    assert told.code == 3
    assert "--app file.py:main" in told.problem
    assert ltg("resume", "review.trace.json", "--yes", "--app", "moved.py:main").code == 0


def test_a_program_is_found_beside_its_trace(ltg: Ltg, ran: Told, at_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(at_home.parent)
    told = ltg("resume", "work/review.trace.json", "--yes", "--json")
    assert (told.code, told.json["executed"]) == (0, [])


def test_code_that_nobody_has_run_by_name_is_not_run(
    ltg: Ltg, ran: Told, tmp_path: Path, at_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "nobody"))
    Path("review.py").write_text("import pathlib; pathlib.Path('ran').touch()\n" + Path("review.py").read_text())
    told = ltg("plan", "review.trace.json")
    assert told.code == 0
    assert told.problem == "code not checked: you have not run review.py:main before; --yes says that it may run"
    assert not Path("ran").exists()
    told = ltg("resume", "review.trace.json")
    assert told.code == 2
    assert "nobody is there to ask" in told.problem
    assert not Path("ran").exists()
    assert "will run" in on_a_terminal("n\n", "resume", "review.trace.json").out or not Path("ran").exists()
    assert not Path("ran").exists()
    assert ltg("resume", "review.trace.json", "--yes").code == 0


def python(*words: str, **given: Any) -> Told:
    done = subprocess.run([sys.executable, "-m", "llmtaskgraph.cli", *words], capture_output=True, text=True, **given)
    return Told(done.returncode, done.stdout, done.stderr)


def on_a_terminal(answer: str, *words: str) -> Told:
    """Run a command on a terminal and type the answer."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "llmtaskgraph.cli", *words], stdin=theirs, stdout=theirs, stderr=theirs
    ) as child:
        os.close(theirs)
        os.write(ours, answer.encode())
        chunks = []
        while True:
            try:
                chunks.append(os.read(ours, 65536))
            except OSError:
                break
    os.close(ours)
    return Told(child.returncode, b"".join(chunks).decode(), "")


@pytest.mark.parametrize(("answer", "runs"), [("\n", 2), ("y\n", 2), ("n\n", 1), ("what\n", 1), ("\x04", 1)])
def test_on_a_terminal_it_shows_the_plan_and_asks(ltg: Ltg, ran: Told, answer: str, runs: int) -> None:
    ltg("edit", "review.trace.json", FACTS, "output", BETTER)
    told = on_a_terminal(answer, "resume", "review.trace.json")
    assert told.code == 0
    assert "will run: 1 task" in told.out
    assert "Run this? [Y/n]" in told.out
    assert len(read("review.trace.json").state.runs) == runs


def test_on_a_terminal_nothing_to_do_is_not_asked(ltg: Ltg, ran: Told) -> None:
    told = on_a_terminal("", "resume", "review.trace.json")
    assert (told.code, "Run this?" in told.out) == (0, False)
    assert "nothing to run" in told.out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_run_and_keeps_what_was_answered(ltg: Ltg, program: str, number: int) -> None:
    environment = {**os.environ, "LTG_OFFLINE_SPEED": "1"}
    script = json.loads(Path("review.script.json").read_text())
    script["rules"].insert(0, {"match": "Judge the tone", "replies": [{"text": "slow", "delay": 300}]})
    Path("review.script.json").write_text(json.dumps(script))
    words = [sys.executable, "-m", "llmtaskgraph.cli", "run", program, "--offline"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as child:
        try:
            wait_for_answers(2)
            child.send_signal(number)
            out, err = child.communicate(timeout=60)
        finally:
            child.kill()
    assert (child.returncode, out) == (130, "")
    assert (
        without_progress(err)
        == "ltg: interrupted: everything that was answered is in review.trace.json; resume with ltg resume review.trace.json"
    )
    state = read("review.trace.json").state
    assert state.runs[1].status == "cancelled"
    assert ltg("check", "review.trace.json").code == 0


def wait_for_answers(number: int) -> None:
    for _ in range(1200):
        journal = Path("review.trace.json.journal")
        if journal.exists() and journal.read_bytes().count(b"attempt.succeeded") >= number:
            return
        time.sleep(0.05)
    raise AssertionError("no answers")


def test_the_demo_is_a_program_of_ones_own(ltg: Ltg, at_home: Path) -> None:
    told = ltg("demo")
    assert told.code == 0
    assert "the facts judge said something odd" in told.err
    assert {"review.trace.json", *FILES} <= {path.name for path in Path("ltg-demo").iterdir()}
    Path("ltg-demo/review.py").write_text(Path("ltg-demo/review.py").read_text() + "\n# mine\n")
    again = ltg("demo", "--json")
    assert again.json["run"] == 2
    assert Path("ltg-demo/review.py").read_text().endswith("# mine\n")
    command = told.err.splitlines()[-1].removeprefix("put it right: ")
    done = subprocess.run(
        ["bash", "-c", command.replace("ltg ", f"{sys.executable} -m llmtaskgraph.cli ")], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "kettles do not exist" not in done.stdout


def test_the_demo_tells_where_it_cannot_be_copied(ltg: Ltg, at_home: Path) -> None:
    Path("ltg-demo").write_text("")
    told = ltg("demo")
    assert told.code == 3
    assert told.problem.startswith("ltg: ltg-demo: cannot be made here")

"""`ltg show`: the tree, a task, one value."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from llmtaskgraph import _events as ev
from llmtaskgraph._graph import Arg
from llmtaskgraph.cli.safe import json_text, message, one_line, safe

from .conftest import Ltg, Scribe, llm, raw, review

HOSTILE = "\x1b]0;owned\x07\x1b[2J\x9b31m\x7f\u202egnp.exe\u2066\r\U000e0041"


def test_the_tree_shows_every_task_with_status_time_tokens_and_cost(ltg: Ltg, trace: Path) -> None:
    told = ltg("show", trace)
    assert told.code == 0
    assert told.out.splitlines()[:2] == [told.out.splitlines()[0], "review.py:main · 4 tasks: 4 succeeded"]
    assert "✔ run 1 succeeded" in told.out
    assert "24 tokens · $0.0008" in told.out
    assert "    judge[style]" in told.out
    assert told.err == ""


def test_json_of_a_run_has_stable_keys(ltg: Ltg, trace: Path) -> None:
    found = ltg("show", trace, "--json").json
    assert list(found) == ["trace", "id", "runs", "run", "tasks"]
    assert [task["id"] for task in found["tasks"]] == ["main", "main/judge[style]", "main/judge[facts]", "main/issues"]
    assert set(found["tasks"][1]) == {
        *("id", "type", "function", "scope", "status", "origin", "edited", "pending", "run", "task_run", "started", "ended"),
        *("model", "attempts", "input_tokens", "output_tokens", "cost", "unpriced", "error"),
    }


def test_a_task_shows_its_stages_attempts_and_provenance(ltg: Ltg, trace: Path) -> None:
    told = ltg("show", trace, "main/judge[style]")
    assert "prompt (executed, key k)" in told.out
    assert "attempt 1: succeeded · 0.5s · gpt-5-mini · stop · 12 tokens" in told.out
    assert told.err == ""
    assert "input main/judge[facts] (task run 3, run 1)" in ltg("show", trace, "main/issues").out


def test_a_failed_task_shows_the_lines_of_the_user(ltg: Ltg, at_home: Path) -> None:
    review(Path("f.json"), fails=True)
    told = ltg("show", "f.json", "main/issues")
    assert "failed at output: IndexError: list index out of range" in told.out
    assert "review.py:12 in issues\n      return verdicts[7]" in told.out


def test_an_end_of_an_id_is_enough_and_is_told(ltg: Ltg, trace: Path) -> None:
    told = ltg("show", trace, "judge[style]", "--stage", "response")
    assert (told.out, told.problem) == ("style is fine\n", "judge[style] is main/judge[style]")


def test_a_glob_shows_all_and_tells_what_it_matched(ltg: Ltg, trace: Path) -> None:
    told = ltg("show", trace, "*judge*", "--stage", "output")
    assert told.out == 'style is fine\n{\n  "score": 2\n}\n'
    assert told.problem == "*judge* matches 2 tasks: main/judge[style], main/judge[facts]"


@pytest.mark.parametrize("words", [("nope",), ("main/judge[styl]",)])
def test_an_unknown_task_is_one_line(ltg: Ltg, trace: Path, words: tuple[str]) -> None:
    told = ltg("show", trace, *words)
    assert told.code == 2
    assert words[0] in told.problem


def test_a_stage_that_is_not_there_is_one_line(ltg: Ltg, trace: Path) -> None:
    told = ltg("show", trace, "main/issues", "--stage", "prompt")
    assert (told.code, told.out) == (2, "")
    assert "main/issues has no prompt in run 1" in told.problem


def test_a_prompt_of_several_messages_is_json_that_edit_takes_back(ltg: Ltg, at_home: Path) -> None:
    scribe = Scribe(Path("t.json"))
    run = scribe.start()
    root, task = scribe.begin(run, "main"), llm(2, "main/ask")
    scribe.declare(root, [task], Arg(ref=task.id))
    id = scribe.begin(run, task.id, attempt=0)
    messages = [{"role": role, "parts": [{"type": "text", "content": role}]} for role in ("system", "user")]
    scribe.record(ev.StageSettled(id, "prompt", ev.Stage(raw(messages), "k", "executed")))
    scribe.end(run, "failed")
    scribe.store.close()
    assert ltg("show", "t.json", "main/ask", "--stage", "prompt").json == messages


def test_a_live_run_shows_what_runs_and_what_waits(ltg: Ltg, at_home: Path) -> None:
    scribe = Scribe(Path("t.json"))
    run = scribe.start()
    root, first, second = scribe.begin(run, "main"), llm(2, "main/a"), llm(3, "main/b", args=[Arg(ref="main/a")])
    scribe.declare(root, [first, second], Arg(ref=second.id))
    assert [t["status"] for t in ltg("show", "t.json", "--json").json["tasks"]] == ["running", "ready", "waiting"]
    scribe.store.close()


def test_a_long_fan_out_is_whole_in_a_pipe(ltg: Ltg, fan_out: Path) -> None:
    assert len([line for line in ltg("show", fan_out).out.splitlines() if "judge[" in line]) == 40


def test_a_long_fan_out_is_cut_on_a_terminal_but_never_its_failures(fan_out: Path) -> None:
    out = on_a_terminal("show", str(fan_out))
    assert "... 29 more (--all)" in out
    assert "judge[35]" in out
    assert "more (--all)" not in on_a_terminal("show", str(fan_out), "--all")


@pytest.fixture
def fan_out(at_home: Path) -> Path:
    path = at_home / "wide.json"
    scribe = Scribe(path)
    run = scribe.start()
    root, tasks = scribe.begin(run, "main"), [llm(i + 2, f"main/judge[{i}]") for i in range(40)]
    scribe.declare(root, tasks, Arg(items=[Arg(ref=task.id) for task in tasks]))
    for i, task in enumerate(tasks):
        id = scribe.begin(run, task.id)
        scribe.fail(id, ev.Failure("ValueError", "odd")) if i == 35 else scribe.succeed(id, i)
    scribe.end(run, "failed")
    scribe.store.close()
    return path


def on_a_terminal(*words: str) -> str:
    """What a command prints on a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "llmtaskgraph.cli", *words], stdin=theirs, stdout=theirs, stderr=theirs
    ) as child:
        os.close(theirs)
        chunks = []
        while True:
            try:
                chunk = os.read(ours, 65536)
            except OSError:  # Linux: the other end was closed
                break
            if not chunk:
                break
            chunks.append(chunk)
    os.close(ours)
    assert child.returncode == 0
    return b"".join(chunks).decode()


def test_hostile_text_never_reaches_a_terminal(at_home: Path) -> None:
    review(Path("t.json"), answer=HOSTILE)
    for words in (
        ["show", "t.json"],
        ["show", "t.json", "*judge*"],
        ["show", "t.json", "main/judge[style]", "--stage", "response"],
    ):
        out = on_a_terminal(*words)
        for bad in ("\x1b]", "\x1b[2J", "\x07", "\x9b", "\x7f", "\u202e", "\u2066", "\U000e0041"):
            assert bad not in out
    out = on_a_terminal("show", "t.json", "main/judge[style]", "--json")
    assert not {"\x9b", "\x7f", "\u202e", "\x1b"} & set(out)
    assert json.loads(out)["tasks"][0]["stages"]["output"]["value"] == HOSTILE


def test_a_piped_value_is_raw(ltg: Ltg, at_home: Path) -> None:
    review(Path("t.json"), answer=HOSTILE)
    assert (
        subprocess.run(
            [sys.executable, "-m", "llmtaskgraph.cli", "show", "t.json", "main/judge[style]", "--stage", "response"],
            capture_output=True,
        ).stdout
        == (HOSTILE + "\n").encode()
    )


def test_colours_are_left_out_on_request(trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert "\x1b[32m" in on_a_terminal("show", str(trace))
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in on_a_terminal("show", str(trace))


def test_safe_text_shows_what_it_disarms() -> None:
    assert safe("a\x1b[2Jb\r\nc\x7f\x9b\u202e") == "a␛[2Jb\nc␡⟨U+009B⟩⟨U+202E⟩"
    assert one_line("a\nb\tc") == "a␊b c"
    assert message("two\n  lines\x1b") == "two lines␛"
    assert json.loads(json_text(json.dumps(HOSTILE, ensure_ascii=False))) == HOSTILE
    assert safe("naïve 👩‍👩‍👧 日本") == "naïve 👩‍👩‍👧 日本"


def test_edits_not_yet_run_are_announced(ltg: Ltg, at_home: Path) -> None:
    scribe = review(Path("t.json"), close=False)
    value = raw({"role": "assistant", "parts": [{"type": "text", "content": "better"}]})
    scribe.record(ev.EditMade(ev.Edit(1, 1, "main/judge[style]", "response", 5.0, value)))
    scribe.store.close()
    out = ltg("show", "t.json").out
    assert "1 edit not yet run: ltg plan t.json, ltg resume t.json" in out
    assert "edited response, not yet run" in out
    told = ltg("show", "t.json", "main/judge[style]", "--stage", "response")
    assert (told.out, told.problem) == ("better\n", "main/judge[style]: this response is edited and not yet run")


def test_a_resumed_run_shows_what_it_kept(ltg: Ltg, at_home: Path) -> None:
    scribe = review(Path("t.json"), close=False)
    run = scribe.start(parent=1, open=["main/issues"])
    scribe.succeed(scribe.begin(run, "main/issues", (2, 3)), ["other"])
    scribe.end(run)
    scribe.store.close()
    tasks = {task["id"]: task for task in ltg("show", "t.json", "--json").json["tasks"]}
    assert (tasks["main/issues"]["origin"], tasks["main/issues"]["run"]) == ("executed", 2)
    assert (tasks["main/judge[style]"]["origin"], tasks["main/judge[style]"]["run"]) == ("reused", 1)
    assert "kept from run 1" in ltg("show", "t.json", "main/judge[style]").out
    assert ltg("show", "t.json", "main/issues", "--run", 1, "--stage", "output").json == ["kettle"]
    told = ltg("show", "t.json", "--run", 9)
    assert (told.code, told.problem) == (2, "ltg: the trace has no run 9; runs: 1, 2")

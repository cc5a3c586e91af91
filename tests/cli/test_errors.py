"""Every bad input is one clear line on stderr, with the right exit code, and no traceback."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from llmtaskgraph._store import Store

from .conftest import Ltg, review

READING = [
    ["show"],
    ["causes", "main"],
    ["effects", "main"],
    ["check"],
    ["plan"],
    ["resume", "--yes"],
    ["edit", "main", "output", "1"],
]


def words(command: list[str], trace: str) -> list[str]:
    return [command[0], trace, *command[1:]]


@pytest.mark.parametrize("command", READING, ids=lambda words: words[0])
@pytest.mark.parametrize(
    ("data", "what"),
    [
        (None, "there is no such trace"),
        (b"", "the file is empty"),
        (b"  \n", "the file is empty"),
        (b"not json", "this is not a trace"),
        (b"\xff\xfe\x00", "this is not a trace"),
        (b"[1, 2]", "this is not a trace"),
        (b"[" * 100_000, "this is not a trace"),
        (b'{"format": "chrome-trace"}', "this JSON is not a trace"),
    ],
    ids=["missing", "empty", "blank", "text", "bytes", "list", "deep", "other"],
)
def test_a_file_that_is_no_trace(ltg: Ltg, at_home: Path, command: list[str], data: bytes | None, what: str) -> None:
    if data is not None:
        Path("t.json").write_bytes(data)
    told = ltg(*words(command, "t.json"))
    assert (told.code, told.out) == (3, "")
    assert told.problem.startswith("ltg: t.json: ")
    assert what in told.problem


@pytest.mark.parametrize("command", READING, ids=lambda words: words[0])
def test_a_folder_is_no_trace(ltg: Ltg, at_home: Path, command: list[str]) -> None:
    told = ltg(*words(command, "."))
    assert told.code == 3
    assert "this is a folder" in told.problem


@pytest.mark.parametrize(
    "command", [command for command in READING if command[0] not in ("show", "check")], ids=lambda words: words[0]
)
def test_a_cut_off_trace(ltg: Ltg, trace: Path, command: list[str]) -> None:
    os.truncate(trace, trace.stat().st_size - 100)
    before = trace.read_bytes()
    told = ltg(*words(command, str(trace)))
    assert (told.code, told.out) == (3, "")
    assert "the trace is damaged" in told.problem
    assert trace.read_bytes() == before


def test_a_newer_trace_is_shown_but_not_written(ltg: Ltg, trace: Path) -> None:
    trace.write_bytes(trace.read_bytes().replace(b"llmtaskgraph/1", b"llmtaskgraph/2"))
    told = ltg("show", trace)
    assert told.code == 0
    assert "a newer llmtaskgraph wrote this" in told.problem
    before = trace.read_bytes()
    told = ltg("edit", trace, "main", "output", "1")
    assert told.code == 3
    assert "read-only" in told.err.splitlines()[-1]
    assert trace.read_bytes() == before


@pytest.mark.parametrize("command", [["edit", "main", "output", "1"], ["resume", "--yes", "--app", "review.py:main"]])
def test_a_trace_that_another_process_writes(ltg: Ltg, at_home: Path, program: str, command: list[str]) -> None:
    scribe = review(Path("t.json"), close=False)
    told = ltg(*words(command, "t.json"))
    assert told.code == 3
    assert f"process {os.getpid()}" in told.problem
    assert "is writing this trace" in told.problem
    scribe.store.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(ltg: Ltg, trace: Path) -> None:
    trace.parent.chmod(0o500)
    told = ltg("edit", trace, "main", "output", "1")
    trace.parent.chmod(0o700)
    assert told.code == 3
    assert "cannot be read or written here" in told.problem


def test_a_trace_in_a_folder_that_is_not_there(ltg: Ltg, program: str) -> None:
    told = ltg("run", program, "--offline", "--trace", "nowhere/t.json")
    assert told.code == 3
    assert "there is no folder nowhere" in told.problem


def test_a_full_disk_stops_a_run_and_keeps_what_was_recorded(at_home: Path, program: str) -> None:
    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2500, 2500))

    told = subprocess.run(
        [sys.executable, "-B", "-m", "llmtaskgraph.cli", "run", program, "--offline"],
        capture_output=True,
        text=True,
        preexec_fn=no_room,
    )
    assert told.returncode == 3
    assert "Traceback" not in told.stderr
    assert len(told.stderr.splitlines()) == 1
    assert "cannot be written" in told.stderr
    assert (
        subprocess.run([sys.executable, "-m", "llmtaskgraph.cli", "check", "review.trace.json"], capture_output=True).returncode
        == 0
    )


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ([], "which command?"),
        (["shwo", "t.json"], "did you mean show?"),
        (["xyzzy"], "there are run, show, edit"),
        (["--nope"], "there is no option --nope"),
        (["show"], "the following arguments are required: TRACE"),
        (["show", "t.json", "--nope"], "unrecognized arguments: --nope"),
        (["show", "t.json", "--run", "0"], "'0' is not the number of a run"),
        (["show", "t.json", "main", "--stage", "nope"], "invalid choice: 'nope'"),
        (["show", "t.json", "--stage", "output"], "name the task"),
        (["run", "review.py"], "'review.py' does not name a program"),
        (["run", "review.py:"], "'review.py:' does not name a program"),
        (["run", "review.py:main", "--model", "gpt"], "write PROVIDER:MODEL"),
        (["run", "review.py:main", "--input", "{"], "--input is not JSON"),
        (["run", "review.py:main", "--input", "\x1b[2J"], "--input is not JSON"),
        (["edit", "t.json", "main", "nope", "x"], "invalid choice: 'nope'"),
        (["edit", "t.json", "main", "output"], "which value?"),
        (["edit", "t.json", "main", "output", "x", "--revert"], "it takes no value"),
        (["resume", "t.json"], "nobody is there to ask"),
        (["\x1b[2J\nevil"], "there is no command"),
    ],
    ids=lambda value: " ".join(value)[:30] if isinstance(value, list) else None,
)
def test_a_wrong_command_line(ltg: Ltg, trace: Path, program: str, line: list[str], what: str) -> None:
    told = ltg(*line)
    assert (told.code, told.out) == (2, "")
    assert told.problem.startswith("ltg: ")
    assert what in told.problem
    assert "\x1b" not in told.err


@pytest.mark.parametrize("word", ["@nowhere.json", "@."])
def test_an_input_file_that_cannot_be_read(ltg: Ltg, program: str, word: str) -> None:
    told = ltg("run", program, "--input", word)
    assert told.code == 3
    assert told.problem.startswith(f"ltg: {word[1:]}: cannot be read")


@pytest.mark.parametrize(
    ("source", "what"),
    [
        (None, "broken.py: there is no such file"),
        ("import nowhere_at_all\n", "broken.py:1: No module named 'nowhere_at_all'"),
        ("x = 1\nraise ValueError('no such\\nthing')\n", "broken.py:2: no such thing"),
        ("def main(:\n    pass\n", "broken.py:1: invalid syntax"),
        ("x = 1\n", "main"),
        ("main = 3\n", "main"),
        ("import sys\nsys.exit('bye')\n", "its import ended the process (bye)"),
        ("\x00", "broken.py"),
    ],
)
def test_a_program_that_does_not_import(ltg: Ltg, at_home: Path, source: str | None, what: str) -> None:
    if source is not None:
        Path("broken.py").write_text(source)
    told = ltg("run", "broken.py:main", "--offline", "--script", __file__)
    assert told.code in (2, 3)
    assert told.out == ""
    assert what in told.problem
    assert not Path("broken.trace.json").exists()


def test_a_module_that_is_not_there(ltg: Ltg, at_home: Path) -> None:
    told = ltg("run", "nowhere.at_all:main")
    assert told.code in (2, 3)
    assert "nowhere" in told.problem


@pytest.mark.parametrize("given", ['{"txt": "a"}', '{"text": 3}', "[1]", '"text"', "3"])
def test_an_input_that_does_not_fit_the_signature(ltg: Ltg, program: str, given: str) -> None:
    told = ltg("run", program, "--offline", "--input", given)
    assert (told.code, told.out) == (2, "")
    assert "text" in told.problem or "JSON object" in told.problem


def test_offline_without_a_script(ltg: Ltg, program: str) -> None:
    Path("review.script.json").unlink()
    told = ltg("run", program, "--offline")
    assert told.code == 3
    assert told.problem.startswith("ltg: review.script.json: there is no such script")


def test_without_a_key(ltg: Ltg, program: str) -> None:
    told = ltg("run", program)
    assert (told.code, told.out) == (3, "")
    assert told.problem.startswith("failed: main/judge[style] and 2 more: ")
    assert "export OPENAI_API_KEY=" in told.problem
    assert told.problem.endswith("; then go on: ltg resume review.trace.json")


def test_an_unknown_provider(ltg: Ltg, program: str) -> None:
    told = ltg("run", program, "--model", "nobody:x")
    assert (told.code, told.out) == (3, "")
    assert "nobody:x" in told.problem


def test_a_closed_pipe_is_quiet(trace: Path) -> None:
    shell = f'"{sys.executable}" -m llmtaskgraph.cli show t.json --json | head -n 1; exit "${{PIPESTATUS[0]}}"'
    told = subprocess.run(["bash", "-c", shell], capture_output=True, text=True)
    assert (told.returncode, told.stdout, told.stderr) == (0, "{\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("line", [["--help"], ["show", "t.json"], ["check", "t.json", "--json"]])
def test_a_full_stdout_is_told(trace: Path, line: list[str]) -> None:
    with open("/dev/full", "w") as full:
        told = subprocess.run([sys.executable, "-m", "llmtaskgraph.cli", *line], stdout=full, stderr=subprocess.PIPE, text=True)
    assert told.returncode == 3
    assert told.stderr == "ltg: stdout cannot be written (No space left on device); give it another place\n"


def test_debug_shows_the_traceback(ltg: Ltg, at_home: Path) -> None:
    told = ltg("show", "nowhere.json", "--debug")
    assert told.code == 3
    assert "Traceback" in told.err
    assert "Traceback" in ltg("--debug", "show", "nowhere.json").err


def test_what_was_not_foreseen_is_one_line_too(ltg: Ltg, trace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("llmtaskgraph.cli.opened.read_what_can_be", broken)
    told = ltg("show", trace)
    assert told.code == 3
    assert "ZeroDivisionError: oops" in told.problem
    assert "--debug" in told.problem


def test_a_name_that_is_hostile_or_not_utf8_is_shown_safely(ltg: Ltg, at_home: Path) -> None:
    told = ltg("show", "\x1b[2J\n.json")
    assert told.code == 3
    assert "\x1b" not in told.problem
    told = ltg("show", "bad\udcff.json")
    assert told.code == 3


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_unicode_gets_what_it_can_show(trace: Path, encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    told = subprocess.run([sys.executable, "-m", "llmtaskgraph.cli", "show", "t.json"], capture_output=True, env=environment)
    assert told.returncode == 0
    assert told.stdout.startswith(b"+ run 1 succeeded")


def test_a_trace_with_no_runs(ltg: Ltg, at_home: Path) -> None:
    Store.open("t.json", create=True).close()
    for command in READING:
        told = ltg(*words(command, "t.json"))
        if command[0] != "check":
            assert told.code == 2
            assert "the trace has no run; runs: none" in told.problem


def test_json_is_json_also_when_it_fails(ltg: Ltg, at_home: Path) -> None:
    told = ltg("show", "nowhere.json", "--json")
    assert (told.code, told.out) == (3, "")
    assert told.problem
    assert json.dumps(told.err)

"""The examples, and the code in README and docs, are what users read first: they run without a key, as it is said there."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmtaskgraph import Program, Result, _edit_file, _program, edit_trace, load_program, read

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
NAMES = {"review": "main", "vote": "main", "research": "main", "explicit": "graph", "story": "main"}
SUCCEEDING = [name for name in NAMES if name != "story"]
JUDGE = "main/scenes/revise[1]/judge"
"""The verdict of story.py that does not parse."""

EXPECTED: dict[str, Any] = {
    "review": [
        "On Monday pages took up to 30 seconds to load, and one request in five failed.",
        "The outage lasted 55 minutes, from 09:10 to 10:05 UTC.",
        "A provider that we depend on failed, and we had no way to do without it.",
        "We are adding a second provider, and will report here when it is in place.",
    ],
    "vote": {"answer": 27, "votes": 7, "of": 9},
    "research": (
        "Count 16 bytes for a key, and in InnoDB once more in each secondary index [rfc9562, innodb-index-types]. "
        "Do not take version 4, whose random keys touch pages all over the index; take version 7, which grows at the end "
        "[rfc9562] and which PostgreSQL 18 makes with uuidv7() [functions-uuid]."
    ),
    "explicit": "\n".join(
        [
            "- Leonhard Euler: For most of the notation we use, and the first theorem of graph theory.",
            "- Carl Friedrich Gauss: For number theory, least squares and the geometry of curved surfaces.",
            "- Emmy Noether: For abstract algebra, and the theorem that ties conservation laws to symmetries.",
            "- Srinivasa Ramanujan: For identities of partitions and modular forms, found with hardly any training.",
        ]
    ),
}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Scripted answers come without a pause, and no key is at hand. What a script makes fail is tried again at once."""
    monkeypatch.setenv("LTG_OFFLINE_SPEED", "0")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setattr("llmtaskgraph._sending.delay", lambda policy, attempt, error, random: 0.0 if attempt < 3 else None)


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return tmp_path / "t.json"


def example(name: str) -> Program:
    return load_program(f"{EXAMPLES / name}.py:{NAMES[name]}")


async def start(name: str, trace: Path, input: Any = None) -> Result:
    return await _program.start(example(name), input=input, trace=trace, script=EXAMPLES / f"{name}.script.json")


async def resume(name: str, trace: Path) -> Result:
    return await _program.resume(example(name), trace=trace)


@pytest.mark.parametrize("name", SUCCEEDING)
async def test_an_example_runs_without_a_key_and_a_resume_executes_nothing(name: str, trace: Path) -> None:
    first = await start(name, trace)
    assert first.failures == {}
    assert first.output == EXPECTED[name]
    assert any(len(found.attempts) == 2 for found in read(trace).state.task_runs.values())  # a fault that is retried
    again = await resume(name, trace)
    assert again.output == EXPECTED[name]
    assert again.executed == []


async def test_the_review_has_the_ids_that_the_docs_name(trace: Path) -> None:
    await start("review", trace)
    assert sorted(read(trace).state.in_run(1)) == [
        "main",
        "main/issues",
        "main/judge[facts]",
        "main/judge[style]",
        "main/judge[tone]",
        "main/repair",
        *(f"main/repair/fix[{i}]" for i in range(4)),
    ]


async def test_one_edited_verdict_costs_the_calls_that_depend_on_it(trace: Path) -> None:
    await start("review", trace)
    edit_trace(trace, 1, "main/judge[style]", "response", '{"score": 2, "issues": ["too long"]}')
    result = await resume("review", trace)
    assert result.output == [*EXPECTED["review"][1:], "(A sentence without this issue: too long.)"]
    assert called(trace, result.run) == ["main/repair/fix[3]"]


async def test_story_fails_at_a_verdict_that_does_not_parse_and_the_other_scenes_are_finished(trace: Path) -> None:
    result = await start("story", trace)
    assert (result.status, result.output) == ("failed", None)
    failure = result.failures[JUDGE]
    assert (failure.type, failure.stage) == ("OutputError", "output")
    assert failure.message.startswith("the response does not fit Verdict: Expected `int`, got `str` - at `$.score`")
    state = read(trace).state
    status = {id: found.status for id, found in state.in_run(1).items()}
    assert status["main/scenes/revise[0]"] == status["main/scenes/revise[2]"] == "succeeded"
    assert status["main/scenes/bind"] == "blocked"


async def test_story_is_repaired_by_an_edit_without_a_call(trace: Path) -> None:
    await start("story", trace)
    edit_trace(trace, 1, JUDGE, "response", '{"score": 8}')
    result = await resume("story", trace)
    assert result.failures == {}
    title, *scenes = result.output.split("\n\n")
    assert title == "EVERY TWELVE SECONDS"
    assert scenes[1].startswith("On the ninth night she steamed it open.")
    assert scenes[2].endswith("a kitchen went dark, and light, and dark.")
    assert called(trace, result.run) == []
    assert result.executed == [JUDGE, "main/scenes/revise[1]/revise", "main/scenes/bind"]


async def test_story_goes_one_round_further_when_the_verdict_is_edited_to_be_a_bad_one(trace: Path) -> None:
    await start("story", trace)
    edit_trace(trace, 1, JUDGE, "response", '{"score": 3, "advice": "Shorter."}')
    result = await resume("story", trace)
    assert "\n\n(The scene again, after the advice: Shorter.)\n\n" in result.output
    assert called(trace, result.run) == [f"main/scenes/revise[1]/revise/{call}" for call in ("rewrite", "judge")]


async def test_story_succeeds_when_the_verdict_is_asked_for_again(trace: Path) -> None:
    await start("story", trace)
    _edit_file.again_trace(trace, 1, JUDGE)
    result = await resume("story", trace)
    assert result.failures == {}
    assert called(trace, result.run) == [JUDGE]


def called(trace: Path, run: int) -> list[str]:
    """The tasks that sent a request in a run."""
    return [id for id, found in read(trace).state.in_run(run).items() if found.prompt is not None and found.attempts]


async def test_a_changed_prompt_of_tasks_that_were_added_at_run_time_is_seen(tmp_path: Path, trace: Path) -> None:
    text = (EXAMPLES / "explicit.py").read_text()
    script = EXAMPLES / "explicit.script.json"
    programs = []
    for folder, question in (("old", "In one sentence: what"), ("new", "In a few words: what")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "explicit.py").write_text(text.replace("In one sentence: what", question))
        programs.append(load_program(f"{tmp_path / folder / 'explicit.py'}:graph"))
    await _program.start(programs[0], trace=trace, script=script)
    result = await _program.resume(programs[1], trace=trace)
    assert len(called(trace, result.run)) == 4
    assert result.output == EXPECTED["explicit"]


async def test_examples_take_input(trace: Path) -> None:
    assert (await start("vote", trace, {"times": 3})).output == {"answer": 27, "votes": 2, "of": 3}


def files() -> Iterator[Path]:
    yield from sorted(EXAMPLES.glob("*.py"))


def test_every_example_is_here() -> None:
    assert {path.stem for path in files()} == set(NAMES)


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name)
def test_an_example_is_short_and_begins_with_what_it_is_about(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 80
    assert text.startswith('"""')


def blocks(path: Path, language: str) -> list[str]:
    """The code in a document."""
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(), re.DOTALL)


@pytest.fixture
def haiku(tmp_path: Path) -> Program:
    """The program of the README, with its script beside it."""
    (program,), (script,) = blocks(ROOT / "README.md", "python"), blocks(ROOT / "README.md", "json")
    (tmp_path / "haiku.py").write_text(program)
    (tmp_path / "haiku.script.json").write_text(script)
    return load_program(f"{tmp_path / 'haiku.py'}:main")


async def test_the_program_of_the_readme_does_what_the_readme_does_with_it(haiku: Program, trace: Path, tmp_path: Path) -> None:
    first = await _program.start(haiku, trace=trace, script=tmp_path / "haiku.script.json")
    assert first.output.startswith("Autumn")
    edit_trace(trace, 1, "main/score[1]", "response", "9")
    result = await _program.resume(haiku, trace=trace)
    assert result.output.startswith("One response was wrong")
    assert result.executed == ["main/score[1]", "main/best"]


def test_the_links_of_the_documents_lead_somewhere() -> None:
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for link in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text()):
            assert "://" in link or (path.parent / link).exists(), f"{path.name}: {link}"


@pytest.fixture
def authoring(tmp_path: Path) -> Path:
    """The code of docs/authoring.md as one module."""
    path = tmp_path / "authoring.py"
    path.write_text("\n\n".join(blocks(ROOT / "docs/authoring.md", "python")))
    return path


async def test_the_code_of_the_docs_runs(authoring: Path, tmp_path: Path) -> None:
    script = tmp_path / "authoring.script.json"
    script.write_text(
        """{"format": "llmtaskgraph-script/1", "rules": [
            {"match": "Judge", "replies": [{"score": 1, "issues": ["too loud"]}]},
            {"match": "issue: too loud", "replies": ["Quieter."]},
            {"match": "It rains in Ulm", "replies": ["Yes."]},
            {"match": "umbrella", "replies": [{"tool_calls": [{"name": "weather", "arguments": {"city": "Ulm"}}]}]},
            {"match": "List five", "replies": ["- A\\n- B"]},
            {"pattern": "who is (.)", "replies": ["$1 is one of five."]}]}"""
    )
    for name, input, output in (
        ("main", None, ["Quieter."]),
        ("assistant_with_tools", None, "Yes."),
        ("graph", {"topic": "letters"}, ["A is one of five.", "B is one of five."]),
    ):
        program = load_program(f"{authoring}:{name}")
        result = await _program.start(program, input=input, trace=tmp_path / f"{name}.json", script=script)
        assert (result.failures, result.output) == ({}, output)


@pytest.mark.slow
def test_the_examples_and_the_code_of_the_docs_are_typed(authoring: Path, haiku: Program) -> None:
    words = [sys.executable, "-m", "mypy", "--strict", "examples", str(authoring), str(authoring.parent / "haiku.py")]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert not re.search(r"(examples/|authoring|haiku).*error", done.stdout), done.stdout
    assert done.returncode in (0, 1), done.stderr

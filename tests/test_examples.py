"""The examples are what users read first: they run without a key, say what they are said to say, and stay short."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from llmtaskgraph import Program, Result, _app, edit_trace, load_program, read

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
    return await _app.start(example(name), input=input, trace=trace, script=EXAMPLES / f"{name}.script.json")


async def resume(name: str, trace: Path) -> Result:
    return await _app.resume(example(name), trace=trace)


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
    _app.again_trace(trace, 1, JUDGE)
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
    await _app.start(programs[0], trace=trace, script=script)
    result = await _app.resume(programs[1], trace=trace)
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


@pytest.mark.slow
def test_the_examples_are_typed() -> None:
    words = [sys.executable, "-m", "mypy", "--strict", "examples"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0 or "examples/" not in done.stdout, done.stdout

"""Traces made of events, and the command line as a function."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

import llmtaskgraph.cli
from llmtaskgraph import _events as ev
from llmtaskgraph._chat import Usage
from llmtaskgraph._graph import Arg, Task
from llmtaskgraph._store import Store
from llmtaskgraph.cli import main


def raw(value: Any) -> Raw:
    return Raw(json.dumps(value, ensure_ascii=False).encode())


def stage(value: Any, key: str = "k", origin: ev.Origin = "executed") -> ev.Stage:
    return ev.Stage(raw(value), key, origin)


def say(text: str, role: str = "assistant") -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


class Scribe:
    """Writes the events of a run that never was."""

    def __init__(self, path: Path) -> None:
        self.store = Store.open(path, create=True)
        self.state = self.store.state
        self.now = 1_763_794_000.0

    def record(self, event: ev.Event) -> None:
        self.store.append(event)
        self.store.flush()

    def tick(self) -> float:
        self.now += 0.5
        return self.now

    def start(self, app: str | None = "review.py:main", **given: Any) -> int:
        run = max(self.state.runs, default=0) + 1
        root = Task("graph", "main", 1, "main", kwargs={"text": Arg(value=raw("a text"))})
        if run == 1:
            self.record(ev.TasksAdded([root]))
        self.record(ev.RunStarted(ev.Run(run, 1, self.tick(), app=app, **given)))
        return run

    def begin(self, run: int, task: str, inputs: tuple[int, ...] = (), attempt: int = 1) -> int:
        id = max(self.state.task_runs, default=0) + 1
        self.record(ev.TaskStarted(id, run, task, self.tick(), list(inputs), attempt))
        return id

    def declare(self, by: int, tasks: list[Task], result: Arg) -> None:
        self.record(ev.TasksAdded(tasks))
        children = {"tasks": [task.number for task in tasks], "result": json.loads(_json(result))}
        self.record(ev.StageSettled(by, "children", stage(children)))

    def call(self, run: int, task: str, prompt: str, answer: str, output: Any, cost: float | None = 0.0004) -> int:
        id = self.begin(run, task, attempt=0)
        self.record(ev.StageSettled(id, "prompt", stage([say(prompt, "user")])))
        self.record(ev.AttemptStarted(id, 1, self.tick(), "gpt-5-mini"))
        done = ev.AttemptSucceeded(id, self.tick(), stage(say(answer)), "gpt-5-mini", "stop", Usage(9, 3), cost)
        self.record(done)
        return self.succeed(id, output)

    def succeed(self, id: int, output: Any) -> int:
        self.record(ev.TaskSucceeded(id, self.tick(), stage(output)))
        return id

    def fail(self, id: int, error: ev.Failure) -> int:
        self.record(ev.TaskFailed(id, self.tick(), error))
        return id

    def end(self, run: int, status: ev.Status = "succeeded") -> None:
        self.record(ev.RunEnded(run, status, self.tick()))


def _json(value: Any) -> bytes:
    import msgspec

    return msgspec.json.encode(value)


def llm(number: int, id: str, **given: Any) -> Task:
    return Task("llm", id, number, "judge", "main", 1, model="openai:gpt-5-mini", **given)


def review(path: Path, *, answer: str = "style is fine", fails: bool = False, close: bool = True) -> Scribe:
    """main -> judge[style], judge[facts] -> issues."""
    scribe = Scribe(path)
    run = scribe.start()
    root = scribe.begin(run, "main")
    style, facts = llm(2, "main/judge[style]"), llm(3, "main/judge[facts]")
    verdicts = Arg(items=[Arg(ref=style.id), Arg(ref=facts.id)])
    issues = Task("python", "main/issues", 4, "issues", "main", 1, kwargs={"verdicts": verdicts})
    scribe.declare(root, [style, facts, issues], Arg(ref=issues.id))
    first = scribe.call(run, style.id, "Judge the style", answer, answer)
    second = scribe.call(run, facts.id, "Judge the facts", "facts are odd", {"score": 2})
    last = scribe.begin(run, issues.id, (first, second))
    if fails:
        frame = ev.Frame("review.py", 12, "issues", "return verdicts[7]")
        scribe.fail(last, ev.Failure("IndexError", "list index out of range", "output", frames=[frame]))
        scribe.fail(root, ev.Failure("Blocked", "main/issues failed"))
        scribe.end(run, "failed")
    else:
        scribe.succeed(last, ["kettle"])
        scribe.succeed(root, ["kettle"])
        scribe.end(run)
    if close:
        scribe.store.close()
    return scribe


def without_progress(err: str) -> str:
    """What stands on stderr besides the lines that a slow run writes now and then."""
    return "\n".join(line for line in err.splitlines() if not re.match(r"[\d,]+/[\d,]+ tasks · ", line))


@dataclass
class Told:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def problem(self) -> str:
        """The one line on stderr."""
        lines = without_progress(self.err).splitlines()
        assert len(lines) == 1, self.err
        assert "Traceback" not in self.err + self.out
        return lines[0]


Ltg = Callable[..., Told]


@pytest.fixture(autouse=True)
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with a state of its own and no keys."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LTG_OFFLINE_SPEED", "0")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    return folder


@pytest.fixture
def ltg(capfd: pytest.CaptureFixture[str]) -> Ltg:
    def run(*words: object) -> Told:
        capfd.readouterr()
        code = main([str(word) for word in words])
        out, err = capfd.readouterr()
        return Told(code, out, err)

    return run


@pytest.fixture
def trace(at_home: Path) -> Path:
    path = at_home / "t.json"
    review(path)
    return path


DEMO = Path(llmtaskgraph.cli.__file__).parent / "demo"


@pytest.fixture
def program(at_home: Path) -> str:
    """review.py:main and its script, in the folder."""
    for name in ("review.py", "review.script.json"):
        (at_home / name).write_bytes((DEMO / name).read_bytes())
    return "review.py:main"

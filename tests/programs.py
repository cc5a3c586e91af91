"""Small programs, providers and traces that tests share."""

from __future__ import annotations

import linecache
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from servers import ChatServer

from llmtaskgraph import (
    Delta,
    Message,
    Plan,
    Program,
    Request,
    Response,
    State,
    TaskRun,
    TextPart,
    Usage,
    _program,
    _run,
    edit_trace,
    load_program,
    read,
)


class Counting:
    """A provider in this process: answers at once, and keeps each prompt that reached it in `sent`."""

    def __init__(self, answer: Callable[[str], str] = lambda prompt: f"echo: {prompt}") -> None:
        self.answer = answer
        self.sent: list[str] = []

    async def send(self, request: Request, on_delta: Callable[[Delta], None]) -> Response:
        await anyio.lowlevel.checkpoint()
        prompt = request.messages[-1].text
        self.sent.append(prompt)
        message = Message("assistant", [TextPart(self.answer(prompt))], "stop")
        return Response(message, request.model, Usage(10, 5), 0.25)


_HEAD = """\
import os

import msgspec

from llmtaskgraph import Context, LLMTask, Message, PythonTask, Registry, TaskGraph, TaskGraphTask
from llmtaskgraph.providers.openai import Provider

app = Registry("lab", model="lab:small")
app.provider("lab", Provider(os.environ["LAB_SERVER"], "no-key"))


def called(name):
    with open(os.environ["LAB_CALLS"], "a") as file:
        file.write(name + "\\n")


"""


class Lab:
    """A program in a file, its trace, what was called in it, and what reached a real server.

    Code calls `called("name")`; it finds `app`, the classes of the package and a provider `lab` at hand.
    """

    def __init__(self, folder: Path, server: ChatServer, monkeypatch: pytest.MonkeyPatch) -> None:
        self.trace = folder / "trace.json"
        self.unique = f"{folder.name} {os.urandom(4).hex()}"
        self._file, self._calls, self._server = folder / "program.py", folder / "calls", server
        self._requests = len(server.requests())
        self._called = 0
        self._calls.touch()
        monkeypatch.setenv("LAB_SERVER", server.base_url)
        monkeypatch.setenv("LAB_CALLS", str(self._calls))
        monkeypatch.setattr(sys, "path", sys.path[:])
        monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def write(self, code: str) -> None:
        """Write the program, as an editor would."""
        self._file.write_text(_HEAD + code)

    def replace(self, old: str, new: str) -> None:
        """Change the program in one place."""
        text = self._file.read_text()
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in the program"
        self._file.write_text(text.replace(old, new))

    def load(self) -> Program:
        """The program as it is in the file now."""
        sys.modules.pop(self._file.stem, None)
        linecache.clearcache()
        shutil.rmtree(self._file.parent / "__pycache__", ignore_errors=True)
        return load_program(self.app)

    @property
    def app(self) -> str:
        """The name of the program, for a command line."""
        return f"{self._file}:main"

    async def run(self, **input: Any) -> _run.Result:
        """Run it."""
        return await _program.start(self.load(), input=input or None, trace=self.trace)

    async def resume(self, run: int | None = None, **settings: Any) -> _run.Result:
        """Resume it."""
        return await _program.resume(self.load(), trace=self.trace, run=run, **settings)

    def edit(self, task: str, stage: Any, text: str, run: int | None = None) -> None:
        """Edit a stage, as a person would."""
        edit_trace(self.trace, run, task, stage, text)

    def plan(self, run: int | None = None, **options: Any) -> Plan:
        """The plan, with the code as it is in the file now."""
        return _program.plan(self.load(), self.state, run, **options)

    @property
    def state(self) -> State:
        """What the trace holds."""
        return read(self.trace).state

    def seen(self, task: str, run: int | None = None) -> TaskRun:
        """The task run that stands for a task."""
        state = self.state
        found = state.seen(state.run(run).id, task)
        assert found is not None, f"{task} has not run"
        return found

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for what happens in a thread, a file or another process."""
        with anyio.fail_after(60):
            while not condition():
                await anyio.sleep(0.01)

    def answers_recorded(self) -> int:
        """How many answers stand in the journal of a live run."""
        journal = self.trace.with_name(self.trace.name + ".journal")
        return journal.read_bytes().count(b'"attempt.succeeded"') if journal.exists() else 0

    def arrived(self, prompt: str) -> bool:
        """Whether a prompt has reached the server since `asked` was last asked."""
        return any(request["prompt"] == prompt for request in self._server.requests()[self._requests :])

    def called(self) -> list[str]:
        """What was called since last asked, sorted."""
        lines = self._calls.read_text().splitlines()
        new, self._called = lines[self._called :], len(lines)
        return sorted(new)

    def asked(self) -> list[str]:
        """The prompts that reached the server since last asked, sorted."""
        requests = self._server.requests()
        new, self._requests = requests[self._requests :], len(requests)
        return sorted(request["prompt"] for request in new)

    def executed(self) -> tuple[list[str], list[str]]:
        """What was called and what reached the server, since last asked; each sorted."""
        return self.called(), self.asked()


NOTHING: tuple[list[str], list[str]] = ([], [])
"""Nothing was called and nothing sent."""

STORY = """
@app.llm()
def draft(topic: str) -> str:
    called("draft")
    return f"Write about {topic}."


@draft.parser
def words(text: str) -> list[str]:
    called("words")
    return text.split()


@app.task
def count(words: list[str]) -> int:
    called("count")
    return len(words)


@app.llm()
def comment(count: int) -> str:
    called("comment")
    return f"Comment on {count} words."


@app.graph
def main(topic: str) -> str:
    called("main")
    return comment(count(draft(topic)))
"""
"""A program of two calls: draft -> words -> count -> comment."""

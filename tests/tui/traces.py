"""Traces made of events, for the screens: no code runs for them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Raw

from llmtaskgraph import _events as ev
from llmtaskgraph._chat import Usage
from llmtaskgraph._graph import Arg, Children, Task
from llmtaskgraph._store import MemoryStore, Store

HOSTILE = "a\x1b[31mred\x1b]0;title\x07\x9b2J \u202egnp.exe \x7f[bold]not bold[/bold][@click=app.quit]x[/] [/] \U000e0041"


def raw(value: Any) -> Raw:
    return Raw(json.dumps(value, ensure_ascii=True).encode())


def stage(value: Any, origin: ev.Origin = "executed", key: str = "k") -> ev.Stage:
    return ev.Stage(raw(value), key, origin)


def say(text: str, role: str = "assistant") -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


class Scribe:
    """Writes the events of runs that never were."""

    def __init__(self, store: Store | MemoryStore) -> None:
        self.store, self.state = store, store.state
        self.now = 1_763_794_000.0

    def record(self, *events: ev.Event) -> None:
        for event in events:
            self.store.append(event)
        self.store.flush()

    def tick(self, step: float = 0.5) -> float:
        self.now += step
        return self.now

    def root(self, **kwargs: Any) -> Task:
        root = Task("graph", "main", 1, "main", kwargs={name: Arg(value=raw(value)) for name, value in kwargs.items()})
        self.record(ev.TasksAdded([root]))
        return root

    def start(self, parent: int | None = None, **given: Any) -> int:
        run = max(self.state.runs, default=0) + 1
        last = max(self.state.edits, default=0)
        edits = [edit.id for edit in self.state.edits_to_apply(parent).values()] if parent else []
        self.record(
            ev.RunStarted(ev.Run(run, 1, self.tick(), parent, app="review.py:main", edits=edits, last_edit=last, **given))
        )
        return run

    def end(self, run: int, status: ev.Status = "succeeded") -> None:
        self.record(ev.RunEnded(run, status, self.tick()))

    def begin(self, run: int, task: str, inputs: tuple[int, ...] = (), attempt: int = 1) -> int:
        id = max(self.state.task_runs, default=0) + 1
        self.record(ev.TaskStarted(id, run, task, self.tick(), list(inputs), attempt))
        return id

    def declare(self, by: int, tasks: list[Task], result: Arg) -> None:
        children = Children([task.number for task in tasks], result)
        new = [task for task in tasks if task.number not in self.state.tasks]
        self.record(
            ev.TasksAdded(new), ev.StageSettled(by, "children", ev.Stage(Raw(msgspec.json.encode(children)), "k", "executed"))
        )

    def ask(self, run: int, task: str, prompt: Any) -> int:
        """A call that is under way."""
        id = self.begin(run, task, attempt=0)
        messages = [say(prompt, "user")] if isinstance(prompt, str) else prompt
        self.record(ev.StageSettled(id, "prompt", stage(messages)), ev.AttemptStarted(id, 1, self.tick(), "openai:gpt-5-mini"))
        return id

    def answer(self, id: int, text: str, output: Any = None, cost: float | None = 0.0004) -> int:
        usage = Usage(900, 30)
        self.record(ev.AttemptSucceeded(id, self.tick(), stage(say(text)), "gpt-5-mini", "stop", usage, cost))
        return self.succeed(id, text if output is None else output)

    def succeed(self, id: int, output: Any) -> int:
        self.record(ev.TaskSucceeded(id, self.tick(), stage(output)))
        return id

    def fail(self, id: int, error: ev.Failure) -> int:
        self.record(ev.TaskFailed(id, self.tick(), error))
        return id

    def edit(self, run: int, task: str, name: ev.EditName, value: Any) -> None:
        self.record(ev.EditMade(ev.Edit(max(self.state.edits, default=0) + 1, run, task, name, self.tick(), raw(value))))


def llm(number: int, id: str, scope: str = "main", **given: Any) -> Task:
    return Task("llm", id, number, "judge", scope, 1, model="openai:gpt-5-mini", **given)


def scribe(path: Path | None = None) -> Scribe:
    return Scribe(MemoryStore() if path is None else Store.open(path, create=True))


def review(path: Path | None = None, *, answer: str = "style is fine", fails: bool = False, name: str = "style") -> Scribe:
    """main -> judge[style], judge[facts] -> issues; one run, which has ended. The store stays open."""
    by = scribe(path)
    by.root(text="The cat sat.")
    run = by.start()
    root = by.begin(run, "main")
    style, facts = llm(2, f"main/judge[{name}]"), llm(3, "main/judge[facts]")
    verdicts = Arg(items=[Arg(ref=style.id), Arg(ref=facts.id)])
    issues = Task("python", "main/issues", 4, "issues", "main", 1, kwargs={"verdicts": verdicts})
    by.declare(root, [style, facts, issues], Arg(ref=issues.id))
    first = by.answer(by.ask(run, style.id, f"Judge the {name}"), answer)
    messages = [say("You judge.", "system"), say("Judge the facts", "user")]
    second = by.answer(by.ask(run, facts.id, messages), "facts are odd", {"score": 2})
    last = by.begin(run, issues.id, (first, second))
    if fails:
        frame = ev.Frame("review.py", 12, "issues", "return verdicts[7]")
        by.fail(last, ev.Failure("IndexError", "list index out of range", "output", frames=[frame]))
        by.fail(root, ev.Failure("ChildFailed", "main/issues failed", "output"))
        by.end(run, "failed")
    else:
        by.succeed(last, ["kettle"])
        by.succeed(root, ["kettle"])
        by.end(run)
    return by


def wide(count: int, path: Path | None = None, *, functions: int = 1) -> Scribe:
    """main with so many tasks, of one function or of several in turn."""
    by = scribe(path)
    by.root()
    run = by.start()
    root = by.begin(run, "main")
    tasks = [Task("python", f"main/f{n % functions}[{n}]", n + 2, f"f{n % functions}", "main", 1) for n in range(count)]
    by.declare(root, tasks, Arg(value=raw(None)))
    events: list[ev.Event] = []
    for n, task in enumerate(tasks, 2):
        events += [ev.TaskStarted(n, run, task.id, by.now, [], 1), ev.TaskSucceeded(n, by.now + 1, stage(n))]
    by.record(*events)
    by.succeed(root, None)
    by.end(run)
    return by


def deep(depth: int) -> Scribe:
    """main/again/again/..., each the only child of the one before, down to a task that failed."""
    by = scribe()
    by.root()
    run = by.start()
    id, number, scope = by.begin(run, "main"), 1, "main"
    for _ in range(depth):
        number += 1
        task = Task("graph", f"{scope}/again", number, "again", scope, id)
        by.declare(id, [task], Arg(ref=task.id))
        id, scope = by.begin(run, task.id), task.id
    by.fail(id, ev.Failure("ValueError", "deep down"))
    by.end(run, "failed")
    return by

"""Traces for the benchmarks of `ltg-tui`: a large one that has ended, and one that somebody is writing."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import msgspec
from msgspec import Raw

from llmtaskgraph import _events as ev
from llmtaskgraph._chat import Usage
from llmtaskgraph._graph import Arg, Children, Task
from llmtaskgraph._state import State, TaskRun
from llmtaskgraph._store import Store
from llmtaskgraph._trace import Trace

CHAPTERS = 495
SECTIONS = 50
BODY = "the model judges every paragraph by style and fact, then weaves an answer of plain words about rivers and cities. " * 8


class _Large:
    """main -> chapters -> sections -> draft, judge, score."""

    def __init__(self) -> None:
        self.state = State("large")
        self.now = 1_763_794_000.0

    def trace(self) -> Trace:
        chapters = [self._chapter(number) for number in range(CHAPTERS)]
        root = self._task("graph", "main", None)
        self.state.add_run(ev.Run(1, root.number, 1_763_794_000.0, status="succeeded", ended=self.now))
        self._ran(root, children=self._children(chapters))
        return Trace(self.state)

    def _chapter(self, number: int) -> Task:
        id = f"main/chapter[c{number}]"
        sections = [self._section(f"{id}/section[{n}]", id, number * SECTIONS + n) for n in range(SECTIONS)]
        chapter = self._task("graph", id, "main", "chapter", [Arg(value=_raw(number))])
        self._ran(chapter, children=self._children(sections))
        return chapter

    def _section(self, id: str, scope: str, number: int) -> Task:
        draft = self._task("llm", f"{id}/draft", id, "draft", [Arg(value=_raw(number))])
        judge = self._task("llm", f"{id}/judge", id, "judge", [Arg(ref=draft.id)])
        score = self._task("python", f"{id}/score", id, "score", [Arg(ref=judge.id)])
        self._asked(draft, f"Write paragraph {number}. {BODY[:300]}", f"{BODY} {number}")
        self._asked(judge, f"Judge this. {BODY} {number}", f"Good. {BODY[:200]} {number}")
        self._ran(score)
        section = self._task("graph", id, scope, "section", [Arg(value=_raw(number))])
        self._ran(section, children=self._children([draft, judge, score]))
        return section

    def _task(self, type: str, id: str, scope: str | None, function: str = "main", args: list[Arg] | None = None) -> Task:
        number = len(self.state.tasks) + 1
        model = "openai:gpt-5-mini" if type == "llm" else None
        task = Task(type, id, number, function, scope, None, tuple(args or ()), model=model)  # type: ignore[arg-type]
        self.state.tasks[number] = task
        return task

    def _ran(self, task: Task, children: ev.Stage | None = None) -> TaskRun:
        id = len(self.state.task_runs) + 1
        self.now += 0.002
        found = TaskRun(id, 1, task.id, "succeeded", self.now - 0.5, self.now, output=_stage(id), children=children)
        self.state.add_task_run(found)
        return found

    def _asked(self, task: Task, prompt: str, answer: str) -> None:
        ran = self._ran(task)
        ran.prompt = _stage([{"role": "user", "parts": [{"type": "text", "content": prompt}]}])
        ran.response = _stage({"role": "assistant", "parts": [{"type": "text", "content": answer}]})
        usage = Usage(900, 30)
        ran.attempts = (ev.Attempt(self.now - 0.5, self.now, "succeeded", "gpt-5-mini", "stop", usage, 0.0004),)

    @staticmethod
    def _children(tasks: list[Task]) -> ev.Stage:
        return _stage(Children([task.number for task in tasks], Arg(ref=tasks[-1].id)))


def _raw(value: object) -> Raw:
    return Raw(msgspec.json.encode(value))


def _stage(value: object) -> ev.Stage:
    return ev.Stage(_raw(value), "0123456789abcdef0123456789abcdef", "executed")


def write(path: Path) -> None:
    """The large trace."""
    with path.open("wb") as file:
        for block in _Large().trace().blocks():
            file.write(block)


def flood(path: Path, seconds: float, rate: int) -> None:
    """A run of tasks that start and succeed, at so many events a second; prints when the last one was written."""
    store = Store.open(path, create=True)
    count = int(seconds * rate) // 2
    store.append(ev.TasksAdded([Task("graph", "main", 1, "main")]))
    store.append(ev.RunStarted(ev.Run(1, 1, time.time())))
    store.append(ev.TaskStarted(1, 1, "main", time.time()))
    tasks = [Task("python", f"main/part[{n}]", n + 2, "part", "main", 1) for n in range(count)]
    store.append(ev.TasksAdded(tasks))
    store.append(ev.StageSettled(1, "children", _stage(Children([task.number for task in tasks], Arg(ref=tasks[-1].id)))))
    store.flush()
    time.sleep(3.0)
    begin = time.perf_counter()
    for number, task in enumerate(tasks):
        now = time.time()
        store.append(ev.TaskStarted(number + 2, 1, task.id, now, (), 1))
        store.append(ev.TaskSucceeded(number + 2, now, _stage(BODY[:200])))
        if number % 25 == 24:
            store.flush()
            time.sleep(max(0.0, begin + 2 * number / rate - time.perf_counter()))
    store.append(ev.TaskSucceeded(1, time.time(), _stage(0)))
    store.append(ev.RunEnded(1, "succeeded", time.time()))
    store.flush()
    print(time.perf_counter(), flush=True)
    sys.stdin.readline()


def stream(path: Path, tokens: int) -> None:
    """A call whose answer arrives in so many pieces, four a second; waits for a line before it begins."""
    store = Store.open(path, create=True)
    store.append(ev.TasksAdded([Task("graph", "main", 1, "main")]))
    store.append(ev.RunStarted(ev.Run(1, 1, time.time())))
    store.append(ev.TaskStarted(1, 1, "main", time.time()))
    task = Task("llm", "main/judge", 2, "judge", "main", 1, model="openai:gpt-5-mini")
    store.append(ev.TasksAdded([task]))
    store.append(ev.StageSettled(1, "children", _stage(Children([2], Arg(ref=task.id)))))
    store.append(ev.TaskStarted(2, 1, task.id, time.time()))
    store.append(ev.StageSettled(2, "prompt", _stage([])))
    store.append(ev.AttemptStarted(2, 1, time.time(), "gpt-5-mini"))
    store.append(ev.ResponseStreamed(2, "It begins:"))
    store.flush()
    sys.stdin.readline()
    for number in range(tokens):
        store.append(ev.ResponseStreamed(2, f" word{number}"))
        store.flush()
        time.sleep(0.25)
    print("done", flush=True)
    sys.stdin.readline()


if __name__ == "__main__":
    kind, path = sys.argv[1], Path(sys.argv[2])
    if kind == "write":
        write(path)
    elif kind == "flood":
        flood(path, float(sys.argv[3]), int(sys.argv[4]))
    else:
        stream(path, int(sys.argv[3]))

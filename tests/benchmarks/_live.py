"""A run that goes on while somebody watches it in a browser: so many events a second, in a trace of 10,000 tasks and more.

`flood` starts and ends the 20,000 tasks of one wide graph. `grow` has ended most of its tasks already, and declares further
ones all the time: each sub-graph declares ten calls of a model, whose answers stream in.

It prints `ready`, begins when it is told a line, and prints after each flush the time and the number of the event that was last.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from msgspec import Raw

from llmtaskgraph import _events as ev
from llmtaskgraph._chat import Usage
from llmtaskgraph._graph import Arg, Children, Task
from llmtaskgraph._store import Store

COUNT = 10_000
FLOOD = 20_000
INSIDE = 10
BATCH = 20
WORDS = "plain words about rivers and cities, "


def _stage(value: object) -> ev.Stage:
    return ev.Stage(Raw(msgspec.json.encode(value)), "0123456789abcdef0123456789abcdef", "executed")


def _declared(task_run: int, tasks: list[Task]) -> Iterator[ev.Event]:
    yield ev.TasksAdded(tasks)
    yield ev.StageSettled(task_run, "children", _stage(Children([task.number for task in tasks], Arg(ref=tasks[-1].id))))


def _begun() -> Iterator[ev.Event]:
    yield ev.TasksAdded([Task("graph", "main", 1, "main")])
    yield ev.RunStarted(ev.Run(1, 1, time.time()))
    yield ev.TaskStarted(1, 1, "main", time.time())


def _flood() -> Iterator[ev.Event]:
    tasks = [Task("python", f"main/part[{n}]", n + 2, "part", "main", 1) for n in range(FLOOD)]
    yield from _begun()
    yield from _declared(1, tasks)
    for task_run, task in enumerate(tasks, 2):
        yield ev.TaskStarted(task_run, 1, task.id, time.time(), (), 1)
        yield ev.TaskSucceeded(task_run, time.time(), _stage(WORDS * 5))


def _grow() -> Iterator[ev.Event]:
    chapters: list[Task] = []
    for n in range(COUNT // INSIDE * 2):
        before = (Arg(ref=chapters[-1].id),) if chapters else ()
        chapters.append(Task("graph", f"main/chapter[{n}]", n + 2, "chapter", "main", 1, before))
    yield from _begun()
    yield from _declared(1, chapters)
    number = task_run = chapters[-1].number
    for chapter in chapters:
        around = task_run = task_run + 1
        yield ev.TaskStarted(around, 1, chapter.id, time.time(), (), 1)
        inside = [_call(f"{chapter.id}/draft[{n}]", number + 1 + n, chapter) for n in range(INSIDE)]
        number += INSIDE
        yield from _declared(around, inside)
        for task in inside:
            task_run += 1
            yield from _asked(task_run, task)
        yield ev.TaskSucceeded(around, time.time(), _stage(WORDS))


def _call(id: str, number: int, chapter: Task) -> Task:
    return Task("llm", id, number, "draft", chapter.id, chapter.number, model="openai:gpt-5-mini")


def _asked(task_run: int, task: Task) -> Iterator[ev.Event]:
    yield ev.TaskStarted(task_run, 1, task.id, time.time(), (), 1)
    yield ev.AttemptStarted(task_run, 1, time.time(), "gpt-5-mini")
    for _ in range(3):
        yield ev.ResponseStreamed(task_run, WORDS)
    response = {"role": "assistant", "parts": [{"type": "text", "content": WORDS * 3}]}
    yield ev.AttemptSucceeded(task_run, time.time(), _stage(response), "gpt-5-mini", "stop", Usage(900, 30), 0.0004)
    yield ev.TaskSucceeded(task_run, time.time(), _stage(WORDS * 3))


def write(path: Path, kind: str, rate: int) -> None:
    """Write until nobody wants more: the input is closed."""
    store = Store.open(path, create=True)
    events = _flood() if kind == "flood" else _grow()
    for event in events:
        store.append(event)
        if len(store.state.tasks) > COUNT and isinstance(event, ev.StageSettled):
            break
    store.flush()
    print("ready", flush=True)
    sys.stdin.readline()
    begin = time.perf_counter()
    for written, event in enumerate(events, 1):
        store.append(event)
        if written % BATCH == 0:
            store.flush()
            print(time.time(), store.state.sequence, flush=True)
            time.sleep(max(0.0, begin + written / rate - time.perf_counter()))


if __name__ == "__main__":
    write(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

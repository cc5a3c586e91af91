"""Writes traces without an engine: events of runs that never were, in this process or in a child."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from msgspec import Raw

from llmtaskgraph import (
    ResponseStreamed,
    Run,
    RunEnded,
    RunStarted,
    Stage,
    Task,
    TasksAdded,
    TaskStarted,
    TaskSucceeded,
)
from llmtaskgraph._events import Status
from llmtaskgraph._store import MemoryStore, Store

HEAD = """
import os, signal, sys, time
from pathlib import Path
from llmtaskgraph import *
from llmtaskgraph._store import Store
from writers import *
path = Path(sys.argv[1])
"""


def begin(store: Store | MemoryStore, tasks: int = 1) -> int:
    """A run begins; its task runs have the numbers from the returned one on."""
    state = store.state
    if not state.tasks:
        store.append(TasksAdded([Task("graph", "main", 1, "main")]))
    parent = max(state.runs, default=None)
    run = max(state.runs, default=0) + 1
    store.append(RunStarted(Run(run, 1, float(run), parent)))
    first = max(state.task_runs, default=0) + 1
    for i in range(tasks):
        store.append(TaskStarted(first + i, run, f"main/{i}" if i else "main", float(run), (), 1))
    store.flush()
    return first


def say(store: Store | MemoryStore, task_run: int, text: str) -> None:
    """A piece of an answer arrives."""
    store.append(ResponseStreamed(task_run, text))
    store.flush()


def end(store: Store | MemoryStore, status: Status = "succeeded") -> None:
    """All that runs succeeds, and the run ends."""
    run = store.state.run().id
    if status == "succeeded":
        for task_run in [found for found in store.state.in_run(run).values() if found.status == "running"]:
            store.append(TaskSucceeded(task_run.id, 2.0, Stage(Raw(b'"done"'), "k", "executed")))
    store.append(RunEnded(run, status, 3.0))
    store.flush()


def write(path: Path, runs: int = 1, tasks: int = 1) -> bytes:
    """A whole trace."""
    for _ in range(runs):
        store = Store.open(path, create=True)
        begin(store, tasks)
        end(store)
        store.close()
    return path.read_bytes()


def child(code: str, *args: object) -> subprocess.Popen[str]:
    """Run code in a process of its own, with the names of this file and of the package at hand; `path` is its first argument."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    command = [sys.executable, "-c", HEAD + code, *map(str, args)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env)


def told_by(process: subprocess.Popen[str], text: str | None = None) -> str:
    """What a child wrote until it ended, errors included."""
    out, errors = process.communicate(text, timeout=120)
    return out + errors

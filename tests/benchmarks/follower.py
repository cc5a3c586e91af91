"""What a follower costs the run that it follows: none, one that stopped reading, one that reads 20 times a second.

Each figure is the best of several fresh child processes that run a graph of 40,000 tasks; the three kinds take turns. It is the
processor time of the run, which does not depend on what else the machine does: the follower is a process of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

TASKS = 40_000
ROUNDS = 7


async def no_op(*_: object) -> int:
    """What every task does."""
    return 1


async def run(trace: Path) -> float:
    """A wide graph, from the call to its return. Returns seconds of processor time."""
    from llmtaskgraph import PythonTask, TaskGraph

    graph: TaskGraph[Any] = TaskGraph()
    for _ in range(TASKS):
        graph.add_task(PythonTask(no_op))
    graph.add_output_task(PythonTask(no_op))
    start = time.process_time()
    await graph.run(trace=trace)
    return time.process_time() - start


def follow(trace: Path) -> None:
    """Look at a trace 20 times a second, for ever."""
    from llmtaskgraph import Follower

    follower = Follower(trace)
    while True:
        follower.poll()
        time.sleep(0.05)


def _child(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.benchmarks.follower", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _timed(kind: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        follower = None if kind == "none" else _child("follow", trace)
        time.sleep(0.5)
        writer = _child("run", trace)
        while follower is not None and kind == "stopped" and not Path(f"{trace}.journal").exists():
            time.sleep(0.005)
        if follower is not None and kind == "stopped":
            time.sleep(0.06)  # it has opened the journal
            follower.send_signal(signal.SIGSTOP)
        seconds = float(writer.communicate()[0])
        if follower is not None:
            os.kill(follower.pid, signal.SIGKILL)
            follower.communicate()
        return seconds


def main() -> None:
    """Print the figures."""
    kinds = ("none", "stopped", "reading")
    took: dict[str, float] = {}
    for _ in range(ROUNDS):
        for kind in kinds:
            took[kind] = min(took.get(kind, 1e9), _timed(kind))
    alone = took["none"]
    told = ", ".join(f"{kind} {took[kind] / alone - 1:+.1%}" for kind in kinds[1:])
    print(f"follower: {TASKS:,} tasks take {alone:.2f} s of processor time alone; with one that is {told} (stopped: below +2%)")


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        import anyio

        print(anyio.run(run, Path(sys.argv[2])))
    elif sys.argv[1:2] == ["follow"]:
        follow(Path(sys.argv[2]))
    else:
        main()

"""What a follower costs the run that it follows: none, one that stopped reading, one that reads 20 times a second.

Fresh child processes run a graph of 40,000 tasks. The kinds take turns, in another order each round, so that what else the
machine does hits all alike. `cpu` is the processor time of the run, `wall` its duration; each is the best of the rounds.
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
ROUNDS = 12
KINDS = ("none", "stopped", "reading")


async def no_op(*_: object) -> int:
    """What every task does."""
    return 1


async def run(trace: Path) -> tuple[float, float]:
    """A wide graph, from the call to its return. Returns seconds of processor time, and of the clock."""
    from llmtaskgraph import PythonTask, TaskGraph

    graph: TaskGraph[Any] = TaskGraph()
    for _ in range(TASKS):
        graph.add_task(PythonTask(no_op))
    graph.add_output_task(PythonTask(no_op))
    start = time.process_time(), time.perf_counter()
    await graph.run(trace=trace)
    return time.process_time() - start[0], time.perf_counter() - start[1]


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


def _timed(kind: str) -> tuple[float, float]:
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
        cpu, wall = map(float, writer.communicate()[0].split())
        if follower is not None:
            os.kill(follower.pid, signal.SIGKILL)
            follower.communicate()
        return cpu, wall


def main() -> None:
    """Print the figures."""
    took: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    for number in range(ROUNDS):
        for i in range(len(KINDS)):
            kind = KINDS[(i + number) % len(KINDS)]
            took[kind].append(_timed(kind))
    best = {kind: tuple(min(column) for column in zip(*rounds, strict=True)) for kind, rounds in took.items()}
    cpu, wall = best["none"]
    print(f"follower: {TASKS:,} tasks take {cpu:.3f} s of processor time alone, {wall:.3f} s by the clock (best of {ROUNDS})")
    for kind in KINDS[1:]:
        print(f"follower: with one that is {kind}: cpu {best[kind][0] / cpu - 1:+.1%}, clock {best[kind][1] / wall - 1:+.1%}")
    print("follower: aim for one that has stopped: below +2%")


if __name__ == "__main__":
    if sys.argv[1:2] == ["run"]:
        import anyio

        print(*anyio.run(run, Path(sys.argv[2])))
    elif sys.argv[1:2] == ["follow"]:
        follow(Path(sys.argv[2]))
    else:
        main()

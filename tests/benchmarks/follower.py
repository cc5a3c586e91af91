"""What a follower costs the run that it follows: none, one that stopped reading, one that reads 20 times a second.

One process runs graphs of 20,000 tasks, over and over; the followers are processes of their own. The kinds take turns, so that
what else the machine does hits all alike, and `none` takes two: how far its two figures differ cannot be told from noise.
`cpu` is the processor time of the run, `clock` its duration; each is the median, and the best, of the rounds.
"""

from __future__ import annotations

import gc
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import anyio

TASKS = 20_000
ROUNDS = 30
KINDS = ("none", "stopped", "none again", "reading")


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
    gc.collect()
    start = time.process_time(), time.perf_counter()
    await graph.run(trace=trace)
    return time.process_time() - start[0], time.perf_counter() - start[1]


def follow(trace: Path, kind: str) -> None:
    """Look at a trace 20 times a second; one that stops does not look again after it has seen the run begin."""
    from llmtaskgraph import Follower

    follower = Follower(trace)
    print("ready", flush=True)
    while follower.poll() is None or kind == "reading":
        time.sleep(0.05 if kind == "reading" else 0.001)
    signal.pause()


def timed(kind: str) -> tuple[float, float]:
    """Once: a run beside a follower of that kind."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace.json"
        if kind.startswith("none"):
            return anyio.run(run, trace)
        command = [sys.executable, "-m", "tests.benchmarks.follower", str(trace), kind]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as follower:
            assert follower.stdout is not None
            follower.stdout.readline()
            try:
                return anyio.run(run, trace)
            finally:
                follower.kill()


def main() -> None:
    """Print the figures."""
    timed("none")
    took: dict[str, list[tuple[float, float]]] = {kind: [] for kind in KINDS}
    for number in range(ROUNDS):
        for i in range(len(KINDS)):
            kind = KINDS[(i + number) % len(KINDS)]
            took[kind].append(timed(kind))
    middle = {kind: [median(column) for column in zip(*rounds, strict=True)] for kind, rounds in took.items()}
    best = {kind: [min(column) for column in zip(*rounds, strict=True)] for kind, rounds in took.items()}
    print(f"follower: {TASKS:,} tasks take {middle['none'][0]:.3f} s of processor time alone (median of {ROUNDS} rounds)")
    for kind in KINDS[1:]:
        (cpu, clock), (least_cpu, least_clock) = (
            [now / before - 1 for now, before in zip(found[kind], found["none"], strict=True)] for found in (middle, best)
        )
        print(f"follower: {kind:10} cpu {cpu:+.1%} (best {least_cpu:+.1%}), clock {clock:+.1%} (best {least_clock:+.1%})")
    print("follower: aim for one that has stopped: below +2%")


if __name__ == "__main__":
    follow(Path(sys.argv[1]), sys.argv[2]) if len(sys.argv) > 1 else main()

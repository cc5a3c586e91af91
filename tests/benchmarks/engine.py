"""What a no-op task costs with everything recorded, beside two floors in the same process.

floor 1: `asyncio.gather` over as many coroutines. floor 2: a bare loop that encodes and writes two journal lines a task.
A process measures the engine and the floors in turn, several rounds; each figure is the best of all rounds of several processes,
in microseconds a task. `first` is the first run of a fresh process, which gets its memory from the system; memory is what such a
run adds to the peak, a task.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio
import msgspec

SIZES = (1_000, 10_000, 100_000)


async def no_op(*_: object) -> int:
    """What every task does."""
    return 1


async def engine(shape: str, n: int, folder: Path) -> float:
    """A graph that is written out, run with a trace: from the call to its return, snapshot included."""
    from llmtaskgraph import PythonTask, TaskGraph

    graph: TaskGraph[Any] = TaskGraph()
    task = graph.add_task(PythonTask(no_op))
    for _ in range(n - 2):
        task = graph.add_task(PythonTask(no_op, task) if shape == "chain" else PythonTask(no_op))
    graph.add_output_task(PythonTask(no_op, task))
    gc.collect()
    start = time.perf_counter()
    await graph.run(trace=folder / "trace.json")
    return time.perf_counter() - start


async def gather(shape: str, n: int, folder: Path) -> float:
    """By hand, with nothing recorded."""
    start = time.perf_counter()
    if shape == "chain":
        for _ in range(n):
            await no_op()
    else:
        await asyncio.gather(*[no_op() for _ in range(n)])
    return time.perf_counter() - start


async def two_lines(shape: str, n: int, folder: Path) -> float:
    """Encode and write two lines of a journal, as the engine does for a task: an event each, with its number and check sum."""
    from llmtaskgraph._events import Stage, TaskStarted, TaskSucceeded
    from llmtaskgraph._journal import line

    fd = os.open(folder / "lines", os.O_WRONLY | os.O_CREAT)
    start = time.perf_counter()
    for i in range(n):
        now = time.time()
        os.write(fd, line(2 * i, TaskStarted(i, 1, f"main/no_op[{i}]", now, (i,), 1)))
        stage = Stage(msgspec.Raw(b"1"), "0123456789abcdef0123456789abcdef", "executed")
        os.write(fd, line(2 * i + 1, TaskSucceeded(i, now, stage)))
        await no_op()
    spent = time.perf_counter() - start
    os.close(fd)
    return spent


MEASURED = {"engine": engine, "lines": two_lines, "gather": gather}


def measure(kind: str, shape: str, n: int) -> float:
    """Once: microseconds a task."""
    with tempfile.TemporaryDirectory() as folder:
        return anyio.run(MEASURED[kind], shape, n, Path(folder)) / n * 1e6


def child(what: str, shape: str, n: int) -> None:
    """Measure in this process: `first` prints microseconds and bytes of one run; `rounds` the best microseconds of each kind."""
    measure("engine", shape, 3)  # imports, and the source of the function, which count as start-up
    if what == "first":
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        spent = measure("engine", shape, n)
        print(json.dumps([spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / n]))
        return
    best = dict.fromkeys(MEASURED, 1e9)
    for _ in range(max(3, min(20, 100_000 // n))):
        for kind in MEASURED:
            best[kind] = min(best[kind], measure(kind, shape, n))
    print(json.dumps(best))


def in_processes(what: str, shape: str, n: int, times: int = 3) -> list[Any]:
    """What several child processes printed."""
    command = [sys.executable, "-m", "tests.benchmarks.engine", what, shape, str(n)]
    return [json.loads(subprocess.run(command, check=True, capture_output=True).stdout) for _ in range(times)]


def main() -> None:
    """Print the figures."""
    print("cost of a no-op task, everything recorded (us a task)")
    print(f"{'':6} {'N':>7} {'engine':>8} {'2 lines':>8} {'ratio':>6} {'gather':>8} {'first':>8} {'bytes/task':>11}")
    for shape in ("fan", "chain"):
        flat = []
        for n in SIZES:
            rounds = in_processes("rounds", shape, n)
            ours, lines, by_hand = (min(found[kind] for found in rounds) for kind in MEASURED)
            first, memory = min(in_processes("first", shape, n))
            flat.append(ours)
            print(
                f"{shape:6} {n:7} {ours:8.2f} {lines:8.2f} {ours / lines:6.2f} {by_hand:8.2f} {first:8.2f} {memory:11.0f}",
                flush=True,
            )
        print(f"{shape:6} largest / smallest over N: {max(flat) / min(flat):.2f} (aim: at most 1.5); ratio: at most 2.5")


if __name__ == "__main__":
    child(sys.argv[1], sys.argv[2], int(sys.argv[3])) if len(sys.argv) > 2 else main()

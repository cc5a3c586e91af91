"""`ltg-tui` beside an empty Textual app in the same run, both in pseudo-terminals of 80x24.

A large trace has about 100,000 tasks. Start is wall time until a first key is answered; the other times are processor time, which
does not depend on what else the machine does. Bytes are those that a remote terminal would get.
"""

from __future__ import annotations

import select
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ._terminal import Program

ROUNDS = 3
KEYS = 40
TOKENS = 20
RATE = 5_000
FLOOD = 6.0

_DECODE = """
import sys, time, msgspec
from llmtaskgraph._trace import Document
data = open(sys.argv[1], "rb").read()
begin = time.process_time()
msgspec.json.decode(data, type=Document)
print(time.process_time() - begin)
"""


@contextmanager
def _started(*words: str, ready: bytes) -> Iterator[tuple[Program, float, float]]:
    """A program, the seconds until a key is answered, and the processor time until then."""
    with tempfile.TemporaryDirectory() as state:
        program = Program(*words, XDG_STATE_HOME=state, XDG_CONFIG_HOME=state)
        try:
            program.until(ready)
            program.press("j")
            while not program.read(0.005):
                pass
            yield program, time.perf_counter() - program.started, program.cpu
        finally:
            program.close()


@contextmanager
def _empty() -> Iterator[tuple[Program, float, float]]:
    with _started("tests.benchmarks._empty_app", ready=b"ready") as found:
        yield found


@contextmanager
def _tui(trace: Path, ready: bytes = b"run 1/1", *words: str) -> Iterator[tuple[Program, float, float]]:
    with _started("ltg_tui.cli", str(trace), *words, ready=ready) as found:
        yield found


def _large(*words: object, **given: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.benchmarks._large", *map(str, words)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _keys(program: Program, keys: list[str], rest: float) -> tuple[float, float]:
    """Processor time and bytes for a key, both the median; `rest` is how long one waits for what follows from a key."""
    times, sizes = [], []
    for key in keys:
        before = program.cpu
        program.press(key)
        sizes.append(len(program.read(rest)))
        times.append(program.cpu - before)
    return statistics.median(times), statistics.median(sizes)


def start(trace: Path) -> None:
    """From the command to the first key that is answered."""
    both: list[tuple[float, float]] = []
    for open in (_empty, lambda: _tui(trace)):
        found = []
        for _ in range(ROUNDS):
            with open() as (_, seconds, cpu):
                found.append((cpu, seconds))
        both.append(min(found))
    (empty, empty_wall), (ours, ours_wall) = both
    command = [sys.executable, "-c", _DECODE, str(trace)]
    runs = [subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(ROUNDS)]
    decode = min(float(run.stdout) for run in runs)
    floor = empty + decode
    print(f"start: empty app {empty:.2f} s + decode {decode:.2f} s of processor time; ltg-tui {ours:.2f} s,", end=" ")
    print(f"{ours / floor:.2f} times as long (aim: at most 3); on this machine's clock {empty_wall:.2f} s and {ours_wall:.2f} s")


def keys(trace: Path) -> None:
    """A key to its paint, with nothing else to do; and how many bytes it takes."""
    with _empty() as (program, _, _):
        program.settle()
        floor, _ = _keys(program, ["j"] * KEYS, 0.1)
    with _tui(trace) as (program, _, _):
        program.settle(1.0)
        for key in "zGljjj":  # the tree alone, all chapters unfolded
            program.press(key)
            program.settle()
        moved, moved_bytes = _keys(program, ["j", "k"] * (KEYS // 2), 0.1)
        page, page_bytes = _keys(program, ["\x1b[6~"] * 10, 0.2)
        program.press("zg")
        program.settle()
        rested, rested_bytes = _keys(program, ["j", "k"] * (KEYS // 2), 0.25)
    print(f"key: empty app {floor * 1e3:.1f} ms; a cursor move {moved * 1e3:.1f} ms, {moved / floor:.2f} times (aim: at most 3)")
    print(f"key: with its task's panes {rested * 1e3:.1f} ms, {rested / floor:.2f} times; a page {page * 1e3:.1f} ms")
    print(f"wire: a cursor move {moved_bytes:.0f} bytes (aim: below 300), with its task's panes {rested_bytes:.0f},", end=" ")
    print(f"a page {page_bytes:.0f} (aim: below 8,000)")


def memory(trace: Path) -> None:
    """How much memory it takes, beside the size of the file."""
    with _tui(trace) as (program, _, _):
        program.settle(3.0)
        size, now, most = trace.stat().st_size, program.memory(), program.memory("VmHWM")
    print(f"memory: {now / 1e6:.0f} MB, at most {most / 1e6:.0f} MB, for a trace of {size / 1e6:.0f} MB:", end=" ")
    print(f"{now / size:.2f} and {most / size:.2f} times (aim: below 2.5)")


def stream(folder: Path) -> None:
    """A token that arrives in the pane one looks at."""
    trace = folder / "stream.json"
    writer = _large("stream", trace, TOKENS)
    _wait(lambda: trace.with_name("stream.json.journal").exists())
    with _tui(trace) as (program, _, _):
        program.settle(0.8)
        before = program.cpu
        assert writer.stdin is not None
        assert writer.stdout is not None
        writer.stdin.write("\n")
        writer.stdin.flush()
        end = time.perf_counter() + TOKENS * 0.25
        size = len(program.read(end - time.perf_counter()))
        spent = program.cpu - before
    writer.kill()
    writer.communicate()
    print(f"wire: a streamed token {size / TOKENS:.0f} bytes (aim: below 300), {spent / TOKENS * 1e3:.1f} ms; clock included")


def following(folder: Path) -> None:
    """A run that makes 5,000 events a second."""
    trace = folder / "flood.json"
    writer = _large("flood", trace, FLOOD, RATE)
    assert writer.stdout is not None
    _wait(lambda: trace.with_name("flood.json.journal").exists())
    with _tui(trace) as (program, _, _):
        program.settle(0.5)
        program.press("g")  # the cursor is on the root, not with the newest task
        before, begin, at = program.cpu, time.perf_counter(), len(program.written)
        answers: list[float] = []
        while not select.select([writer.stdout], [], [], 0)[0]:
            asked = time.perf_counter()
            program.press("jk"[len(answers) % 2])
            while not program.read(0.002):
                pass
            answers.append(time.perf_counter() - asked)
            program.read(0.25)
        last = float(writer.stdout.readline())
        spent, size, took = program.cpu - before, len(program.written) - at, last - begin
        program.until(b"succeeded", since=at)
        behind = time.perf_counter() - last
    writer.kill()
    writer.communicate()
    print(
        f"follow: {RATE:,} events a second take {spent / FLOOD:.0%} of a processor, {size / took / 1e3:.1f} kB a second;", end=" "
    )
    print(f"{max(0.0, behind):.1f} s behind at the end; a key is answered in {statistics.median(answers) * 1e3:.0f} ms", end=" ")
    print(f"(at most {max(answers) * 1e3:.0f})")


def _wait(ready: Callable[[], bool]) -> None:
    while not ready():
        time.sleep(0.02)


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trace = folder / "large.json"
        _large("write", trace).communicate()
        start(trace)
        keys(trace)
        memory(trace)
        stream(folder)
        following(folder)


if __name__ == "__main__":
    main()

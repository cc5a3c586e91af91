"""How long a command takes to start, beside a bare Python (milliseconds, best of 15)."""

from __future__ import annotations

import subprocess
import sys
import time


def best(*words: str) -> float:
    """The quickest of 15 starts."""
    times = []
    for _ in range(15):
        start = time.perf_counter()
        subprocess.run([sys.executable, *words], stdout=subprocess.DEVNULL, check=True)
        times.append(time.perf_counter() - start)
    return min(times) * 1000


def main() -> None:
    """Print the figures."""
    bare = best("-c", "pass")
    print(f"start: python -c pass {bare:.1f} ms")
    for name, words in {
        "ltg --help": ("-m", "llmtaskgraph.cli", "--help"),
        "ltg-tui --help": ("-m", "ltg_tui.cli", "--help"),
        "import llmtaskgraph": ("-c", "import llmtaskgraph"),
    }.items():
        ours = best(*words)
        print(f"start: {name:20} {ours:.1f} ms, {ours / bare:.2f} times as long (aim for --help: at most 3)")

"""Recursion: a thousand graphs deep is fine, without end is a mistake that is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from llmtaskgraph import Registry, RunFailed, read

app = Registry("depth")


@app.graph
def down(n: int) -> int:
    return down(n - 1) if n else 0


@app.graph
def endless(n: int = 0) -> int:
    return endless(n + 1)


pytestmark = pytest.mark.anyio


async def test_a_thousand_graphs_lie_in_each_other(tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    assert await down.arun(1000, trace=trace) == 0
    assert sum(1 for _ in read(trace).state.walk(1)) == 1001
    assert await down.aresume(trace) == 0
    assert read(trace).state.in_run(2) == {}


async def test_a_recursion_without_end_fails_and_says_so() -> None:
    with pytest.raises(RunFailed, match=r"endless is 2,000 graphs deep: does the recursion end\?"):
        await endless.arun()

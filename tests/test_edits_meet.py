"""Edits made on a graph in memory and in its file at the same time are both kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from llmtaskgraph import PythonTask, TaskGraph, edit_trace, read

pytestmark = pytest.mark.anyio


async def one() -> str:
    return "a"


async def two() -> str:
    return "b"


async def both(x: str, y: str) -> str:
    return x + y


async def test_an_edit_in_memory_is_not_lost_against_one_in_the_file(tmp_path: Path) -> None:
    trace = tmp_path / "trace.json"
    graph: TaskGraph[Any] = TaskGraph()
    parts = [graph.add_task(PythonTask(one)), graph.add_task(PythonTask(two))]
    graph.add_output_task(PythonTask(both, *parts))
    assert await graph.run(trace=trace) == "ab"
    graph.edit("main/one", "output", "MEMORY ")
    edit_trace(trace, None, "main/two", "output", '"FILE"')
    assert await graph.resume(trace=trace) == "MEMORY FILE"
    assert sorted(read(trace).state.edits) == [1, 2]

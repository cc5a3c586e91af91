"""A program whose plan is looked at, and ways to change it."""

from __future__ import annotations

CODE = """
from llmtaskgraph import Registry
app = Registry("steps")

@app.task
def step(n: int) -> int:
    return n + 1

@app.task
def twice(n: int) -> int:
    return n * 2

@app.graph
def main(n: int = 1) -> int:
    return twice(step(n))
"""

NEVER_ENDS = """import os, pathlib, time
pathlib.Path("pid").write_text(str(os.getpid()))
time.sleep(600)
"""
"""In front of it: the import goes on for ever."""

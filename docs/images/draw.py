"""Draw the pictures of the README and of docs/tui.md again: `python docs/images/draw.py`, from the top of the checkout.

Needs no key and no screen. They are of examples/story.py, in which a verdict fails, before and after that was edited.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from llmtaskgraph import edit_trace
from ltg_tui.app import DebuggerApp
from ltg_tui.cli import open_trace

HERE = Path(__file__).parent
JUDGE = "main/scenes/revise[1]/judge"


async def draw(trace: Path, size: tuple[int, int], *keys: str, task: str = "") -> str:
    """A screen of a trace, as SVG: the cursor on a task, then what keys lead to."""
    session, follower = open_trace(trace, None, wait=False)
    app = DebuggerApp(session, follower)
    async with app.run_test(size=size) as pilot:
        await pilot.pause(0.5)
        if task:
            app.do("task", task)
            await pilot.pause(0.3)
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.3)
        await pilot.pause(1)
        return app.export_screenshot(title=f"ltg-tui {trace.name}", simplify=True)


def tidy(svg: str) -> str:
    """Without fonts from elsewhere, and the same text each time."""
    svg = re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"terminal-\d+", "terminal", svg)
    return "\n".join(line.rstrip() for line in svg.splitlines()) + "\n"


def main() -> None:
    """Run the example, edit, draw."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "story.trace.json"
        words = ["run", "examples/story.py:main", "--offline", "--trace", str(trace)]
        subprocess.run([sys.executable, "-m", "llmtaskgraph.cli", *words], stderr=subprocess.DEVNULL, env=ENVIRONMENT)
        picture("tui-failed", trace, (150, 38), "x")
        edit_trace(trace, 1, JUDGE, "response", '{"score": 8, "advice": ""}')
        picture("story", trace, (118, 30), "2", task=JUDGE)
        picture("tui-plan", trace, (100, 24), "r")
        picture("tui-keys", trace, (118, 40), "question_mark")


def picture(name: str, trace: Path, size: tuple[int, int], *keys: str, task: str = "") -> None:
    """Draw one."""
    (HERE / f"{name}.svg").write_text(tidy(asyncio.run(draw(trace, size, *keys, task=task))))


os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp()  # nothing of the person who draws is read
ENVIRONMENT = {**os.environ, "TERM": "xterm-256color"}

if __name__ == "__main__":
    main()

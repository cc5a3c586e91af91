"""Draw the pictures of the README again: `python docs/images/draw.py`, from the top of the checkout. Needs no key and no screen.

The picture is of examples/story.py after its failed verdict was edited and before it is resumed.
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


async def draw(trace: Path, size: tuple[int, int]) -> str:
    """The first screen of a trace, with the cursor on the verdict, as SVG."""
    session, follower = open_trace(trace, None, wait=False)
    app = DebuggerApp(session, follower)
    async with app.run_test(size=size) as pilot:
        await pilot.press("slash", *"revise", "enter")
        while app.main.chosen is None or app.main.chosen.id != JUDGE:
            await pilot.press("j")
        await pilot.press("2")
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
        edit_trace(trace, 1, JUDGE, "response", '{"score": 8, "advice": ""}')
        (HERE / "story.svg").write_text(tidy(asyncio.run(draw(trace, (118, 30)))))


ENVIRONMENT = {**os.environ, "TERM": "xterm-256color"}

if __name__ == "__main__":
    main()

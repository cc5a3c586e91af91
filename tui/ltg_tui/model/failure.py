"""Errors as people read them: what, at which stage, and the lines of their own code."""

from __future__ import annotations

import os

from llmtaskgraph import Failure

from .flow import Block


def failure_blocks(failure: Failure) -> list[Block]:
    """A failure: its message first, then the user's own frames, outermost first."""
    stage = f" while making the {failure.stage}" if failure.stage else ""
    fault = f" ({failure.fault})" if failure.fault else ""
    blocks = [Block(f"{failure.type}{fault}{stage}", "error"), Block(failure.message)]
    for frame in failure.frames:
        blocks.append(Block(f"\n{_relative(frame.file)}:{frame.line} in {frame.function}", "key"))
        if frame.code:
            blocks.append(Block(f"    {frame.code.strip()}"))
    return blocks


def _relative(path: str) -> str:
    try:
        found = os.path.relpath(path)
    except (OSError, ValueError):
        return path
    return path if found.startswith(os.pardir) else found

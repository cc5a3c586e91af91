"""What is left of an exception that nobody foresaw: a file that nobody else can read, and one line that names it."""

from __future__ import annotations

import os

from llmtaskgraph import new_file

from ..model.safe import message


def crash_report(text: str) -> str:
    """Write what happened to a private file. Returns what to tell: neither prompts nor keys are in that."""
    try:
        fd, path = new_file("crash-", ".txt")
        with os.fdopen(fd, "w", errors="replace") as file:
            file.write(text)
        where = f"the details are in {path} (it may hold parts of prompts: look before you share it)"
    except OSError:
        where = "the details could not be written"
    return message(f"ltg-tui: something went wrong that was not foreseen; nothing is lost; {where}")

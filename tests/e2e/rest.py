"""Whether programs have done what they were to do: not by the clock, for a slow machine lets them wait."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path


def at_work(*pids: int) -> bool:
    """Whether one of these processes, or of those that they started, has something to do now. None has where that is not told."""
    return any(_works(pid) for given in pids for pid in _family(given))


def _family(pid: int) -> Iterator[int]:
    yield pid
    for thread in _inside(Path(f"/proc/{pid}/task")):
        for child in _read(thread / "children").split():
            yield from _family(int(child))


def _works(pid: int) -> bool:
    states = (_read(thread / "stat").rpartition(")")[2].split() for thread in _inside(Path(f"/proc/{pid}/task")))
    return any(state and state[0] in "RD" for state in states)


def _inside(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:  # it has ended
        return []


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""

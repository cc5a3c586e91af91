"""The traces of a folder: where to look, and what has changed since. Reads no more than the head of a file."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from llmtaskgraph import LLMTaskGraphError, glance

DEPTH: Final = 3
"""Folders in folders that are looked into."""

FOLDERS: Final = 5000
"""At most so many folders in all."""

SKIPPED: Final = frozenset({"node_modules", "venv", "env", "__pycache__", "site-packages", "dist", "build"})


class Sight(NamedTuple):
    """A file and what changes when somebody writes it. `at` is seconds since the epoch."""

    path: Path
    at: float
    size: int


def traces(folder: Path) -> Iterator[Sight | None]:
    """The traces below a folder; None each time that nothing was found for a while, so that the caller can pause."""
    waiting = deque([(folder, 0)])
    looked_into = 0
    while waiting and looked_into < FOLDERS:
        at, depth = waiting.popleft()
        looked_into += 1
        for entry in _entries(at):
            if entry.name.startswith("."):
                continue
            if _is_folder(entry):
                if depth < DEPTH and entry.name not in SKIPPED:
                    waiting.append((Path(entry.path), depth + 1))
            elif entry.name.endswith(".json"):
                yield sight(Path(entry.path)) if is_trace(Path(entry.path)) else None
        yield None


def has_traces(folder: Path, patience: int = 2000) -> bool:
    """Whether there is one. Gives up after so many files and folders."""
    return any(found is not None for found, _ in zip(traces(folder), range(patience), strict=False))


def is_trace(path: Path) -> bool:
    """Whether a file begins as a trace does."""
    look = glance(path)
    try:
        next(look)
    except LLMTaskGraphError:
        return False
    finally:
        look.close()  # type: ignore[attr-defined]
    return True


def sight(path: Path) -> Sight | None:
    """How a trace stands, its journal included; None when it is gone."""
    try:
        found = path.stat()
    except OSError:
        return None
    try:
        journal = path.with_name(f"{path.name}.journal").stat()
    except OSError:
        return Sight(path, found.st_mtime, found.st_size)
    return Sight(path, max(found.st_mtime, journal.st_mtime), found.st_size + journal.st_size)


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False

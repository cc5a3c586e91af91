"""Programs in a folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from fingerprinted import NAMES, load, write


@pytest.fixture
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[dict[str, str]], ModuleType]]:
    """Writes files, each time to a new folder, and imports `app` from there."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    made = 0

    def make(files: dict[str, str]) -> ModuleType:
        nonlocal made
        made += 1
        folder = write(tmp_path / str(made), files)
        monkeypatch.syspath_prepend(folder)
        return load(folder)

    yield make
    for known in NAMES:
        sys.modules.pop(known, None)

"""Which programs a person has run by name or said yes to. Running code that a trace names needs that first.

A program is known by the resolved path of its file. The list is a private file of the user's; without one nothing is trusted.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path

from ._private import state_path
from ._program_of import program_key


def trust_path() -> Path:
    """Where the list stands."""
    return state_path() / "trusted.json"


def is_trusted(app: str, cwd: Path) -> bool:
    """Whether a person has run the program by name, or said yes to it.

    Args:
        app: `file.py:name` or `package.module:name`.
        cwd: the folder that it is relative to.
    """
    return program_key(app, cwd) in _read()


def trust(app: str, cwd: Path) -> None:
    """Remember a program. Where that cannot be written it is asked for again.

    Args:
        app: `file.py:name` or `package.module:name`.
        cwd: the folder that it is relative to.
    """
    key, known = program_key(app, cwd), _read()
    if key in known:
        return
    path = trust_path()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fd, temporary = tempfile.mkstemp(prefix=".trusted.", dir=path.parent)  # 0600
        with os.fdopen(fd, "w") as file:
            json.dump(sorted({*known, key}), file, indent=1)
        os.replace(temporary, path)


def _read() -> set[str]:
    try:
        found = json.loads(trust_path().read_bytes())
    except (OSError, ValueError, RuntimeError):  # RuntimeError: no home
        return set()
    return {key for key in found if isinstance(key, str)} if isinstance(found, list) else set()

"""Which programs a person has run by name or said yes to. Running code that a trace names needs that first.

A program is known by the resolved path of its file. The list is a private file of the user's; without one nothing is trusted.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from pathlib import Path


def trust_path() -> Path:
    """Where the list stands."""
    state = os.environ.get("XDG_STATE_HOME", "")
    folder = Path(state) if state.startswith("/") else Path.home() / ".local/state"
    return folder / "llmtaskgraph/trusted.json"


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


def find_program(app: str, trace: Path) -> str | None:
    """A program that a trace names, as `file.py:name` from the current folder; None when its file is not found.

    It is looked for from the current folder, from that of the trace, and beside the trace. A module is taken as it is.
    """
    name, _, graph = app.rpartition(":")
    if "\0" in app:
        return None
    if not name.endswith(".py"):
        return app
    places = (Path(name), trace.parent / name, trace.parent / Path(name).name)
    found = next((place for place in places if place.is_file()), None)
    return None if found is None else f"{found}:{graph}"


def program_file(app: str, cwd: Path) -> Path | None:
    """The file of a program, found without importing anything; None for an installed module."""
    name = app.rpartition(":")[0] or app
    if name.endswith(".py") or "/" in name:
        return cwd / name
    module = cwd / Path(*name.split("."))
    return next((path for path in (module.with_suffix(".py"), module / "__init__.py") if path.is_file()), None)


def program_key(app: str, cwd: Path) -> str:
    """What a program is remembered by: the resolved path of its file, or `module:NAME`."""
    file = program_file(app, cwd)
    return str(file.resolve()) if file is not None else f"module:{app.rpartition(':')[0] or app}"


def _read() -> set[str]:
    try:
        found = json.loads(trust_path().read_bytes())
    except (OSError, ValueError, RuntimeError):  # RuntimeError: no home
        return set()
    return {key for key in found if isinstance(key, str)} if isinstance(found, list) else set()

"""Files of the user's own: in a folder that nobody else reads, mode 0600."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path


def state_path() -> Path:
    """Where the folder is, or would be: `$XDG_STATE_HOME/llmtaskgraph`, else `~/.local/state/llmtaskgraph`."""
    state = os.environ.get("XDG_STATE_HOME", "")
    return (Path(state) if state.startswith("/") else Path.home() / ".local/state") / "llmtaskgraph"


def state_folder() -> Path:
    """That folder, made where it is not there; a private temporary folder where it cannot be made."""
    folder = state_path()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="llmtaskgraph-"))
    return folder


def new_file(prefix: str, suffix: str) -> tuple[int, Path]:
    """A new private file, open for writing: its descriptor and path."""
    try:
        fd, name = tempfile.mkstemp(prefix=prefix, suffix=suffix, dir=state_folder())
    except OSError:
        fd, name = tempfile.mkstemp(prefix=prefix, suffix=suffix)
    return fd, Path(name)

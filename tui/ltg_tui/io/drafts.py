"""What was typed in an editor and not applied: kept in private files, so that no lost terminal, crash, kill or power cut
takes it.

A draft is of one field of one task in one run of one trace. Whoever types anew keeps a file of their own, so that two drafts of
the same field never overwrite each other.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

from llmtaskgraph import state_folder

_FIELDS: Final = {"trace": str, "run": int, "task": str, "field": str, "form": str, "text": str, "at": float}


@dataclass(frozen=True)
class Kept:
    """A draft that was kept.

    Attributes:
        form: how its text stands for the value; see `model.draft`.
        at: when it was typed, in seconds since the epoch.
    """

    path: Path
    trace: str
    run: int
    task: str
    field: str
    form: str
    text: str
    at: float


def folder() -> Path:
    """Where drafts are kept.

    Raises:
        OSError: it cannot be made.
    """
    found = state_folder() / "drafts"
    found.mkdir(mode=0o700, exist_ok=True)
    return found


def kept(trace: Path) -> list[Kept]:
    """All drafts of a trace, newest first. What cannot be read is left where it is."""
    found: list[Kept] = []
    with contextlib.suppress(OSError):
        for path in folder().glob(f"{_digest(_name(trace))}-*.json"):
            draft = _read(path)
            if draft is not None and draft.trace == _name(trace):
                found.append(draft)
    return sorted(found, key=lambda draft: draft.at, reverse=True)


class Keeper:
    """Keeps what is being typed in one editor. The disk may take its time: of what was asked for in between, the last holds."""

    def __init__(self, trace: Path, run: int, task: str, field: str, form: str) -> None:
        self._about = {"trace": _name(trace), "run": run, "task": task, "field": field, "form": form}
        self._stem = f"{_digest(_name(trace))}-{_digest(f'{run} {field} {task}')}"
        self._asked = 0
        self._lock = threading.Lock()
        self.path: Path | None = None

    def keep(self, text: str) -> None:
        """Keep a text in the place of the one before.

        Raises:
            OSError: it could not be written; the one before is still there.
        """
        self.later(text)()

    def drop(self) -> None:
        """It is not needed any more."""
        self.later(None)()

    def later(self, text: str | None) -> Callable[[], None]:
        """What keeps a text, or drops it, when it is called, in whichever thread; nothing where more was asked for since.

        What it gives raises as `keep` does.
        """
        self._asked += 1
        asked = self._asked
        about = {**self._about, "at": time.time()}

        def work() -> None:
            with self._lock:
                if asked != self._asked:
                    return
                if text is not None:
                    self._write(json.dumps({**about, "text": text}).encode())
                elif self.path is not None:
                    drop(self.path)
                    self.path = None

        return work

    def _write(self, data: bytes) -> None:
        if self.path is None:
            self.path = _reserve(self._stem)
        temporary = self.path.with_suffix(".tmp")
        try:
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
            with open(fd, "wb", buffering=0) as file:
                view = memoryview(data)
                while view:
                    view = view[file.write(view) :]
                os.fsync(file.fileno())
            os.replace(temporary, self.path)
            _sync(self.path.parent)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise


def drop(path: Path) -> None:
    """A draft is not needed any more."""
    with contextlib.suppress(OSError):
        path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """What was renamed in a folder stays renamed after a power cut."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def _reserve(stem: str) -> Path:
    """A name that nobody else has, nor had: whoever had it may write there again."""
    path = folder() / f"{stem}-{secrets.token_hex(6)}.json"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    return path


def _read(path: Path) -> Kept | None:
    try:
        found: Any = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict) or any(not isinstance(found.get(name), kind) for name, kind in _FIELDS.items()):
        return None
    return Kept(path, **{name: found[name] for name in _FIELDS})


def _name(trace: Path) -> str:
    return os.path.realpath(trace)


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()

"""The user's own editor, on a private file."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager

from textual.app import SuspendNotSupported

from .private import new_file


class EditorFailed(Exception):
    """The editor could not be used. The message says why, in one line."""


def edit_outside(suspend: Callable[[], AbstractContextManager[None]], text: str, suffix: str) -> str:
    """Let a person edit a text in $VISUAL or $EDITOR. Returns what it has become.

    A line end that an editor added at the very end is taken off again.

    Raises:
        EditorFailed: there is none, it failed, or it left something that is not UTF-8.
    """
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    fd, path = new_file("edit-", suffix)
    given = text.encode("utf-8", "replace")
    with os.fdopen(fd, "wb") as file:
        file.write(given)
    trouble = ""
    try:
        try:
            with suspend():
                trouble = _run([*words, str(path)])
        except SuspendNotSupported:
            raise EditorFailed("this terminal cannot be lent to an editor") from None
        if trouble:
            raise EditorFailed(trouble)
        try:
            data = path.read_bytes()
            edited = data.decode()
        except (OSError, UnicodeDecodeError) as error:
            raise EditorFailed(f"what the editor left cannot be read ({error})") from None
    finally:
        path.unlink(missing_ok=True)
    if data == given:
        return text
    return edited[:-1] if edited.endswith("\n") and not text.endswith("\n") else edited


def _run(words: list[str]) -> str:
    """Run the editor. Returns what went wrong: an exception must not leave the terminal suspended."""
    try:
        code = subprocess.call(words)
    except (OSError, ValueError) as error:
        return f"{words[0]} cannot be started ({getattr(error, 'strerror', None) or error}); set $EDITOR"
    return f"{words[0]} ended with {code}: nothing was changed" if code else ""

"""The user's own editor, on a private file."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager

from textual.app import SuspendNotSupported

from llmtaskgraph import new_file


class EditorFailed(Exception):
    """The editor could not be used. The message says why, in one line.

    Attributes:
        left: the text that it had written before it failed; None where that is what it was given.
    """

    def __init__(self, why: str, left: str | None = None) -> None:
        super().__init__(why)
        self.left = left


def edit_outside(suspend: Callable[[], AbstractContextManager[None]], text: str, suffix: str) -> str:
    """Let a person edit a text in $VISUAL or $EDITOR. Returns what it has become.

    A line end that an editor added at the very end is taken off again.

    Raises:
        EditorFailed: there is none, it failed, or it left something that is not UTF-8.
    """
    named = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    try:
        words = shlex.split(named)
    except ValueError as error:
        raise EditorFailed(f"$EDITOR is no command ({error}): {named}") from None
    fd, path = new_file("edit-", suffix)
    given = text.encode("utf-8", "replace")
    with os.fdopen(fd, "wb") as file:
        file.write(given)
    trouble = ""
    try:
        with suspend():
            trouble = _run([*words, str(path)])
    except SuspendNotSupported:
        path.unlink(missing_ok=True)
        raise EditorFailed("this terminal cannot be lent to an editor") from None
    try:
        data = path.read_bytes()
        edited = data.decode()
    except OSError as error:
        raise EditorFailed(trouble or f"what the editor left cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise EditorFailed(f"what the editor left is not UTF-8 and was not applied; it stays in {path}") from None
    path.unlink(missing_ok=True)
    if edited.endswith("\n") and not text.endswith("\n"):
        edited = edited[:-1]
    if trouble:  # perhaps the terminal was lost: what was written before must not be
        raise EditorFailed(trouble, None if data == given else edited)
    return text if data == given else edited


def _run(words: list[str]) -> str:
    """Run the editor. Returns what went wrong: an exception must not leave the terminal suspended."""
    try:
        code = subprocess.call(words)
    except (OSError, ValueError) as error:
        return f"{words[0]} cannot be started ({getattr(error, 'strerror', None) or error}); set $EDITOR"
    return f"{words[0]} ended with {code}: nothing was changed" if code else ""

"""Where one jumped from and to, so that one can go back and forward."""

from __future__ import annotations

from typing import Final

KEPT: Final = 200


class Jumps:
    """A list of tasks, by id, and where in it one is. A jump from the middle forgets what was after it."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._at = -1

    def jump(self, start: str, end: str) -> None:
        """One jumped from a task to another."""
        if start == end:
            return
        del self._ids[self._at + 1 :]
        if not self._ids or self._ids[-1] != start:
            self._ids.append(start)
        self._ids.append(end)
        del self._ids[:-KEPT]
        self._at = len(self._ids) - 1

    def back(self, here: str) -> str | None:
        """The task before; None when there is none."""
        if self._ids and self._ids[self._at] != here and self._at == len(self._ids) - 1:
            self._ids.append(here)  # one walked away from where one had jumped to
            self._at += 1
        return self._step(-1)

    def forward(self) -> str | None:
        """The task after; None when there is none."""
        return self._step(1)

    def _step(self, step: int) -> str | None:
        if not 0 <= self._at + step < len(self._ids):
            return None
        self._at += step
        return self._ids[self._at]

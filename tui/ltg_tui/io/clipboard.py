"""The clipboard of the terminal: OSC 52, and tmux's own buffer, since tmux drops OSC 52 unless it was told not to."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Callable
from typing import Final

LIMIT: Final = 100_000
"""So many bytes of base64 get through: xterm and others take no more."""


class TooLong(ValueError):
    """It does not fit through a terminal. The message says how long it is."""


def copy(text: str, write: Callable[[str], None]) -> str:
    """Copy a text. Returns by which way, for people: whether a terminal took it cannot be known.

    Args:
        write: sends characters to the terminal.

    Raises:
        TooLong: it is not sent.
    """
    data = text.encode("utf-8", "replace")
    encoded = base64.b64encode(data).decode()
    by_tmux = bool(os.environ.get("TMUX")) and _tmux(data)
    if len(encoded) > LIMIT and not by_tmux:
        raise TooLong(f"{len(data):,} bytes are too many for a terminal's clipboard")
    if len(encoded) <= LIMIT:
        write(f"\x1b]52;c;{encoded}\x07")
    return "into tmux's buffer" if by_tmux else "by OSC 52, which some terminals refuse"


def _tmux(data: bytes) -> bool:
    try:
        done = subprocess.run(["tmux", "load-buffer", "-w", "-"], input=data, capture_output=True, timeout=2)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0

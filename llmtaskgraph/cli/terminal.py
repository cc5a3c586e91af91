"""What goes to the terminal: colours where they are wanted, glyphs that the encoding has, JSON, notes on stderr."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, Final, TextIO

from . import stdout
from .safe import json_text, message

_SGR: Final = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "magenta": "35", "cyan": "36"}

_GLYPHS: Final = {
    "succeeded": "✔+",
    "failed": "✖x",
    "blocked": "⊘!",
    "cancelled": "◌-",
    "running": "●*",
    "ready": "○o",
    "waiting": "·.",
    "edited": "✎e",
    "reused": "==",
    "executed": "  ",
}
"""Name -> glyph, and the ASCII that stands for it."""

COLOURS: Final = {
    "succeeded": "green",
    "failed": "red",
    "blocked": "yellow",
    "cancelled": "yellow",
    "running": "cyan",
    "edited": "magenta",
}


def is_terminal(stream: TextIO) -> bool:
    """Whether a person reads the stream."""
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def interactive() -> bool:
    """Whether a question can be asked."""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def paint(text: str, colour: str | None, stream: TextIO | None = None) -> str:
    """Text in a colour, where the stream shows colours. The text has to be safe already."""
    stream = stdout.data() if stream is None else stream
    if colour is None or not text or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not is_terminal(stream):
        return text
    return f"\x1b[{_SGR[colour]}m{text}\x1b[0m"


def glyph(name: str) -> str:
    """The glyph of a status or an origin."""
    unicode = (getattr(stdout.data(), "encoding", None) or "").lower().replace("-", "").startswith("utf")
    return _GLYPHS[name][0 if unicode else 1]


def note(text: str) -> None:
    """A line on stderr."""
    print(message(text), file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """A JSON document on stdout. On a terminal, characters that act on it are escaped; the value is the same."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    print(json_text(text) if is_terminal(stdout.data()) else text, file=stdout.data())


def seconds(value: float | None) -> str:
    """A duration for people."""
    if value is None:
        return ""
    if value < 60:
        return f"{value:.1f}s"
    minutes, rest = divmod(round(value), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02d}m" if hours else f"{minutes}m{rest:02d}s"


def dollars(value: float | None) -> str:
    """A cost for people; empty when unpriced."""
    if value is None:
        return ""
    return f"${value:.2f}" if value >= 1 or value == 0 else f"${value:.4f}"


def count(number: int, noun: str) -> str:
    """`1 task`, `4,000 tasks`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

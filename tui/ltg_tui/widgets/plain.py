"""Plain letters for terminals that have no others: every glyph that is ours becomes one ASCII letter of the same width."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

LETTERS: Final = {
    "✔": "+",
    "✖": "x",
    "⊘": "!",
    "◌": "-",
    "●": "*",
    "○": "o",
    "·": ".",
    "✎": "E",
    "⟳": "~",
    "↪": "^",
    "▸": ">",
    "▾": "v",
    "▶": ">",
    "▼": "v",
    "▲": "^",
    "◆": "*",
    "◇": "o",
    "…": ".",
    "×": "x",
    "−": "-",
    "–": "-",
    "—": "-",
    "→": ">",
    "←": "<",
    "↑": "^",
    "↓": "v",
    "≥": ">",
    "≤": "<",
    "≠": "!",
    "≈": "~",
    "•": "*",
    "␊": "$",
    "⟨": "<",
    "⟩": ">",
    **{chr(0x2400 + code): "?" for code in range(0x20) if code != 10},
    "\u2421": "?",
    "\ufffd": "?",
    **dict.fromkeys(map(chr, range(0x2500, 0x2580)), "+"),
    **dict.fromkeys("─━┄┅┈┉╌╍═╴╶╸╺", "-"),
    **dict.fromkeys("│┃┆┇┊┋╎╏║╵╷╹╻", "|"),
    **dict.fromkeys(map(chr, range(0x2580, 0x25A0)), "#"),
    **dict.fromkeys("░▒", "."),
    **dict.fromkeys("▏▕▎▍", "|"),
}
"""Glyph -> letter. What is not here is somebody's text, and stays."""

_TABLE: Final = str.maketrans(LETTERS)


class Plain(LineFilter):
    """Replaces the glyphs, and every colour by the nearest of the terminal's own sixteen."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments in plain letters."""
        return [
            Segment(text if text.isascii() else text.translate(_TABLE), _plain(style) if style else style, control)
            for text, style, control in segments
        ]


@lru_cache(1024)
def _plain(style: Style) -> Style:
    color, back = style.color, style.bgcolor
    if (color is None or color.triplet is None) and (back is None or back.triplet is None):
        return style
    return style + Style.from_color(
        color and color.downgrade(ColorSystem.STANDARD),
        back and back.downgrade(ColorSystem.STANDARD),
    )

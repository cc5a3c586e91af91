"""Glyphs and names of styles: how each status looks, in the tree and elsewhere."""

from __future__ import annotations

from typing import Final

GLYPHS: Final = {
    "succeeded": "✔",
    "failed": "✖",
    "blocked": "⊘",
    "cancelled": "◌",
    "running": "●",
    "ready": "○",
    "waiting": "·",
}

EDITED: Final = "✎"
STALE: Final = "⟳"
LINK: Final = "↪"
FOLDED: Final = "▸"
UNFOLDED: Final = "▾"

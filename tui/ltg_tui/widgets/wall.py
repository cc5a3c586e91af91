"""The second wall: whatever slipped past `safe`, no control character reaches the terminal as text."""

from __future__ import annotations

import re
from typing import Final

from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_ACTIVE: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)


class Wall(LineFilter):
    """Replaces every such character, by as many cells as the layout counted for it."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments without them."""
        return [
            Segment(_ACTIVE.sub(_blank, text), style, None)
            if control is None and _ACTIVE.search(text)
            else Segment(text, style, control)
            for text, style, control in segments
        ]


def _blank(found: re.Match[str]) -> str:
    return "\N{REPLACEMENT CHARACTER}" * cell_len(found[0])

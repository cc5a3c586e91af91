"""Paints what is seen: no container behind its parts, no line that stays, nothing for a pane that is hidden.

Textual renders all widgets near a change, every line of them, the whole stack of containers beneath included, and throws away
what is not seen. And it arranges the whole screen again when something changed in a widget whose container is hidden.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from textual._compositor import Compositor
from textual.dom import DOMNode
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget


class SeenOnly(Compositor):
    """Renders only the lines that are painted, and of widgets only those that are not covered there."""

    def _render_chops(self, crop: Region, is_rendered_line: Callable[[int], bool]) -> Sequence[Mapping[int, Strip]]:
        cuts = self.cuts
        chops: list[dict[int, Strip | None]] = [dict.fromkeys(each[:-1]) for each in cuts]
        for widget, (region, clip) in self.visible_widgets.items():  # those in front come first
            seen = region.intersection(clip)
            first, last = seen.column_span
            near = seen.intersection(crop)
            lines: dict[int, list[int]] = {}
            for y in near.line_range if near else ():
                if is_rendered_line(y):
                    places = [cut for cut in cuts[y] if first <= cut <= last]
                    if any(chops[y][cut] is None for cut in places[:-1]):
                        lines[y] = places
            if not lines:
                continue
            top = min(lines)
            strips = widget.render_lines(Region(seen.x - region.x, top - region.y, seen.width, max(lines) - top + 1))
            for y, places in lines.items():
                pieces = strips[y - top].divide([cut - seen.x for cut in places[1:]])
                for cut, piece in zip(places, pieces, strict=False):
                    if chops[y][cut] is None:
                        chops[y][cut] = piece
        return cast("list[dict[int, Strip]]", chops)

    def update_widgets(self, widgets: set[Widget]) -> None:
        """Paint widgets again. What is hidden is painted when it is shown."""
        super().update_widgets({widget for widget in widgets if widget in self.visible_widgets or displayed(widget)})


def displayed(widget: DOMNode | None) -> bool:
    """Whether a widget has a place on its screen, by the styles as they are."""
    return widget is not None and all(node.display for node in widget.ancestors_with_self)

"""Text that is cut to the width of a column."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size


def fit(text: str, width: int) -> str:
    """A line in at most so many cells; what is cut off leaves `…`."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, max(0, width - 1)).rstrip() + "…" if width > 0 else ""


def fit_end(text: str, width: int) -> str:
    """Likewise for a path or an id: its end stays."""
    if cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    kept = text[max(0, len(text) - width + 1) :] if width > 1 else ""
    while cell_len(kept) > width - 1:
        kept = kept[1:]
    return f"…{kept}"

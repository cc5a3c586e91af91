"""The keys laid out for a width: groups of lines, in as many columns as there is room for."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, TypeAlias

from rich.cells import cell_len, set_cell_size

Look: TypeAlias = Literal["", "heading", "key", "dim"]
NARROWEST: Final = 52
"""The least width of a column."""
KEYS: Final = 15
"""The width of the keys in it."""


class Entry(NamedTuple):
    """Keys and what they do; `off` tells why they cannot do it now."""

    keys: str
    help: str
    off: str = ""


class Group(NamedTuple):
    """A heading and what stands under it."""

    title: str
    entries: tuple[Entry, ...]


Piece: TypeAlias = tuple[str, Look]
Line: TypeAlias = list[Piece]


def laid_out(groups: Sequence[Group], width: int) -> list[Line]:
    """The lines of a page. Groups are not parted; columns are about equally long."""
    count = max(1, min(3, width // NARROWEST))
    each = max(10, width // count)
    blocks = [_block(group, each - 2) for group in groups]
    columns = _dealt(blocks, count)
    height = max((len(column) for column in columns), default=0)
    lines: list[Line] = []
    for y in range(height):
        line: Line = []
        for column in columns:
            line += _padded(column[y] if y < len(column) else [], each)
        lines.append(line)
    return lines


def _block(group: Group, width: int) -> list[Line]:
    lines: list[Line] = [[(group.title, "heading")]]
    for entry in group.entries:
        text = f"{entry.help} ({entry.off})" if entry.off else entry.help
        rows = textwrap.wrap(text, max(8, width - KEYS)) or [""]
        look: Look = "dim" if entry.off else ""
        keys = set_cell_size(entry.keys, max(KEYS - 1, cell_len(entry.keys))) + " "
        lines.append([(keys, "dim" if entry.off else "key"), (rows[0], look)])
        lines += [[(" " * KEYS + row, look)] for row in rows[1:]]
    return [*lines, []]


def _dealt(blocks: list[list[Line]], count: int) -> list[list[Line]]:
    """The blocks in columns, in their order: the lowest height at which they fit."""
    total = sum(len(block) for block in blocks)
    for height in range(max(total // count, max((len(block) for block in blocks), default=0)), total + 1):
        columns: list[list[Line]] = [[]]
        for block in blocks:
            if columns[-1] and len(columns[-1]) + len(block) > height:
                columns.append([])
            columns[-1] = columns[-1] + block
        if len(columns) <= count:
            return columns
    return [[line for block in blocks for line in block]]


def _padded(line: Line, width: int) -> Line:
    used = sum(cell_len(text) for text, _ in line)
    return [*line, (" " * max(0, width - used), "")]

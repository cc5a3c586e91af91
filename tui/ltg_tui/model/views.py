"""The ways to look at a pane: as text, as Markdown, as JSON, raw. A way that does not apply says why."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import msgspec

from . import values
from .detail import PaneText
from .flow import Block
from .format import short
from .markdown import LIMIT, markdown_blocks

View: TypeAlias = Literal["text", "markdown", "json", "raw"]
VIEWS: Final[tuple[View, ...]] = ("text", "markdown", "json", "raw")


class NoView(ValueError):
    """A pane cannot be looked at so. The message says why."""


def viewed(pane: PaneText, view: View) -> list[Block]:
    """What a pane shows in a view.

    Raises:
        NoView: it does not apply.
    """
    match view:
        case "markdown":
            return _markdown(pane)
        case "json":
            return _json(pane)
        case "raw":
            return _raw(pane)
        case _:
            return pane.blocks


def next_view(pane: PaneText, view: View) -> tuple[View, list[str]]:
    """The view after one, and why those between were left out."""
    skipped: list[str] = []
    at = VIEWS.index(view)
    for step in range(1, len(VIEWS) + 1):
        found = VIEWS[(at + step) % len(VIEWS)]
        try:
            viewed(pane, found)
        except NoView as why:
            skipped.append(f"no {found if found != 'json' else 'JSON'}: {why}")
        else:
            return found, skipped
    return "text", skipped


def _markdown(pane: PaneText) -> list[Block]:
    prose = [block for block in pane.blocks if _is_prose(block)]
    if not pane.prose or not prose:
        raise NoView("that is for text that somebody wrote")
    size = sum(len(block.text) for block in prose)
    if size > LIMIT:
        raise NoView(f"{short(size)} characters are too many ({short(LIMIT)} at most)")
    blocks: list[Block] = []
    for block in pane.blocks:
        blocks += markdown_blocks(block.text, block.look) if _is_prose(block) else [block]
    return blocks


def _is_prose(block: Block) -> bool:
    return block.look in ("", "dim") and not block.syntax and not block.hang


def _json(pane: PaneText) -> list[Block]:
    if pane.plain is not None and pane.plain.lstrip()[:1] in ("{", "["):  # a text that is JSON itself
        try:
            msgspec.json.decode(pane.plain.encode("utf-8", "replace"), type=msgspec.Raw)
        except (msgspec.DecodeError, RecursionError):
            pass
        else:
            return [Block(values.indented(pane.plain.encode("utf-8", "replace")), syntax="json")]
    if pane.record is None:
        raise NoView("nothing is recorded here yet" if not pane.live else "it is still arriving")
    return [Block(values.indented(pane.record()), syntax="json")]


def _raw(pane: PaneText) -> list[Block]:
    if pane.plain is not None:
        return [Block(pane.plain, syntax="raw")]
    if pane.record is None:
        raise NoView("nothing is recorded here yet")
    return [Block(bytes(pane.record()).decode(errors="replace"), syntax="raw")]


def described(pane: PaneText) -> str:
    """How long a text is."""
    size = len(pane.plain) if pane.plain is not None else sum(len(block.text) for block in pane.blocks)
    return f"{size:,} chars" if size < 100_000 else f"{short(size)} chars"

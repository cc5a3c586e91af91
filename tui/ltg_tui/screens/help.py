"""The keys, from the registry of actions."""

from __future__ import annotations

from .. import actions
from ..model.flow import Block


def help_blocks() -> list[Block]:
    """All keys by place, and what the glyphs mean."""
    blocks: list[Block] = []
    for place, title in actions.TITLES.items():
        blocks.append(Block(("\n" if blocks else "") + title, "heading"))
        for action in actions.of(place):
            blocks.append(Block(f"  {actions.key_text(action):<14} {action.help}"))
    blocks.append(Block("\nGlyphs", "heading"))
    blocks.append(Block("  ✔ succeeded  ✖ failed  ⊘ blocked by a failure  ◌ cancelled  ● running  · waiting"))
    blocks.append(Block("  ✎ edited  ⟳ a resume will or may run it again  dim: taken over from an older run"))
    return blocks

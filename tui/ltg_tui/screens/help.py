"""The keys, from the registry of actions."""

from __future__ import annotations

from itertools import groupby

from .. import actions
from ..model.flow import Block


def help_blocks(*places: actions.Place) -> list[Block]:
    """The keys of these places and of the main screen, in groups, and what the glyphs mean."""
    blocks: list[Block] = []
    for group, found in groupby(actions.of(*places, *actions.MAIN), key=lambda action: action.group):
        blocks.append(Block(("\n" if blocks else "") + group, "heading"))
        blocks += [Block(f"  {actions.key_text(action):<14} {action.help}") for action in found]
    blocks.append(Block("\nGlyphs", "heading"))
    blocks.append(Block("  ✔ succeeded  ✖ failed  ⊘ blocked by a failure  ◌ cancelled  ● running  · waiting"))
    blocks.append(Block("  ✎ edited  ⟳ a resume will or may run it again  dim: taken over from an older run"))
    return blocks

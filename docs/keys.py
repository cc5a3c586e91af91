"""Write the tables of keys in docs/tui.md again, from the registry of actions: `python docs/keys.py`."""

from __future__ import annotations

import re
import sys
from itertools import groupby
from pathlib import Path

from ltg_tui import actions

PAGE = Path(__file__).with_name("tui.md")
BEGIN, END = "<!-- keys: written by docs/keys.py -->", "<!-- end of keys -->"


def table() -> str:
    """All actions, in groups, in the order in which `?` shows them."""
    parts = []
    for group, found in groupby(actions.ACTIONS, key=lambda action: action.group):
        rows = "".join(
            f"| {_keys(action)} | {_escaped(actions.help_text(action))} | `{actions.word(action)}` |\n" for action in found
        )
        parts.append(f"### {group}\n\n| key | what it does | name |\n|---|---|---|\n{rows}")
    return "\n".join(parts)


def _keys(action: actions.Action) -> str:
    if not action.keys:
        return f"`:{actions.word(action)} {action.argument}".rstrip() + "`"
    return " ".join(f"`{_escaped(key)}`" for key in actions.key_text(action).split(" "))


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


def page(text: str) -> str:
    """The page with the tables as they are now."""
    return re.sub(f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: f"{BEGIN}\n\n{table()}\n{END}", text, flags=re.DOTALL)


def main() -> int:
    """Write the page; with `--check`, only tell whether it is up to date."""
    text = PAGE.read_text()
    if "--check" in sys.argv:
        return 0 if page(text) == text else 1
    PAGE.write_text(page(text))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""docs/tui.md tells of the keys that there are, and of the settings that there are."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from ltg_tui import actions
from ltg_tui.config import PLAIN, parse

DOCS = Path(__file__).parent.parent.parent / "docs"


def test_the_tables_of_keys_are_those_of_the_registry() -> None:
    done = subprocess.run([sys.executable, DOCS / "keys.py", "--check"], timeout=300)
    assert done.returncode == 0, "run `python docs/keys.py`"


def test_every_action_stands_there() -> None:
    text = (DOCS / "tui.md").read_text()
    assert [action.id for action in actions.ACTIONS if f"`{actions.word(action)}`" not in text] == []


def test_the_settings_that_it_shows_are_right() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", (DOCS / "tui.md").read_text(), re.DOTALL)
    found = parse(block, Path("tui.toml"))
    assert found.warnings == ()
    assert all(getattr(found, name) is not None for name in PLAIN)


def test_its_pictures_are_there_and_modest() -> None:
    for page in DOCS / "tui.md", DOCS.parent / "README.md":
        for path in re.findall(r"\]\(([^)]*\.svg)\)", page.read_text()):
            assert 2_000 < (page.parent / path).stat().st_size < 150_000

"""Writes the rows that every reader has to find in the golden traces: `python -m tests.golden.write_rows`, from the top folder.

    rows/NAME.json         the trace as it stands in its file
    rows/NAME.live.json    with its journal, where it has one
    rows/NAME.ended.json   as it will be recorded that its process is gone
    rows/NAME.feed.json    what a server tells a page of the journal, event by event
    rows/NAME.light.json   what a page opens when values are left out, to be sent when somebody looks
    rows/NAME.edited.json  what becomes of what a person types, and the trace after it

They are the same each time: only what Python makes of the traces changes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from llmtaskgraph import read

from .edit_rows import SCENARIOS, edit_rows
from .feed_rows import ended, feed_rows, light_rows, snapshot
from .rows_of import rows_of

HERE = Path(__file__).parent
ROWS = HERE / "rows"


def files() -> Iterator[tuple[str, str]]:
    """Names and texts of all files of rows."""
    for path in sorted(HERE.glob("*.json")):
        yield path.name, _text(rows_of(snapshot(path)))
        if Path(f"{path}.journal").exists():
            yield f"{path.stem}.live.json", _text(rows_of(read(path).state))
            yield f"{path.stem}.ended.json", _text(rows_of(ended(read(path).state)))
            yield f"{path.stem}.feed.json", _text(feed_rows(path))
    for name in ("edits", "explicit", "nested"):
        yield f"{name}.light.json", _text(light_rows(HERE / f"{name}.json"))
    for name in SCENARIOS:
        yield f"{name}.edited.json", _text(edit_rows(name, HERE))


def _text(rows: dict[str, Any]) -> str:
    """JSON with a line for each row."""
    return "{" + ",\n".join(f"{_line(name)}:{_lines(value)}" for name, value in rows.items()) + "}\n"


def _lines(value: Any) -> str:
    return "[\n" + ",\n".join(map(_line, value)) + "\n]" if isinstance(value, list) and value else _line(value)


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


if __name__ == "__main__":
    ROWS.mkdir(exist_ok=True)
    for left in ROWS.iterdir():
        left.unlink()
    for name, text in files():
        (ROWS / name).write_text(text)

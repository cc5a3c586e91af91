"""What a server tells a page of a trace and its journal, event by event, however far the page is behind.

A page opens the trace at some event, and is told changes from one number to a later one: from each of the last few, and from the
first. The elements that changes tell of are kept once each.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from unittest.mock import patch

import msgspec
from msgspec import Raw

from llmtaskgraph import Change, RunEnded, State, _journal, _trace
from llmtaskgraph.web import document
from llmtaskgraph.web.feed import Feed

BEHIND = 4
"""So many events a page may be behind."""

SMALL = 12
"""Bytes that a value may have in `light_rows`."""

GONE_AT = 2e9
"""When the process is found to be gone."""


def snapshot(path: Path) -> State:
    """A trace without its journal."""
    return _trace.decode(path.read_bytes(), path).state


def ended(state: State) -> State:
    """The state as the next writer will record it: the process of a live run is gone."""
    for run in list(state.runs.values()):
        if run.status == "running":
            state.apply(RunEnded(run.id, "cancelled", GONE_AT, "the process ended before the run did"))
    return state


def feed_rows(path: Path) -> dict[str, Any]:
    """All that a page may be told."""
    state = snapshot(path)
    feed = Feed(state)
    told = _Told()
    told.open(feed)
    first = state.sequence
    events = _journal.recover(Path(f"{path}.journal").read_bytes(), path).events
    for sequence, event in events:
        state.apply(event)
        state.sequence = sequence
        feed.take(Change(state, [event]))
        for known in {first, *range(max(first, sequence - BEHIND), sequence)}:
            told.change(feed, known, sequence)
        if sequence == events[-1].sequence:
            told.open(feed)
    for run in feed.live:
        feed.cut_off(run, GONE_AT)
    told.change(feed, state.sequence, None)
    return {"first": first, "last": state.sequence, "behind": BEHIND, **told.rows()}


def light_rows(path: Path) -> dict[str, Any]:
    """What a page opens when all but the smallest values are left out."""
    told = _Told()
    with patch.object(document, "LARGE", SMALL):
        told.open(Feed(snapshot(path)))
    return told.rows()


class _Told:
    def __init__(self) -> None:
        self._opened: dict[int, str] = {}
        self._changes: list[list[Any]] = []
        self._elements: dict[bytes, int] = {}

    def open(self, feed: Feed) -> None:
        server = {"name": "t", "version": "0", "can_edit": True, "read_only": "", "epoch": 0}
        answer = b'{"server":%b,"document":%b,"streaming":%b}'
        texts = answer % (msgspec.json.encode(server), b"".join(feed.view.blocks()), msgspec.json.encode(feed.streaming()))
        self._opened[int(feed.at)] = texts.decode()

    def change(self, feed: Feed, known: int, to: int | None) -> None:
        for part in feed.parts(float(known)):
            fields = msgspec.json.decode(feed.change(part), type=dict[str, Raw])
            told: dict[str, Any] = {}
            for name, raw in fields.items():
                if raw_list := bytes(raw)[:1] == b"[":
                    told[name] = [self._number(each) for each in msgspec.json.decode(raw, type=list[Raw])]
                else:
                    told[name] = self._number(raw)
                assert raw_list == (name not in ("sequence", "functions"))
            self._changes.append([known, to, told])

    def _number(self, raw: Raw) -> int:
        return self._elements.setdefault(bytes(raw), len(self._elements))

    def rows(self) -> dict[str, Any]:
        return {
            "opened": [[at, text] for at, text in self._opened.items()],
            "changes": self._changes,
            "elements": [element.decode() for element in self._elements],
        }

"""What a page does with what it is sent, as docs/web.md tells; and what it would have if it read everything anew."""

from __future__ import annotations

import json
from typing import Any

from llmtaskgraph.web.feed import Feed

KEYS = {"tasks": "number", "runs": "id", "task_runs": "id", "edits": "id"}


class PageMaps:
    """Elements by number, and text that is arriving."""

    def __init__(self, document: dict[str, Any], streaming: list[dict[str, Any]], epoch: int = 0) -> None:
        self._of = f"{document['id']}:{epoch}"
        self.sequence = document["sequence"]
        self.lists = {name: {each[key]: each for each in document[name]} for name, key in KEYS.items()}
        self.functions = document["functions"]
        self.streaming: dict[int, dict[str, str]] = {}
        self._stream(streaming)

    @classmethod
    def fresh(cls, feed: Feed) -> PageMaps:
        """As of a page that was opened now."""
        document = json.loads(b"".join(feed.view.blocks()))
        return cls(document, json.loads(json.dumps(feed.streaming())))

    @property
    def event(self) -> str:
        """The id of the event that it was told last."""
        return f"{self._of}:{self.sequence}"

    def take(self, change: dict[str, Any]) -> None:
        """Replace what changed."""
        self.sequence = change["sequence"]
        for name, key in KEYS.items():
            self.lists[name].update({each[key]: each for each in change.get(name, ())})
        self.functions.update(change.get("functions", {}))
        for run, task in change.get("kept", ()):
            self._close(run, task)
        for task_run in change.get("task_runs", ()):
            self._close(task_run["run"], task_run["task"])
        self._stream(change.get("streaming", ()))
        for task_run in change.get("task_runs", ()):
            if task_run.get("status", "running") != "running":
                self.streaming.pop(task_run["id"], None)

    def _close(self, run: int, task: str) -> None:
        found = self.lists["runs"].get(run)
        if found is not None and task in found.get("open", ()):
            found["open"].remove(task)
            if not found["open"]:
                del found["open"]

    def _stream(self, streaming: Any) -> None:
        for each in streaming:
            texts = self.streaming.setdefault(each["task_run"], {"text": "", "reasoning": ""})
            for kind in texts:
                offset, piece = each[kind]
                texts[kind] = _before(texts[kind], offset) + piece
        self.streaming = {id: texts for id, texts in self.streaming.items() if any(texts.values())}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PageMaps) and self._all == other._all

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return json.dumps(self._all, indent=1)

    @property
    def _all(self) -> Any:
        return [self.lists, self.functions, self.streaming]


def _before(text: str, offset: int) -> str:
    """`text.slice(0, offset)` of JavaScript; the text must be there."""
    units = text.encode("utf-16-le")
    assert len(units) >= 2 * offset, "a piece of text is missing before this one"
    return units[: 2 * offset].decode("utf-16-le", "surrogatepass")

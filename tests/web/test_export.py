"""The page that `ltg export` writes: an HTML parser gives back the very document, whatever texts are in it."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import msgspec
import pytest

from llmtaskgraph._trace import decode
from llmtaskgraph.web import export, page

from .full import full


class Scripts(HTMLParser):
    """The scripts of a page: attributes and text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[dict[str, str | None], str]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "script":
            self.found.append((dict(attrs), ""))

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            attributes, text = self.found[-1]
            self.found[-1] = attributes, text + data


HOSTILE = [
    "</script>",
    "</ScRiPt ><img src=x onerror=alert(1)>",
    "<!--<script>",
    "-->",
    "]]>",
    "\u2028\u2029",
    "\x85\x00\x1b\r\n\x7f",
]
HOSTILE += ["\\u003c", "\\", '\\"', "&lt;&amp;", "\ufeff\ufffe\U0010ffff", "\ufffd\u202e", "{{}}${}", "\\\u2028"]


@pytest.mark.parametrize("text", HOSTILE, ids=ascii)
def test_what_is_embedded_is_what_comes_out(text: str) -> None:
    some, data = full(text)
    name = f"{text}.json".replace("\r", "").replace("\0", "")  # these no attribute can hold
    made = b"".join(export.html(decode(data), name)).decode()
    scripts = Scripts(made).found
    assert len(scripts) == len(Scripts(page.VIEWER.read_text()).found)
    ((attributes, document),) = [script for script in scripts if script[0].get("id") == "ltg-trace"]
    assert attributes == {"type": "application/json", "id": "ltg-trace", "data-name": name}
    assert not {"<", "\u2028", "\u2029"} & set(document)
    assert msgspec.json.decode(document) == msgspec.json.decode(data)
    assert json.dumps(next(iter(some.marks)))[1:-1] in json.dumps(json.loads(document))


def test_a_page_comes_in_pieces() -> None:
    sizes = [len(piece) for piece in export.html(decode(full()[1]), "t.json")]
    assert len(sizes) > 6

"""The built viewer: one HTML file, `viewer.html`, from which the part that only an editor needs is cut out for a server."""

from __future__ import annotations

import gzip
import html
import re
from pathlib import Path
from typing import Final, NamedTuple

VIEWER: Final = Path(__file__).with_name("viewer.html")
_EDITOR: Final = re.compile(rb'(<script type="text/plain" id="ltg-editor">)(.*?)(</script>)', re.DOTALL)
_OPEN: Final = '<script type="application/json" id="ltg-trace"'
_CLOSE: Final = b"</script>"
_TRACE: Final = _OPEN.encode() + b">" + _CLOSE
_POLICY: Final = re.compile(rb"""<meta http-equiv="Content-Security-Policy" content="([^"]*)">""", re.IGNORECASE)


class Page(NamedTuple):
    """What a browser gets.

    Attributes:
        html: the page, without the editor.
        compressed: the same as gzip makes it smallest: it is made once, and sent often.
        editor: the part that is loaded when an editor opens: JavaScript.
        policy: its content security policy.
    """

    html: bytes
    compressed: bytes
    editor: bytes
    policy: str


def load() -> Page:
    """The page as a server gives it.

    Raises:
        ValueError: `viewer.html` is not such a page.
    """
    data = VIEWER.read_bytes()
    editor, policy = _EDITOR.search(data), _POLICY.search(data)
    if editor is None or policy is None:
        raise ValueError("viewer.html lacks its editor or its content security policy")
    page = data[: editor.start(2)] + data[editor.end(2) :]
    return Page(page, gzip.compress(page, mtime=0), editor[2], html.unescape(policy[1].decode()))


def around_trace(name: str) -> tuple[bytes, bytes]:
    """The page before and after the place in which a document is embedded.

    Args:
        name: of the document's file, for the title and for downloads.

    Raises:
        ValueError: `viewer.html` is not such a page.
    """
    before, place, after = VIEWER.read_bytes().partition(_TRACE)
    if not place:
        raise ValueError("viewer.html has no place for a trace")
    shown = html.escape(name.encode("utf-8", "replace").decode())  # a file may have a name that is no UTF-8
    return before + f'{_OPEN} data-name="{shown}">'.encode(), _CLOSE + after

"""Colours of JSON that stands on lines of its own: a line is enough to tell, so any page of it can be coloured alone."""

from __future__ import annotations

import re
from typing import Final

_JSON: Final = re.compile(
    r"""(?P<string>"(?:[^"\\\n]|\\.)*"?)(?P<name>[ ]*:)?"""
    r"""|(?P<number>-?\d[\d.eE+-]*)|(?P<word>\b(?:true|false|null)\b)|(?P<mark>[\[\]{},]+)"""
)
_REST: Final = re.compile(r"""(?:[^"\\\n]|\\.)*"?""")

Found = tuple[int, int, str]


def spans(text: str, language: str, inside: bool) -> list[Found]:
    """Which letters look how. `inside`: the text begins within a line, which is then within a string."""
    if language != "json":
        return []
    found: list[Found] = []
    at = 0
    if inside:
        rest = _REST.match(text)
        at = rest.end() if rest else 0
        found.append((0, at, "string"))
    for each in _JSON.finditer(text, at):
        if each["string"] is not None:
            found.append((each.start(), each.end("string"), "name" if each["name"] else "string"))
        elif each["mark"] is not None:
            found.append((*each.span(), "dim"))
        else:
            found.append((*each.span(), "number" if each["number"] else "word"))
    return found

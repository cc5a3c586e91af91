"""Names of keys: as Textual has them, and as people write them."""

from __future__ import annotations

import unicodedata
from typing import Final

_PRETTY: Final = {
    "escape": "Esc",
    "enter": "Enter",
    "space": "Space",
    "tab": "Tab",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "home": "Home",
    "end": "End",
    "insert": "Ins",
    "delete": "Del",
    "backspace": "Bksp",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "shift+tab": "Shift+Tab",
}
_OF_PRETTY: Final = {shown.lower(): key for key, shown in _PRETTY.items()}
_SIGNS: Final = {
    "/": "slash",
    "\\": "backslash",
    "@": "at",
    "-": "minus",
    "+": "plus",
    "_": "underscore",
    " ": "space",
}
_NAMES: Final = frozenset({*_PRETTY, *(f"f{n}" for n in range(1, 25))})
_MODIFIERS: Final = ("ctrl", "alt", "shift")


class UnknownKey(ValueError):
    """No key has this name."""


def sign_name(sign: str) -> str:
    """Textual's name of the key that types a sign: `?` is `question_mark`."""
    if sign.isalnum():
        return sign
    if sign in _SIGNS:
        return _SIGNS[sign]
    try:
        return unicodedata.name(sign).lower().replace("-", "_").replace(" ", "_")
    except ValueError:
        raise UnknownKey(sign) from None


_OF_SIGN: Final = {sign_name(sign): sign for sign in map(chr, range(0x21, 0x7F))}


def key_name(text: str) -> str:
    """Textual's name of a key that a person named: `?`, `Ctrl+S`, `PgDn`, `f5`, `left_square_bracket`.

    Raises:
        UnknownKey: there is none of this name.
    """
    if len(text) == 1:
        return _OF_PRETTY.get(text) or sign_name(text)
    *before, last = text.strip().split("+") if not text.endswith("++") else [*text[:-2].split("+"), "+"]
    modifiers = [each.strip().lower() for each in before]
    last = last.strip()
    if len(last) == 1:
        name = sign_name(last.lower() if modifiers else last)
    else:
        name = _OF_PRETTY.get(last.lower(), last.lower())
        if name not in _NAMES and name not in _OF_SIGN:
            raise UnknownKey(text)
    if any(each not in _MODIFIERS for each in modifiers) or not last:
        raise UnknownKey(text)
    return "+".join([*(each for each in _MODIFIERS if each in modifiers), name])


def pretty(name: str) -> str:
    """A key as people write it."""
    if name in _PRETTY:
        return _PRETTY[name]
    if name in _OF_SIGN:
        return _OF_SIGN[name]
    *modifiers, last = name.split("+")
    if not modifiers:
        return last.upper() if last[:1] == "f" and last[1:].isdigit() else last
    shown = _PRETTY.get(last) or _OF_SIGN.get(last, last)
    return "+".join([*(each.capitalize() for each in modifiers), shown.upper() if len(shown) == 1 else shown])

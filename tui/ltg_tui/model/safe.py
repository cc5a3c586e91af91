"""Text from a model, a trace, a file name or an exception is hostile: here it becomes fit for a terminal.

Control characters, escapes, C1, DEL, bidi overrides and invisible tags are shown as visible symbols. Nothing is dropped, so
what is there can be seen; but emoji are taken apart. It never becomes markup: what comes from here is shown as plain text only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_NAMED: Final = [*range(0x80, 0xA0), 0xAD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2060, 0x2070)]
_NAMED_TOO: Final = [0xFEFF, *range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)]

SYMBOLS: Final[dict[str, str]] = {
    **{chr(code): chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)},
    "\x7f": "\u2421",
    **{chr(code): f"⟨U+{code:04X}⟩" for code in (*_NAMED, *_NAMED_TOO)},
}
"""Character -> what is shown for it. Lone surrogates become U+FFFD."""

_EMOJI: Final = "[\u2190-\u2bff\U0001f000-\U0001faff]"
_JOINS: Final = f"[\ufe0e\ufe0f]|\u200d(?={_EMOJI})|(?<={_EMOJI})[\U0001f3fb-\U0001f3ff]"
"""What makes one picture of several emoji, or another of one. Terminals disagree on how wide that is, and a row of which the
width is not known spoils what stands beside it: so the pictures are shown one by one. The raw view shows the letters."""

_HOSTILE: Final = re.compile(f"[{re.escape(''.join(SYMBOLS))}\ud800-\udfff]")
_SHOWN: Final = re.compile(f"{_HOSTILE.pattern}|{_JOINS}")
_CHANGED: Final = re.compile(f"\r\n|\t|{_SHOWN.pattern}")
_CALM: Final = {"\r\n": "\n", "\t": "\t"}
_UNSEEN: Final = re.compile("[^ -~]")
_REVEALED: Final[dict[str, str]] = {"\n": "␊\n", "\t": "␉"}
_HIDDEN: Final = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Zs", "Zl", "Zp"))
_BLANK: Final = "\u115f\u1160\u2800\u3164\uffa0"
_SHOWN_LINE: Final = re.compile(f"[\t\n]|{_SHOWN.pattern}")
_LINE_SYMBOLS: Final = {**SYMBOLS, "\t": " ", "\n": "␊"}


def safe(text: str) -> str:
    """Text with everything that could act on a terminal made visible. Line ends and tabs stay; `\\r\\n` is a line end."""
    if "\r\n" in text:
        text = text.replace("\r\n", "\n")
    return _SHOWN.sub(_symbol, text)


def changes(text: str) -> Iterator[tuple[int, int, str]]:
    """What `safe` changes, in order: start, end, what is shown for it. Tabs come along, as they are."""
    for found in _CHANGED.finditer(text):
        yield found.start(), found.end(), _CALM.get(found[0]) or _symbol(found)


def _symbol(found: re.Match[str]) -> str:
    letter = found[0]
    return SYMBOLS.get(letter) or ("\ufffd" if "\ud800" <= letter <= "\udfff" else "")


def revealed(text: str) -> Iterator[tuple[int, int, str]]:
    """Likewise, for text whose every character is to be seen: line ends, tabs, and what takes no room or looks like a space."""
    for found in _UNSEEN.finditer(text):
        letter = found[0]
        shown = _REVEALED.get(letter)
        if shown is None:
            shown = _REVEALED[letter] = _reveal(letter)
        if shown != letter:
            yield found.start(), found.end(), shown


def _reveal(letter: str) -> str:
    if letter in SYMBOLS:
        return SYMBOLS[letter]
    hidden = unicodedata.category(letter) in _HIDDEN or letter in _BLANK
    return f"⟨U+{ord(letter):04X}⟩" if hidden else letter


def one_line(text: str) -> str:
    """Likewise, on one line: line ends and tabs are shown, too."""
    if text.isascii() and text.isprintable():
        return text
    return _SHOWN_LINE.sub(lambda found: _LINE_SYMBOLS.get(found[0]) or _symbol(found), text)


def message(text: str) -> str:
    """A message as one line: white space is folded, the rest is made visible."""
    return one_line(" ".join(text.split()))


def is_odd(text: str) -> bool:
    """Whether text holds characters that a line editor would hide or change."""
    return "\r" in text or _HOSTILE.search(text) is not None

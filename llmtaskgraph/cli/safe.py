"""Text from a model, a trace, a file name or an exception is hostile: here it becomes fit for a terminal.

Control characters, escapes, C1, DEL, bidi overrides and invisible tags are shown as visible symbols. Nothing is dropped, so what
is there can be seen.
"""

from __future__ import annotations


def _table() -> dict[int, str]:
    table = {code: chr(0x2400 + code) for code in range(0x20) if code not in (0x09, 0x0A)}
    table[0x7F] = "\u2421"
    shown = [
        *range(0x80, 0xA0),
        0xAD,
        0x061C,
        0x180E,
        0x200B,
        0x200E,
        0x200F,
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
    ]
    shown += [*range(0xFFF9, 0xFFFC), *range(0xE0000, 0xE0080)]
    table.update({code: f"⟨U+{code:04X}⟩" for code in shown})
    table.update(dict.fromkeys(range(0xD800, 0xE000), "\ufffd"))
    return table


_SAFE = _table()
_ONE_LINE = {**_SAFE, 0x09: " ", 0x0A: "␊"}
_JSON = {code: f"\\u{code:04x}" for code in _SAFE if code < 0x10000}
_JSON.update({code: "".join(f"\\u{half:04x}" for half in (0xD800 + (code - 0x10000 >> 10), 0xDC00 + (code & 0x3FF)))
              for code in range(0xE0000, 0xE0080)})  # fmt: skip


def safe(text: str) -> str:
    """Text with everything that could act on a terminal made visible. Line ends and tabs stay."""
    return text if text.isascii() and text.isprintable() else text.replace("\r\n", "\n").translate(_SAFE)


def one_line(text: str) -> str:
    """Likewise, on one line: line ends and tabs are shown, too."""
    return text if text.isascii() and text.isprintable() else text.translate(_ONE_LINE)


def message(text: str) -> str:
    """An error message as one line: white space is folded, the rest is made visible."""
    return one_line(" ".join(text.split()))


def json_text(text: str) -> str:
    """JSON text whose strings show such characters as escapes; it stands for the same value."""
    return text.translate(_JSON)

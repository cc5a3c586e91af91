"""Texts that want to act on a terminal, or on what draws there. Each ends in a mark of its own."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

ESC, CSI, BEL, ST = "\x1b", "\x1b[", "\x07", "\x1b\\"
C1 = {"csi": "\x9b", "osc": "\x9d", "dcs": "\x90", "st": "\x9c", "apc": "\x9f", "pm": "\x9e", "sos": "\x98", "nel": "\x85"}

_ACTS: Final = [
    # Cursor, erasing, scrolling, modes
    f"{CSI}2J",
    f"{CSI}3J",
    f"{CSI}H",
    f"{CSI}7;7H",
    f"{CSI}99A",
    f"{CSI}1;5r",
    f"{CSI}5S",
    f"{CSI}9L",
    f"{CSI}31m",
    f"{CSI}8m",
    f"{CSI}5;7m",
    f"{CSI}4:3m",
    f"{CSI}38;5;201m",
    f"{CSI}?1049l",
    f"{CSI}?25h",
    f"{CSI}?1003h",
    f"{CSI}?2004l",
    f"{CSI}!p",
    f"{CSI}20h",
    f"{CSI}4i",
    f"{CSI}8;10;10t",
    f"{CSI}21t",
    # What makes a terminal type an answer
    f"{CSI}c",
    f"{CSI}>c",
    f"{CSI}5n",
    f"{CSI}6n",
    f"{ESC}Z",
    f"{ESC}P$qm{ST}",
    f"{ESC}P+q544e{ST}",
    f"{ESC}]10;?{BEL}",
    # Strings: titles, links, the clipboard, notifications, files, colours
    f"{ESC}]0;title{BEL}",
    f"{ESC}]2;title{ST}",
    f"{ESC}]8;;https://evil.example{ST}link{ESC}]8;;{ST}",
    f"{ESC}]52;c;ZXZpbA=={BEL}",
    f"{ESC}]52;c;?{BEL}",
    f"{ESC}]9;told{BEL}",
    f"{ESC}]777;notify;a;b{BEL}",
    f"{ESC}]1337;File=name=eA==;inline=1:eA=={BEL}",
    f"{ESC}]4;1;rgb:ff/00/00{BEL}",
    f"{ESC}]50;xterm{BEL}",
    f"{ESC}_Gf=100;AAAA{ST}",
    f"{ESC}^private{ST}",
    f"{ESC}Xstring{ST}",
    f"{ESC}k tmux {ST}",
    f"{ESC}Ptmux;{ESC}{ESC}]0;t{BEL}{ST}",
    f"{ESC}c",
    f"{ESC}#8",
    f"{ESC}(0",
    f"{ESC}7{ESC}8{ESC}D{ESC}M",
    f"{ESC}]0;never ended",
    ESC,
    CSI,
    # C1, as single characters
    f"{C1['csi']}2J",
    f"{C1['osc']}0;title{C1['st']}",
    f"{C1['dcs']}$qm{C1['st']}{C1['apc']}x{C1['st']}{C1['pm']}{C1['sos']}{C1['nel']}",
    # C0, DEL
    "a\x00b\x00",
    f"{BEL}\x08\x08\x08\x0b\x0c\x0e\x0f\x7f\x05\x11\x13\x18\x1a",
    "first\rover",
    # Bidi, invisible, tags, line separators
    "\u202egnp.exe\u202c",
    "\u2066\u2067\u2068\u2069\u200e\u200f\u061c",
    "\u200b\ufeff\u00ad\u2060\u180e\u2028\u2029",
    "".join(chr(0xE0000 + ord(c)) for c in "run rm"),
    "\ufff9a\ufffab\ufffb",
]
_LOOKS: Final = [
    # Markup of those who draw
    "[@click=app.quit]click[/]",
    "[link=https://evil.example]x[/link][bold red]y[/]",
    "[/][/bold][",
    "\\[bold]\\\\[/",
    "{0} %s %(x)s $text-error ${HOME} `id`",
    # Widths
    "Z" + "\u0301\u0336" * 40,
    "👩‍👩‍👧‍👦🏳️‍🌈☠️ｆｕｌｌ幅",
    "ﷺ𒐫\u0e33\u1160",
    "w" * 450 + " ",
    "tab\ttab\n\n\nline\r\nline",
]

PAYLOADS: Final[tuple[str, ...]] = tuple(f"{text}P{number:02}" for number, text in enumerate([*_ACTS, *_LOOKS]))
ALL: Final = " ".join(text for text in PAYLOADS if len(text) < 400)

_SEQUENCE: Final = re.compile(
    r"\x1b\[(?:\d+;\d+)?H|\x1b\[\d*[CX]|\x1b\[\?(?:7|25|1000|1003|1004|1006|1015|1049|2004|2026|2048)[hl]"
    r"|\x1b\]52;c;[A-Za-z0-9+/=]*(?:\x07|\x1b\\)|\x1b\]22;(?:default|text|pointer)\x07|\x1b\[\?20(?:26|48)\$p|\x1b\[>\d+u|\x1b\[<u|\x1b\[([\d;]*)m"
)
"""What an app here writes: the cursor, modes that it needs, colours, the pointer's shape, what a person copied."""

_PARAMETERS: Final = re.compile(r"(?:[012479]|2[2-79]|3[0-79]|4[0-79]|9[0-7]|10[0-7]|[34]8;5;\d+|[34]8;2;\d+;\d+;\d+|;)*")
_ACTIVE: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_HARMLESS: Final = "\n\r\t\u200c\u200d"


def problems(written: bytes) -> list[str]:
    """What in the bytes that a program wrote is neither text nor what an app needs."""
    text = written.decode("utf-8", "surrogateescape")
    found = [repr(payload) for payload in PAYLOADS if _acts(payload) and payload in text]
    rest = _SEQUENCE.sub(lambda seen: "" if seen[1] is None or _PARAMETERS.fullmatch(seen[1]) else seen[0], text)
    for position, sign in enumerate(rest):
        if unicodedata.category(sign) in _ACTIVE and sign not in _HARMLESS and not 0x600 <= ord(sign) < 0x900:
            found.append(f"{sign!r} in {rest[max(0, position - 30) : position + 30]!r}")
            if len(found) > 8:
                break
    return found


def _acts(text: str) -> bool:
    return any(unicodedata.category(sign) in _ACTIVE and sign not in "\n\t\u200c\u200d" for sign in text)

"""What an image or a file in a message is, in a few words: nothing of it is drawn or opened."""

from __future__ import annotations

import base64
import struct
from typing import Final

from llmtaskgraph import BlobPart, UriPart

from .format import short

HEAD: Final = 87_384
"""So many letters of base64 are looked at: a size stands near the beginning."""


def described(part: BlobPart | UriPart) -> str:
    """`image 1024x768 png 240 kB`; `file report.pdf pdf 1.2 MB`; `image https://...`."""
    if isinstance(part, UriPart):
        uri = part.uri if len(part.uri) <= 200 else f"{part.uri[:120]}... ({short(len(part.uri))} letters)"
        return f"{part.modality} {uri}"
    kind = part.mime_type.rpartition("/")[2]
    size = len(part.content) * 3 // 4 - part.content[-2:].count("=")
    pixels = _pixels(part.content[:HEAD]) if part.modality == "image" else None
    words = [part.modality, part.name or "", f"{pixels[0]}x{pixels[1]}" if pixels else "", kind, _bytes(size)]
    return " ".join(word for word in words if word)


def _bytes(size: int) -> str:
    if size < 1000:
        return f"{size} B"
    return f"{size / 1000:.0f} kB" if size < 999_500 else f"{size / 1e6:.1f} MB"


def _pixels(content: str) -> tuple[int, int] | None:
    try:
        data = base64.b64decode(content[: len(content) // 4 * 4])
        if data[:4] == b"\x89PNG":
            return struct.unpack(">II", data[16:24])
        if data[:4] == b"GIF8":
            return struct.unpack("<HH", data[6:10])
        if data[:2] == b"\xff\xd8":
            return _jpeg(data)
        if data[:4] == b"RIFF" and data[12:16] == b"VP8X":
            return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    except (ValueError, struct.error):
        pass
    return None


def _jpeg(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        kind, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + max(length, 2)
    return None

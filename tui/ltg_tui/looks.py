"""Which colours, letters and mouse a terminal gets, by what is asked for and where it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .config import Settings


def settled(
    settings: Settings, environ: Mapping[str, str], *, theme: str | None = None, mouse: bool | None = None, lofi: bool = False
) -> Settings:
    """Settings in which everything is decided: what was said on the command line, else in `tui.toml`, else what suits.

    Over SSH, in plain letters and where NO_COLOR is set, colours are the terminal's own sixteen; over SSH the mouse is off.
    """
    remote = bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))
    plain = lofi or (settings.lofi if settings.lofi is not None else environ.get("TERM") in ("linux", "vt100", "vt220"))
    if theme is not None:
        settings = replace(settings, theme=theme, lines={})
    elif settings.theme is None:
        own = "ansi" if remote or plain or "NO_COLOR" in environ else "textual"
        settings = replace(settings, theme=f"{own}-{'light' if is_light(environ) else 'dark'}", lines={})
    chosen = mouse if mouse is not None else settings.mouse
    return replace(settings, mouse=not remote if chosen is None else chosen, lofi=plain)


def is_light(environ: Mapping[str, str]) -> bool:
    """Whether the terminal has told that its background is light (COLORFGBG, such as `0;15`)."""
    back = environ.get("COLORFGBG", "").rpartition(";")[2]
    return back.isdecimal() and int(back) in (7, *range(9, 16))

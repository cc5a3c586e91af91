"""What every app here does with its terminal: colours by meaning, the second wall, and an end that leaves it usable."""

from __future__ import annotations

import os
import traceback
from dataclasses import replace
from typing import ClassVar

from textual.app import App
from textual.binding import BindingType
from textual.color import Color

from . import actions
from .config import Settings
from .io.private import new_file
from .model.safe import message
from .widgets.wall import Wall


class TerminalApp(App[int]):
    """An app that is safe with what a trace holds.

    Attributes:
        settings: keys and looks; warnings tell what is wrong in them.
        crash_report: what to tell after an exception that nobody foresaw; None when there was none.
    """

    CSS_PATH = "app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = []
    TITLE = "ltg-tui"

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.settings = settings or Settings()
        actions.use_keys(self.settings.keys)
        self.set_keymap(dict(self.settings.keys))
        self._take_theme()
        self.animation_level = "none"
        self.crash_report: str | None = None
        self._filters.append(Wall())

    def _take_theme(self) -> None:
        wanted = self.settings.theme
        if wanted is None:
            return
        if wanted in self.available_themes:
            self.theme = wanted
            return
        line = self.settings.lines.get("theme")
        where = f"{self.settings.path}, line {line}" if line else "--theme"
        there = f"there is no theme {wanted!r}; there is {', '.join(sorted(self.available_themes))}; the default holds"
        self.settings = replace(self.settings, warnings=(*self.settings.warnings, f"{where}: {there}"))

    def get_css_variables(self) -> dict[str, str]:
        """The theme's colours, and ours."""
        found = super().get_css_variables()
        back, front, primary = (Color.parse(found[name]) for name in ("background", "foreground", "primary"))
        return {
            **found,
            "ltg-edited": "#d787ff" if self.current_theme.dark else "#8700af",
            "ltg-dim": back.blend(front, 0.55).hex,  # mixed here: a component's style drops what shines through
            "ltg-match": back.blend(Color.parse(found["warning"]), 0.4).hex,
            "ltg-cursor": back.blend(primary, 0.45).hex,
            "ltg-cursor-off": back.blend(primary, 0.2).hex,
        }

    def _fatal_error(self) -> None:
        """An exception that nobody foresaw: leave the terminal as it was, and name a private file that tells more.

        Neither prompts nor keys are printed: the report has no local variables, and stays in the file.
        """
        self._close_messages_no_wait()
        if self.crash_report is not None:  # what follows from the first one
            return
        text = traceback.format_exc()
        try:
            fd, path = new_file("crash-", ".txt")
            with os.fdopen(fd, "w", errors="replace") as file:
                file.write(text)
            where = f"the details are in {path} (it may hold parts of prompts: look before you share it)"
        except OSError:
            where = "the details could not be written"
        self.crash_report = message(f"ltg-tui: something went wrong that was not foreseen; nothing is lost; {where}")

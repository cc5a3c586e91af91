"""`tui.toml`: keys and looks of a person. A wrong line is one warning, and the default holds.

theme = "nord"                 # `:theme` tries one
mouse = false
lofi = true                    # plain letters instead of glyphs and lines

[keys]                         # `?` shows the actions, `:` their names
resume = "R"
stop = ["S", "Ctrl+K"]
[keys.tree]                    # likewise text, editor, plan, read: what works only there
down = ["j", "down", "Ctrl+N"]
[keys.main]                    # the same as [keys] itself, where that has a table and an action of one name, such as runs
runs = "x"
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from . import actions
from .model.keymap import UnknownKey, key_name, pretty

PLAIN: Final = {"theme": str, "mouse": bool, "lofi": bool}
PLACES: Final = tuple(dict.fromkeys(action.place for action in actions.ACTIONS if action.place not in actions.MAIN))
"""Tables of `[keys]`; what stands in `[keys]` itself works on the whole main screen."""

EVERYWHERE: Final = "main"
"""The table for what works on the whole main screen: TOML has no room for `runs = "x"` and for `[keys.runs]` beside it."""


@dataclass(frozen=True)
class Settings:
    """What a person has set.

    Attributes:
        theme: a name; None for the default. Whether there is such a theme is seen when it is used.
        mouse: None for the default.
        keys: `place.id` -> Textual's names of the keys, with commas. Only what differs from the default.
        warnings: one line for each thing that is wrong.
        path: the file; None when none was read.
        lines: `theme` and the like -> the line it stands on.
    """

    theme: str | None = None
    mouse: bool | None = None
    lofi: bool | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    path: Path | None = None
    lines: Mapping[str, int] = field(default_factory=dict)


def place_of_settings() -> Path:
    """Where `tui.toml` is looked for."""
    home = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(home) if home.startswith("/") else Path.home() / ".config") / "llmtaskgraph" / "tui.toml"


def load(path: Path | None = None) -> Settings:
    """The settings in a file; the defaults when there is none.

    Args:
        path: a file that somebody named: it should be there. None for the usual one.
    """
    named = path is not None
    path = path or place_of_settings()
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        return Settings(warnings=(f"{path}: there is no such file; the defaults hold",) if named else ())
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        return Settings(warnings=(f"{path} cannot be read ({why}); the defaults hold",))
    return parse(text, path)


def parse(text: str, path: Path) -> Settings:
    """The settings in a text."""
    try:
        found = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return Settings(warnings=(f"{path}: {error or 'nested too deeply'}; the defaults hold",), path=path)
    return _Reader(text, path).read(found)


ACTIONS_OUT: Final = ("cancel", "back", "command")
"""What one gets out by, or gets at everything else by."""


class _Reader:
    def __init__(self, text: str, path: Path) -> None:
        self.path = path
        self.lines = dict(_lines(text))
        self.warnings: list[str] = []
        self.stands: dict[str, tuple[str, ...]] = {}

    def read(self, found: dict[str, Any]) -> Settings:
        plain: dict[str, Any] = {}
        for name, value in found.items():
            if name == "keys" and isinstance(value, dict):
                continue
            if name not in PLAIN:
                self.warn(name, f"there is no setting {name!r}{_near(name, [*PLAIN, 'keys'])}")
            elif type(value) is not PLAIN[name]:
                self.warn(name, f"{name} is {'true or false' if PLAIN[name] is bool else 'a text in quotes'}")
            else:
                plain[name] = value
        keys = found.get("keys", {})
        changed = self._keys(keys) if isinstance(keys, dict) else {}
        return Settings(
            **plain,
            keys=self._without_clashes(changed),
            warnings=tuple(self.warnings),
            path=self.path,
            lines={name: self.lines[(name,)] for name in PLAIN if (name,) in self.lines},
        )

    def warn(self, at: str | tuple[str, ...], text: str) -> None:
        line = self.lines.get(at if isinstance(at, tuple) else (at,))
        self.warnings.append(f"{self.path}{f', line {line}' if line else ''}: {text}; the default holds")

    def _keys(self, found: dict[str, Any]) -> dict[str, str]:
        changed: dict[str, str] = {}
        for name, value in found.items():
            if isinstance(value, dict):
                if name not in (*PLACES, EVERYWHERE):
                    self.warn(("keys", name), f"there is no table [keys.{name}]{_near(name, [*PLACES, EVERYWHERE])}")
                    continue
                for id, keys in value.items():
                    self._key(name, id, keys, changed)
            else:
                self._key("", name, value, changed)
        return changed

    def _key(self, table: str, id: str, value: Any, changed: dict[str, str]) -> None:
        at = ("keys", table, id) if table else ("keys", id)
        places = actions.MAIN if table in ("", EVERYWHERE) else (table,)
        known = [action for action in actions.ACTIONS if action.place in places]
        action = next((each for each in known if id.replace("-", "_") == each.id), None)
        if action is None:
            where = f" in [keys.{table}]" if table else ""
            name = id.replace("-", "_")
            others = dict.fromkeys(each.place for each in actions.ACTIONS if each.id == name and each.place in PLACES)
            tables = ", ".join(f"[keys.{each}]" for each in others)
            there = f"; it is in {tables}" if tables else _near(id, [each.id for each in known])
            self.warn(at, f"there is no action {id!r}{where}{there}")
            return
        names = value if isinstance(value, list) else [value]
        try:
            keys = [key_name(name) for name in names if isinstance(name, str) or _raise(UnknownKey(repr(name)))]
        except UnknownKey as error:
            self.warn(at, f'there is no key {error}; keys are such as "x", "?", "Ctrl+S", "F5", "PgDn", "space"')
            return
        if not keys and action.id in ACTIONS_OUT:
            self.warn(at, f"{action.id!r} ({actions.help_text(action)}) needs a key: without one there is no way back")
            return
        changed[f"{action.place}.{action.id}"] = ",".join(dict.fromkeys(keys))
        self.stands[f"{action.place}.{action.id}"] = at

    def _without_clashes(self, changed: dict[str, str]) -> dict[str, str]:
        """Without those that would take the key of another action."""
        kept = dict(changed)
        while (found := next(((own, clash) for own in kept if (clash := _clash(own, kept)) is not None), None)) is not None:
            own, (key, other) = found
            taken = f"{pretty(key)} is the key of {other.id!r} ({actions.help_text(other)})"
            self.warn(self.stands[own], f"{taken}; give that one another key, too")
            del kept[own]  # its default holds again, which another one may have taken
        return kept


def _clash(own: str, changed: Mapping[str, str]) -> tuple[str, actions.Action] | None:
    """A key that an action shares with another one that works at the same time."""
    place = own.partition(".")[0]
    keys = set(changed[own].split(","))
    for places in actions.TOGETHER:
        if place not in places:
            continue
        for action in actions.of(*places):
            name = f"{action.place}.{action.id}"
            if name == own:
                continue
            shared = keys & set(changed.get(name, action.keys).split(",")) - {""}
            if shared:
                return min(shared), action
    return None


def _raise(error: Exception) -> bool:
    raise error


def _near(name: str, known: Iterable[str]) -> str:
    """What exists, for a person who mistyped."""
    names = list(known)
    near = difflib.get_close_matches(name, names, 3, 0.5)
    listed = near or (names if len(names) <= 8 else [])
    return f"; there is {', '.join(listed)}" if listed else "; `ltg-tui` shows all after `:`"


_HEAD: Final = re.compile(r"\s*\[\s*([\w.\- \"']+?)\s*\]\s*(?:#.*)?$")
_NAME: Final = re.compile(r"\s*([\w.\- \"']+?)\s*=")


def _lines(text: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Where each setting stands. tomllib does not tell: this finds what is written in the usual way."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        head, name = _HEAD.match(line), _NAME.match(line)
        if head is not None:
            table = _dotted(head[1])
            yield table, number
        elif name is not None:
            yield (*table, *_dotted(name[1])), number


def _dotted(text: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in text.split("."))

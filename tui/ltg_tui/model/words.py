"""The command line: which action a line means, and how it could go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from .. import actions

SHOWN = 200
"""So many ways to go on are offered at most."""

Complete = Callable[[str], Iterable[str]]


class BadCommand(ValueError):
    """It means no action. The message says why, in one line."""


class Way(NamedTuple):
    """A line that could be meant, and what it would do."""

    line: str
    note: str = ""


def understood(line: str, known: Sequence[actions.Action]) -> tuple[actions.Action, str]:
    """The action a line means, and its argument.

    Raises:
        BadCommand: it means none, or several.
    """
    word, _, argument = line.strip().partition(" ")
    argument = argument.strip()
    found = [action for action in known if actions.word(action) == word]
    found = found or [action for action in known if actions.word(action).startswith(word)]
    if not found:
        raise BadCommand(f"there is no {word!r}; Tab after {actions.key('command')} shows what there is")
    if len(found) > 1:
        raise BadCommand(f"{word!r} could be {', '.join(actions.word(action) for action in found[:6])}")
    if argument and not found[0].argument:
        raise BadCommand(f"{actions.word(found[0])} takes nothing after it")
    return found[0], argument


def ways(line: str, known: Sequence[actions.Action], completes: Callable[[str], Complete | None]) -> list[Way]:
    """How a line could go on: what begins so first, then what has it inside."""
    word, space, argument = line.lstrip().partition(" ")
    if not space:
        return _of_words(word, known)
    try:
        action, _ = understood(word, known)
    except BadCommand:
        return []
    complete = completes(action.id)
    if complete is None:
        return []
    return [Way(f"{actions.word(action)} {each}") for each in islice(complete(argument.strip()), SHOWN)]


def _of_words(word: str, known: Sequence[actions.Action]) -> list[Way]:
    begin = [action for action in known if actions.word(action).startswith(word)]
    inside = [action for action in known if word in actions.word(action) and action not in begin]
    return [Way(actions.word(action) + (" " if action.argument else ""), _note(action)) for action in (*begin, *inside)]


def _note(action: actions.Action) -> str:
    keys = actions.key_text(action)
    return f"{keys:<10} {actions.help_text(action)}" if keys else f"{action.argument:<10} {actions.help_text(action)}"


def starting(typed: str, names: Iterable[str]) -> Iterator[str]:
    """Names that begin so; an ordinary way to complete."""
    return (name for name in names if name.startswith(typed))

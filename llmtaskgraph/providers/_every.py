"""Which provider answers for a name: the built-in ones, those of the program, or one script for all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from . import Provider


class _ForAll(dict[str, Provider]):
    """The same provider whatever the name."""

    def __init__(self, provider: Provider) -> None:
        super().__init__({"openai": provider})
        self._provider = provider

    def __contains__(self, name: object) -> bool:
        return True

    def __missing__(self, name: str) -> Provider:
        return self._provider


def providers_for(own: Mapping[str, Provider], script: Path | None) -> Mapping[str, Provider]:
    """Providers by name.

    Args:
        own: those that the program registered.
        script: a script that answers in their place.

    Raises:
        ScriptError: the script cannot be used.
    """
    if script is not None:
        from .scripted import Provider as Scripted
        from .scripted import load_script

        return _ForAll(Scripted(load_script(script)))
    from .openai import Provider as OpenAI

    return {"openai": OpenAI(), **own}

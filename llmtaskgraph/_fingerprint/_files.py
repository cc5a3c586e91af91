"""The files of one walk: each is looked at once, so that the walk sees one version of it."""

from __future__ import annotations

from ._code import Chain
from ._modules import Namespace, absolute, imported, is_project, namespace_of
from ._source import Source, source_of
from ._values import MISSING


class Files:
    """Sources by file and by module."""

    def __init__(self) -> None:
        self.sources: dict[str, Source | None] = {}
        self.homes: dict[int, tuple[Namespace, Source | None]] = {}

    def source(self, filename: str, home: Namespace) -> Source | None:
        if filename not in self.sources:
            self.sources[filename] = source_of(filename, home)
        return self.sources[filename]

    def of_module(self, home: Namespace) -> Source | None:
        file = home.get("__file__")
        if not isinstance(file, str):
            return None
        if id(home) not in self.homes:
            self.homes[id(home)] = (home, self.source(file, home) if is_project(home) else None)
        return self.homes[id(home)][1]

    def is_state(self, home: Namespace, chain: Chain) -> bool:
        """Whether a function of the module writes the variable, or the attribute of it that is read."""
        source = self.of_module(home)
        if source is None:
            return False
        return chain[0] in source.state or any(chain[:n] in source.stored_attributes for n in range(2, len(chain) + 1))

    def origin(self, value: object, home: Namespace, name: str) -> tuple[Namespace, str]:
        """The module and name that a variable was imported from."""
        for _ in range(20):
            source = self.of_module(home)
            if source is None:
                break
            found = [*source.imports.get(name, []), *source.imports.get("*", [])]
            for one in found:
                module = imported(absolute(one, home) or "")
                there = name if one.attribute == "*" else one.attribute
                if module is not None and there and namespace_of(module).get(there, MISSING) is value:
                    home, name = namespace_of(module), there
                    break
            else:
                break
        return home, name

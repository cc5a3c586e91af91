"""Modules: which are the project's own, and what an import stands for. Nothing is ever imported here."""

from __future__ import annotations

import os
import site
import sys
import sysconfig
from functools import cache
from importlib.machinery import PathFinder
from importlib.util import resolve_name
from types import ModuleType
from typing import Any, NamedTuple

from ._code import Import

Namespace = dict[str, Any]

MODULE_NAMES = frozenset(
    {"__name__", "__file__", "__package__", "__spec__", "__loader__", "__path__", "__cached__", "__builtins__", "__debug__"}
    | {"__annotations__", "__annotate__", "__conditional_annotations__", "__dict__", "__warningregistry__"}
)
"""What a module holds about itself. It differs with how the same file was imported."""

_OWN = frozenset({"llmtaskgraph", "ltg_tui"})
_LIBRARY_ENDS = ("site-packages", "dist-packages")


class File(NamedTuple):
    """A file of the project that was not imported before the first fingerprint, and the package that its imports count from."""

    path: str
    package: str


@cache
def _library_folders() -> tuple[str, ...]:
    paths = [sysconfig.get_paths().get(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    paths += [os.path.dirname(os.__file__), *site.getsitepackages(), site.getusersitepackages()]
    paths += [path for path in sys.path if os.path.basename(path.rstrip(os.sep)) in _LIBRARY_ENDS]
    every = {form(path) for path in paths if path for form in (os.path.abspath, os.path.realpath)}
    return tuple(sorted(path + os.sep for path in every))


@cache
def _is_library_file(path: str) -> bool:
    return os.path.abspath(path).startswith(_library_folders()) or os.path.realpath(path).startswith(_library_folders())


@cache
def modules_at_start() -> frozenset[str]:
    """The modules imported before the first fingerprint.

    What an import inside a function stands for goes by this set: whether some task has run that imports it must
    not tell.
    """
    return frozenset(sys.modules)


def is_own(namespace: Namespace) -> bool:
    """Whether a module, given by its globals, is of this package."""
    name = namespace.get("__name__")
    return isinstance(name, str) and name.partition(".")[0] in _OWN


def is_project(namespace: Namespace) -> bool:
    """Whether a module, given by its globals, is the user's own and not a library's."""
    name, file = namespace.get("__name__"), namespace.get("__file__")
    top = name.partition(".")[0] if isinstance(name, str) else ""
    if top.startswith("namedtuple_") and file is None:
        return False
    if is_own(namespace):
        return False
    if isinstance(file, str):
        return not _is_library_file(file)
    return top not in sys.stdlib_module_names and top not in sys.builtin_module_names


def namespace_of(module: ModuleType) -> Namespace:
    """The globals of a module, without asking the module."""
    namespace: Namespace = ModuleType.__getattribute__(module, "__dict__")
    return namespace


def imported(name: str) -> ModuleType | None:
    """The module of that name, if it was imported."""
    module = sys.modules.get(name)
    return module if issubclass(type(module), ModuleType) else None


def absolute(found: Import, namespace: Namespace) -> str | None:
    """The full name of the module that an import statement names."""
    if not found.level:
        return found.module
    package = namespace.get("__package__")
    if not isinstance(package, str):
        package = getattr(namespace.get("__spec__"), "parent", None)
    try:
        return resolve_name("." * found.level + found.module, package)
    except (ImportError, TypeError):
        return None


def file_of(name: str) -> File | None:
    """The file that an import of a module would run, if it is the project's."""
    path: list[str] | None = None
    parts = name.split(".")
    for n in range(1, len(parts) + 1):
        spec = PathFinder.find_spec(".".join(parts[:n]), path)
        if spec is None:
            return None
        path = list(spec.submodule_search_locations or ())
    if spec is None or spec.origin is None or not spec.origin.endswith(".py") or _is_library_file(spec.origin):
        return None
    return File(spec.origin, name if path else name.rpartition(".")[0])

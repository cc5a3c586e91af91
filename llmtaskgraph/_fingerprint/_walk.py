"""The walk: from a function to all of the project that it refers to."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable
from logging import Logger
from pathlib import PurePath
from types import CellType, FunctionType, ModuleType
from typing import Any

from . import _values as values
from ._code import Import, symbols
from ._modules import MODULE_NAMES, File, absolute, file_of, imported, is_project, modules_at_start, namespace_of
from ._nodes import (
    Edges,
    Namespace,
    Node,
    Thing,
    class_home,
    clean,
    code_edges,
    docs,
    instance,
    library,
    parts,
    reference,
    written,
)
from ._reading import Reading, plain, read, read_class
from ._source import Source, assigned, dump, imports, loads, source_of
from ._values import MISSING, is_a

Declared = Callable[[object], str | None]
Chain = tuple[str, ...]

_CLASS_NAMES = frozenset(
    {"__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__firstlineno__", "__static_attributes__"}
)
"""What a class holds about itself and its text."""
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.Tuple, ast.BinOp)

_first_seen: dict[tuple[str, str, str], tuple[object, Node]] = {}
"""Loaded data by module, name and use: the object, and what it said at first sight. Later it is the state of a run."""


def walk(root: object, declared: Declared) -> list[tuple[str, dict[str, int]]]:
    """The texts and edges of all that is reachable, the root first. Edges lead to places in the list."""
    return _Walk(declared).from_root(Thing(root, receiver=True))


class _Walk:
    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self.things: list[Thing] = []
        self.places: dict[tuple[object, ...], int] = {}
        self.sources: dict[str, Source | None] = {}

    def from_root(self, root: Thing) -> list[tuple[str, dict[str, int]]]:
        self._place(root)
        nodes: list[tuple[str, dict[str, int]]] = []
        while len(nodes) < len(self.things):
            thing = self.things[len(nodes)]
            try:
                text, edges = self._describe(thing, entered=not nodes)
            except Exception:
                text, edges = f"strange {type(thing.value).__qualname__}", {}
            nodes.append((text, {label: self._place(edges[label]) for label in sorted(edges)}))
        return nodes

    def _place(self, thing: Thing) -> int:
        key: tuple[object, ...] = (id(thing.value),)
        if not is_a(thing.value, (FunctionType, type, ModuleType)):
            key = (id(thing.value), id(thing.home), thing.name, thing.receiver)
        if key not in self.places:
            self.places[key] = len(self.things)
            self.things.append(thing)
        return self.places[key]

    def _describe(self, thing: Thing, entered: bool) -> Node:
        value: Any = thing.value
        if value is MISSING:
            return "missing", {}
        if type(value) is File:
            return self._file(value)
        simple = values.atom(value) is not None
        told = None if entered or simple else self.declared(value)
        if told is not None:
            return f"declared {told}", {}
        if is_a(value, FunctionType):
            return self._function(value)
        if is_a(value, type):
            return self._class(value, thing.home or thing.near)
        if is_a(value, ModuleType):
            return self._module(namespace_of(value))
        if is_a(value, values.REFERENCES) or (type(value).__module__ == "typing" and thing.home is None):
            return reference(value, thing.home or thing.near)
        return self._variable(thing) if thing.home is not None else self._part(thing)

    # Functions and the names in them

    def _function(self, function: FunctionType) -> Node:
        code, home = function.__code__, function.__globals__
        edges = parts({"wrapped": function.__dict__["__wrapped__"]} if "__wrapped__" in function.__dict__ else {})
        cells = dict(zip(code.co_freevars, map(_content, function.__closure__ or ()), strict=True))
        if not is_project(home):
            return library(home, code.co_qualname)[0], edges | code_edges(cells, None)
        source = self._source(code.co_filename, home)
        reading = read(code, source)
        edges |= parts(_defaults(function, reading), home)
        state = symbols(code).stored | (source.closure_state(code.co_qualname) if source is not None else frozenset())
        for name in cells.keys() - state:
            if not is_a(cells[name], ModuleType):
                edges[f"cell {name}"] = Thing(cells[name], near=home)
        roots = symbols(code).roots
        for chain in reading.chains | reading.outer:
            name = chain[0]
            if name in cells:
                if name not in state and (is_a(cells[name], ModuleType) or "__doc__" in chain):
                    self._follow(edges, f"cell {name}", Thing(cells[name], near=home), chain[1:])
            elif name in roots or (chain in reading.outer and name not in reading.imports):
                self._global(edges, home, chain, required=name in roots)
            for found in () if name in cells or name in roots else reading.imports.get(name, ()):
                self._import(edges, home, found, chain[1:])
        self._dotted_imports(edges, home, reading)
        return reading.text, edges

    def _global(self, edges: Edges, home: Namespace, chain: Chain, required: bool = False) -> None:
        """Add what a global name, with the attributes that follow, stands for."""
        name = chain[0]
        if name in MODULE_NAMES or self._is_state(home, chain):
            return
        value = home.get(name, MISSING)
        if name == "__doc__":
            edges["global __doc__"] = Thing(clean(value))
        elif value is not MISSING:
            self._follow(edges, f"global {name}", Thing(value, home, name), chain[1:])
        elif required and name not in vars(builtins):
            edges[f"global {name}"] = Thing(MISSING)

    def _follow(self, edges: Edges, label: str, thing: Thing, rest: Chain, known: frozenset[str] | None = None) -> None:
        """Add what a dotted name ends at: attributes of the project's modules are looked up, those of other objects not.

        `known`: modules beside these are taken as not imported yet.
        """
        while rest and rest[0] != "__doc__" and is_a(thing.value, ModuleType):
            home = namespace_of(thing.value)  # type: ignore[arg-type]
            if not is_project(home):
                break
            name = rest[0]
            if name in MODULE_NAMES or self._is_state(home, (name,)):
                return
            below: Any = imported(f"{home.get('__name__')}.{name}") or MISSING
            if known is not None and below is not MISSING and below.__name__ not in known:
                break
            thing = Thing(home.get(name, below), home, name)
            label, rest = f"{label}.{name}", rest[1:]
        edges[label] = thing
        if "__doc__" in rest:
            edges[f"{label}.{'.'.join(rest)}"] = Thing(docs(thing.value))

    def _import(self, edges: Edges, home: Namespace, found: Import, rest: Chain) -> None:
        """Add what a name bound by an import inside a function stands for."""
        name = absolute(found, home)
        module = imported(name) if name in modules_at_start() else None
        below = f"{name}.{found.attribute}"
        if module is None:
            self._unseen(edges, name)
        if found.attribute is not None and below not in modules_at_start() and file_of(below) is not None:
            self._unseen(edges, below)
        elif module is not None:
            path = rest if found.attribute is None else (found.attribute, *rest)
            self._follow(edges, f"import {'.' * found.level}{found.module}", Thing(module), path, known=modules_at_start())

    def _dotted_imports(self, edges: Edges, home: Namespace, reading: Reading) -> None:
        """`import a.b` inside a function binds only `a`; `b` may come to be by this very import."""
        for name, every in reading.imports.items():
            for found in every:
                if "." in name and found.attribute is None:
                    self._unseen(edges, absolute(found, home))

    def _unseen(self, edges: Edges, name: str | None) -> None:
        if name is not None and name not in modules_at_start():
            edges[f"file {name.rpartition('.')[2]}"] = Thing(file_of(name) or MISSING)

    def _is_state(self, home: Namespace, chain: Chain) -> bool:
        """Whether a function of the module writes the variable, or the attribute of it that is read."""
        source = self._home_source(home) if is_project(home) else None
        if source is None:
            return False
        return chain[0] in source.state or any(chain[:n] in source.stored_attributes for n in range(2, len(chain) + 1))

    # Classes, modules, files

    def _class(self, kind: type, near: Namespace | None) -> Node:
        own = dict(type.__dict__["__dict__"].__get__(kind))
        qualname: str = type.__dict__["__qualname__"].__get__(kind)
        home = class_home(kind, near)
        if not is_project(home):
            return library(home, qualname)
        edges = parts({f"base {i}": base for i, base in enumerate(type.__dict__["__bases__"].__get__(kind))}, home)
        edges["metaclass"] = Thing(type(kind), near=home)
        source = self._class_source(own, home)
        reading = read_class(qualname, own, source)
        changed = source.changed_attributes if source is not None else frozenset()
        for name in own.keys() - _CLASS_NAMES - changed:
            function, value = plain(own[name]), own[name]
            if function is not None:
                if is_project(function.__globals__) and not (reading and reading.holds(function)):
                    edges[f"attribute {name}"] = Thing(value, near=home)
            elif reading is None or (name in reading.computed and values.atom(value) is not None):
                edges[f"attribute {name}"] = Thing(tuple(value.items()) if name == "__annotations__" else value, near=home)
        for chain in reading.outer if reading else ():
            self._global(edges, home, chain)
        return reading.text if reading else f"class {qualname}", edges

    def _class_source(self, own: Namespace, home: Namespace) -> Source | None:
        """The file that a class stands in: that of its methods, since the cells of a notebook are many files."""
        for function in map(plain, own.values()):
            if function is not None and function.__globals__ is home and function.__code__.co_filename[:1] != "<":
                return self._source(function.__code__.co_filename, home)
        return self._home_source(home)

    def _module(self, home: Namespace) -> Node:
        """A module that is passed around whole: all its names count."""
        if not is_project(home):
            return library(home, "")
        edges: Edges = {}
        for name in list(home):
            if not name.startswith("__"):
                self._global(edges, home, (name,))
        return "module", edges

    def _file(self, file: File) -> Node:
        """A file that is imported only inside functions counts whole, with those that it imports."""
        source = self._source(file.path, {})
        if source is None:
            return "file", {}
        edges: Edges = {}
        for found in {one for every in imports(source.tree).values() for one in every}:
            name = absolute(found, {"__package__": file.package})
            for full in (name, f"{name}.{found.attribute}"):
                if name and (inner := file_of(full or "")) is not None:
                    edges[f"file {'.' * found.level}{found.module} {found.attribute if full != name else ''}"] = Thing(inner)
        return f"file {dump(source.tree)}", edges

    # Values

    def _part(self, thing: Thing) -> Node:
        """A value in a closure, a default, an argument: what can change is state, and only its type counts."""
        try:
            return written(thing.value, thing.near, data=False)
        except values.Mutable:
            return self._instance(thing)

    def _instance(self, thing: Thing) -> Node:
        source = self._home_source(class_home(type(thing.value), thing.home or thing.near))
        return instance(thing, frozenset(source.changed_attributes if source is not None else ()))

    def _variable(self, thing: Thing) -> Node:
        """A module variable: by value if it cannot change, else by the statements that make it, else as first seen."""
        home, name = thing.home, thing.name
        home, name = self._origin(thing.value, home or {}, name)
        if not is_project(home):
            return library(home, name)
        thing = thing._replace(home=home, name=name)
        source = self._home_source(home)
        placed = is_a(thing.value, PurePath) and source is not None and source.mentions_file(name)
        if not placed:
            try:
                return written(thing.value, home, data=False)
            except values.Mutable:
                pass
        statements = source.assignments.get(name, []) if source is not None else []
        if source is None or not statements or is_a(thing.value, Logger):
            return self._at_first_sight(thing._replace(receiver=True))
        return self._made(thing, source, statements)

    def _origin(self, value: object, home: Namespace, name: str) -> tuple[Namespace, str]:
        """The module and name that a variable was imported from."""
        for _ in range(20):
            source = self._home_source(home) if is_project(home) else None
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

    def _made(self, thing: Thing, source: Source, statements: list[ast.stmt]) -> Node:
        """A variable that can change, by the statements that make it and what these refer to."""
        home, name, value = thing.home or {}, thing.name, thing.value
        holds = is_a(value, values.CONTAINERS)
        rights = [assigned(statement, name) for statement in statements]
        registered = self._first(thing, "code", lambda: ("", code_edges({name: value}, home) if holds else {}))[1]
        if len(rights) == 1 and rights[0] is not None and (text := _literal(rights[0], value)) is not None:
            return text, registered
        loaded = any(right is not None and not isinstance(right, _DISPLAYS) and loads(right) for right in rights)
        if holds and loaded:
            return self._at_first_sight(thing)
        edges = dict(registered)
        pieces = [statement if right is None else ast.Expr(right) for statement, right in zip(statements, rights, strict=True)]
        for chain in {chain for piece in pieces for chain in source.references(piece)}:
            if chain[0] != name:
                self._global(edges, home, chain)
        text = f"made {dump(pieces)}"
        if is_a(value, PurePath):
            return text, edges
        if not holds or any(loads(piece, outermost=right is None) for piece, right in zip(pieces, rights, strict=True)):
            seen, inner = self._at_first_sight(thing)
            return f"{text} {seen}", edges | inner
        return text, edges

    def _at_first_sight(self, thing: Thing) -> Node:
        if is_a(thing.value, values.CONTAINERS) or values.record(thing.value) is not None:
            return self._first(thing, "value", lambda: written(thing.value, thing.home, data=True))
        return self._instance(thing)

    def _first(self, thing: Thing, use: str, describe: Callable[[], Node]) -> Node:
        key = (str((thing.home or {}).get("__name__")), thing.name, use)
        known = _first_seen.get(key)
        if known is None or known[0] is not thing.value:
            _first_seen[key] = known = (thing.value, describe())
        return known[1]

    # Files

    def _source(self, filename: str, home: Namespace) -> Source | None:
        if filename not in self.sources:
            self.sources[filename] = source_of(filename, home)
        return self.sources[filename]

    def _home_source(self, home: Namespace) -> Source | None:
        file = home.get("__file__")
        return self._source(file, home) if isinstance(file, str) else None


def _content(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _defaults(function: FunctionType, reading: Reading) -> dict[str, object]:
    """Values of defaults; a lambda among them stands in the source already."""
    found: dict[str, object] = {f"default {i}": value for i, value in enumerate(function.__defaults__ or ())}
    found |= {f"default {name}": value for name, value in (function.__kwdefaults__ or {}).items()}
    return {name: value for name, value in found.items() if not (reading.from_source and _is_lambda(value))}


def _is_lambda(value: object) -> bool:
    return isinstance(value, FunctionType) and value.__code__.co_name == "<lambda>"


def _literal(right: ast.expr, value: object) -> str | None:
    """The text of what is assigned, where that is a literal: as if it had been looked at before anything could change it."""
    try:
        literal = ast.literal_eval(right)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return written(literal, None, data=True)[0] if type(literal) is type(value) else None

"""The walk: from a function to all of the project that it refers to."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Sequence
from logging import Logger
from pathlib import PurePath
from types import CellType, FunctionType, ModuleType
from typing import Any, NamedTuple

from . import _values as values
from ._code import Chain, Import, symbols
from ._files import Files
from ._modules import MODULE_NAMES, File, Namespace, absolute, file_of, imported, is_project, modules_at_start, namespace_of
from ._nodes import (
    Edges,
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
from ._reading import ClassReading, plain, read, read_class
from ._source import Source, assigned, dump, imports, loads
from ._values import MISSING, is_a


class Declaration(NamedTuple):
    """What an object contributes that is not entered as it is, such as a registered function.

    Attributes:
        text: told of it.
        code: what counts with it, a function or a text.
        behind: it counts only if an attribute of that name is read somewhere on the way.
    """

    text: str
    code: object
    behind: str = ""


Declared = Callable[[object], Declaration | None]

_CLASS_NAMES = frozenset(
    {"__module__", "__qualname__", "__doc__", "__dict__", "__weakref__", "__firstlineno__", "__static_attributes__"}
    | {"__annotations_cache__", "__annotate_func__"}
)
"""What a class holds about itself and its text."""
_CLASS_TABLES = frozenset({"__annotations__", "_field_defaults"})
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.Tuple, ast.BinOp)

_first_seen: dict[tuple[str, str, str], tuple[object, Node]] = {}
"""Variables by module, name and use: the object, and what it said at first sight. Later it holds the state of a run."""
_classes_seen: dict[int, tuple[type, ClassReading | None]] = {}
"""Classes, and what their source said at first sight: a class in memory does not change with its file."""


def walk(root: object, declared: Declared) -> list[tuple[str, dict[str, int]]]:
    """The texts and edges of all that is reachable, the root first. Edges lead to places in the list."""
    nodes = (walked := _Walk(declared, frozenset())).from_root(Thing(root, receiver=True))
    behind = frozenset(name for name in walked.closed if mentions(nodes, name))
    return _Walk(declared, behind).from_root(Thing(root, receiver=True)) if behind else nodes


def mentions(nodes: Sequence[tuple[str, object]], attribute: str) -> bool:
    """Whether the code of a walk reads an attribute of that name, of whatever object."""
    return any(f"str {attribute!a}" in text for text, _ in nodes)


class _Walk:
    """One walk.

    Attributes:
        open: attributes behind which code counts.
        closed: those behind which code was met that does not count.
    """

    def __init__(self, declared: Declared, open: frozenset[str]) -> None:
        self.declared, self.open = declared, open
        self.closed: set[str] = set()
        self.things: list[Thing] = []
        self.places: dict[tuple[object, ...], int] = {}
        self.files = Files()

    def from_root(self, root: Thing) -> list[tuple[str, dict[str, int]]]:
        self._place(root)
        nodes: list[tuple[str, dict[str, int]]] = []
        while len(nodes) < len(self.things):
            thing = self.things[len(nodes)]
            try:
                text, edges = self._describe(thing, entered=not nodes)
            except Exception:
                text, edges = _strange(thing.value), {}
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
            return self._declaration(told)
        if is_a(value, FunctionType):
            return self._function(value)
        if is_a(value, type):
            return self._class(value, thing.home or thing.near)
        if is_a(value, ModuleType):
            return self._module(namespace_of(value))
        if is_a(value, values.REFERENCES) or (values.about(type(value), "__module__") == "typing" and thing.home is None):
            return reference(value, thing.home or thing.near)
        return self._variable(thing) if thing.home is not None else self._part(thing)

    def _declaration(self, told: Declaration) -> Node:
        if told.behind and told.behind not in self.open:
            self.closed.add(told.behind)
            return f"declared {told.text}", {}
        return f"declared {told.text}", parts({"code": told.code})

    # Functions and the names in them

    def _function(self, function: FunctionType) -> Node:
        code, home = function.__code__, function.__globals__
        edges = parts({"wrapped": function.__dict__["__wrapped__"]} if "__wrapped__" in function.__dict__ else {})
        cells = dict(zip(code.co_freevars, map(_content, function.__closure__ or ()), strict=True))
        if not is_project(home):
            return library(home, code.co_qualname)[0], edges | code_edges(cells | function.__dict__, None)
        source = self.files.source(code.co_filename, home)
        reading = read(code, source)
        edges |= parts(_defaults(function), home)
        text = reading.text
        for name in sorted(cells.keys() - reading.state):
            if not is_a(cells[name], ModuleType):
                edges[f"cell {name}"] = Thing(cells[name], near=home)
            if source is not None and text.startswith("def ") and is_a(cells[name], values.CONTAINERS):
                text += self._statements(edges, home, source, source.closure_statements(code.co_qualname, name))
        text += self._attributes(edges, home, source, function, code.co_qualname)
        for chain in reading.cells:
            name = chain[0]
            if name not in reading.state and (is_a(cells[name], ModuleType) or "__doc__" in chain):
                self._follow(edges, f"cell {name}", Thing(cells[name], near=home), chain[1:])
        for chain, required in reading.names:
            self._global(edges, home, chain, required)
        for found, rest in reading.imports:
            self._import(edges, home, found, rest)
        return text, edges

    def _global(self, edges: Edges, home: Namespace, chain: Chain, required: bool = False) -> None:
        """Add what a global name, with the attributes that follow, stands for."""
        name = chain[0]
        if name in MODULE_NAMES or self.files.is_state(home, chain):
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
            if name in MODULE_NAMES or self.files.is_state(home, (name,)):
                return
            full = f"{home.get('__name__')}.{name}"
            below = imported(full) or MISSING
            if known is not None and full not in known and (below is not MISSING or name not in home):
                return
            thing = Thing(home.get(name, below), home, name)
            label, rest = f"{label}.{name}", rest[1:]
        edges[label] = thing
        if "__doc__" in rest:
            edges[f"{label}.{'.'.join(rest)}"] = Thing(docs(thing.value))

    def _import(self, edges: Edges, home: Namespace, found: Import, rest: Chain) -> None:
        """Add what a name bound by an import inside a function stands for."""
        name = absolute(found, home)
        module = imported(name) if name in modules_at_start() else None
        if module is not None:
            path = rest if found.attribute is None else (found.attribute, *rest)
            self._follow(edges, f"import {'.' * found.level}{found.module}", Thing(module), path, known=modules_at_start())
        else:
            self._unseen(edges, name)
        if name and found.attribute and (module is None or is_project(namespace_of(module))):
            self._unseen(edges, f"{name}.{found.attribute}", required=False)

    def _unseen(self, edges: Edges, name: str | None, required: bool = True) -> None:
        """Add the file of a module that was not imported before the first fingerprint."""
        if name is not None and name not in modules_at_start():
            file = file_of(name)
            if file is not None or required:
                edges[f"file {name.rpartition('.')[2]}"] = Thing(file or MISSING)

    # Classes, modules, files

    def _class(self, kind: type, near: Namespace | None) -> Node:
        own = dict(values.about(kind, "__dict__"))
        qualname: str = values.about(kind, "__qualname__")
        home = class_home(kind, near)
        if not is_project(home):
            return library(home, qualname)
        edges = parts({f"base {i}": base for i, base in enumerate(values.about(kind, "__bases__"))}, home)
        edges["metaclass"] = Thing(type(kind), near=home)
        source = self._class_source(own, home)
        if id(kind) not in _classes_seen:
            _classes_seen[id(kind)] = (kind, read_class(qualname, own, source))
        reading = _classes_seen[id(kind)][1]
        changed = source.changed_attributes if source is not None else frozenset()
        for name in own.keys() - _CLASS_NAMES - changed:
            function, value = plain(own[name]), own[name]
            if function is not None:
                if is_project(function.__globals__) and not (reading and reading.holds(function)):
                    edges[f"attribute {name}"] = Thing(value, near=home)
            elif reading is None or (name in reading.computed and values.atom(value) is not None):
                edges[f"attribute {name}"] = Thing(tuple(value.items()) if name in _CLASS_TABLES else value, near=home)
        for chain in reading.outer if reading else ():
            self._global(edges, home, chain)
        if reading is not None:
            return reading.text + self._attributes(edges, home, source, kind, qualname), edges
        made = source.assignments.get(qualname, []) if source is not None and home.get(qualname) is kind else []
        return f"class {qualname} {self._statements(edges, home, source, made)}", edges

    def _class_source(self, own: Namespace, home: Namespace) -> Source | None:
        """The file that a class stands in: that of its methods, since the cells of a notebook are many files."""
        for function in map(plain, own.values()):
            if function is not None and function.__globals__ is home and function.__code__.co_filename[:1] != "<":
                return self.files.source(function.__code__.co_filename, home)
        return self.files.of_module(home)

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
        source = self.files.source(file.path, {})
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
        source = self.files.of_module(class_home(type(thing.value), thing.home or thing.near))
        return instance(thing, frozenset(source.changed_attributes if source is not None else ()))

    def _variable(self, thing: Thing) -> Node:
        """A module variable: by value if it cannot change, else by the statements that make it, else as first seen."""
        home, name = thing.home, thing.name
        home, name = self.files.origin(thing.value, home or {}, name)
        if not is_project(home):
            return library(home, name)
        thing = thing._replace(home=home, name=name)
        source = self.files.of_module(home)
        placed = is_a(thing.value, PurePath) and source is not None and source.mentions_file(name)
        if not placed:
            try:
                return written(thing.value, home, data=False)
            except values.Mutable:
                pass
        statements = source.assignments.get(name, []) if source is not None else []
        if source is None or not statements or is_a(thing.value, Logger):
            return self._at_first_sight(thing._replace(receiver=True))
        made = source
        return self._first(thing, "made", lambda: self._made(thing, made, statements))

    def _made(self, thing: Thing, source: Source, statements: list[ast.stmt]) -> Node:
        """A variable that can change, by the statements that make it and what these refer to."""
        home, name, value = thing.home or {}, thing.name, thing.value
        holds = is_a(value, values.CONTAINERS)
        rights = [assigned(statement, name) for statement in statements]
        registered = self._first(thing, "code", lambda: ("", code_edges({name: value}, home) if holds else {}))[1]
        if len(rights) == 1 and rights[0] is not None and (text := _literal(rights[0], value)) is not None:
            return text, registered
        loaded = any(right is not None and not isinstance(right, _DISPLAYS) and loads(right) for right in rights)
        if holds and loaded and not (seen := self._at_first_sight(thing))[1]:
            return seen
        edges = dict(registered)
        pieces = [statement if right is None else ast.Expr(right) for statement, right in zip(statements, rights, strict=True)]
        text = f"made {self._statements(edges, home, source, pieces, name)}"
        if is_a(value, PurePath):
            return text, edges
        if not holds or any(loads(piece, outermost=right is None) for piece, right in zip(pieces, rights, strict=True)):
            told, inner = self._at_first_sight(thing)
            return f"{text} {told}", edges | inner
        return text, edges

    def _attributes(self, edges: Edges, home: Namespace, source: Source | None, value: object, name: str) -> str:
        """The statements at module level that set attributes of a function or class."""
        if source is None or home.get(name) is not value or name not in source.assignments:
            return ""
        return self._statements(
            edges, home, source, [one for one in source.assignments[name] if assigned(one, name) is None], name
        )

    def _statements(
        self, edges: Edges, home: Namespace, source: Source | None, statements: list[ast.stmt], besides: str = ""
    ) -> str:
        """The text of statements at module level; adds what they refer to."""
        if source is None:
            return ""
        for chain in {chain for statement in statements for chain in source.references(statement)}:
            if chain[0] != besides:
                self._global(edges, home, chain)
        return dump(statements)

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


def _strange(value: Any) -> str:
    """What is left to say of something that cannot be read."""
    try:
        return f"code {symbols(value.__code__).text}" if is_a(value, FunctionType) else _type_name(value)
    except Exception:
        return _type_name(value)


def _type_name(value: object) -> str:
    return f"strange {values.about(type(value), '__qualname__')}"


def _content(cell: CellType) -> object:
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _defaults(function: FunctionType) -> dict[str, object]:
    found: dict[str, object] = {f"default {i}": value for i, value in enumerate(function.__defaults__ or ())}
    found |= {f"default {name}": value for name, value in (function.__kwdefaults__ or {}).items()}
    return found


def _literal(right: ast.expr, value: object) -> str | None:
    """The text of what is assigned, where that is a literal: as if it had been looked at before anything could change it."""
    try:
        literal = ast.literal_eval(right)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None
    return written(literal, None, data=True)[0] if type(literal) is type(value) else None

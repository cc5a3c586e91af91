"""Source files: the definition that a code object was compiled from, and how module variables get their values.

A file on disk may be newer than the code in memory. So a definition is given out only where compiling it yields
that very code again, docstrings and line numbers apart.
"""

from __future__ import annotations

import ast
import linecache
import os
import re
from collections.abc import Iterator
from types import CodeType
from typing import Any

from ._code import Chain, Import, constant, nested, same_code, symbols

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT  # cells of notebooks use it
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_MAKERS = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__"})
"""Methods that make an object, so that what they store is not a change of it."""
_NO_MEANING = frozenset({"ctx", "kind", "type_comment", "type_ignores", "str"})
_CONTAINERS = frozenset({"list", "dict", "set", "tuple", "frozenset", "sorted", "bytearray"}) | {
    *("defaultdict", "Counter", "OrderedDict", "deque", "ChainMap", "count", "range", "zip", "enumerate", "reversed"),
}
"""What may be called to make a container without loading anything from outside."""


def dump(node: Any) -> str:
    """Text of a syntax tree without docstrings and positions.

    `ast.unparse` writes f-strings differently in 3.11 and 3.12, `ast.dump` lists the fields that a version has; here
    what is empty is left out, so that a field that a later version adds changes nothing.
    """
    if isinstance(node, list):
        return f"[{','.join(dump(item) for item in node)}]"
    if not isinstance(node, ast.AST):
        return constant(node)
    if isinstance(node, ast.JoinedStr):
        return f"JoinedStr({dump(_joined(node.values))})"
    if isinstance(node, ast.BinOp):
        return f"BinOp({','.join(_operands(node))})"
    parts = []
    for name in node._fields:
        value = getattr(node, name, None)
        if name in _NO_MEANING or value is None:
            continue
        if name == "body" and isinstance(node, (*_DEFINITIONS, ast.ClassDef, ast.Module)):
            value = without_docstring(node.body)
        if value != []:
            parts.append(f"{name}={dump(value)}")
    return f"{type(node).__name__}({','.join(parts)})"


def _operands(node: ast.BinOp) -> list[str]:
    """The operands of a + b + c + ... and the operators between; a long prompt may be put together of hundreds."""
    parts: list[str] = []
    left: ast.expr = node
    while isinstance(left, ast.BinOp):
        parts += [dump(left.right), type(left.op).__name__]
        left = left.left
    return [dump(left), *reversed(parts)]


def dump_function(node: Definition) -> str:
    """Text of a function: what it is called with and does. Its decorators show in the object that they returned."""
    if isinstance(node, ast.Lambda):
        return dump(node)
    fields = (node.args, without_docstring(node.body), getattr(node, "type_params", []))
    return f"{type(node).__name__} {node.name} {' '.join(dump(field) for field in fields)}"


def without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements of a body, its docstring left out."""
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:] or [ast.Pass()]
    return body


def _joined(values: list[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string, neighbouring texts made one: where they are cut depends on the version."""
    parts: list[ast.expr] = []
    for value in values:
        last = parts[-1] if parts else None
        if not isinstance(value, ast.Constant):
            parts.append(value)
        elif isinstance(last, ast.Constant):
            parts[-1] = ast.Constant(f"{last.value}{value.value}")  # type: ignore[str-bytes-safe]
        elif value.value:
            parts.append(value)
    return parts


def chains(tree: ast.AST) -> set[Chain]:
    """Names that are read, with the attributes that follow: `helpers.fix(x)` gives (helpers, fix) and (x,)."""
    found: set[Chain] = set()
    todo: list[ast.AST] = [tree]
    while todo:
        node = todo.pop()
        chain = _chain(node)
        if chain is None:
            todo.extend(ast.iter_child_nodes(node))
        elif isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            found.add(chain)
        elif len(chain) > 2:
            found.add(chain[:-1])
    return found


def _chain(node: ast.AST) -> tuple[str, ...] | None:
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.append(node.attr)
        node = node.value
    return (node.id, *reversed(attributes)) if isinstance(node, ast.Name) else None


def imports(tree: ast.AST) -> dict[str, list[Import]]:
    """What the import statements anywhere in a tree bind; "*" holds the modules that all names are taken from."""
    found: dict[str, list[Import]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                module = alias.name if alias.asname else alias.name.partition(".")[0]
                found.setdefault(alias.asname or module, []).append(Import(module, 0, None))
                if not alias.asname and "." in alias.name:
                    found.setdefault(alias.name, []).append(Import(alias.name, 0, None))
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                entry = Import(node.module or "", node.level, alias.name)
                found.setdefault(alias.asname or alias.name, []).append(entry)
    return found


class Source:
    """One version of a file.

    Attributes:
        tree: its syntax.
        state: module variables that functions write.
        stored_attributes: dotted names that functions write.
        changed_attributes: attributes that functions write which do not make the object.
        assignments: the statements that give a module variable its value.
        imports: what names imported at module level stand for.
    """

    def __init__(self, text: str, filename: str) -> None:
        self.tree = ast.parse(text)
        self._codes: dict[str, list[CodeType]] = {}
        for code in nested(compile(self.tree, filename, "exec", _FLAGS, dont_inherit=True)):
            self._codes.setdefault(code.co_qualname, []).append(code)
        self._functions: dict[tuple[str, int], Definition] = {}
        self._classes: dict[str, list[ast.ClassDef]] = {}
        self._lambda_codes: dict[tuple[str, ...], dict[str, ast.Lambda]] = {}
        self._nonlocal: dict[str, set[str]] = {}
        self.state: set[str] = set()
        self.stored_attributes: set[Chain] = set()
        self.changed_attributes: set[str] = set()
        self.assignments: dict[str, list[ast.stmt]] = {}
        self.imports = imports(ast.Module(list(_statements(self.tree.body)), []))
        self._index(self.tree, "", "")
        for statement in _statements(self.tree.body):
            for name in _written(statement):
                self.assignments.setdefault(name, []).append(statement)

    def _index(self, tree: ast.AST, prefix: str, top: str) -> None:
        for node in ast.iter_child_nodes(tree):
            if isinstance(node, ast.ClassDef):
                self._classes.setdefault(prefix + node.name, []).append(node)
                self._index(node, f"{prefix}{node.name}.", top or node.name)
            elif isinstance(node, _DEFINITIONS):
                line = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
                self._functions[prefix + node.name, line] = node
                self._note_state(node, top or node.name)
                self._index(node, f"{prefix}{node.name}.<locals>.", top or node.name)
            elif not isinstance(node, ast.expr):
                self._index(node, prefix, top)

    def _note_state(self, function: ast.FunctionDef | ast.AsyncFunctionDef, top: str) -> None:
        nodes = list(ast.walk(function))
        stored = {node.id for node in nodes if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)}
        for node in nodes:
            if isinstance(node, ast.Global):
                self.state.update(stored.intersection(node.names))
            elif isinstance(node, ast.Nonlocal):
                self._nonlocal.setdefault(top, set()).update(node.names)
            elif isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load) and (chain := _chain(node)):
                self.stored_attributes.add(chain)
                if len(chain) == 2 and function.name not in _MAKERS:
                    self.changed_attributes.add(chain[1])

    def function(self, code: CodeType) -> Definition | None:
        """The definition that a function's code was compiled from, or None if the file does not hold it (any more)."""
        if code.co_name == "<lambda>":
            return self._lambdas(code.co_freevars).get(symbols(code).text)
        fits = [other for other in self._codes.get(code.co_qualname, []) if same_code(other, code)]
        fits.sort(key=lambda other: abs(other.co_firstlineno - code.co_firstlineno))
        return self._functions.get((code.co_qualname, fits[0].co_firstlineno)) if fits else None

    def _lambdas(self, closure: tuple[str, ...]) -> dict[str, ast.Lambda]:
        """The lambdas of the file by the text of their code, each compiled as if in a function with the names of a closure.

        Where one stands does not tell which it is: a line can hold several. Those with the same code are the same.
        """
        if closure not in self._lambda_codes:
            found = self._lambda_codes[closure] = {}
            for node in ast.walk(self.tree):
                if isinstance(node, ast.Lambda):
                    around = ast.Lambda(ast.arguments([], [ast.arg(name) for name in closure], None, [], [], None, []), node)
                    code = compile(ast.fix_missing_locations(ast.Expression(around)), "<lambda>", "eval", dont_inherit=True)
                    inner = next((one for one in list(nested(code))[2:] if one.co_name == "<lambda>"), None)
                    if inner is not None:
                        found.setdefault(symbols(inner).text, node)
        return self._lambda_codes[closure]

    def classes(self, qualname: str) -> list[ast.ClassDef]:
        """The definitions of a class, most often one."""
        return self._classes.get(qualname, [])

    def closure_state(self, qualname: str) -> set[str]:
        """Closure names that functions inside the same outermost definition write."""
        return self._nonlocal.get(qualname.partition(".")[0], set())

    def closure_statements(self, qualname: str, name: str) -> list[ast.stmt]:
        """What the functions around a function assign to a name in its closure."""
        around = [node for (other, _), node in self._functions.items() if qualname.startswith(f"{other}.<locals>.")]
        inner = [
            statement for node in around for statement in ast.walk(node) if isinstance(statement, (ast.Assign, ast.AnnAssign))
        ]
        return [ast.Expr(right) for right in (assigned(statement, name) for statement in inner) if right is not None]

    def references(self, node: ast.stmt) -> set[Chain]:
        """Dotted names that a class or a statement at module level reads from outside itself."""
        module = ast.fix_missing_locations(ast.Module([node], []))
        roots = symbols(compile(module, "<statement>", "exec", _FLAGS, dont_inherit=True)).roots
        return {chain for chain in chains(node) if chain[0] in roots}

    def mentions_file(self, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether the value of a module variable is computed from the place of the file."""
        for statement in self.assignments.get(name, []):
            read = {chain[0] for chain in chains(statement)} - seen - {name}
            if "__file__" in read or any(self.mentions_file(other, seen | {name}) for other in read):
                return True
        return False


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run at import: conditions are entered, loops and `with` are taken whole."""
    for statement in body:
        if isinstance(statement, ast.If):
            if ("__name__",) not in chains(statement.test):
                yield from _statements(statement.body)
            yield from _statements(statement.orelse)
        elif isinstance(statement, (ast.Try, ast.TryStar)):
            for part in (statement.body, *(h.body for h in statement.handlers), statement.orelse, statement.finalbody):
                yield from _statements(part)
        elif isinstance(statement, ast.Match):
            for case in statement.cases:
                yield from _statements(case.body)
        else:
            yield statement


def _written(statement: ast.stmt) -> set[str]:
    """Module variables that a statement binds or changes, so far as it shows."""
    if isinstance(statement, (*_DEFINITIONS, ast.ClassDef)):
        return set()
    names = set()
    for node in ast.walk(statement):
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            names.add(_base(node))
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
            names.add(_base(node.value.func))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr" and node.args:
            names.add(_base(node.args[0]))
    return names - {""}


def _base(node: ast.AST) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def assigned(statement: ast.stmt, name: str) -> ast.expr | None:
    """The right side, where a statement is nothing but `name = ...`."""
    if isinstance(statement, ast.Assign):
        plain = all(isinstance(target, ast.Name) for target in statement.targets)
        return statement.value if plain and name in {_base(target) for target in statement.targets} else None
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.value if statement.target.id == name else None
    return None


def loads(node: ast.AST, outermost: bool = True) -> bool:
    """Whether a statement or expression calls anything but constructors of containers, so that its source is not all."""
    skipped = node.value if isinstance(node, ast.Expr) and outermost else None
    calls = [part for part in ast.walk(node) if isinstance(part, (ast.Call, ast.Await)) and part is not skipped]
    return not all(map(_constructs, calls))


def _constructs(call: ast.AST) -> bool:
    chain = _chain(call.func) if isinstance(call, ast.Call) else None
    return chain is not None and chain[-1] in _CONTAINERS and len(chain) <= 2


_loaded: dict[str, tuple[list[str], Source | None]] = {}


def source_of(filename: str, namespace: dict[str, Any]) -> Source | None:
    """The file as it is now, parsed once for each of its versions; None if it cannot be read as Python."""
    home = namespace.get("__file__")
    if not os.path.isabs(filename) and isinstance(home, str) and os.path.basename(home) == os.path.basename(filename):
        filename = home
    try:
        linecache.checkcache(filename)
        lines = linecache.getlines(filename, namespace)
        known = _loaded.get(filename)
        if known is None or known[0] != lines:
            _loaded[filename] = known = (lines, None)
            if lines or os.path.isfile(filename):
                _loaded[filename] = known = (lines, Source(re.sub(r"\A\ufeff", "", "".join(lines)), filename))
        return known[1]
    except Exception:
        return None

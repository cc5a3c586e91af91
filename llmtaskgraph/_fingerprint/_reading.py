"""What a function or class says: its text, and the names it refers to."""

from __future__ import annotations

import ast
from functools import cached_property, lru_cache
from types import CodeType, FunctionType
from typing import Any, NamedTuple

from ._code import Chain, Import, symbols
from ._source import Definition, Source, chains, dump, dump_function, imports
from ._values import is_a

Chains = frozenset[Chain]
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


class Reading(NamedTuple):
    """What a function says.

    Attributes:
        text: of the function itself.
        names: dotted global names that it reads, and whether it fails without them.
        cells: dotted names that begin with one of its closure.
        imports: what is imported in its body, with the attributes that are read of it.
        state: names of variables outside itself that it, or a neighbour in its closure, writes.
    """

    text: str
    names: tuple[tuple[Chain, bool], ...]
    cells: tuple[Chain, ...]
    imports: tuple[tuple[Import, Chain], ...]
    state: frozenset[str]


@lru_cache(maxsize=8192)
def read(code: CodeType, source: Source | None) -> Reading:
    """Read a function from its source, or from its code object where there is no source to be trusted."""
    node = source.function(code) if source is not None else None
    if node is not None:
        try:
            found = _reading(code, f"def {dump_function(node)}", chains(node), _outer(node), imports(node))
            return found._replace(state=found.state | source.closure_state(code.co_qualname)) if source is not None else found
        except RecursionError:
            pass
    known = symbols(code)
    bound = {f"import {found}": [found] for found in known.imports}
    return _reading(code, f"code {known.text}", known.chains | {(name,) for name in bound}, set(), bound)


def _reading(code: CodeType, text: str, body: Chains | set[Chain], outer: set[Chain], bound: dict[str, list[Import]]) -> Reading:
    roots, free = symbols(code).roots, frozenset(code.co_freevars)
    names: dict[Chain, bool] = {}
    cells: set[Chain] = set()
    imported: set[tuple[Import, Chain]] = set()
    for chain in {*body, *outer}:
        if chain[0] in free:
            cells.add(chain)
        elif chain[0] in roots:
            names[chain] = True
        elif chain[0] in bound:
            imported.update((found, chain[1:]) for found in bound[chain[0]])
        elif chain in outer:
            names[chain] = False
    for name, every in bound.items():  # `import a.b` binds `a`, and makes `a.b`
        imported.update((found, ()) for found in every if "." in name and found.attribute is None)
    return Reading(text, tuple(sorted(names.items())), tuple(sorted(cells)), tuple(imported), symbols(code).stored)


class ClassReading(NamedTuple):
    """What a class says."""

    qualname: str
    text: str
    outer: Chains
    computed: frozenset[str]  # attributes whose value its text does not show

    def holds(self, function: FunctionType) -> bool:
        """Whether a function stands in the text of the class, or was made from its fields."""
        code = function.__code__
        return code.co_filename.startswith("<") or code.co_qualname.startswith(f"{self.qualname}.")


def read_class(qualname: str, own: dict[str, Any], source: Source | None) -> ClassReading | None:
    """Read a class from its source, or None where there is none that fits what was loaded."""
    fitting = [node for node in (source.classes(qualname) if source else []) if _fits(node, own, source)]
    if source is None or not fitting:
        return None
    names = {chain for node in fitting for chain in source.references(node) | _annotations(node)}
    try:
        text = "\n".join(dump(node) for node in fitting)
    except RecursionError:
        return None
    return ClassReading(qualname, f"class {text}", frozenset(names), frozenset().union(*map(_computed, fitting)))


def _fits(node: ast.ClassDef, own: dict[str, Any], source: Source | None) -> bool:
    """Whether a definition is the one that was loaded, so far as the methods and the names of fields tell."""
    methods = [item.name for item in node.body if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for name in methods:
        found = own.get(f"_{node.name.lstrip('_')}{name}" if name.startswith("__") and not name.endswith("__") else name)
        function = plain(found)
        if function is None or methods.count(name) > 1:
            continue
        inner = function.__dict__.get("__wrapped__", function)
        made_here = is_a(inner, FunctionType) and inner.__code__.co_qualname.endswith(f"{node.name}.{name}")
        if made_here and source is not None and source.function(inner.__code__) is None:
            return False
    annotated = own.get("__annotations__")
    fields = {item.target.id for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)}
    return not is_a(annotated, dict) or not fields or fields <= set(annotated)  # type: ignore[arg-type]


def plain(member: object) -> FunctionType | None:
    """The function behind a method, static or class method, property or cached property."""
    if is_a(member, (staticmethod, classmethod)):
        member = member.__func__  # type: ignore[attr-defined]
    elif is_a(member, property):
        member = property.__dict__["fget"].__get__(member)
    elif is_a(member, cached_property):
        member = object.__getattribute__(member, "func")
    return member if is_a(member, FunctionType) else None  # type: ignore[return-value]


def _computed(node: ast.ClassDef) -> frozenset[str]:
    found: set[str] = set()
    for item in node.body:
        if isinstance(item, (ast.Assign, ast.AnnAssign)) and item.value is not None and not _is_literal(item.value):
            targets = item.targets if isinstance(item, ast.Assign) else [item.target]
            found.update(target.id for target in targets if isinstance(target, ast.Name))
        elif isinstance(item, (ast.With, ast.For, ast.If, ast.Try)):
            found.update(part.id for part in ast.walk(item) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))
    return frozenset(found)


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True


def _outer(node: Definition) -> set[Chain]:
    defaults = [*node.args.defaults, *(default for default in node.args.kw_defaults if default is not None)]
    return _annotations(node).union(*(chains(default) for default in defaults))


def _annotations(node: ast.AST) -> set[Chain]:
    """Names in the annotations of a function's parameters, or of a class's fields and its methods' parameters."""
    if isinstance(node, _DEFINITIONS):
        every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
        return set().union(*(_annotation(arg.annotation) for arg in every if arg is not None))
    if isinstance(node, ast.ClassDef):
        fields = [_annotation(item.annotation) for item in node.body if isinstance(item, ast.AnnAssign)]
        inner = [_annotations(item) for item in node.body if isinstance(item, (*_DEFINITIONS, ast.ClassDef))]
        return set().union(*fields, *inner)
    return set()


def _annotation(annotation: ast.expr | None) -> set[Chain]:
    """Names in an annotation, those in quotes too."""
    if annotation is None:
        return set()
    found = chains(annotation)
    for node in ast.walk(annotation):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                found |= chains(ast.parse(node.value, mode="eval"))
            except (SyntaxError, ValueError):
                continue
    return found

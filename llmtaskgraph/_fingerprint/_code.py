"""Code objects: what they refer to, and a text of them that holds no line numbers, docstrings or addresses.

The text is written from the instructions with their arguments resolved, not from the raw bytes: those change with the
place of a constant in a table, so already when a docstring is added. It is still particular to a version of Python.
"""

from __future__ import annotations

import dis
import inspect
from bisect import bisect_left
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType
from typing import Any, NamedTuple

_SKIPPED = frozenset({"CACHE", "EXTENDED_ARG", "NOP", "NOT_TAKEN", "PRECALL", "RESUME"})
_LOADS = frozenset({"LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"})
_CELL_LOADS = frozenset({"LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"})
_ATTRIBUTES = frozenset({"LOAD_ATTR", "LOAD_METHOD"})
_STORES = frozenset({"STORE_GLOBAL", "DELETE_GLOBAL", "STORE_DEREF", "DELETE_DEREF"})
_NOTES = frozenset({"__doc__", "__firstlineno__", "__static_attributes__"})
"""Names that a class body stores about itself; their values tell of the text, not of what the code does."""
_FLAGS = (
    inspect.CO_VARARGS
    | inspect.CO_VARKEYWORDS
    | inspect.CO_GENERATOR
    | inspect.CO_COROUTINE
    | inspect.CO_ITERABLE_COROUTINE
    | inspect.CO_ASYNC_GENERATOR
)


Chain = tuple[str, ...]
"""A name with the attributes that follow it: `helpers.fix` is (helpers, fix)."""


class Import(NamedTuple):
    """A name that an import statement binds: `module`, or `attribute` of it; `level` counts the dots before it."""

    module: str
    level: int
    attribute: str | None


class Symbols(NamedTuple):
    """What a code object and those inside it say."""

    text: str
    roots: frozenset[str]  # global names that are read
    chains: frozenset[Chain]  # dotted reads from a global or closure name
    stored: frozenset[str]  # names outside itself that it writes, so state
    imports: frozenset[Import]


@lru_cache(maxsize=8192)
def symbols(code: CodeType) -> Symbols:
    """Reads a code object; those inside it included."""
    steps = [step for step in dis.get_instructions(code) if step.opname not in _SKIPPED]
    inner = [symbols(value) for value in code.co_consts if isinstance(value, CodeType)]
    outside = frozenset(code.co_freevars)
    return Symbols(
        text=_text(code, steps),
        roots=_union((part.roots for part in inner), {str(s.argval) for s in steps if s.opname in _LOADS} - _own_names(steps)),
        chains=_union((part.chains for part in inner), _chains(steps)),
        stored=_union((part.stored for part in inner), _stored(steps, outside)),
        imports=_union((part.imports for part in inner), _imports(steps)),
    )


def same_code(one: CodeType, other: CodeType) -> bool:
    """Whether two code objects do the same, wherever they stand and whatever their docstrings."""
    return one is other or symbols(one).text == symbols(other).text


def nested(code: CodeType) -> Iterator[CodeType]:
    """A code object and all those inside it."""
    yield code
    for value in code.co_consts:
        if isinstance(value, CodeType):
            yield from nested(value)


def constant(value: object) -> str:
    """Text of a constant, the same in every version and process: `repr` depends on Unicode tables and hash seeds."""
    kind = type(value)
    if kind is int:
        return hex(value)  # type: ignore[arg-type]
    if kind is tuple:
        return f"tuple({','.join(constant(item) for item in value)})"  # type: ignore[attr-defined]
    if kind is frozenset:
        return f"frozenset({','.join(sorted(constant(item) for item in value))})"  # type: ignore[attr-defined]
    if kind is slice:
        return f"slice{constant((value.start, value.stop, value.step))}"  # type: ignore[attr-defined]
    if isinstance(value, CodeType):
        return f"code({symbols(value).text})"
    return f"{kind.__name__} {value!a}"


def _union(parts: Iterator[frozenset[Any]], own: set[Any]) -> frozenset[Any]:
    return frozenset(own).union(*parts)


def _own_names(steps: list[dis.Instruction]) -> set[str]:
    """Names that a class or module body binds itself."""
    return {str(step.argval) for step in steps if step.opname == "STORE_NAME"}


def _text(code: CodeType, steps: list[dis.Instruction]) -> str:
    offsets = [step.offset for step in steps]
    lines = [
        code.co_name,
        f"{code.co_argcount} {code.co_posonlyargcount} {code.co_kwonlyargcount} {code.co_flags & _FLAGS}",
        ",".join(code.co_varnames),
    ]
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        if after is not None and after.opname == "STORE_NAME" and after.argval in _NOTES:
            continue
        if step.opname == "STORE_NAME" and step.argval in _NOTES:
            continue
        jumps = step.opcode in dis.hasjrel or step.opcode in dis.hasjabs
        lines.append(f"{step.opname} {bisect_left(offsets, step.argval) if jumps else constant(step.argval)}")
    for entry in getattr(dis.Bytecode(code), "exception_entries", ()):
        start, end, target = (bisect_left(offsets, getattr(entry, name)) for name in ("start", "end", "target"))
        lines.append(f"except {start} {end} {target} {entry.depth} {entry.lasti}")
    return "\n".join(lines)


def _chains(steps: list[dis.Instruction]) -> set[Chain]:
    chains = set()
    for at, step in enumerate(steps):
        if step.opname in _LOADS or step.opname in _CELL_LOADS:
            chain = [str(step.argval)]
            for after in steps[at + 1 :]:
                if after.opname not in _ATTRIBUTES:
                    break
                chain.append(str(after.argval))
            chains.add(tuple(chain))
    return chains


def _stored(steps: list[dis.Instruction], outside: frozenset[str]) -> set[str]:
    return {s.argval for s in steps if s.opname in _STORES and (s.opname.endswith("GLOBAL") or s.argval in outside)}


def _imports(steps: list[dis.Instruction]) -> set[Import]:
    found, module, level = set(), "", 0
    for at, step in enumerate(steps):
        if step.opname == "IMPORT_NAME":
            module, level = str(step.argval), _level(steps, at)
            if steps[at + 1].opname != "IMPORT_FROM":
                found.add(Import(module, level, None))
        elif step.opname == "IMPORT_FROM":
            found.add(Import(module, level, str(step.argval)))
    return found


def _level(steps: list[dis.Instruction], at: int) -> int:
    value = steps[at - 2].argval if at >= 2 else 0
    return value if type(value) is int else 0

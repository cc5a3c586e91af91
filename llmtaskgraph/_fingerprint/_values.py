"""Values: the text of one that cannot change, and of loaded data as it is at first sight.

Nothing of the project is run: no property, no `__eq__`, no `__repr__`. What has code of its own (functions, classes) is
not written out but collected, for the walk to follow.
"""

from __future__ import annotations

import dataclasses
import datetime
import decimal
import enum
import fractions
import os
import re
import uuid
import zoneinfo
from collections import deque
from collections.abc import Callable
from functools import _lru_cache_wrapper, cached_property, partial, partialmethod
from pathlib import PurePath
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GenericAlias,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    UnionType,
    WrapperDescriptorType,
)
from typing import Any

import msgspec

from ._code import constant

MAX_DEPTH = 60
MISSING = object()

BUILTINS = (
    BuiltinFunctionType,
    MethodDescriptorType,
    WrapperDescriptorType,
    MethodWrapperType,
    ClassMethodDescriptorType,
    GetSetDescriptorType,
    MemberDescriptorType,
)
CACHED = _lru_cache_wrapper
WRAPPERS = (partial, partialmethod, staticmethod, classmethod, property, cached_property, CACHED)
REFERENCES = (FunctionType, type, ModuleType, MethodType, enum.Enum, GenericAlias, UnionType, *BUILTINS, *WRAPPERS)
"""Values that stand for code, or for a name."""
CONTAINERS = (list, dict, set, bytearray, deque, MappingProxyType)


def _ids(*kinds: type) -> frozenset[int]:
    """Types by identity: a metaclass may have an `__eq__`."""
    return frozenset(map(id, kinds))


_CONSTANTS = _ids(type(None), bool, int, float, complex, str, bytes, type(...), type(NotImplemented))
_PRINTED = _ids(decimal.Decimal, fractions.Fraction, uuid.UUID, datetime.date, datetime.timedelta, datetime.timezone, range)
_MOMENTS = _ids(datetime.datetime, datetime.time)
_ZONES = _ids(datetime.timezone, zoneinfo.ZoneInfo)


class Mutable(Exception):
    """The value can change, so it is state and not a constant."""


def is_a(value: object, kinds: type | tuple[type, ...]) -> bool:
    """`isinstance` by the true type: `__class__` may be a property of the project's."""
    return issubclass(type(value), kinds)


def atom(value: object) -> str | None:
    """Text of an immutable value that holds no other values; None for anything else."""
    kind = type(value)
    if id(kind) in _CONSTANTS:
        return constant(value)
    if id(kind) in _PRINTED:
        return f"{kind.__name__} {value}"
    if id(kind) in _MOMENTS:
        zone = value.tzinfo  # type: ignore[attr-defined]
        known = zone is None or id(type(zone)) in _ZONES
        return f"{kind.__name__} {value.isoformat()} {zone}" if known else None  # type: ignore[attr-defined]
    if kind is re.Pattern:
        return f"re {constant(value.pattern)} {value.flags}"  # type: ignore[attr-defined]
    if kind is zoneinfo.ZoneInfo:
        return f"zone {value}"
    if issubclass(kind, PurePath) and about(kind, "__module__").partition(".")[0] == "pathlib":
        return f"path {os.fspath(value)!a}"  # type: ignore[call-overload]
    return None


def about(kind: type, name: str) -> Any:
    """What every class holds (`__name__`, `__mro__`, ...), without asking its metaclass."""
    return type.__dict__[name].__get__(kind)


def raw(value: object, owner: type, name: str) -> Any:
    """An attribute that a builtin type keeps, whatever a subclass makes of the name."""
    return owner.__dict__[name].__get__(value)


def fields(value: object) -> dict[str, Any]:
    """The attributes that an instance holds, without asking its class."""
    try:
        held = object.__getattribute__(value, "__dict__")
    except AttributeError:
        held = {}
    found = dict(held) if type(held) is dict else {}
    for kind in reversed(about(type(value), "__mro__")):
        for name, slot in dict(about(kind, "__dict__")).items():
            if type(slot) is MemberDescriptorType and name != "__weakref__":
                try:
                    found[name] = slot.__get__(value)
                except AttributeError:
                    continue
    return found


def _inherited(kind: type, name: str) -> Any:
    """An attribute of a class or its bases, without asking the class."""
    return next((held[name] for held in (about(base, "__dict__") for base in about(kind, "__mro__")) if name in held), None)


def record(value: object) -> tuple[list[str], bool] | None:
    """Field names of a Struct or dataclass instance, and whether it is frozen; None for other objects."""
    kind = type(value)
    if issubclass(kind, msgspec.Struct):
        return list(kind.__struct_fields__), kind.__struct_config__.frozen
    declared = _inherited(kind, "__dataclass_fields__")
    if type(declared) is dict:
        params = _inherited(kind, "__dataclass_params__")
        names = [name for name, field in declared.items() if getattr(field, "_field_type", None) is dataclasses._FIELD]  # type: ignore[attr-defined]
        return names, bool(getattr(params, "frozen", False))
    return None


class Text:
    """Writes values out.

    Attributes:
        parts: what has code of its own, by the mark that stands for it in the text.
    """

    def __init__(self, *, data: bool) -> None:
        """`data`: what can change is written as it is now; otherwise it raises `Mutable`."""
        self.data = data
        self.parts: dict[str, object] = {}

    def of(self, value: object, depth: int = 0) -> str:
        """The text of a value, all values in it included."""
        if depth > MAX_DEPTH:
            return "deep"
        text = atom(value)
        if text is not None:
            return text
        if is_a(value, REFERENCES):
            return self._part(value)
        kind = type(value)
        if issubclass(kind, (tuple, frozenset)):
            return self._named(value, self._items(value, depth))
        shape = record(value)
        if shape is not None and (self.data or shape[1]):
            held = fields(value)
            inner = ",".join(f"{name}={self.of(held.get(name), depth + 1)}" for name in shape[0])
            return f"{self._part(kind)}({inner})"
        if issubclass(kind, (str, int, float, bytes)):
            base = next(base for base in (str, int, float, bytes) if issubclass(kind, base))
            return self._named(value, constant(raw_copy(base, value)))
        if not self.data:
            raise Mutable
        if issubclass(kind, CONTAINERS):
            return self._named(value, self._items(value, depth))
        return self._part(value)

    def _named(self, value: object, text: str) -> str:
        kind = type(value)
        name = about(kind, "__name__") if about(kind, "__module__") in ("builtins", "collections") else self._part(kind)
        return f"{name}({text})"

    def _part(self, value: object) -> str:
        mark = f"part {len(self.parts)}"
        self.parts[mark] = value
        return f"<{mark}>"

    def _items(self, value: Any, depth: int) -> str:
        if is_a(value, (dict, MappingProxyType)):
            pairs = list((dict.items if is_a(value, dict) else MappingProxyType.items)(value))
            return ",".join(f"{self.of(key, depth + 1)}:{self.of(item, depth + 1)}" for key, item in pairs)
        if is_a(value, (set, frozenset)):
            base = set if is_a(value, set) else frozenset
            return ",".join(self.of(item, depth + 1) for item in sorted(base.__iter__(value), key=_rank))
        if is_a(value, bytearray):
            return constant(bytes(value))
        base_of = next(base for base in (list, tuple, deque) if is_a(value, base))
        return ",".join([self.of(item, depth + 1) for item in base_of.__iter__(value)])


def raw_copy(base: type, value: object) -> object:
    """A plain string or number with the value of one whose class the project made."""
    makers: dict[type, Callable[[Any], object]] = {str: str.__str__, int: int.__int__, float: float.__float__, bytes: _bytes}
    return makers[base](value)


def _bytes(value: bytes) -> bytes:
    return bytes.__getitem__(value, slice(None))


def _rank(value: object) -> str:
    """Puts the items of a set in an order that is the same in every process."""
    if (text := atom(value)) is not None:
        return text
    if is_a(value, (tuple, frozenset)):
        return Text(data=True).of(value)
    name = fields(value).get("_name_") if is_a(value, enum.Enum) else ""
    if is_a(value, FunctionType):
        name = value.__qualname__  # type: ignore[attr-defined]
    elif is_a(value, type):
        name = about(value, "__qualname__")  # type: ignore[arg-type]
    return f"{about(type(value), '__qualname__')} {name}"

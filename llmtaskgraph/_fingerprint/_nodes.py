"""Nodes of the graph that a fingerprint is taken of: what each kind of value says, and what it leads to."""

from __future__ import annotations

import inspect
import logging
import typing
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cached_property, partial, partialmethod
from types import FunctionType, GenericAlias, MappingProxyType, MethodType, ModuleType, UnionType
from typing import Any, NamedTuple

from . import _values as values
from ._modules import Namespace, imported, is_own, is_project, namespace_of
from ._reading import plain
from ._values import is_a


class Thing(NamedTuple):
    """Something that is referred to.

    Attributes:
        value: what it is.
        home: globals of the module whose variable it is, or None; and the name of the variable.
        receiver: its attributes count: a callable instance, or the `self` of a bound method.
        near: globals of the module that refers to it, where its class is looked for first.
    """

    value: object
    home: Namespace | None = None
    name: str = ""
    receiver: bool = False
    near: Namespace | None = None


Edges = dict[str, Thing]
Node = tuple[str, Edges]


def parts(held: Mapping[str, object], near: Namespace | None = None) -> Edges:
    """Edges to values."""
    return {label: Thing(value, near=near) for label, value in held.items()}


def library(home: Namespace, name: str) -> Node:
    """Something of a library: where inside the library it stands differs with the version, so only the top is named."""
    return f"library {str(home.get('__name__')).partition('.')[0].lstrip('_')}.{name}", {}


def written(value: object, near: Namespace | None, *, data: bool) -> Node:
    """A value by its text.

    Raises:
        Mutable: it can change, and `data` is not set.
    """
    text = values.Text(data=data)
    return f"value {text.of(value)}", parts(text.parts, near)


def class_home(kind: type, near: Namespace | None) -> Namespace:
    """The globals that a class was defined among. The module need not be in `sys.modules`."""
    own = dict(values.about(kind, "__dict__"))
    name = values.about(kind, "__module__")
    if not isinstance(name, str):
        name = "builtins"
    if near is not None and near.get("__name__") == name:
        return near
    for value in own.values():
        function = plain(value)
        if function is not None and function.__globals__.get("__name__") == name and "__file__" in function.__globals__:
            return function.__globals__
    module = imported(name)
    return namespace_of(module) if module is not None else {"__name__": name}


def code_edges(held: Mapping[str, object], near: Namespace | None) -> Edges:
    """Edges to functions and classes of the project among values, and among the items of containers."""
    edges: Edges = {}
    for name, value in held.items():
        for i, item in enumerate(_items(value)):
            mine = (is_a(item, FunctionType) and is_project(item.__globals__)) or (
                is_a(item, type) and is_project(class_home(item, near))
            )
            if mine or is_a(item, MethodType):
                edges[f"code {name} {i}"] = Thing(item, near=near)
    return edges


def _items(value: Any, depth: int = 3) -> list[Any]:
    items: Iterable[Any] | None = None
    if is_a(value, (dict, MappingProxyType)):
        items = (dict.values if is_a(value, dict) else MappingProxyType.values)(value)
    elif is_a(value, (list, tuple)):
        items = (list if is_a(value, list) else tuple).__iter__(value)
    if items is None or not depth:
        return [value]
    return [inner for item in list(items) for inner in _items(item, depth - 1)]


def instance(thing: Thing, changed: frozenset[str]) -> Node:
    """An object that can change: its class, the code that it holds, and of a receiver what its methods do not change."""
    value, kind = thing.value, type(thing.value)
    near = thing.home or thing.near
    edges: Edges = {"class": Thing(kind, near=near)}
    space = class_home(kind, near)
    if is_a(value, (*values.CONTAINERS, logging.Logger)) or is_own(space):
        return "state", edges
    held = values.fields(value)
    edges |= code_edges({name: item for name, item in held.items() if name not in changed}, near)
    if thing.receiver and is_project(space):
        edges |= parts({f"holds {n}": v for n, v in held.items() if n not in changed and values.atom(v) is not None})
    return "instance", edges


def reference(value: Any, near: Namespace | None) -> Node:
    """A value that stands for code: methods, partials, wrappers, members of enums, types, builtins."""
    kind = type(value)
    if is_a(value, MethodType):
        return "method", {"function": Thing(value.__func__), "self": Thing(value.__self__, receiver=True, near=near)}
    if is_a(value, partial):
        function, args, keywords = (values.raw(value, partial, name) for name in ("func", "args", "keywords"))
        return "partial", parts(_arguments(function, args, keywords), near)
    if is_a(value, partialmethod):
        return "partialmethod", parts(_arguments(value.func, value.args, value.keywords), near)
    if is_a(value, Enum):
        held = values.fields(value)
        return f"member {held.get('_name_')}", parts({"class": kind, "value": held.get("_value_")}, near)
    if is_a(value, (staticmethod, classmethod)):
        return "method", parts({"function": value.__func__}, near)
    if is_a(value, property):
        return "property", parts({name: values.raw(value, property, name) for name in ("fget", "fset", "fdel")}, near)
    if is_a(value, (cached_property, values.CACHED)):
        held = values.fields(value)
        return "cached", parts({"function": held.get("func", held.get("__wrapped__"))}, near)
    if is_a(value, UnionType):
        return "union", parts({f"argument {i}": part for i, part in enumerate(typing.get_args(value))}, near)
    if is_a(value, GenericAlias) or values.about(kind, "__module__") == "typing":
        held = {f"argument {i}": part for i, part in enumerate(typing.get_args(value))}
        name = getattr(value, "__name__", "") if values.about(kind, "__module__") == "typing" else ""
        return f"type {name}", parts({"origin": typing.get_origin(value)} | held, near)
    bound = getattr(value, "__self__", None)
    edges = {} if bound is None or is_a(bound, ModuleType) else parts({"self": bound}, near)
    return f"library {value.__qualname__}", edges


def _arguments(function: object, args: tuple[object, ...], keywords: dict[str, object]) -> dict[str, object]:
    positional = {f"argument {i}": value for i, value in enumerate(args)}
    return {"function": function} | positional | {f"argument {name}": value for name, value in keywords.items()}


def docs(value: object) -> str:
    """The docstring of a function or class, for code that reads it."""
    if is_a(value, FunctionType):
        return clean(FunctionType.__dict__["__doc__"].__get__(value))
    return clean(vars(value).get("__doc__")) if is_a(value, (type, ModuleType)) else ""


def clean(text: object) -> str:
    """A docstring without its indentation, which is cut already at compilation since 3.13."""
    return inspect.cleandoc(text) if isinstance(text, str) else ""

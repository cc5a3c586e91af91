"""JSON values: how values are recorded, compared by digest, and given back as private copies.

A value that passes between tasks is encoded once, to compact JSON. Consumers decode those bytes to the type of
their parameter, so a fresh run and one read from a file see the same, and nobody shares a mutable object. The
digest is over the same bytes: the order of dict keys counts, since a function can see it.
"""

from __future__ import annotations

import dataclasses
import enum
import math
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from ._errors import UnrecordableValue

MAX_DEPTH = 200
"""Deepest nesting that is recorded. Python's own stack holds about 300 levels, JSON readers give up at about 1,000."""

T = TypeVar("T")

_SCALARS = frozenset({int, bool, type(None)})
_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def encode(value: Any) -> bytes:
    """Compact JSON of a value.

    Args:
        value: builtins, msgspec Structs, dataclasses, enums, datetimes, UUIDs, Decimals, bytes, and lists, tuples, sets
            and dicts of these. Sets are sorted, so that equal sets have equal bytes. Lone surrogates become U+FFFD.

    Raises:
        UnrecordableValue: JSON has no form for it (NaN, infinity, an open file, ...), with the place inside the value.
    """
    kind = type(value)
    if kind is str:
        return _encode(value) if value.isascii() else _encode(clean_text(value))
    try:
        return _encode(value if kind in _SCALARS else _plain(value, "", 0))
    except RecursionError:
        raise UnrecordableValue("a value nested too deeply") from None
    except ValueError:
        raise UnrecordableValue("an int of more than 4,300 digits") from None


def decode(data: bytes | bytearray | memoryview | msgspec.Raw) -> Any:
    """The builtins that a JSON text stands for: a new object each time."""
    return _decode(data)


def digest(data: bytes | memoryview) -> str:
    """The identity of recorded bytes: 32 hexadecimal digits."""
    return blake2b(data, digest_size=16).hexdigest()


def canonical(data: bytes | memoryview | msgspec.Raw) -> bytes:
    """JSON text as `encode` would have written it: undoes what a formatter or an editor did to the white space."""
    return _encode(_decode(data))


def clean_text(text: str) -> str:
    """Text without lone surrogates: pairs that were cut apart are joined again, the rest becomes U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def clean(value: T) -> T:
    """A copy of a Struct, list, tuple, dict or text of ours in which all text is clean."""
    made: Any = value
    if isinstance(value, str):
        made = clean_text(value)
    elif isinstance(value, (list, tuple)):
        made = type(value)(clean(item) for item in value)
    elif isinstance(value, dict):
        made = {clean(name): clean(item) for name, item in value.items()}
    elif isinstance(value, msgspec.Struct):
        fields = {name: clean(getattr(value, name)) for name in value.__struct_fields__}
        made = msgspec.structs.replace(value, **fields)
    return made  # type: ignore[no-any-return]


def _plain(value: Any, where: str, depth: int) -> Any:
    if depth > MAX_DEPTH:
        raise UnrecordableValue(f"a value nested more than {MAX_DEPTH} deep", where[:60])
    kind = type(value)
    if kind is str:
        return value if value.isascii() else clean_text(value)
    if kind in _SCALARS:
        return value
    if kind is float:
        if not math.isfinite(value):
            raise UnrecordableValue(f"float {value}", where)
        return value
    if kind is list or kind is tuple:
        return [_plain(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
    if kind is dict:
        return _plain_dict(value, where, depth)
    return _plain_object(value, where, depth)


def _plain_dict(value: dict[Any, Any], where: str, depth: int) -> dict[str, Any]:
    plain = {_key(key, where): _plain(item, f"{where}[{key!r}]", depth + 1) for key, item in value.items()}
    if len(plain) != len(value):
        raise UnrecordableValue("a dict with two keys that JSON writes alike", where)
    return plain


def _key(key: Any, where: str) -> str:
    if isinstance(key, enum.Enum):
        key = key.value
    if isinstance(key, str):
        return clean_text(str.__str__(key))
    if key is None or isinstance(key, (bool, float, list, dict)):
        raise UnrecordableValue(f"a dict key of type {type(key).__name__}", where)
    try:
        recorded: str = next(iter(_decode(_encode({key: None}))))
        return recorded
    except (TypeError, ValueError):
        raise UnrecordableValue(f"a dict key of type {type(key).__name__}", where) from None


def _plain_object(value: Any, where: str, depth: int) -> Any:
    """Everything that is not exactly a builtin: subclasses, sets, Structs, dataclasses, scalars that msgspec knows."""
    if isinstance(value, enum.Enum):
        return _plain(value.value, where, depth)
    if isinstance(value, msgspec.Raw):
        return _plain(_decode(value), where, depth)
    if isinstance(value, msgspec.Struct):
        return _plain_struct(value, where, depth)
    if hasattr(kind := type(value), "__dataclass_fields__") or hasattr(kind, "__attrs_attrs__"):
        names = [f.name for f in (dataclasses.fields(value) if dataclasses.is_dataclass(value) else kind.__attrs_attrs__)]
        return {name: _plain(getattr(value, name), f"{where}.{name}", depth + 1) for name in names if hasattr(value, name)}
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item, where, depth + 1) for item in value), key=_encode)
    base: Any
    for base in (int, float, list, tuple, dict):
        if isinstance(value, base):
            return _plain(base(value), where, depth)
    if isinstance(value, str):
        return clean_text(str.__str__(value))
    try:
        return _plain(msgspec.to_builtins(value), where, depth + 1)
    except (TypeError, ValueError, OverflowError, NotImplementedError):
        raise UnrecordableValue(f"a value of type {kind_name(value)}", where) from None


def _plain_struct(value: msgspec.Struct, where: str, depth: int) -> Any:
    config = value.__struct_config__
    items = {name: getattr(value, name, msgspec.UNSET) for name in value.__struct_fields__}
    if config.omit_defaults and not config.array_like:
        items = {name: item for name, item in items.items() if not _is_default(value, name, item)}
    encoded = dict(zip(value.__struct_fields__, value.__struct_encode_fields__, strict=True))
    plain: dict[str, Any] = {} if config.tag is None else {config.tag_field or "type": config.tag}
    for name, item in items.items():
        if item is not msgspec.UNSET:
            plain[encoded[name]] = _plain(item, f"{where}.{name}", depth + 1)
        elif config.array_like:
            plain[encoded[name]] = None
    return list(plain.values()) if config.array_like else plain


def _is_default(value: msgspec.Struct, name: str, item: Any) -> bool:
    """Whether a reader would get this item without its being there."""
    position = value.__struct_fields__.index(name) - len(value.__struct_fields__)
    defaults = value.__struct_defaults__
    if -position > len(defaults):
        return False
    default = defaults[position]
    factory = getattr(default, "factory", None)  # msgspec's own, in the place of a default
    if factory in (list, dict, set):
        return type(item) is factory and not item
    return item is default or (type(item) is type(default) and type(item) in (int, str) and item == default)


def kind_name(value: Any) -> str:
    """The full name of a value's type, for messages."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"

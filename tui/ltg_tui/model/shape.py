"""Whether a JSON value has the shape that a JSON Schema asks for: the first thing that is wrong, with its path.

Only what schemas made from Python types use is looked at. What is not known passes: the run checks again, with the type itself.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any, Final

import msgspec

DEEPEST: Final = 60
"""Values nested deeper are not looked at."""

_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
    "array": (list,),
    "object": (dict,),
}


_BOUNDS: Final[tuple[tuple[str, str, Callable[[Any, Any], bool]], ...]] = (
    ("minimum", "at least", operator.ge),
    ("maximum", "at most", operator.le),
    ("exclusiveMinimum", "more than", operator.gt),
    ("exclusiveMaximum", "less than", operator.lt),
)


def problem(value: Any, schema: Any) -> str:
    """What is wrong with a value, such as `issues[2]: a string is wanted, this is a number`; empty when it fits."""
    defs = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    return _problem(value, schema, "", defs, 0)


def syntax(text: str) -> tuple[Any, str]:
    """The value of a JSON text, and what is wrong with the text, with line and column; empty when nothing is."""
    try:
        return msgspec.json.decode(text.encode("utf-8", "surrogatepass")), ""
    except RecursionError:
        return None, "this is nested too deeply"
    except UnicodeDecodeError:
        return None, "this holds half of a character"
    except msgspec.DecodeError as error:
        if not text.strip():
            return None, "JSON is wanted, and there is nothing"
        found = re.search(r"\(byte (\d+)\)", str(error))
        what = re.sub(r"^JSON is malformed: |\s*\(byte \d+\)", "", str(error))
        if found is None:
            return None, f"the JSON is not complete: {what}"
        at = int(found[1]) - (what == "trailing characters")  # which is told after the first of them
        before = text.encode("utf-8", "surrogatepass")[:at].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        return None, f"line {line}, column {column}: {what}"


def expected(schema: Any) -> str:
    """A schema in a few words: `{score: integer, issues?: [string]}`."""
    defs = schema.get("$defs", {}) if isinstance(schema, dict) else {}
    return _words(schema, defs, 0)


def _problem(value: Any, schema: Any, path: str, defs: dict[str, Any], depth: int) -> str:
    if not isinstance(schema, dict) or depth > DEEPEST:
        return ""
    schema = _resolved(schema, defs)
    options = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(options, list) and options:
        return _of_any(value, options, path, defs, depth)
    where = f"{path}: " if path else ""
    if "enum" in schema and not any(_same(value, each) for each in schema["enum"]):
        return f"{where}one of {', '.join(map(_json, schema['enum'][:8]))} is wanted, this is {_short(value)}"
    if "const" in schema and not _same(value, schema["const"]):
        return f"{where}{_json(schema['const'])} is wanted, this is {_short(value)}"
    kinds = schema.get("type")
    kinds = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
    if kinds and not any(_is(value, kind) for kind in kinds):
        return f"{where}{' or '.join(map(_a, kinds))} is wanted, this is {_short(value)}"
    bound = _bound(value, schema)
    if bound:
        return f"{where}{bound}"
    if isinstance(value, dict):
        return _of_object(value, schema, path, defs, depth)
    if isinstance(value, list):
        return _of_array(value, schema, path, defs, depth)
    return ""


def _resolved(schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
    for _ in range(20):
        ref = schema.get("$ref")
        found = defs.get(ref.removeprefix("#/$defs/")) if isinstance(ref, str) else None
        if not isinstance(found, dict):
            return schema
        schema = found
    return {}


def _of_any(value: Any, options: list[Any], path: str, defs: dict[str, Any], depth: int) -> str:
    """The problem with the option that comes nearest: the one whose own type fits."""
    problems = [_problem(value, option, path, defs, depth + 1) for option in options]
    if "" in problems:
        return ""
    fits = [_fits_kind(value, _resolved_or_empty(option, defs)) for option in options]
    near = [found for found, near in zip(problems, fits, strict=True) if near]
    if near:
        return max(near, key=lambda found: len(found.partition(":")[0]))
    where = f"{path}: " if path else ""
    wanted = " or ".join(dict.fromkeys(_words(option, defs, 1) for option in options))
    return f"{where}{wanted} is wanted, this is {_short(value)}"


def _resolved_or_empty(option: Any, defs: dict[str, Any]) -> dict[str, Any]:
    return _resolved(option, defs) if isinstance(option, dict) else {}


def _fits_kind(value: Any, schema: dict[str, Any]) -> bool:
    kind = schema.get("type")
    return isinstance(kind, str) and _is(value, kind)


def _of_object(value: dict[str, Any], schema: dict[str, Any], path: str, defs: dict[str, Any], depth: int) -> str:
    properties = schema.get("properties", {})
    where = f"{path}: " if path else ""
    missing = [name for name in schema.get("required", ()) if name not in value]
    if missing:
        return f"{where}{_json(missing[0])} is missing"
    others = schema.get("additionalProperties")
    for name, inner in value.items():
        below = f"{path}.{name}" if path else name
        if name in properties:
            found = _problem(inner, properties[name], below, defs, depth + 1)
        elif others is False:
            known = ", ".join(list(properties)[:8])
            return f"{where}{_json(name)} is not known here" + (f"; known: {known}" if known else "")
        else:
            found = _problem(inner, others, below, defs, depth + 1)
        if found:
            return found
    return ""


def _of_array(value: list[Any], schema: dict[str, Any], path: str, defs: dict[str, Any], depth: int) -> str:
    first = schema.get("prefixItems", [])
    rest = schema.get("items")
    for position, inner in enumerate(value):
        wanted = first[position] if position < len(first) else rest
        found = _problem(inner, wanted, f"{path}[{position}]", defs, depth + 1)
        if found:
            return found
    return ""


def _bound(value: Any, schema: dict[str, Any]) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        for name, word, holds in _BOUNDS:
            limit = schema.get(name)
            if isinstance(limit, int | float) and not holds(value, limit):
                return f"{word} {limit} is wanted, this is {_short(value)}"
    size = len(value) if isinstance(value, str | list) else None
    low, high = ("minLength", "maxLength") if isinstance(value, str) else ("minItems", "maxItems")
    if size is not None:
        what = "letters" if isinstance(value, str) else "items"
        if isinstance(schema.get(low), int) and size < schema[low]:
            return f"at least {schema[low]} {what} are wanted, there are {size}"
        if isinstance(schema.get(high), int) and size > schema[high]:
            return f"at most {schema[high]} {what} are wanted, there are {size}"
    return ""


def _is(value: Any, kind: str) -> bool:
    if kind not in _TYPES:
        return True
    if isinstance(value, bool):
        return kind == "boolean"
    return isinstance(value, _TYPES[kind])


def _same(value: Any, other: Any) -> bool:
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _a(kind: str) -> str:
    return {"null": "null", "integer": "a whole number", "array": "a list", "object": "an object"}.get(kind, f"a {kind}")


def _short(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    text = _json(value)
    return text if len(text) <= 30 else f"{text[:27]}..."


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode("utf-8", "replace")


def _words(schema: Any, defs: dict[str, Any], depth: int) -> str:
    if not isinstance(schema, dict) or depth > 2:
        return "..."
    schema = _resolved(schema, defs)
    options = schema.get("anyOf") or schema.get("oneOf")
    if isinstance(options, list):
        return " or ".join(dict.fromkeys(_words(option, defs, depth) for option in options))
    if "enum" in schema:
        return " | ".join(map(_json, schema["enum"][:6]))
    kind = schema.get("type")
    if kind == "array":
        return f"[{_words(schema.get('items'), defs, depth + 1)}]" if "items" in schema else "[...]"
    if kind == "object" and schema.get("properties"):
        marks = {name: "" if name in schema.get("required", ()) else "?" for name in schema["properties"]}
        fields = [f"{name}{mark}: {_words(schema['properties'][name], defs, depth + 1)}" for name, mark in marks.items()]
        return "{" + ", ".join(fields) + "}"
    if kind == "object":
        return "{...}"
    return kind if isinstance(kind, str) else " or ".join(kind) if isinstance(kind, list) else "any JSON"

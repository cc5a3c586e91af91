"""JSON Schema, made to fit the rules of strict structured output. Pure.

The rules: the root is an object; every property is required; no other property is allowed; a few keywords only.
A property that has a default is asked for all the same: what the model then gives is still a value of the type.
Constraints that the provider does not know are dropped, since the answer is checked against the type anyway.
"""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_FORMATS = {"date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"}
_KEPT = {
    *("type", "enum", "const", "title", "description", "pattern", "format", "multipleOf"),
    *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems"),
}
_IMPOSSIBLE = {
    *("allOf", "oneOf", "not", "if", "then", "else", "prefixItems", "contains", "dependentRequired", "dependentSchemas"),
    *("patternProperties", "propertyNames", "minProperties", "maxProperties", "unevaluatedItems", "unevaluatedProperties"),
}


class _NotStrict(Exception):
    """The schema allows values that strict output cannot describe."""


def strict_schema(schema: Schema) -> tuple[Schema, bool]:
    """The schema in its strict form and True; or the schema as it is and False, where it has none (a free-form dict, `Any`)."""
    try:
        return _strict(schema), True
    except _NotStrict:
        return schema, False


def wrap_root(schema: Schema) -> tuple[Schema, bool]:
    """A schema whose root is an object, and whether that took wrapping the value as `{"value": ...}`.

    A root that only refers to a definition is replaced by that definition. Undo with `unwrap`.
    """
    root = _resolve(schema)
    if root.get("type") == "object" and "anyOf" not in root:
        return root, False
    inner = {key: value for key, value in schema.items() if key != "$defs"}
    out: Schema = {"type": "object", "properties": {"value": inner}, "required": ["value"], "additionalProperties": False}
    if "$defs" in schema:
        out["$defs"] = schema["$defs"]
    return out, True


def unwrap(value: Any) -> Any:
    """What stands inside `{"value": ...}`. A bare value stays as it is: models and people leave the wrapping out."""
    return value["value"] if isinstance(value, dict) and value.keys() == {"value"} else value


def _resolve(schema: Schema) -> Schema:
    """The root with its own `$ref` followed; definitions stay at the root, and only those that are still referred to."""
    root, defs = schema, schema.get("$defs", {})
    seen: set[str] = set()
    while isinstance(ref := root.get("$ref"), str) and ref.startswith("#/$defs/") and ref not in seen:
        seen.add(ref)
        root = defs.get(ref.removeprefix("#/$defs/"), {})
    if root is schema:
        return schema
    used = _used(root, defs, set())
    return root | ({"$defs": {name: defs[name] for name in defs if name in used}} if used else {})


def _used(node: Any, defs: Schema, found: set[str]) -> set[str]:
    if isinstance(node, dict):
        ref = node.get("$ref")
        name = ref.removeprefix("#/$defs/") if isinstance(ref, str) else None
        if name in defs and name not in found:
            found.add(name)
            _used(defs[name], defs, found)
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        _used(child, defs, found)
    return found


def _strict(node: Any) -> Schema:
    if not isinstance(node, dict) or _IMPOSSIBLE & node.keys():
        raise _NotStrict
    defs = {"$defs": {name: _strict(each) for name, each in node["$defs"].items()}} if node.get("$defs") else {}
    if "$ref" in node:  # nothing may stand beside a reference
        return {"$ref": node["$ref"]} | defs
    out = {key: value for key, value in node.items() if key in _KEPT}
    if out.get("format") not in _FORMATS:
        out.pop("format", None)
    if "anyOf" in node:
        out["anyOf"] = [_strict(each) for each in node["anyOf"]]
    elif "type" not in out:
        out = {"type": _type_of(out)} | out
    if "object" in _as_list(out.get("type")):
        out |= _strict_object(node)
    if "array" in _as_list(out.get("type")):
        out["items"] = _strict(node.get("items"))
    return out | defs


def _strict_object(node: Schema) -> Schema:
    if "properties" not in node or node.get("additionalProperties", False) is not False:
        raise _NotStrict
    properties = {name: _strict(each) for name, each in node["properties"].items()}
    return {"properties": properties, "required": list(properties), "additionalProperties": False}


_NAMES = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def _type_of(node: Schema) -> str | list[str]:
    """The type that the values of an enum share: strict output wants it said."""
    values = node["enum"] if "enum" in node else [node["const"]] if "const" in node else []
    names = list(dict.fromkeys(_NAMES.get(type(value), "") for value in values))
    if not names or "" in names:
        raise _NotStrict
    return names[0] if len(names) == 1 else names


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]

"""The JSON Schema of a type's parameters as lines that people read."""

from collections.abc import Iterator
from collections.abc import Mapping
from textwrap import wrap
from typing import Any

WIDTH = 88
WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "True or False",
}

Schema = Mapping[str, Any]


def describe_parameters(schema: Schema) -> Iterator[str]:
    """Go through the lines: of each parameter its kind, unit, bounds, default and meaning."""
    properties: Mapping[str, Schema] = schema.get("properties", {})
    required = schema.get("required", ())
    for name, declared in properties.items():
        kind = _resolved(declared, schema)
        yield f"  {name}: {', '.join(_facts(kind, is_required=name in required))}"
        meaning = kind.get("description") or kind.get("title") or ""
        yield from wrap(meaning, WIDTH, initial_indent=" " * 6, subsequent_indent=" " * 6)
    if schema.get("additionalProperties"):
        yield "  Other parameters are accepted as well."


def _resolved(declared: Schema, schema: Schema) -> Schema:
    """Return what a parameter is when it is given: references followed, null left out."""
    options = [one for one in declared.get("anyOf", ()) if one.get("type") != "null"]
    merged = {**declared, **options[0]} if len(options) == 1 else dict(declared)
    if (reference := merged.pop("$ref", None)) is not None:
        merged = {**schema.get("$defs", {}).get(reference.rpartition("/")[2], {}), **merged}
    return merged


def _facts(kind: Schema, *, is_required: bool) -> Iterator[str]:
    unit = kind.get("x-unit")
    yield f"{_kind(kind)} [{unit}]" if unit else _kind(kind)
    low, high = kind.get("minimum"), kind.get("maximum")
    if low is not None and high is not None:
        yield f"{low} to {high}"
    elif low is not None or high is not None:
        yield f"at least {low}" if high is None else f"at most {high}"
    default = kind.get("default")
    if is_required:
        yield "required"
    elif default not in (None, "", []):
        yield f"default {default!r}"


def _kind(kind: Schema) -> str:
    if "enum" in kind:
        return "one of " + " | ".join(map(str, kind["enum"]))
    if kind.get("type") == "array":
        return f"list of {_kind(kind.get('items', {}))}"
    return WORDS.get(str(kind.get("type")), "value")

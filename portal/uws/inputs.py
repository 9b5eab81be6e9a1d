"""The parameters of a job type one by one, as standards without JSON Schema describe them."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

DATATYPES = {"integer": "long", "number": "double", "boolean": "boolean"}
TEXT = "unicodeChar"
ANY_LENGTH = "*"

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One parameter; `datatype` and `arraysize` as VOTable 1.4 has them, section 2.1.

    `default`, `minimum`, `maximum` and `options` are what a form would hold.
    """

    name: str
    title: str
    description: str
    datatype: str
    arraysize: str | None
    required: bool
    unit: str | None = None
    ucd: str | None = None
    default: str = ""
    minimum: str | None = None
    maximum: str | None = None
    options: tuple[str, ...] = ()


def inputs(schema: Schema) -> Iterator[Input]:
    """Go through the properties of a type's JSON Schema, in their order."""
    definitions = schema.get("$defs", {})
    for name, declared in schema["properties"].items():
        whole = _resolved(declared, definitions)
        is_list = whole.get("type") == "array"
        single = _resolved(_item(whole), definitions) if is_list else whole
        datatype = DATATYPES.get(single.get("type", ""), TEXT)
        yield Input(
            name=name,
            title=whole.get("title", name),
            description=whole.get("description", ""),
            datatype=datatype,
            arraysize=_arraysize(datatype, whole if is_list else None),
            required=name in schema.get("required", ()),
            unit=whole.get("x-unit"),
            ucd=whole.get("x-ucd"),
            default=_written(whole.get("default")),
            minimum=_bound(single, "minimum"),
            maximum=_bound(single, "maximum"),
            options=_options(single),
        )


def _resolved(declared: Schema, definitions: Schema) -> dict[str, Any]:
    """Follow "or null" and references to definitions; what is said nearest counts."""
    chosen: Schema = next(
        (one for one in declared.get("anyOf", ()) if one.get("type") != "null"), {}
    )
    reference = str(chosen.get("$ref") or declared.get("$ref", ""))
    return {**definitions.get(reference.rpartition("/")[2], {}), **chosen, **declared}


def _item(array: Schema) -> Schema:
    items: Schema = array.get("items") or next(iter(array.get("prefixItems", ())), {})
    return items


def _arraysize(datatype: str, array: Schema | None) -> str | None:
    if datatype == TEXT or array is None:
        return ANY_LENGTH if datatype == TEXT else None
    least, most = array.get("minItems"), array.get("maxItems")
    return str(most) if most is not None and least == most else ANY_LENGTH


def _bound(single: Schema, key: str) -> str | None:
    return _written(single[key]) if key in single else None


def _options(single: Schema) -> tuple[str, ...]:
    only: Sequence[Any] = [single["const"]] if "const" in single else []
    return tuple(_written(one) for one in single.get("enum", only))


def _written(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(_written(one) for one in value)
    return str(value)
